using System.Text;
using Unroll.Formats;
using Unroll.Tests.Data;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Formats;

public sealed class CaptionFileTests : IDisposable
{
    readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_index_and_a_split_say_where_captions_belong()
    {
        var path = Write("c.tsv", "index\tsplit\ten\tko\n2\ttest\tface\t얼굴\n0\ttrain\tkey: \"#\"\t키\n2\ttrain\thead\t머리\n");
        var captions = CaptionFile.Read(Pictures("p.npy", 3, 2, 2), path, new() { Caption = "en" });
        Assert.Equal([("face", "test"), ("key: \"#\"", "train"), ("head", "train")], captions.Select(c => (c.Caption, c.Part!)));
        Assert.Equal([8f, 9, 10, 11], captions[0].Picture.Values.ToArray());
        Assert.Equal((2, 2), (captions[0].Picture.Steps, captions[0].Picture.Features));
        Assert.Same(captions[0].Picture, captions[2].Picture);
        Assert.Equal($"{path}, line 2", captions[0].Place);
        Assert.Equal("키", CaptionFile.Read(_folder["p.npy"], path, new() { Caption = "ko" })[1].Caption);
    }

    [Fact]
    public void Without_an_index_captions_stand_in_the_order_of_the_pictures()
    {
        var captions = CaptionFile.Read(Pictures("p.npy", 2, 3), Write("c.csv", "n,caption\n1,a\n2,b\n"));
        Assert.Equal([("a", null), ("b", (string?)null)], captions.Select(c => (c.Caption, c.Part)));
        Assert.Equal((1, 3), (captions[1].Picture.Steps, captions[1].Picture.Features));            // features: one step
        Assert.Equal([3f, 4, 5], captions[1].Picture.Values.ToArray());
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        var pictures = Pictures("p.npy", 2, 3);
        Refused(pictures, "n,caption\n1,a\n", null, "has 1 captions for the 2 pictures");
        Refused(pictures, "n,en\n1,a\n2,b\n", null, "which column has the captions cannot be told; the first row is 'n', 'en'");
        Refused(pictures, "index,caption\n0,a\n2,b\n-1,c\n", null, "line 3, column 1: '2' is no picture; they are 0 to 1", "line 4, column 1: '-1'");
        Refused(pictures, "index,caption\n", null, "rows below the names");
        Refused(Write("texts.txt", "x a b\ny c\n"), "caption,n\na,1\nb,2\n", null, "holds texts where pictures");
    }

    [SkippableFact]
    public void Emoji_have_two_names_each()
    {
        var (images, table) = (RealData.Find("emoji/images.npy"), RealData.Find("emoji/captions.tsv"));
        var english = CaptionFile.Read(images, table, new() { Caption = "en" });
        Assert.Equal((1911, 1719, 192), (english.Count, english.Count(c => c.Part == "train"), english.Count(c => c.Part == "test")));
        Assert.Equal(("keycap: #", 32, 96), (english[0].Caption, english[0].Picture.Steps, english[0].Picture.Features));
        Assert.Equal("키 캡: #", CaptionFile.Read(images, table, new() { Caption = "ko" })[0].Caption);
    }

    void Refused(string pictures, string table, CaptionFileOptions? options, params string[] parts)
    {
        var message = Assert.ThrowsAny<UnrollException>(() => CaptionFile.Read(pictures, Write("bad.csv", table), options)).Message;
        foreach (var part in parts) Assert.Contains(part, message);
    }

    /// <summary>An array of bytes 0, 1, 2, … as NumPy saves it.</summary>
    string Pictures(string name, params int[] shape)
    {
        var header = $"{{'descr': '|u1', 'fortran_order': False, 'shape': ({string.Join(", ", shape)}), }}".PadRight(117) + "\n";
        byte[] data = [.. Enumerable.Range(0, shape.Aggregate((a, b) => a * b)).Select(i => (byte)i)];
        File.WriteAllBytes(_folder[name], [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header), .. data]);
        return _folder[name];
    }

    string Write(string name, string text)
    {
        File.WriteAllText(_folder[name], text);
        return _folder[name];
    }
}
