using System.Text;
using Unroll.Storage;

namespace Unroll.Tests.Storage;

public sealed class SafetensorsTests : IDisposable
{
    readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_file_from_Python_reads_bit_by_bit()
    {
        using var file = SafetensorsFile.Open(Path.Combine(AppContext.BaseDirectory, "golden", "sample.safetensors"));
        Assert.Equal(8, file.Entries.Count);
        Assert.Equal(["config", "format", "vocabulary"], file.Metadata.Keys.Order());
        Assert.Equal("{\"hidden\": 256, \"cell\": \"lstm\"}", file.Metadata["config"]);
        Assert.Equal("\n !가힣é😀\\", file.Metadata["vocabulary"]);

        AssertEntry(file, "moments", SafetensorsType.F64, []);
        AssertEntry(file, "steps", SafetensorsType.I64, [3]);
        AssertEntry(file, "rnn.weight_ih_l0", SafetensorsType.F32, [2, 3]);
        AssertEntry(file, "한글 \"quoted\"\n", SafetensorsType.F32, [0, 4]);
        AssertEntry(file, "ids", SafetensorsType.I32, [2, 1, 2]);

        Assert.Equal([0x3FB999999999999AL], Doubles(file, "moments").Select(BitConverter.DoubleToInt64Bits));
        Assert.Equal([0.1f], Floats(file, "moments"));
        int[] bits = [0x3F800000, int.MinValue, 1, 0x7F7FFFFF, unchecked((int)0xFF800000), 0x7FC12345];
        Assert.Equal(bits, Floats(file, "rnn.weight_ih_l0").Select(BitConverter.SingleToInt32Bits));
        Assert.Equal([1, -0.0, Math.ScaleB(1, -149)], Doubles(file, "rnn.weight_ih_l0")[..3]);
        Assert.Empty(Floats(file, "한글 \"quoted\"\n"));
        Assert.Equal([1, -Math.ScaleB(1, -24), 65504, double.NegativeInfinity], Doubles(file, "half"));
        Assert.Equal([1, -MathF.ScaleB(1, -24), 65504, float.NegativeInfinity], Floats(file, "half"));
        Assert.Equal([1, -1.0078125, Math.ScaleB(1, -133), double.PositiveInfinity], Doubles(file, "brain"));
        Assert.Equal([1, -1.0078125f, MathF.ScaleB(1, -133), float.PositiveInfinity], Floats(file, "brain"));

        var (longs, ints, bytes) = (new long[3], new int[4], new byte[5]);
        file.CopyTo("steps", longs);
        file.CopyTo("ids", ints);
        file.CopyTo("bytes", bytes);
        Assert.Equal([long.MinValue, -1, long.MaxValue], longs);
        Assert.Equal([int.MinValue, 0, 7, int.MaxValue], ints);
        Assert.Equal<byte>([0, 1, 127, 128, 255], bytes);
    }

    [Fact]
    public void The_written_bytes_are_those_of_the_format()
    {
        var writer = new SafetensorsWriter { Metadata = { ["k"] = "가\"" } };
        writer.Add("b", [1], () => (ReadOnlySpan<byte>)[7]);
        writer.Add("a", [1, 2], () => (ReadOnlySpan<float>)[1f, -2f]);
        writer.Add("s", [], () => (ReadOnlySpan<long>)[-1L]);
        string[] header = [
            """{"__metadata__":{"k":"가\""}""",
            """ "s":{"dtype":"I64","shape":[],"data_offsets":[0,8]}""",
            """ "a":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]}""",
            """ "b":{"dtype":"U8","shape":[1],"data_offsets":[16,17]}}""",
        ];
        var json = Encoding.UTF8.GetBytes(string.Join(',', header.Select(line => line.Trim()))).ToList();
        while (json.Count % 8 != 0) json.Add((byte)' ');
        byte[] data = [255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 7];
        Assert.Equal([(byte)json.Count, 0, 0, 0, 0, 0, 0, 0, .. json, .. data], Bytes(writer));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_is_saved_is_read_back(ulong seed)
    {
        var rng = new Rng(seed);
        var writer = new SafetensorsWriter { Metadata = { ["config"] = "{\"text\":\"<가> \\u0000\"}\n\u0001😀", [""] = "" } };
        var expected = new Dictionary<string, (int[] Shape, Array Values)>();
        for (var i = 0; i < 60; i++)
        {
            var name = $"layer.{rng.Next(1_000_000)}.{i}";
            var shape = new int[rng.Next(5)];
            for (var d = 0; d < shape.Length; d++) shape[d] = rng.Next(6);
            var raw = new ulong[shape.Aggregate(1, (a, b) => a * b)];
            for (var j = 0; j < raw.Length; j++) raw[j] = rng.NextUInt64();
            expected[name] = (shape, Add(writer, i % 5, name, shape, raw));
        }
        writer.Save(_directory["m.safetensors"]);

        using var file = SafetensorsFile.Open(_directory["m.safetensors"]);
        Assert.Equal(writer.Metadata, file.Metadata);
        Assert.Equal(expected.Keys.Order(), file.Entries.Select(e => e.Name).Order());
        foreach (var entry in file.Entries)
        {
            var (shape, values) = expected[entry.Name];
            Assert.Equal(shape, entry.Shape);
            Assert.Equal(values, Read(file, entry));
        }
    }

    [Fact]
    public void The_order_of_adding_does_not_change_a_bit()
    {
        string[] names = ["a", "B", "é", "가", "a.b", "A"];
        var (first, second) = (new SafetensorsWriter(), new SafetensorsWriter());
        foreach (var name in names) first.Add(name, [1], () => (ReadOnlySpan<float>)[1f]);
        foreach (var name in names.Reverse()) second.Add(name, [1], () => (ReadOnlySpan<float>)[1f]);
        Assert.Equal(Bytes(first), Bytes(second));
    }

    [Fact]
    public void A_conversion_longer_than_its_chunk_is_whole()
    {
        var values = new double[40_000];
        for (var i = 0; i < values.Length; i++) values[i] = i * 0.1;
        var writer = new SafetensorsWriter();
        writer.Add("x", [400, 100], () => values);
        using var file = SafetensorsFile.Open(new MemoryStream(Bytes(writer)), "memory");
        Assert.Equal(values.Select(v => (float)v), Floats(file, "x"));
    }

    [Fact]
    public void An_open_file_keeps_its_contents_when_it_is_saved_again()
    {
        var path = _directory["m.safetensors"];
        float[] value = [1f];
        var writer = new SafetensorsWriter();
        writer.Add("x", [], () => value);
        writer.Save(path);
        using var old = SafetensorsFile.Open(path);
        value[0] = 2f;
        writer.Save(path);
        using var current = SafetensorsFile.Open(path);
        Assert.Equal((1f, 2f), (Floats(old, "x")[0], Floats(current, "x")[0]));
    }

    [Fact]
    public void Asking_for_what_the_file_does_not_hold_is_named()
    {
        var writer = new SafetensorsWriter();
        writer.Add("ids", [2], () => (ReadOnlySpan<int>)[1, 2]);
        using var file = SafetensorsFile.Open(new MemoryStream(Bytes(writer)), "m.safetensors");
        Assert.False(file.TryGet("x", out _));
        Assert.Contains("m.safetensors has no tensor 'x'", Assert.ThrowsAny<UnrollException>(() => file.CopyTo("x", new float[2])).Message);
        Assert.Contains("'ids' holds I32; expected F64", Assert.ThrowsAny<UnrollException>(() => file.CopyTo("ids", new float[2])).Message);
        Assert.Contains("expected I64", Assert.ThrowsAny<UnrollException>(() => file.CopyTo("ids", new long[2])).Message);
        Assert.Throws<ArgumentException>(() => file.CopyTo("ids", new int[3]));
    }

    [Fact]
    public void A_mistake_in_adding_is_refused()
    {
        var writer = new SafetensorsWriter();
        writer.Add("x", [2], () => (ReadOnlySpan<float>)[1f, 2f]);
        Assert.Throws<ArgumentException>(() => writer.Add("x", [2], () => (ReadOnlySpan<double>)[1, 2]));
        Assert.Throws<ArgumentException>(() => writer.Add("y", [3], () => (ReadOnlySpan<float>)[1f, 2f]));
        Assert.Throws<ArgumentException>(() => writer.Add("__metadata__", [0], () => (ReadOnlySpan<float>)[]));
        Assert.Throws<ArgumentException>(() => writer.Add("\uD800", [0], () => (ReadOnlySpan<float>)[]));
        Assert.Throws<ArgumentException>(() => writer.Add("y", [int.MaxValue, int.MaxValue, int.MaxValue], () => (ReadOnlySpan<float>)[]));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Add("y", [-1, 0], () => (ReadOnlySpan<float>)[]));
        writer.Metadata["text"] = "\uDC00";
        Assert.Throws<ArgumentException>(() => writer.Write(Stream.Null));
        writer.Metadata["text"] = new string('x', 100_000_000);
        Assert.ThrowsAny<UnrollException>(() => writer.Write(Stream.Null));
    }

    [Fact]
    public void A_file_that_cannot_be_opened_is_named()
    {
        foreach (var path in new[] { _directory["none"], _directory.Path })
            Assert.Contains(path, Assert.ThrowsAny<UnrollException>(() => SafetensorsFile.Open(path)).Message);
    }

    static byte[] Bytes(SafetensorsWriter writer)
    {
        var stream = new MemoryStream();
        writer.Write(stream);
        return stream.ToArray();
    }

    static Array Add(SafetensorsWriter writer, int kind, string name, int[] shape, ulong[] raw)
    {
        switch (kind)
        {
            case 0:
                var floats = Array.ConvertAll(raw, v => BitConverter.UInt32BitsToSingle((uint)v));
                writer.Add(name, shape, () => floats);
                return floats;
            case 1:
                var doubles = Array.ConvertAll(raw, BitConverter.UInt64BitsToDouble);
                writer.Add(name, shape, () => doubles);
                return doubles;
            case 2:
                var longs = Array.ConvertAll(raw, v => (long)v);
                writer.Add(name, shape, () => longs);
                return longs;
            case 3:
                var ints = Array.ConvertAll(raw, v => (int)v);
                writer.Add(name, shape, () => ints);
                return ints;
            default:
                var bytes = Array.ConvertAll(raw, v => (byte)v);
                writer.Add(name, shape, () => bytes);
                return bytes;
        }
    }

    internal static Array Read(SafetensorsFile file, SafetensorsEntry entry)
    {
        switch (entry.Type)
        {
            case SafetensorsType.I64: var longs = new long[entry.Count]; file.CopyTo(entry.Name, longs); return longs;
            case SafetensorsType.I32: var ints = new int[entry.Count]; file.CopyTo(entry.Name, ints); return ints;
            case SafetensorsType.U8: var bytes = new byte[entry.Count]; file.CopyTo(entry.Name, bytes); return bytes;
            case SafetensorsType.F64: return Doubles(file, entry.Name);
            default: return Floats(file, entry.Name);
        }
    }

    static float[] Floats(SafetensorsFile file, string name)
    {
        Assert.True(file.TryGet(name, out var entry));
        var values = new float[entry.Count];
        file.CopyTo(name, values);
        return values;
    }

    static double[] Doubles(SafetensorsFile file, string name)
    {
        Assert.True(file.TryGet(name, out var entry));
        var values = new double[entry.Count];
        file.CopyTo(name, values);
        return values;
    }

    static void AssertEntry(SafetensorsFile file, string name, SafetensorsType type, int[] shape)
    {
        Assert.True(file.TryGet(name, out var entry));
        Assert.Equal(type, entry.Type);
        Assert.Equal(shape, entry.Shape);
    }
}
