using System.IO.Compression;
using Unroll.Data;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Data;

public sealed class WordVectorsTests : IDisposable
{
    readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    string Write(string text)
    {
        var path = _directory["vectors.txt"];
        File.WriteAllText(path, text);
        return path;
    }

    [Theory]
    [InlineData("the 1 2 -3e-1\nof the 4 5 6\n한국 7 8 9\n")]
    [InlineData("3 3\nthe 1 2 -3e-1 \nof the 4 5 6 \r\n한국 7 8 9")]
    public void Both_formats_are_read(string text)
    {
        var vectors = WordVectors.Read(Write(text));
        Assert.Equal((3, 3), (vectors.Count, vectors.Dimensions));
        Assert.True(vectors.TryGet("the", out var the));
        Assert.Equal([1f, 2f, -0.3f], the.ToArray());
        Assert.True(vectors.TryGet("of the", out var two));
        Assert.Equal([4f, 5f, 6f], two.ToArray());
        Assert.False(vectors.TryGet("none", out _));
        Assert.Equal(Math.Sqrt((1 + 4 + 0.09 + 16 + 25 + 36 + 49 + 64 + 81) / 9), vectors.Deviation, 1e-6);
    }

    [Fact]
    public void Only_wanted_words_are_kept_and_files_may_be_packed()
    {
        var path = _directory["vectors.txt.gz"];
        using (var packed = new GZipStream(File.Create(path), CompressionLevel.Fastest)) packed.Write("a 1 2\nb 3 4\n"u8);
        var vectors = WordVectors.Read(path, new HashSet<string> { "b", "c" });
        Assert.Equal(1, vectors.Count);
        Assert.True(vectors.TryGet("b", out _));
    }

    [Fact]
    public void All_bad_lines_are_named()
    {
        var e = Assert.ThrowsAny<UnrollException>(() => WordVectors.Read(Write("a 1 2\nb 3\nc 1 x\nd 1 2\ne NaN 1\n")));
        Assert.Contains("vectors.txt", e.Message);
        Assert.Equal(["line 2 has fewer than 2 numbers after the word", "line 3: number 2 of 'c' is 'x'", "line 5: number 1 of 'e' is 'NaN'"], e.Problems);
        Assert.Contains("has no numbers", Assert.ThrowsAny<UnrollException>(() => WordVectors.Read(Write("alone\n"))).Message);
        Assert.Contains("no line with a word", Assert.ThrowsAny<UnrollException>(() => WordVectors.Read(Write("\n\n"))).Message);
    }
}
