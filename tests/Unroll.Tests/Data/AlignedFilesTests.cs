using System.IO.Compression;
using System.Text;
using Unroll.Data;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Data;

public sealed class AlignedFilesTests : IDisposable
{
    readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Lines_belong_together_empty_ones_too()
    {
        var (source, target) = (Write("a.de", "Ein Hund.\r\n\nZwei\u0085 Katzen. \n\n"), Packed("a.en.gz", "A dog.\n\n Two cats.\nmore\n"));
        var pairs = AlignedFiles.Read(source, target);
        Assert.Equal([("Ein Hund.", "A dog."), ("", ""), ("Zwei\u0085 Katzen.", "Two cats."), ("", "more")], pairs.Select(p => (p.Source, p.Target)));
        Assert.Equal($"{source}, line 3", pairs[2].Place);
    }

    [Fact]
    public void The_last_line_may_be_without_an_end() =>
        Assert.Equal(2, AlignedFiles.Read(Write("a", "x\ny"), Write("b", "x\ny\n")).Count);

    [Fact]
    public void Files_of_different_lengths_are_refused_with_both_counts()
    {
        var (source, target) = (Write("a", "x\ny\nz\n"), Write("b", "x\ny\n"));
        var e = Assert.ThrowsAny<UnrollException>(() => AlignedFiles.Read(source, target));
        Assert.Contains($"{source} has 3 lines and {target} has 2", e.Message);
    }

    [Fact]
    public void Encodings_are_read_by_name() =>
        Assert.Equal("é", AlignedFiles.Read(WriteBytes("a", [0xE9, 10]), WriteBytes("b", [0x45, 10]), TextEncoding.Find("latin-1"))[0].Source);

    [Fact]
    public void Json_lines_hold_pairs_under_usual_or_given_names()
    {
        var path = Write("a.jsonl", "{\"answer\": \" hi \", \"n\": 1, \"question\": \"hello?\"}\n\n{\"question\": \"\", \"answer\": \"\"}\n");
        Assert.Equal([new("hello?", "hi", $"{path}, line 1"), new("", "", $"{path}, line 3")], JsonLinesFile.ReadPairs(path));
        var named = Write("b.jsonl", "{\"de\": \"ja\", \"en\": \"yes\"}\n");
        Assert.Equal(new("yes", "ja", $"{named}, line 1"), JsonLinesFile.ReadPairs(named, "en", "de").Single());
        Assert.Contains("which field is the source cannot be told from the names 'de', 'en'", Message(() => JsonLinesFile.ReadPairs(named)));
        Assert.Contains("which field is the target", Message(() => JsonLinesFile.ReadPairs(named, "en")));
        var bad = Write("c.jsonl", "{\"source\": \"x\", \"target\": \"y\"}\n{\"source\": 1, \"target\": \"y\"}\n{\"source\": \"x\"}\n[]\n{\n");
        var problems = Assert.ThrowsAny<UnrollException>(() => JsonLinesFile.ReadPairs(bad)).Problems;
        Assert.Equal(4, problems.Count);
        Assert.StartsWith("line 2, column 12: 'source' is not a string", problems[0]);
        Assert.Contains("there is no field 'target'", problems[1]);
    }

    string Write(string name, string text) => WriteBytes(name, Encoding.UTF8.GetBytes(text));

    string WriteBytes(string name, byte[] bytes)
    {
        File.WriteAllBytes(_folder[name], bytes);
        return _folder[name];
    }

    string Packed(string name, string text)
    {
        using (var packed = new GZipStream(File.Create(_folder[name]), CompressionLevel.Fastest)) packed.Write(Encoding.UTF8.GetBytes(text));
        return _folder[name];
    }

    static string Message(Action action) => Assert.ThrowsAny<UnrollException>(action).Message;
}
