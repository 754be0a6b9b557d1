namespace Unroll.Storage;

/// <summary>
/// The element types that Unroll reads, under the names the format gives them; all but <see cref="F16"/> and <see cref="BF16"/> are
/// also written. The order is that of tensors within a file: the widest first, so that all are aligned.
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
}

/// <summary>What a safetensors file says of one tensor.</summary>
public sealed class SafetensorsEntry
{
    /// <summary>A span counts at most 2³¹ − 1 bytes, so that longer tensors are read and written in parts.</summary>
    internal const int MostElementsAtOnce = int.MaxValue / sizeof(double);

    internal SafetensorsEntry(string name, SafetensorsType type, int[] shape, long begin, long end)
    {
        (Name, Type, Shape, Begin, End) = (name, type, shape, begin, end);
        Count = (end - begin) / SizeOf(type);
    }

    /// <summary>The name, unique in its file.</summary>
    public string Name { get; }

    /// <summary>The type of an element.</summary>
    public SafetensorsType Type { get; }

    /// <summary>The dimensions, outermost first; none for a scalar.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>The number of elements: the product of <see cref="Shape"/>.</summary>
    public long Count { get; }

    /// <summary>Where the elements begin and end, in bytes from the start of the data section.</summary>
    internal long Begin { get; }

    internal long End { get; }

    internal static int SizeOf(SafetensorsType type) => type switch
    {
        SafetensorsType.F64 or SafetensorsType.I64 => 8,
        SafetensorsType.F32 or SafetensorsType.I32 => 4,
        SafetensorsType.F16 or SafetensorsType.BF16 => 2,
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
