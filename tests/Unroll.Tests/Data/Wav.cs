using System.Buffers.Binary;

namespace Unroll.Tests.Data;

/// <summary>Writes sound for the tests, by the definition of the format.</summary>
static class Wav
{
    public const int Pcm = 1, Float = 3;

    public static byte[] File(int tag, int channels, int rate, int bits, byte[] data, bool extensible = false)
    {
        byte[] format =
        [
            .. U16(extensible ? 0xFFFE : tag), .. U16(channels), .. U32(rate), .. U32(rate * channels * bits / 8), .. U16(channels * bits / 8), .. U16(bits),
            .. extensible ? [.. U16(22), .. U16(bits), .. U32(0), .. U16(tag), 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71] : Array.Empty<byte>(),
        ];
        return Riff([.. Chunk("fmt ", format), .. Chunk("data", data)]);
    }

    public static byte[] Riff(byte[] chunks) => [.. "RIFF"u8, .. U32(4 + chunks.Length), .. "WAVE"u8, .. chunks];

    /// <summary>A chunk, with a byte more if its length is odd.</summary>
    public static byte[] Chunk(string id, byte[] data) =>
        [.. System.Text.Encoding.ASCII.GetBytes(id), .. U32(data.Length), .. data, .. new byte[data.Length & 1]];

    public static byte[] Samples16(IEnumerable<double> samples) => [.. samples.SelectMany(s => U16((ushort)(short)Math.Round(s * 32767)))];

    static byte[] U16(int value) => [(byte)value, (byte)(value >> 8)];

    static byte[] U32(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }
}
