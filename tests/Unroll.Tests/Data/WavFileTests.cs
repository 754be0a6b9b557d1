using System.Buffers.Binary;
using Unroll.Data;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Data;

public sealed class WavFileTests : IDisposable
{
    static readonly byte[] Four = [0, 0, 0, 0x40];                   // 16 bits: 0 and ½

    readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Wav.Pcm, 8, new byte[] { 128, 0, 192 }, new float[] { 0, -1, 0.5f })]
    [InlineData(Wav.Pcm, 16, new byte[] { 0, 0, 0, 0x80, 0, 0x40 }, new float[] { 0, -1, 0.5f })]
    [InlineData(Wav.Pcm, 24, new byte[] { 0, 0, 0x80, 0, 0, 0x40, 0xFF, 0xFF, 0xFF }, new float[] { -1, 0.5f, -1 / 8388608f })]
    [InlineData(Wav.Pcm, 32, new byte[] { 0, 0, 0, 0x80, 0, 0, 0, 0x40 }, new float[] { -1, 0.5f })]
    [InlineData(Wav.Float, 32, new byte[] { 0, 0, 0x80, 0xBF, 0, 0, 0, 0x3F }, new float[] { -1, 0.5f })]
    [InlineData(Wav.Float, 64, new byte[] { 0, 0, 0, 0, 0, 0, 0xE0, 0x3F }, new float[] { 0.5f })]
    public void Every_kind_of_sample_is_read(int tag, int bits, byte[] data, float[] expected)
    {
        foreach (var extensible in new[] { false, true })
        {
            var (samples, rate) = WavFile.Read(Write(Wav.File(tag, 1, 8000, bits, data, extensible)));
            Assert.Equal(8000, rate);
            Assert.Equal(expected, samples);
        }
    }

    [Fact]
    public void Channels_are_averaged_and_other_chunks_passed_over()
    {
        var plain = Wav.File(Wav.Pcm, 2, 16000, 16, [0, 0x40, 0, 0, 0, 0x80, 0, 0x80]);
        byte[] chunks = [.. Wav.Chunk("LIST", [1, 2, 3]), .. plain[12..], .. Wav.Chunk("id3 ", [9])];
        Assert.Equal([0.25f, -1], WavFile.Read(Write(Wav.Riff(chunks))).Samples);
    }

    [Theory]
    [InlineData(0u, 0u)]                       // gstreamer and other recorders into a pipe
    [InlineData(36u, 0u)]
    [InlineData(uint.MaxValue, uint.MaxValue)] // ffmpeg
    [InlineData(0x7FFFF024u, 0x7FFFF000u)]     // sox
    [InlineData(0x80000024u, 0x80000000u)]     // arecord
    [InlineData(0xFFFFFFFFu, 0xFFFFFFDBu)]
    [InlineData(7u, 4u)]                       // the size behind RIFF is wrong, that of the data right
    public void A_length_that_was_not_known_when_written_is_the_rest_of_the_file(uint riff, uint data)
    {
        var bytes = Wav.File(Wav.Pcm, 1, 8000, 16, Four);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), riff);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(40), data);
        Assert.Equal([0, 0.5f], WavFile.Read(Write(bytes)).Samples);
        if (data != 4) Assert.Equal([0, 0.5f], WavFile.Read(Write([.. bytes, 7])).Samples);            // ended within a sample
    }

    [Fact]
    public void A_file_without_samples_is_refused()
    {
        var empty = Wav.File(Wav.Pcm, 1, 8000, 16, []);
        Assert.Contains("byte 36: there are no samples in it", Message(empty));
        Assert.Contains("no samples", Message([.. empty, .. Wav.Chunk("LIST", [1, 2, 3])]));
        empty.AsSpan(40, 4).Fill(0xFF);
        Assert.Contains("no samples", Message(empty));
    }

    [Fact]
    public void Samples_beyond_the_size_that_is_given_are_refused()
    {
        var bytes = Wav.File(Wav.Pcm, 1, 8000, 16, [.. Enumerable.Range(1, 4000).Select(i => (byte)i)]);
        foreach (var size in new[] { 2, 3000 })
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(40), size);
            Assert.Contains($"byte {44 + size:N0}: {4000 - size:N0} bytes follow the {size:N0} bytes of samples, and are no chunk", Message(bytes));
        }
        var good = Wav.File(Wav.Pcm, 1, 8000, 16, Four);
        byte[][] rests = [Wav.Chunk("LIST", [1, 2, 3]), Wav.Chunk("LIST", [1, 2, 3])[..^1], Wav.Chunk("cue ", [1, 2, 3, 4]), [.. "TAG"u8, 1, 2], [0], new byte[300]];
        foreach (var rest in rests) Assert.Equal([0, 0.5f], WavFile.Read(Write([.. good, .. rest])).Samples);
    }

    [Fact]
    public void Sound_of_other_forms_is_named_with_what_to_do()
    {
        foreach (var form in new[] { "RIFX", "RF64" })
        {
            var path = Write([.. System.Text.Encoding.ASCII.GetBytes(form), 0xFF, 0xFF, 0xFF, 0xFF, .. "WAVE"u8, .. new byte[40]]);
            Assert.Contains($"sound of the form {form}; expected RIFF. Convert it with: ffmpeg -i FILE OUT.wav", Assert.ThrowsAny<UnrollException>(() => Unroll.Formats.ExampleFile.Read(path)).Message);
        }
    }

    [Fact]
    public void An_odd_chunk_may_lack_the_byte_after_it()
    {
        var plain = Wav.File(Wav.Pcm, 1, 8000, 16, Four);
        Assert.Equal([0, 0.5f], WavFile.Read(Write(Wav.Riff([.. plain[12..36], .. Wav.Chunk("LIST", [1, 2, 3])[..^1], .. plain[36..]]))).Samples);
    }

    [Fact]
    public void A_cut_file_is_refused_wherever_it_is_cut()
    {
        var bytes = Wav.File(Wav.Pcm, 1, 8000, 16, Four, extensible: true);
        for (var length = 0; length < bytes.Length; length++)
            Assert.Contains("byte ", Message(bytes[..length]));
    }

    [Fact]
    public void What_is_wrong_is_said_with_its_place()
    {
        var good = Wav.File(Wav.Pcm, 1, 8000, 16, Four);
        Assert.Contains("byte 0: not a WAV file", Message([.. "RIFFxxxxWEBP"u8]));
        Assert.Contains("byte 0: sound of the form RIFX", Message([.. "RIFXxxxxWAVE"u8]));
        Assert.Contains("byte 36: 200 bytes of samples, of which the file has 4", Message(With(good, 40, 200)));
        Assert.Contains("byte 12: a 'fmt ' chunk of 12 bytes", Message(With(good, 16, 12)));
        Assert.Contains("byte 20: sound of format 7 (µ-law) with 16 bits", Message(With(good, 20, 7)));
        Assert.Contains("byte 20: sound of format 1 with 12 bits", Message(With(good, 34, 12)));
        Assert.Contains("byte 22: sound of 0 channels", Message(With(good, 22, 0)));
        Assert.Contains("byte 24: 0 samples a second", Message(With(With(good, 24, 0), 25, 0)));
        Assert.Contains("byte 32: 4 bytes for the samples of one moment; expected 2", Message(With(good, 32, 4)));
        Assert.Contains("do not part into 2", Message(Wav.File(Wav.Pcm, 1, 8000, 16, [1, 2, 3])));
        Assert.Contains("before the 'fmt ' chunk", Message(Wav.Riff(Wav.Chunk("data", Four))));
        Assert.Contains("without a 'data' chunk", Message(good[..36]));
        Assert.Contains("byte 44: a sample is not a number", Message(Wav.File(Wav.Float, 1, 8000, 32, [0, 0, 0x80, 0x7F])));
    }

    static byte[] With(byte[] bytes, int place, byte value)
    {
        byte[] changed = [.. bytes];
        changed[place] = value;
        return changed;
    }

    string Message(byte[] bytes) => Assert.ThrowsAny<UnrollException>(() => WavFile.Read(Write(bytes))).Message;

    string Write(byte[] bytes)
    {
        File.WriteAllBytes(_folder["a.wav"], bytes);
        return _folder["a.wav"];
    }
}
