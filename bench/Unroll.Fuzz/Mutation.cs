using System.Buffers.Binary;
using System.Text;

namespace Unroll.Fuzz;

/// <summary>Changes a file as accidents and hostile hands do.</summary>
static class Mutation
{
    static readonly byte[][] Tokens =
    [
        .. new[]
        {
            "NaN", "Infinity", "-1", "0", "1e999", "99999999999999999999999", "2147483648", "-9223372036854775809", "\"", "\"\"", "'", "\\", "\\ud800", "\\u0000", "{", "}", "[",
            "]", ":", ",", "\t", ";", "|", "\n", "\r", "\r\n", "\n\n", "\u2028", "\uFEFF", "\u0301", "안녕", "👍🏽", "__label__", "__label__x ", "@data\n", "@classLabel true a\n", "?", "#",
            "null", "true", "%s%n", "data", "fmt ", "LIST", "PK\u0003\u0004", "'shape': (2147483647, 2147483647)", "\"dtype\":\"F64\"", "\"shape\":[2147483647,2147483647]",
            "\"hidden_size\":1000000000", "\"layers\":1000000", "B-PER", "I-", "_", "-",
        }.Select(Encoding.UTF8.GetBytes),
        [0], [0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0xFE], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0x80], [0x1F, 0x8B, 8, 0],
        Encoding.UTF8.GetBytes(new string('[', 3000)), Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 800))), Encoding.UTF8.GetBytes(new string('9', 5000)),
        Encoding.UTF8.GetBytes(new string(',', 4000)), Encoding.UTF8.GetBytes(new string('\n', 4000)), new byte[3000],
    ];

    static readonly long[] Lengths = [0, 1, 2, 3, 4, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1L << 33, long.MaxValue, -1, 0x7FFFF000, 1 << 20, 1 << 27];

    /// <summary>A changed copy: one change as a rule, up to four.</summary>
    public static byte[] Of(byte[] bytes, Rng rng)
    {
        List<byte> changed = [.. bytes];
        for (var n = Math.Max(1, rng.Next(8) - 3); n > 0; n--) Change(changed, rng);
        return [.. changed];
    }

    static void Change(List<byte> bytes, Rng rng)
    {
        var place = Place(bytes, rng);
        var length = Math.Min(bytes.Count - place, rng.Next(8) == 0 ? rng.Next(bytes.Count + 1) : 1 + rng.Next(32));
        switch (rng.Next(11))
        {
            case 0: if (place < bytes.Count) bytes[place] ^= (byte)(1 << rng.Next(8)); break;
            case 1: if (place < bytes.Count) bytes[place] = (byte)rng.Next(256); break;
            case 2: bytes.RemoveRange(place, bytes.Count - place); break;                                // cut off
            case 3: bytes.RemoveRange(place, length); break;
            case 4: bytes.InsertRange(place, bytes.GetRange(place, length)); break;                      // doubled
            case 5: bytes.InsertRange(rng.Next(bytes.Count + 1), bytes.GetRange(place, length)); break;
            case 6: bytes.AddRange(new byte[rng.Next(600)]); break;
            case 7 or 8: bytes.InsertRange(place, Tokens[rng.Next(Tokens.Length)]); break;
            case 9: WriteNumber(bytes, place, rng); break;
            default: ReplaceDigits(bytes, place, rng); break;
        }
    }

    /// <summary>Anywhere, but as often near the start, where heads with sizes are.</summary>
    static int Place(List<byte> bytes, Rng rng) => rng.Next(Math.Min(bytes.Count, rng.Next(2) == 0 ? 128 : int.MaxValue - 1) + 1);

    static void WriteNumber(List<byte> bytes, int place, Rng rng)
    {
        Span<byte> number = stackalloc byte[8];
        var value = Lengths[rng.Next(Lengths.Length)];
        var size = 1 << rng.Next(4);
        BinaryPrimitives.WriteInt64LittleEndian(number, value);
        number = number[..size];
        if (rng.Next(2) == 0) number.Reverse();
        for (var i = 0; i < size && place + i < bytes.Count; i++) bytes[place + i] = number[i];
    }

    /// <summary>Another number in the place of the next one that is written in digits.</summary>
    static void ReplaceDigits(List<byte> bytes, int place, Rng rng)
    {
        var begin = bytes.FindIndex(Math.Min(place, bytes.Count), b => b is >= (byte)'0' and <= (byte)'9');
        if (begin < 0) return;
        var end = begin;
        while (end < bytes.Count && bytes[end] is >= (byte)'0' and <= (byte)'9') end++;
        bytes.RemoveRange(begin, end - begin);
        bytes.InsertRange(begin, Encoding.ASCII.GetBytes($"{Lengths[rng.Next(Lengths.Length)]}"));
    }
}
