using Unroll.Data;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Data;

/// <summary>The readers of labelled texts: lines, JSON lines, folders.</summary>
public sealed class ExampleReaderTests : IDisposable
{
    readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_line_is_a_label_a_blank_and_a_text()
    {
        var path = Write("a.txt", "pos  good\u0085film \r\n\nneg\tbad film\n  pos x\nneg\n");
        var examples = LabelLineFile.Read(path);
        Assert.Equal(["pos: good\u0085film", "neg: bad film", "pos: x", "neg: "], examples.Select(Show));
        Assert.Equal($"{path}, line 3", examples[1].Source);
    }

    [Fact]
    public void Marked_labels_can_be_several()
    {
        var path = Write("a.txt", "__label__a __label__b some text __label__c\n__label__a more\n__label__b __label__b\n");
        Assert.Equal(["a+b: some text __label__c", "a: more", "b: "], LabelLineFile.Read(path).Select(Show));
        Refused(() => LabelLineFile.Read(Write("a.txt", "__label__a x\nno label\n__label__ y\n")),
            "lines of label and text", "line 2, column 1: no label", "line 3, column 1: __label__ without a name");
        Refused(() => LabelLineFile.Read(Write("a.txt", " \n\n")), "nothing in it but blanks");
    }

    [Fact]
    public void JSON_lines_have_labels_of_several_kinds()
    {
        var path = Write("a.jsonl", """
            {"id": {"label": 1}, "text": "한 \"줄\"\n둘", "label": "a"}

            {"label": 3, "text": "", "more": [1, 2]}
            {"text": "x", "label": ["a", true, "a"]}
            {"text": "y", "label": []}
            """);
        Assert.Equal(["a: 한 \"줄\"\n둘", "3: ", "a+true: x", ": y"], JsonLinesFile.Read(path).Select(Show));
        Assert.Equal($"{path}, line 3", JsonLinesFile.Read(path)[1].Source);
    }

    [Fact]
    public void JSON_fields_are_found_by_name_or_given()
    {
        var path = Write("a.jsonl", """{"q": "x", "Class": "c", "kind": 7}""");
        Refused(() => JsonLinesFile.Read(path), "line 1", "the text cannot be told from the names 'q', 'Class', 'kind'");
        Assert.Equal(["c: x"], JsonLinesFile.Read(path, "q").Select(Show));
        Assert.Equal(["7: x"], JsonLinesFile.Read(path, "q", "kind").Select(Show));
        Assert.Equal([": x"], JsonLinesFile.Read(path, "q", "none", needsLabels: false).Select(Show));
        Refused(() => JsonLinesFile.Read(path, "q", "none"), "line 1, column 1: there is no field 'none'");
    }

    [Fact]
    public void All_that_is_wrong_with_JSON_lines_is_named_with_its_place() => Refused(
        () => JsonLinesFile.Read(Write("a.jsonl", """
            {"text": "x", "label": "a"}
            {"text": "한글", "label": {}}
            {"text": 5, "label": "a"}
            {"text": "x", "label": "a"} {}
            ["text"]
            {"text": "x", "label
            {"label": "a"}
            {"text": "x", "label": " "}
            {"text": "x", "label": "\ud800"}
            {"text": "\udc00", "label": "a"}
            """)),
        "cannot be read as JSON lines", "line 2, column 25: 'label' is not a string", "line 3, column 10: 'text' is not a string",
        "line 4, column 29: not JSON", "line 5, column 1: expected an object", "line 6, column", "line 7, column 1: there is no field 'text'",
        "line 8, column 24: 'label' is empty", "line 9, column 24: 'label' has half a surrogate pair", "line 10, column 10: 'text' has half a surrogate pair");

    [Fact]
    public void A_list_of_problems_ends()
    {
        var path = Write("a.jsonl", "{\"text\": \"x\", \"label\": 1}\n" + string.Concat(Enumerable.Repeat("{}\n", 1000)));
        Assert.Equal(100, Assert.Throws<UnrollException>(() => JsonLinesFile.Read(path)).Problems.Count);
    }

    [Fact]
    public void A_file_for_each_label_has_a_text_in_each_line()
    {
        Write("names/Korean.txt", "Ahn\n\n Baik \r\n");
        Write("names/Irish.txt", "Ó Brien\n");
        Write("names/README.txt", "about\n");
        var examples = LabelFolder.Read(_folder["names"]);
        Assert.Equal(["Irish: Ó Brien", "Korean: Ahn", "Korean: Baik"], examples.Select(Show));
        Assert.EndsWith("Korean.txt, line 3", examples[2].Source);
        Assert.Equal(examples.Select(Show), LabelFolder.ReadFiles([_folder["names/Irish.txt"], _folder["names/Korean.txt"]]).Select(Show));
    }

    [Fact]
    public void A_folder_for_each_label_has_a_text_in_each_file()
    {
        Write("set/neg/1.txt", "bad\nfilm\n");
        Write("set/pos/a/2.txt", "good");
        Write("set/pos/1.txt", "");
        Write("set/README.md", "about");
        Assert.Equal(["neg: bad\nfilm", "pos: ", "pos: good"], LabelFolder.Read(_folder["set"]).Select(Show));
    }

    [Fact]
    public void Folders_that_tell_no_labels_are_refused()
    {
        Directory.CreateDirectory(_folder["empty"]);
        Refused(() => LabelFolder.Read(_folder["empty"]), "no text file stands below this folder");
        Write("mixed/a.txt", "x");
        Write("mixed/b/c.txt", "x");
        Refused(() => LabelFolder.Read(_folder["mixed"]), "both text files, such as a.txt, and subfolders with texts, such as b");
        Write("one/a/1.txt", "x");
        Assert.Equal(["a: x"], LabelFolder.Read(_folder["one"]).Select(Show));           // enough to measure on
        Write("bad/a.txt", "x\u00E9", latin: true);
        Write("bad/b.txt", "\u00E9", latin: true);
        Refused(() => LabelFolder.Read(_folder["bad"]), "not all files can be read", "a.txt: not UTF-8", "b.txt: not UTF-8");
        Assert.Equal(["a: xé", "b: é"], LabelFolder.Read(_folder["bad"], TextEncoding.Find("latin-1")).Select(Show));
    }

    internal static string Show(Example e) => $"{string.Join('+', e.Labels)}: {e.Text}";

    static void Refused(Action read, params string[] parts)
    {
        var message = Assert.Throws<UnrollException>(read).Message;
        foreach (var part in parts) Assert.Contains(part, message);
    }

    string Write(string name, string text, bool latin = false)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        File.WriteAllText(_folder[name], text, latin ? System.Text.Encoding.Latin1 : new System.Text.UTF8Encoding(false));
        return _folder[name];
    }
}
