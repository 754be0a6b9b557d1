using System.Buffers.Binary;
using System.Text;

namespace Unroll.Data;

/// <summary>Reads sound from <c>.wav</c> files: uncompressed, of 8, 16, 24 or 32 bits, or floating point of 32 or 64.</summary>
/// <remarks>
/// A file is "RIFF", a size, "WAVE", and chunks: four letters, a little-endian size, so many bytes, and one more if that is odd. The chunk "fmt "
/// says how the samples in the chunk "data" are stored; other chunks are passed over, as are tags and zeros after
/// the samples; where anything else follows them, their size is wrong, and the file is refused. The size after "RIFF" is not looked at. Programs that write into a pipe cannot go back and put the size of the data in: where they leave 0, or 7FFF0000 or more than the file
/// has, the data is the rest of the file, as far as it is whole. A file without samples is refused.
/// </remarks>
internal static class WavFile
{
    const int Pcm = 1, Float = 3, Extensible = 0xFFFE;
    const uint LeastPlaceholder = 0x7FFF0000;             // sox leaves 7FFFF000, arecord 80000000, ffmpeg FFFFFFFF

    // A GUID whose first two bytes are the format, as without the extension: xxxx0000-0000-1000-8000-00AA00389B71.
    static ReadOnlySpan<byte> ExtensionTail => [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];

    readonly record struct Format(bool Floating, int Channels, int Rate, int Bits)
    {
        public int FrameSize => Channels * (Bits / 8);
    }

    /// <summary>
    /// The samples of a file, those of several channels averaged, and how many there are in a second. Whole numbers become −1 to 1.
    /// </summary>
    /// <exception cref="UnrollException">The file cannot be read, is no such sound, is cut short, or has more samples than it says; says at which byte.</exception>
    public static (Real[] Samples, int Rate) Read(string path)
    {
        var bytes = DataFile.ReadBytes(path).Span;
        if (bytes.Length < 12 || !bytes.StartsWith("RIFF"u8) || !bytes[8..].StartsWith("WAVE"u8))
            Throw.BadBytes(path, 0, IsOtherForm(bytes)
                ? $"sound of the form {Encoding.ASCII.GetString(bytes[..4])}; expected RIFF. Convert it with: ffmpeg -i FILE OUT.wav"
                : "not a WAV file, which begins with 'RIFF', a size and 'WAVE'");
        Format? format = null;
        var at = 12L;
        while (at + 8 <= bytes.Length)
        {
            var head = bytes.Slice((int)at, 8);
            var size = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
            var left = bytes.Length - (int)at - 8;
            if (head.StartsWith("data"u8))
            {
                if (format is null) Throw.BadBytes(path, at, "the samples come before the 'fmt ' chunk that says what they are; the file is damaged");
                var unknown = size > left ? size >= LeastPlaceholder : size == 0 && !AreChunks(bytes[((int)at + 8)..]);
                if (unknown) size = (uint)(left - left % format.Value.FrameSize);
                if (size > left) Throw.BadBytes(path, at, $"{size:N0} bytes of samples, of which the file has {left:N0}; it is cut short");
                if (size == 0) Throw.BadBytes(path, at, "there are no samples in it; record or convert the sound again");
                var rest = bytes[((int)at + 8 + (int)size)..];
                if (!unknown && !CanFollow(rest, isOdd: (size & 1) != 0))
                    Throw.BadBytes(path, at + 8 + size, $"{rest.Length:N0} bytes follow the {size:N0} bytes of samples, and are no chunk: the size of the samples is wrong, or the file is damaged. "
                        + "Record or convert the sound again");
                return (Samples(path, bytes.Slice((int)at + 8, (int)size), (int)at + 8, format.Value), format.Value.Rate);
            }
            if (head.StartsWith("fmt "u8)) format = ReadFormat(path, (int)at, bytes[((int)at + 8)..], size);
            at += 8 + size;
            if ((size & 1) != 0 && !IsKnownChunk(bytes, at)) at++;        // some programs leave the odd byte out
        }
        Throw.BadBytes(path, Math.Min(at, bytes.Length), "the file ends without a 'data' chunk; it is cut short");
        return default;
    }

    /// <summary>Whether a file begins as sound of other byte order or of sizes over 32 bits does.</summary>
    internal static bool IsOtherForm(ReadOnlySpan<byte> head) => head.StartsWith("RIFX"u8) || head.StartsWith("RF64"u8) || head.StartsWith("BW64"u8);

    /// <summary>Whether bytes may stand behind samples: chunks, tags of music players, or zeros that fill a block. Some programs leave the odd byte out.</summary>
    static bool CanFollow(ReadOnlySpan<byte> bytes, bool isOdd) =>
        !bytes.ContainsAnyExcept((byte)0) || CanFollow(bytes) || isOdd && CanFollow(bytes[1..]);

    static bool CanFollow(ReadOnlySpan<byte> bytes) =>
        AreChunks(bytes) || bytes.StartsWith("LIST"u8) || bytes.StartsWith("id3 "u8) || bytes.StartsWith("ID3"u8) || bytes.StartsWith("TAG"u8);

    /// <summary>Whether bytes are chunks to their end, as those after samples are.</summary>
    static bool AreChunks(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= 8)
        {
            var size = 8 + (long)BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            if (bytes[..4].ContainsAnyExceptInRange((byte)' ', (byte)'~') || size > bytes.Length) return false;
            bytes = bytes[(int)Math.Min(bytes.Length, size + (size & 1))..];
        }
        return bytes.IsEmpty;
    }

    static bool IsKnownChunk(ReadOnlySpan<byte> bytes, long at) =>
        at + 8 <= bytes.Length && (bytes[(int)at..].StartsWith("data"u8) || bytes[(int)at..].StartsWith("fmt "u8));

    static Format ReadFormat(string path, int at, ReadOnlySpan<byte> bytes, uint size)
    {
        if (size < 16 || size > bytes.Length)
            Throw.BadBytes(path, at, $"a 'fmt ' chunk of {size:N0} bytes, of which the file has {bytes.Length:N0}; at least 16 are needed");
        int tag = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        if (tag == Extensible)
        {
            if (size < 40) Throw.BadBytes(path, at, $"a 'fmt ' chunk with an extension in {size:N0} bytes; at least 40 are needed");
            tag = bytes[26..40].SequenceEqual(ExtensionTail) ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[24..]) : Extensible;
        }
        var channels = BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
        var rate = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        var frame = BinaryPrimitives.ReadUInt16LittleEndian(bytes[12..]);
        var bits = BinaryPrimitives.ReadUInt16LittleEndian(bytes[14..]);
        if ((tag, bits) is not ((Pcm, 8 or 16 or 24 or 32) or (Float, 32 or 64)))
            Throw.BadBytes(path, at + 8, $"sound of format {tag}{FormatName(tag)} with {bits} bits; expected 1 (whole numbers) with 8, 16, 24 or 32, "
                + "or 3 (floating point) with 32 or 64. Convert it with: ffmpeg -i FILE -c:a pcm_s16le OUT.wav");
        if (channels == 0) Throw.BadBytes(path, at + 10, "sound of 0 channels; expected at least 1");
        if (rate is 0 or > int.MaxValue) Throw.BadBytes(path, at + 12, $"{rate:N0} samples a second; expected 1 to {int.MaxValue:N0}");
        var format = new Format(tag == Float, channels, (int)rate, bits);
        if (frame != format.FrameSize)
            Throw.BadBytes(path, at + 20, $"{frame} bytes for the samples of one moment; expected {format.FrameSize}: {channels} channels of {bits} bits");
        return format;
    }

    static Real[] Samples(string path, ReadOnlySpan<byte> data, int begin, Format format)
    {
        if (data.Length % format.FrameSize != 0)
            Throw.BadBytes(path, begin + data.Length, $"{data.Length:N0} bytes of samples do not part into {format.FrameSize} for each moment; "
                + "the file is cut short or damaged");
        var samples = new Real[data.Length / format.FrameSize];
        var size = format.Bits / 8;
        for (var (i, at) = (0, 0); i < samples.Length; i++)
        {
            var sum = 0.0;
            for (var c = 0; c < format.Channels; c++, at += size) sum += Sample(data[at..], format);
            samples[i] = (Real)(sum / format.Channels);
            if (!Real.IsFinite(samples[i]))
                Throw.BadBytes(path, begin + at - format.FrameSize, "a sample is not a number that single precision holds; the file is damaged");
        }
        return samples;
    }

    static double Sample(ReadOnlySpan<byte> at, Format format) => (format.Floating, format.Bits) switch
    {
        (false, 8) => (at[0] - 128) / 128.0,
        (false, 16) => BinaryPrimitives.ReadInt16LittleEndian(at) / 32768.0,
        (false, 24) => ((at[0] << 8 | at[1] << 16 | at[2] << 24) >> 8) / 8388608.0,
        (false, _) => BinaryPrimitives.ReadInt32LittleEndian(at) / 2147483648.0,
        (true, 32) => BinaryPrimitives.ReadSingleLittleEndian(at),
        (true, _) => BinaryPrimitives.ReadDoubleLittleEndian(at),
    };

    static string FormatName(int tag) => tag switch
    {
        2 or 0x11 => " (ADPCM)",
        6 => " (A-law)",
        7 => " (µ-law)",
        0x55 => " (MP3)",
        _ => "",
    };
}
