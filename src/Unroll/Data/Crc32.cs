namespace Unroll.Data;

/// <summary>The check sum of gzip and zip (RFC 1952, section 8): the polynomial 04C11DB7 with its bits reversed.</summary>
static class Crc32
{
    static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(static i => Shifted((uint)i))];

    /// <summary>The sum of bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>The sum of bytes that follow those whose sum is <paramref name="crc"/>; 0 where there are none.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        var table = Table;
        crc = ~crc;
        foreach (var b in bytes) crc = (crc >> 8) ^ table[(byte)(crc ^ b)];
        return ~crc;
    }

    static uint Shifted(uint value)
    {
        for (var bit = 0; bit < 8; bit++) value = (value >> 1) ^ ((value & 1) * 0xEDB88320);
        return value;
    }
}
