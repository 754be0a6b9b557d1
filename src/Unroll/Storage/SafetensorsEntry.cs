namespace Unroll.Storage;

/// <summary>
/// The element types, under the names the format gives them. Those up to <see cref="U8"/> are read, and all of these but <see cref="F16"/> and
/// <see cref="BF16"/> also written; their order is that of tensors within a file: the widest first, so that all are aligned. A file that has tensors
/// of the others can be opened, and its other tensors be read.
/// </summary>
public enum SafetensorsType
{
    /// <summary>64-bit floating point.</summary>
    F64,
    /// <summary>64-bit signed integer.</summary>
    I64,
    /// <summary>32-bit floating point.</summary>
    F32,
    /// <summary>32-bit signed integer.</summary>
    I32,
    /// <summary>16-bit floating point of IEEE 754.</summary>
    F16,
    /// <summary>The upper half of a 32-bit floating point number.</summary>
    BF16,
    /// <summary>Byte.</summary>
    U8,
    /// <summary>64-bit unsigned integer; not read.</summary>
    U64,
    /// <summary>32-bit unsigned integer; not read.</summary>
    U32,
    /// <summary>16-bit signed integer; not read.</summary>
    I16,
    /// <summary>16-bit unsigned integer; not read.</summary>
    U16,
    /// <summary>8-bit signed integer; not read.</summary>
    I8,
    /// <summary>Truth value, a byte; not read.</summary>
    BOOL,
    /// <summary>8-bit floating point with 4 bits of exponent; not read.</summary>
    F8_E4M3,
    /// <summary>8-bit floating point with 5 bits of exponent; not read.</summary>
    F8_E5M2,
    /// <summary>A type that is not known here, and not read; <see cref="SafetensorsEntry.TypeName"/> says which.</summary>
    Other,
}

/// <summary>What a safetensors file says of one tensor.</summary>
/// <remarks>Safe for use by several threads: it does not change.</remarks>
public sealed class SafetensorsEntry
{
    /// <summary>A span counts at most 2³¹ − 1 bytes, so that longer tensors are read and written in parts.</summary>
    internal const int MostElementsAtOnce = int.MaxValue / sizeof(double);

    internal SafetensorsEntry(string name, SafetensorsType type, string typeName, int[] shape, long begin, long end)
    {
        (Name, Type, TypeName, Shape, Begin, End) = (name, type, typeName, shape, begin, end);
        Count = type == SafetensorsType.Other ? ByteCount(SafetensorsType.U8, shape) ?? long.MaxValue : (end - begin) / SizeOf(type);
    }

    /// <summary>The name, unique in its file.</summary>
    public string Name { get; }

    /// <summary>The type of an element.</summary>
    public SafetensorsType Type { get; }

    /// <summary>The type of an element as the file names it.</summary>
    public string TypeName { get; }

    /// <summary>The dimensions, outermost first; none for a scalar.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>The number of elements: the product of <see cref="Shape"/>.</summary>
    public long Count { get; }

    /// <summary>Where the elements begin and end, in bytes from the start of the data section.</summary>
    internal long Begin { get; }

    internal long End { get; }

    /// <summary>The bytes of an element; 0 of a type that is not known.</summary>
    internal static int SizeOf(SafetensorsType type) => type switch
    {
        SafetensorsType.F64 or SafetensorsType.I64 or SafetensorsType.U64 => 8,
        SafetensorsType.F32 or SafetensorsType.I32 or SafetensorsType.U32 => 4,
        SafetensorsType.F16 or SafetensorsType.BF16 or SafetensorsType.I16 or SafetensorsType.U16 => 2,
        SafetensorsType.Other => 0,
        _ => 1,
    };

    /// <summary>The bytes of a tensor, or null where they exceed 2⁶³ − 1.</summary>
    internal static long? ByteCount(SafetensorsType type, ReadOnlySpan<int> shape)
    {
        long bytes = SizeOf(type);
        foreach (var size in shape)
        {
            if (size != 0 && bytes > long.MaxValue / size) return null;
            bytes *= size;
        }
        return bytes;
    }
}
