using System.Buffers.Binary;
using System.Text;
using Unroll.Storage;

namespace Unroll.Tests.Storage;

public class SafetensorsHostileTests
{
    const string Good = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";

    public static TheoryData<string, int, string[]> BrokenHeaders => new()
    {
        { "", 0, ["does not begin with '{'"] },
        { "[]", 0, ["does not begin with '{'"] },
        { " {}", 0, ["does not begin with '{'"] },
        { "{", 0, ["not valid JSON"] },
        { "{} {}", 0, ["not valid JSON"] },
        { "{\"a\":", 0, ["not valid JSON"] },
        { "{\"\\ud800\":1}", 0, ["not valid JSON"] },
        { "{\"a\":1}", 0, ["tensor 'a': is 1; expected an object"] },
        { "{\"a\":{}}", 0, ["'a': has no dtype", "'a': has no shape", "'a': has no data_offsets"] },
        { "{" + Good + "," + Good + "}", 8, ["tensor 'a': is given twice"] },
        { "{" + Good + ",\"\\u0061\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[8,8]}}", 8, ["tensor 'a': is given twice"] },
        { Tensor("F33", "[2]", "[0,8]"), 8, ["dtype is 'F33'; expected F64"] },
        { Tensor("2", "[2]", "[0,8]"), 8, ["dtype is '2'; expected F64"] },
        { "{\"a\":{\"dtype\":[[2]],\"shape\":[2],\"data_offsets\":[0,8]}}", 8, ["dtype is a list; expected F64"] },
        { "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"I32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, ["has dtype 2 times"] },
        { Tensor("F32", "[-2]", "[0,8]"), 8, ["shape holds -2; expected whole numbers from 0"] },
        { Tensor("F32", "[2.5,[1],{}]", "[0,8]"), 8, ["shape holds 2.5; expected whole numbers from 0"] },
        { Tensor("F32", "[[1],2]", "[0,8]"), 8, ["shape holds a list"] },
        { Tensor("F32", "2", "[0,8]"), 8, ["shape is 2; expected a list"] },
        { Tensor("F32", "[2147483648]", "[0,8]"), 8, ["shape holds 2147483648"] },
        { Tensor("F32", "[1e2]", "[0,8]"), 8, ["shape holds 1e2"] },
        { Tensor("F32", "[2147483647,2147483647,2147483647]", "[0,8]"), 8, ["exceeds 2⁶³ − 1 bytes"] },
        { Tensor("F32", "[2147483647,2]", "[0,8]"), 8, ["hold 8 bytes; expected 17,179,869,176"] },
        { Tensor("F32", "[" + string.Join(',', Enumerable.Repeat(1, 65)) + "]", "[0,4]"), 4, ["shape holds more than 64"] },
        { Tensor("F32", "[2]", "[0]"), 8, ["data_offsets [0] are not two"] },
        { Tensor("F32", "[2]", "[0,8,8]"), 8, ["data_offsets [0, 8, 8] are not two"] },
        { Tensor("F32", "[2]", "[8,0]"), 8, ["data_offsets [8, 0] end before they begin"] },
        { Tensor("F32", "[2]", "[-8,0]"), 8, ["data_offsets holds -8"] },
        { Tensor("F32", "[2]", "[0,18446744073709551616]"), 8, ["data_offsets holds 18446744073709551616"] },
        { Tensor("F32", "[2]", "[0,8]"), 7, ["data_offsets [0, 8] reach past the 7 bytes of data"] },
        { Tensor("F32", "[2]", "[0,7]"), 7, ["hold 7 bytes; expected 8 for F32 of shape [2]"] },
        { Tensor("F32", "[2]", "[0,8]"), 9, ["the last 1 bytes belong to no tensor"] },
        { Tensor("F32", "[2]", "[4,12]"), 12, ["tensor 'a': begins at byte 4 of the data; expected 0"] },
        { "{}", 1, ["the last 1 bytes belong to no tensor"] },
        { WithSecond("[8]", "[4,12]"), 12, ["tensor 'b': begins at byte 4 of the data; expected 8: it overlaps"] },
        { WithSecond("[2]", "[10,12]"), 12, ["tensor 'b': begins at byte 10 of the data; expected 8: the bytes between"] },
        { "{" + Good + ",\"__metadata__\":[]}", 8, ["__metadata__ is a list; expected an object"] },
        {
            "{" + Good + ",\"__metadata__\":{\"x\":1,\"y\":{},\"z\":null}}", 8,
            ["metadata 'x' is 1", "metadata 'y' is an object", "metadata 'z' is null"]
        },
        { "{" + Good + ",\"__metadata__\":{\"x\":\"1\",\"x\":\"1\"}}", 8, ["metadata 'x' is given twice"] },
        { "{" + Good + ",\"__metadata__\":{},\"__metadata__\":{}}", 8, ["__metadata__ is given twice"] },
        {
            "{\"__metadata__\":{\"m\":0},\"a\":{\"dtype\":\"F31\",\"shape\":[-1],\"data_offsets\":[9,0]}," +
            "\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}," +
            "\"c\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[2,6]}}", 6,
            ["metadata 'm'", "'a': dtype", "'a': shape", "'a': data_offsets", "'c': begins at byte 2"]
        },
    };

    [Theory]
    [MemberData(nameof(BrokenHeaders))]
    public void Every_problem_of_a_header_is_listed(string header, int dataLength, string[] expected)
    {
        var e = Assert.ThrowsAny<UnrollException>(() => Open(header, dataLength));
        Assert.StartsWith("bad.safetensors is not a valid safetensors file", e.Message);
        Assert.Equal(expected.Length, e.Problems.Count);
        foreach (var (part, problem) in expected.Zip(e.Problems)) Assert.Contains(part, problem);
    }

    [Theory]
    [InlineData("BOOL", 1), InlineData("I8", 1), InlineData("F8_E4M3", 1), InlineData("F8_E5M2", 1), InlineData("I16", 2), InlineData("U16", 2)]
    [InlineData("U32", 4), InlineData("U64", 8), InlineData("F4", 1), InlineData("C64", 8)]
    public void A_tensor_of_a_type_that_is_not_read_leaves_the_others_readable(string type, int size)
    {
        var end = 8 + 2 * size;
        using var file = Open($"{{{Good},\"q\":{{\"dtype\":\"{type}\",\"shape\":[2],\"data_offsets\":[8,{end}]}}}}", end);
        var values = new float[2];
        file.CopyTo("a", values);
        Assert.True(file.TryGet("q", out var entry));
        Assert.Equal((type, 2L), (entry.TypeName, entry.Count));
        Assert.Contains($"tensor 'q' holds {type}; expected", Assert.ThrowsAny<UnrollException>(() => file.CopyTo("q", values)).Message);
        Assert.Contains($"tensor 'q' holds {type}; expected", Assert.ThrowsAny<UnrollException>(() => file.CopyTo("q", new long[2])).Message);
    }

    [Fact]
    public void A_good_header_is_taken()
    {
        using var file = Open("{" + Good + ",\"b\":{\"note\":[[1]],\"dtype\":\"U8\",\"shape\":[0,9],\"data_offsets\":[8,8]}}  ", 8);
        Assert.Equal(["a", "b"], file.Entries.Select(e => e.Name));
    }

    [Theory]
    [InlineData("", "0 bytes long")]
    [InlineData("1234567", "7 bytes long")]
    [InlineData("\u0009\0\0\0\0\0\0\0{}", "claims 9 bytes, but only 2 follow")]
    [InlineData("\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF{}", "claims 18,446,744,073,709,551,615 bytes")]
    [InlineData("PK\u0003\u0004aaaabbbb", "zip archive")]
    [InlineData("\u0007\0\0\0\0\0\0\0{\"\u00FF\":1}", "not valid UTF-8")]
    public void A_foreign_or_cut_file_is_refused(string latin, string expected)
    {
        var e = Assert.ThrowsAny<UnrollException>(() => SafetensorsFile.Open(new MemoryStream(Encoding.Latin1.GetBytes(latin)), "bad"));
        Assert.Contains(expected, e.Message);
    }

    [Fact]
    public void A_header_over_100_MB_is_refused_before_it_is_read()
    {
        var stream = new Zeros(length: 200_000_000, headerLength: 100_000_001);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var e = Assert.ThrowsAny<UnrollException>(() => SafetensorsFile.Open(stream, "big"));
        Assert.Contains("expected at most 100,000,000", e.Message);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
    }

    [Fact]
    public void Deep_nesting_ends_at_once()
    {
        foreach (var field in new[] { "\"x\":", "\"a\":{\"shape\":", "\"a\":{\"x\":", "\"__metadata__\":{\"x\":" })
            Assert.ThrowsAny<UnrollException>(() => Open("{" + field + new string('[', 1_000_000), 0));
    }

    [Fact]
    public void Many_problems_are_listed_up_to_a_hundred()
    {
        var header = "{" + string.Join(',', Enumerable.Range(0, 100_000).Select(
            i => $"\"{i}\":{{\"dtype\":1,\"shape\":[-1,-1],\"x\":[]}}")) + "}";
        var before = GC.GetAllocatedBytesForCurrentThread();
        var e = Assert.ThrowsAny<UnrollException>(() => Open(header, 0));
        Assert.Equal(100, e.Problems.Count);
        Assert.Contains("the first 100 problems", e.Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4L * header.Length);
    }

    [Fact]
    public void Many_tensors_take_memory_in_proportion_to_the_header()
    {
        var header = "{" + string.Join(',', Enumerable.Range(0, 100_000).Select(
            i => $"\"{i}\":{{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[{i},{i + 1}]}}")) + "}";
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var file = Open(header, 100_000);
        Assert.Equal(100_000, file.Entries.Count);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 12L * header.Length);
    }

    [Fact]
    public void A_name_cannot_break_the_message()
    {
        var e = Assert.ThrowsAny<UnrollException>(() => Open("{\"\\u001b[31m\\n" + new string('n', 1000) + "\":1}", 0));
        Assert.Contains("'?[31m?nnn", e.Message);
        Assert.True(e.Message.Length < 300);
    }

    [Fact]
    public void A_mutated_file_is_read_or_refused_and_nothing_else()
    {
        var rng = new Rng(5);
        var good = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "golden", "sample.safetensors"));
        var headerEnd = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(good);
        var (read, refused) = (0, 0);
        for (var i = 0; i < 2000; i++)
        {
            var bytes = (byte[])good.Clone();
            for (var flips = 1 + rng.Next(3); flips > 0; flips--)
            {
                var at = rng.Next(4) == 0 ? rng.Next(bytes.Length) : rng.Next(headerEnd);
                bytes[at] = rng.Next(2) == 0 ? (byte)(bytes[at] ^ (1 << rng.Next(8))) : (byte)"0123456789[]{},:\"\\ "[rng.Next(19)];
            }
            if (rng.Next(10) == 0) bytes = bytes[..rng.Next(bytes.Length)];
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                using var file = SafetensorsFile.Open(new MemoryStream(bytes), "mutated");
                foreach (var entry in file.Entries) SafetensorsTests.Read(file, entry);
                read++;
            }
            catch (UnrollException)
            {
                refused++;
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
        }
        Assert.True(read > 100 && refused > 100, $"{read} read, {refused} refused");
    }

    static string Tensor(string type, string shape, string offsets) =>
        $"{{\"a\":{{\"dtype\":\"{type}\",\"shape\":{shape},\"data_offsets\":{offsets}}}}}";

    static string WithSecond(string shape, string offsets) =>
        $"{{{Good},\"b\":{{\"dtype\":\"U8\",\"shape\":{shape},\"data_offsets\":{offsets}}}}}";

    static SafetensorsFile Open(string header, int dataLength)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + json.Length + dataLength];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, json.Length);
        json.CopyTo(bytes, 8);
        return SafetensorsFile.Open(new MemoryStream(bytes), "bad.safetensors");
    }

    /// <summary>A file of any length that takes no memory: a header length, then zeros.</summary>
    sealed class Zeros(long length, long headerLength) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => true;
        public override bool CanWrite => false;
        public override long Length => length;
        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            Array.Clear(buffer, offset, count);
            if (Position == 0) BinaryPrimitives.WriteInt64LittleEndian(buffer.AsSpan(offset), headerLength);
            Position += count;
            return count;
        }

        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
