using System.Text;
using Unroll.Data;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Data;

public sealed class TextLinesTests : IDisposable
{
    readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a\nb\n", "a|b")]
    [InlineData("a\nb", "a|b")]
    [InlineData("a\r\nb\r\n", "a|b")]
    [InlineData("a\rb\r", "a|b")]                                    // old editors
    [InlineData("a\r\rb", "a||b")]
    [InlineData("a\rb\nc\n", "a\rb|c")]                              // a carriage return within a line
    [InlineData("a\nb\rc", "a|b\rc")]
    [InlineData("a\nb\r", "a|b\r")]
    [InlineData("a\rb\n", "a\rb")]
    [InlineData("a\r\r\nb\r\n", "a|b")]
    [InlineData("\n\na\n\n", "||a|")]
    [InlineData("a\u0085b\u2028c\vd\n", "a\u0085b\u2028c\vd")]
    [InlineData("\uFEFFa\n\uFEFFb\n\uFEFF\uFEFFc", "a|b|c")]         // joined files
    [InlineData("\uFEFFa\r\uFEFFb\r", "a|b")]
    [InlineData("a\uFEFFb\n", "a\uFEFFb")]
    public void A_file_and_a_stream_have_the_same_lines(string text, string lines)
    {
        File.WriteAllBytes(_folder["a"], Encoding.UTF8.GetBytes(text));
        Assert.Equal(lines.Split('|'), TextFile.ReadLines(_folder["a"]));
        Assert.Equal(lines.Split('|'), TextLines.Read(new StringReader(text)));
        Assert.Equal(lines.Split('|'), TextLines.Read(new Trickle(text)));
    }

    [Fact]
    public void A_line_does_not_wait_for_the_next()
    {
        using var lines = TextLines.Read(new Trickle("a\nb\n", fails: 3)).GetEnumerator();
        Assert.True(lines.MoveNext());
        Assert.Equal("a", lines.Current);
    }

    [Fact]
    public void Long_lines_are_whole()
    {
        var text = $"{new string('x', 10_000)}\r{new string('y', 10_000)}\r\n{new string('z', 5_000)}";
        Assert.Equal([text[..20_001], text[^5_000..]], TextLines.Read(new StringReader(text)));
        Assert.Empty(TextLines.Read(new StringReader("")));
    }

    [Fact]
    public void All_readers_read_lines_that_end_with_carriage_returns()
    {
        Assert.Equal(["x: a b", "y: c"], LabelLineFile.Read(Write("x a b\ry c\r")).Select(ExampleReaderTests.Show));
        Assert.Equal(["x: a", "y: b"], JsonLinesFile.Read(Write("{\"text\": \"a\", \"label\": \"x\"}\r{\"text\": \"b\", \"label\": \"y\"}\r")).Select(ExampleReaderTests.Show));
        Assert.Equal([2, 1], ConllFile.Read(Write("I O\rran O\r\rYou O\r")).Select(s => s.Words.Count));
        Assert.Equal(2, ConlluFile.Read(Write("1\tI\ti\tPRON\t_\t_\t2\tx\t_\t_\r\r1\tGo\tgo\tVERB\t_\t_\t0\tx\t_\t_\r")).Count);
        Assert.Equal("a\nb\n", TextFile.ReadDocuments(Write("a\rb\r"))[0].Text);
        var source = Write("a\rb\r");
        File.WriteAllText(_folder["t"], "c\nd\n");
        Assert.Equal([("a", "c"), ("b", "d")], AlignedFiles.Read(source, _folder["t"]).Select(p => (p.Source, p.Target)));
        Assert.Equal(2, TsFile.Read(Write("@classLabel true a b\r@data\r1,2:a\r3,4:b\r")).Count);
    }

    [Fact]
    public void Characters_that_may_have_been_meant_to_end_a_line_are_told()
    {
        var report = new ReadingReport();
        TextFile.Read(Write("a\nb\rc\nd\uFEFFe\n"), null, report);
        Assert.Collection(report.Doubts,
            d => Assert.Contains("line 2: a carriage return within a line (the only one)", d),
            d => Assert.Contains("line 3: a byte order mark within a line", d));
        Assert.Equal([new("encoding", "utf-8")], report.Facts);
    }

    string Write(string text)
    {
        File.WriteAllText(_folder["a"], text);
        return _folder["a"];
    }

    /// <summary>Gives a character at a time.</summary>
    sealed class Trickle(string text, int fails = int.MaxValue) : TextReader
    {
        int _at;

        public override int Read(char[] buffer, int index, int count)
        {
            if (_at == fails) throw new IOException("read too far");
            if (_at == text.Length) return 0;
            buffer[index] = text[_at++];
            return 1;
        }
    }
}
