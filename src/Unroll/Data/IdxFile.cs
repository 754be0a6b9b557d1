using System.Buffers.Binary;

namespace Unroll.Data;

/// <summary>Reads IDX files, the format of MNIST.</summary>
/// <remarks>
/// Two zero bytes, a byte for the type of the elements, one for the number of dimensions, the dimensions as big-endian 32-bit numbers, and
/// the elements, big-endian, row by row.
/// </remarks>
internal static class IdxFile
{
    /// <summary>The array of a file.</summary>
    /// <exception cref="UnrollException">The file cannot be read, is no IDX file, or is longer or shorter than it says.</exception>
    public static NumberArray Read(string path)
    {
        var bytes = DataFile.ReadBytes(path);
        var header = bytes.Span;
        if (header is not [0, 0, _, _, ..])
            Throw.BadBytes(path, 0, "not an IDX file, which begins with two bytes 00, a type and the number of dimensions");
        var (type, size, name) = header[2] switch
        {
            0x08 => (ElementType.UInt8, 1, "unsigned bytes"),
            0x09 => (ElementType.Int8, 1, "signed bytes"),
            0x0B => (ElementType.Int16, 2, "16-bit numbers"),
            0x0C => (ElementType.Int32, 4, "32-bit numbers"),
            0x0D => (ElementType.Float32, 4, "single-precision numbers"),
            0x0E => (ElementType.Float64, 8, "double-precision numbers"),
            _ => default,
        };
        if (size == 0) Throw.BadBytes(path, 2, $"elements of type {header[2]:X2}; expected 08, 09, 0B, 0C, 0D or 0E");
        var shape = new int[header[3]];
        var begin = 4 + 4 * shape.Length;
        if (shape.Length == 0) Throw.BadBytes(path, 3, "an array without dimensions; expected at least one");
        if (header.Length < begin)
            Throw.BadBytes(path, header.Length, $"the file ends within the sizes of its {shape.Length} dimensions; it is cut short");
        for (var d = 0; d < shape.Length; d++)
        {
            shape[d] = BinaryPrimitives.ReadInt32BigEndian(header[(4 + 4 * d)..]);
            if (shape[d] < 0) Throw.BadBytes(path, 4 + 4 * d, $"dimension {d} has size {(uint)shape[d]:N0}; at most {int.MaxValue:N0} can be");
        }
        NumberArray.CheckLength(path, begin, shape, name, size, header.Length - begin);
        return new NumberArray(path, shape, type, size, bytes[begin..], bigEndian: true);
    }

    /// <summary>
    /// A set of pictures or series with their labels: pictures [N, H, W] as H steps of W features each, row by row, as they are stored (those of
    /// MNIST from 0 to 255); other arrays as <see cref="NumberArray.ToExamples"/> says.
    /// </summary>
    /// <param name="labels">
    /// The file of the labels, an IDX file [N]. If null, the file beside with <c>labels</c> for <c>images</c> and <c>idx1</c> for <c>idx3</c> in its
    /// name; where there is none the labels are not known.
    /// </param>
    /// <exception cref="UnrollException">A file cannot be read, or is no such array.</exception>
    public static IReadOnlyList<Example> ReadExamples(string path, string? labels = null)
    {
        labels ??= LabelFile.Beside(path);
        return Read(path).ToExamples(labels is null ? null : Read(labels));
    }
}
