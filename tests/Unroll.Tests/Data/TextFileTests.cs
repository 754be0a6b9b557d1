using System.IO.Compression;
using System.Text;
using Unroll.Data;

namespace Unroll.Tests.Data;

public sealed class TextFileTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("unroll-text-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Text_is_read_as_it_is_without_mark_and_with_line_feeds()
    {
        byte[] bytes = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes("첫 줄\r\n둘째 👍\rsame\n")];
        Assert.Equal("첫 줄\n둘째 👍\rsame\n", TextFile.Read(Write("a.txt", bytes)));
    }

    [Fact]
    public void Packed_text_is_unpacked_whatever_its_name()
    {
        var path = Write("plain.txt", [.. Pack(Samples.Korean), .. Pack(Samples.Marks)]);
        Assert.Equal(Samples.Korean + Samples.Marks, TextFile.Read(path));
        using var reader = new StreamReader(TextFile.OpenRead(path));
        Assert.Equal(Samples.Korean + Samples.Marks, reader.ReadToEnd());
    }

    [Fact]
    public void The_start_of_a_text_is_as_many_whole_lines_as_have_room()
    {
        var line = new string('x', 99) + "\n";
        Assert.Equal(line, TextFile.ReadStart(Write("small.txt", Encoding.UTF8.GetBytes(line))));
        var large = TextFile.ReadStart(Write("large.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(line, 50_000)))));
        Assert.Equal((1 << 22) / 100 * 100, large.Length);
        Assert.Equal(1 << 23, TextFile.ReadStart(Write("one.txt", Encoding.UTF8.GetBytes(new string('x', 1 << 23)))).Length);
    }

    [Fact]
    public void A_file_is_one_document_and_a_folder_one_for_each_text_in_ordinal_order()
    {
        var file = Write("b/z.txt", "z"u8);
        Write("b/Z.md.gz", Pack("Z"));
        Write("a.txt", "a"u8);
        Write("c/empty.txt", []);
        Write("c/.hidden.txt", "hidden"u8);
        Write("c/picture.png", [0, 1, 2]);
        Assert.Equal([new TextDocument(file, "z")], TextFile.ReadDocuments(file));
        var documents = TextFile.ReadDocuments(_folder);
        Assert.Equal(["a", "Z", "z"], documents.Select(d => d.Text));
        Assert.Equal(Path.Combine(_folder, "b/Z.md.gz"), documents[1].Source);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_named_with_their_place()
    {
        byte[] bytes = [0xEF, 0xBB, 0xBF, .. "one\ntw"u8, 0xE9, .. "o\n"u8, 0xFF];
        var message = Assert.ThrowsAny<UnrollException>(() => TextFile.Read(Write("latin.txt", bytes))).Message;
        Assert.Contains("latin.txt: not UTF-8: byte E9 at offset 9, line 2, and 1 more such places", message);
        Assert.Contains("iconv", message);
    }

    [Fact]
    public void A_character_cut_off_at_the_end_is_not_UTF8() =>
        AssertRefused("cut.txt", [.. "ab"u8, 0xED, 0x95], "byte ED at offset 2, line 1.");

    [Fact]
    public void A_surrogate_written_as_UTF8_is_refused() => AssertRefused("cesu.txt", [0xED, 0xA0, 0xBD], "byte ED at offset 0");

    [Fact]
    public void Binary_and_UTF16_are_told_from_text()
    {
        AssertRefused("binary.txt", [.. "ABC"u8, 3, 0, 9], "looks binary (byte 00 at offset 4)");
        AssertRefused("wide.txt", [0xFF, 0xFE, 0x61, 0], "begins as UTF-16 does");
    }

    [Fact]
    public void Missing_empty_folder_and_nameless_files_are_refused()
    {
        Assert.Contains("no such file", Message(Path.Combine(_folder, "none.txt")));
        Assert.Contains("no such file", Message(Path.Combine(_folder, "none", "none.txt")));
        Assert.Contains("'': there is no such file", Message(""));
        Assert.Contains("this is a folder", Message(_folder));
        AssertRefused("empty.txt", [], "the file is empty");
        AssertRefused("mark.txt", [0xEF, 0xBB, 0xBF], "the file is empty");
        AssertRefused("empty.gz", Pack(""), "the file is empty");
    }

    [Fact]
    public void A_file_that_cannot_be_opened_is_refused()
    {
        var path = Write("held.txt", "text"u8);
        using var holder = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Assert.Contains("held.txt: cannot be read", Message(path));
    }

    [Fact]
    public void Damaged_packed_files_are_refused()
    {
        var packed = Pack(Samples.All);
        for (var cut = 2; cut < packed.Length; cut++)
            AssertRefused("cut.gz", packed[..cut], "cut short");
        packed[packed.Length / 2] ^= 0x55;
        AssertRefused("flipped.gz", packed, "the gzip file is damaged");
    }

    [Fact]
    public void A_folder_without_text_is_refused_and_all_its_bad_files_are_named()
    {
        Assert.Contains("no file below this folder", Assert.ThrowsAny<UnrollException>(() => TextFile.ReadDocuments(_folder)).Message);
        Write("good.txt", "good"u8);
        Write("bad1.txt", [0xFF]);
        Write("bad2.txt", [0]);
        var error = Assert.ThrowsAny<UnrollException>(() => TextFile.ReadDocuments(_folder));
        Assert.Equal(2, error.Problems.Count);
        Assert.Contains("bad1.txt: not UTF-8", error.Problems[0]);
        Assert.Contains("bad2.txt: looks binary", error.Problems[1]);
    }

    void AssertRefused(string name, byte[] bytes, string expected) => Assert.Contains(expected, Message(Write(name, bytes)));

    static string Message(string path) => Assert.ThrowsAny<UnrollException>(() => TextFile.Read(path)).Message;

    string Write(string name, ReadOnlySpan<byte> bytes)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    static byte[] Pack(string text)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }
}
