using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Unroll.Data;

/// <summary>What the elements of a <see cref="NumberArray"/> are.</summary>
internal enum ElementType
{
    /// <summary>Truth values, a byte each.</summary>
    Boolean,
    /// <summary>Whole numbers of 1 byte, from 0.</summary>
    UInt8,
    /// <summary>Whole numbers of 2 bytes, from 0.</summary>
    UInt16,
    /// <summary>Whole numbers of 4 bytes, from 0.</summary>
    UInt32,
    /// <summary>Whole numbers of 8 bytes, from 0.</summary>
    UInt64,
    /// <summary>Whole numbers of 1 byte.</summary>
    Int8,
    /// <summary>Whole numbers of 2 bytes.</summary>
    Int16,
    /// <summary>Whole numbers of 4 bytes.</summary>
    Int32,
    /// <summary>Whole numbers of 8 bytes.</summary>
    Int64,
    /// <summary>Half precision.</summary>
    Float16,
    /// <summary>Single precision.</summary>
    Float32,
    /// <summary>Double precision.</summary>
    Float64,
    /// <summary>Texts of one width in UTF-8, filled up with zeros.</summary>
    Utf8,
    /// <summary>Texts of one width in UTF-32, filled up with zeros.</summary>
    Utf32,
}

/// <summary>An array of a file, of any number of dimensions: the pictures of a set, or its labels.</summary>
internal sealed class NumberArray
{
    readonly ReadOnlyMemory<byte> _data;             // row-major, each element as this machine stores it
    readonly int _size;
    readonly int[] _shape;

    internal NumberArray(string source, int[] shape, ElementType type, int size, ReadOnlyMemory<byte> data, bool bigEndian)
    {
        (Source, Type, _shape, _size) = (source, type, shape, size);
        var unit = type == ElementType.Utf32 ? 4 : type == ElementType.Utf8 ? 1 : size;
        _data = unit > 1 && bigEndian == BitConverter.IsLittleEndian ? Reversed(data.Span, unit) : data;
    }

    /// <summary>What a message names: the file, and the array's name where a file has several.</summary>
    public string Source { get; }

    /// <summary>The size of each dimension; none for a single number.</summary>
    public IReadOnlyList<int> Shape => _shape;

    /// <summary>What the elements are.</summary>
    public ElementType Type { get; }

    /// <summary>The number of elements.</summary>
    public int Count => _data.Length / _size;

    /// <summary>The numbers in row-major order (the last index runs fastest), rounded to <see cref="Real"/>; truth values as 0 and 1.</summary>
    /// <exception cref="UnrollException">The elements are texts.</exception>
    public Real[] ToReals() => Type switch
    {
        ElementType.Boolean => [.. ToReals<byte>().Select(static v => v == 0 ? (Real)0 : 1)],
        ElementType.UInt8 => ToReals<byte>(),
        ElementType.UInt16 => ToReals<ushort>(),
        ElementType.UInt32 => ToReals<uint>(),
        ElementType.UInt64 => ToReals<ulong>(),
        ElementType.Int8 => ToReals<sbyte>(),
        ElementType.Int16 => ToReals<short>(),
        ElementType.Int32 => ToReals<int>(),
        ElementType.Int64 => ToReals<long>(),
        ElementType.Float16 => ToReals<Half>(),
        ElementType.Float32 => ToReals<float>(),
        ElementType.Float64 => ToReals<double>(),
        _ => Throw.TextsAreNoNumbers(Source),
    };

    /// <summary>The elements as labels: texts as they are, whole numbers in digits, truth values as 0 and 1.</summary>
    /// <exception cref="UnrollException">The array is not [N] or [N, 1], or a text is not well-formed.</exception>
    public string[] ToLabels()
    {
        if (_shape is not ([_] or [_, 1])) Throw.NotLabels(Source, _shape);
        return Type switch
        {
            ElementType.Boolean => [.. ToReals().Select(static v => v == 0 ? "0" : "1")],
            ElementType.UInt8 => ToLabels<byte>(),
            ElementType.UInt16 => ToLabels<ushort>(),
            ElementType.UInt32 => ToLabels<uint>(),
            ElementType.UInt64 => ToLabels<ulong>(),
            ElementType.Int8 => ToLabels<sbyte>(),
            ElementType.Int16 => ToLabels<short>(),
            ElementType.Int32 => ToLabels<int>(),
            ElementType.Int64 => ToLabels<long>(),
            ElementType.Float16 => ToLabels<Half>(),
            ElementType.Float32 => ToLabels<float>(),
            ElementType.Float64 => ToLabels<double>(),
            ElementType.Utf8 => ToLabels(new UTF8Encoding(false, throwOnInvalidBytes: true)),
            _ => ToLabels(new UTF32Encoding(!BitConverter.IsLittleEndian, false, throwOnInvalidCharacters: true)),
        };
    }

    /// <summary>
    /// The array [N, T, …] as N series of T steps, the numbers of a step being what lies under its index: of pictures [N, H, W, C] each row is
    /// a step with W·C features in C channels, of an array [N, T] each number. NaN stands for a missing value.
    /// </summary>
    /// <param name="labels">[N], the label of each; null where they are not known.</param>
    /// <exception cref="UnrollException">
    /// The array has fewer than two dimensions, no steps or features, texts or infinite numbers, or the labels are not [N].
    /// </exception>
    public IReadOnlyList<Example> ToExamples(NumberArray? labels = null)
    {
        if (_shape.Length < 2) Throw.NotSeries(Source, _shape);
        var (count, steps, features) = (_shape[0], _shape[1], 1L);
        foreach (var size in _shape.AsSpan(2)) features *= size;
        if (features is < 1 or > int.MaxValue || (count > 0 && Count == 0)) Throw.NotSeries(Source, _shape);
        var values = ToReals();
        var infinite = values.AsSpan().IndexOfAny(Real.PositiveInfinity, Real.NegativeInfinity);
        if (infinite >= 0) Throw.NumberNotFinite(Source, IndexOf(infinite));
        var names = labels?.ToLabels();
        if (names is not null && names.Length != count) Throw.LabelsDoNotFit(labels!.Source, names.Length, Source, count);
        var examples = new Example[count];
        var length = values.Length / Math.Max(1, count);
        for (var i = 0; i < count; i++)
            examples[i] = new Example
            {
                Series = new Series(values[(i * length)..((i + 1) * length)], steps, (int)features, _shape.Length == 4 ? _shape[3] : 0),
                Labels = names is null ? [] : [names[i]],
                Source = $"{Source}[{i}]",
            };
        return examples;
    }

    /// <summary>Compares what a header says with the bytes that are there, before anything is taken for it.</summary>
    /// <exception cref="UnrollException">There are more or fewer bytes.</exception>
    internal static void CheckLength(string source, int offset, int[] shape, string type, int elementSize, int found)
    {
        var expected = (UInt128)elementSize;
        foreach (var size in shape) expected = UInt128.Min(expected * (uint)size, ulong.MaxValue);       // enough to tell: no file is so large
        if (expected != (UInt128)found) Throw.SizeDoesNotFit(source, offset, shape, type, (ulong)expected, found);
    }

    Real[] ToReals<T>() where T : unmanaged, INumberBase<T>
    {
        var from = MemoryMarshal.Cast<byte, T>(_data.Span);
        var to = new Real[from.Length];
        for (var i = 0; i < to.Length; i++) to[i] = Real.CreateTruncating(from[i]);
        return to;
    }

    string[] ToLabels<T>() where T : unmanaged, INumberBase<T>
    {
        var from = MemoryMarshal.Cast<byte, T>(_data.Span);
        var to = new string[from.Length];
        for (var i = 0; i < to.Length; i++) to[i] = from[i].ToString(null, CultureInfo.InvariantCulture);
        return to;
    }

    string[] ToLabels(Encoding encoding)
    {
        var to = new string[Count];
        for (var i = 0; i < to.Length; i++)
        {
            try
            {
                to[i] = encoding.GetString(_data.Span.Slice(i * _size, _size)).TrimEnd('\0');
            }
            catch (DecoderFallbackException)
            {
                Throw.LabelNotText(Source, i);
            }
        }
        return to;
    }

    /// <summary>The index along each dimension of an element, given its place in row-major order.</summary>
    int[] IndexOf(int place)
    {
        var index = new int[_shape.Length];
        for (var d = index.Length - 1; d >= 0; d--) (place, index[d]) = Math.DivRem(place, _shape[d]);
        return index;
    }

    static byte[] Reversed(ReadOnlySpan<byte> data, int unit)
    {
        var reversed = data.ToArray();
        for (var i = 0; i < reversed.Length; i += unit) reversed.AsSpan(i, unit).Reverse();
        return reversed;
    }
}
