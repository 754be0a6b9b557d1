using Unroll.Data;
using Unroll.Formats;
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
        var path = Write("a.txt", "__label__a __label__b some  text __label__c\n__label__a more\n__label__b __label__b\n");
        Assert.Equal(["a+b+c: some  text", "a: more", "b: "], LabelLineFile.Read(path).Select(Show));
        Refused(() => LabelLineFile.Read(Write("a.txt", "__label__a x\nno label\n__label__ y\n")),
            "lines of label and text", "line 2, column 1: no word of the line begins with __label__", "line 3, column 1: a label without a name");
        Refused(() => LabelLineFile.Read(Write("a.txt", "__label__ham, __label__y see you\n__label__ham , see you\n__label__a,__label__b,c d\n")),
            "line 1, column 1: a comma between two labels", "line 3, column 1: a comma between two labels");
        Refused(() => LabelLineFile.Read(Write("a.txt", " \n\n")), "nothing in it but blanks");
    }

    [Theory]
    [InlineData("see you __label__ham\nwin money __label__spam\n", "ham: see you|spam: win money")]
    [InlineData("see __label__ham you\nwin __label__spam money\n", "ham: see you|spam: win money")]
    [InlineData("__label__ham __label__y see you\n__label__ham , see you\n__label__a __label__b,c d\n__label__ham: see\n", "ham+y: see you|ham: see you|a+b: c d|ham: see")]
    [InlineData("\"__label__ham see \"\"you\"\" at noon\"\n\"__label__spam win\"\n", "ham: see \"you\" at noon|spam: win")]
    [InlineData("__LABEL__ham see you\n__Label__spam win\n", "ham: see you|spam: win")]
    [InlineData("ham see you\nspam win\nham what is __label__y\nham lunch\nspam money\n", "ham: see you|spam: win|ham: what is __label__y|ham: lunch|spam: money")]
    [InlineData("ham see you\nspam win\n__label__ham at noon\nham lunch\nspam money\n", "ham: see you|spam: win|ham: at noon|ham: lunch|spam: money")]
    [InlineData("see you\nsee\t__label__ham\nwin it\n", null)]
    [InlineData("\uFEFF__label__ham see you\n\uFEFF__label__spam\twin money\n", "ham: see you|spam: win money")]
    public void Marked_labels_stand_anywhere(string text, string? examples)
    {
        if (examples is null) Refused(() => LabelLineFile.Read(Write("a.txt", text)), "line 1, column 1", "line 3, column 1");
        else Assert.Equal(examples.Split('|'), LabelLineFile.Read(Write("a.txt", text)).Select(Show));
    }

    [Fact]
    public void Lines_without_a_mark_are_refused_and_never_labelled_by_a_word()
    {
        var path = Write("a.txt", "see you at noon\n__label__spam win money\nlunch was good\n__label__ham are you home\n");
        Refused(() => LabelLineFile.Read(path), "line 1, column 1: no word of the line begins with __label__", "line 3, column 1");
        Assert.Equal([": see you at noon", "spam: win money", ": lunch was good", "ham: are you home"], LabelLineFile.Read(path, needsLabels: false).Select(Show));
        Assert.Equal(["how: do I write __label__", "see: you at noon"], LabelLineFile.Read(Write("a.txt", "how do I write __label__\nsee you at noon\n")).Select(Show));
    }

    [Theory]
    [InlineData("label text\nham see you\nspam win\n", "ham: see you|spam: win")]
    [InlineData("Label\tSMS\nham\tsee you\nspam\twin\nLabel\tSMS\nham\thi\n", "ham: see you|spam: win|ham: hi")]
    [InlineData("category message body\nham see you\n", "ham: see you")]
    [InlineData("topic what they say\nham see you\ntopic is open\n", "topic: what they say|ham: see you|topic: is open")]
    [InlineData("tag you are it my friend\nham see you\n", "tag: you are it my friend|ham: see you")]
    [InlineData("\u200Bham\u200B see you\n\uFEFFham hi\nham\u00AD ho\n", "ham: see you|ham: hi|ham: ho")]
    public void A_first_line_of_names_is_no_example_and_labels_have_no_invisible_characters(string text, string examples) =>
        Assert.Equal(examples.Split('|'), LabelLineFile.Read(Write("a.txt", text)).Select(Show));

    [SkippableFact]
    public void A_program_reads_the_spam_collection_as_the_command_does()
    {
        var path = RealData.Find("sms-spam/SMSSpamCollection");
        Assert.Equal(ExampleFile.Read(path).Select(e => (e.Labels[0], e.Text)), LabelLineFile.Read(path).Select(e => (e.Labels[0], e.Text)));
    }

    [Theory]
    [InlineData("[\n {\n  \"text\": \"a\",\n  \"label\": \"x\"\n }\n]\n", "a JSON array", "jq -c '.[]' FILE")]
    [InlineData("[{\"text\": \"a\", \"label\": \"x\"}, {\"text\": \"b\", \"label\": \"y\"}]", "a JSON array", "jq -c '.[]' FILE")]
    [InlineData("{\n \"text\": \"a\",\n \"label\": \"x\"\n}\n{\n \"text\": \"b\",\n \"label\": \"y\"\n}\n", "objects over several lines", "jq -c . FILE")]
    [InlineData("{\"version\": 1, \"data\": [{\"text\": \"a\", \"label\": \"x\"}]}\n", "an array 'data'", "jq -c '.[\"data\"][]' FILE")]
    public void JSON_that_is_not_by_lines_is_refused_with_what_to_do(string text, string what, string command)
    {
        var path = Write("a.json", text);
        Refused(() => JsonLinesFile.Read(path), path, what, command);
        Refused(() => JsonLinesFile.ReadPairs(path), what, command);
        Refused(() => ExampleFile.Read(path), what, command);
        Refused(() => ExampleFile.Read(path, new() { NeedsLabels = false }), what, command);
        Refused(() => PairFile.Read(path), what, command);
        Refused(() => SentenceFile.Read(path), "this is JSON where words in columns are expected");
    }

    [Theory]
    [InlineData("[]", "this is an empty JSON array where one JSON object a line is expected")]
    [InlineData("[ ]\n", "this is an empty JSON array")]
    [InlineData("{}\n", "this is an empty JSON object")]
    [InlineData("{}\n{\"text\": \"a\", \"label\": \"x\"}\n", "line 1, column 1: an empty object, without fields")]
    [InlineData("\"abc\"\n", "line 1, column 1: expected an object")]
    [InlineData("{\"text\": \"a\", \"label\": \"x\", \"label\": \"y\"}\n", "line 1, column 29: 'label' is there twice")]
    [InlineData("{\"text\": \"a\", \"label\": null, \"label\": \"y\"}\n", "'label' is there twice")]
    [InlineData("{\"text\": \"a\", \"text\": \"b\", \"label\": \"y\"}\n", "line 1, column 15: 'text' is there twice")]
    public void JSON_without_examples_or_with_a_field_twice_is_refused(string text, string message)
    {
        var path = Write("a.json", text);
        Refused(() => ExampleFile.Read(path), message);
        Refused(() => ExampleFile.Read(path, new() { NeedsLabels = false }), message);
    }

    [Fact]
    public void Marks_of_labels_never_stay_in_a_class_silently()
    {
        Assert.Equal(["ham: a b", "spam: c"], JsonLinesFile.Read(Write("a.jsonl", "{\"text\": \"a b\", \"label\": \"__label__ham\"}\n{\"text\": \"c\", \"label\": \"__Label__spam\"}\n")).Select(Show));
        Assert.Equal(["ham: see you at noon", "spam: win it"], ExampleFile.Read(Write("a.csv", "\"__label__ham see you at noon\"\n\"__label__spam win it\"\n")).Select(Show));
        Assert.Equal(["ham: see you, at noon", "spam: win"], ExampleFile.Read(Write("a.csv", "text,label\n\"see you, at noon\",__label__ham\nwin,__label__spam\n")).Select(Show));
        var report = new ReadingReport();
        ExampleFile.Read(Write("b.jsonl", "{\"text\": \"a b\", \"label\": \"x__label__ham\"}\n{\"text\": \"c\", \"label\": \"y\"}\n"), new() { Report = report });
        Assert.Contains(report.Doubts, d => d.Contains("fastText's mark __label__ in them: 'x__label__ham'"));
        report = new();
        ExampleFile.Read(Write("a.txt", "ham see you\nspam win\nham what is __label__y\nham lunch\nspam money\n"), new() { Report = report });
        Assert.Contains(report.Doubts, d => d.Contains("a.txt, line 3: a word begins with __label__"));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData(".csv", true)]
    [InlineData(".dat", true)]
    [InlineData(".txt", false)]
    public void A_usual_name_above_a_column_of_texts_is_a_header_whatever_the_ending(string ending, bool header)
    {
        string[] expected = header ? [": good", ": bad"] : [": text", ": good", ": bad"];
        Assert.Equal(expected, ExampleFile.Read(Write("a" + ending, "text\ngood\nbad\n"), new() { NeedsLabels = false }).Select(Show));
        if (header && ending != ".csv") Assert.Equal(3, ExampleFile.Read(Write("a" + ending, "text\ngood, very\nbad\n"), new() { NeedsLabels = false }).Count);
    }

    [Fact]
    public void Half_a_surrogate_pair_in_the_name_of_a_field_is_told_with_its_place()
    {
        var path = Write("a.jsonl", "{\"text\": \"a\", \"label\": \"x\"}\n{\"\\ud83d\": 1, \"text\": \"b\", \"label\": \"x\"}\n");
        Refused(() => JsonLinesFile.Read(path), path, "line 2, column 2: the name of a field has half a surrogate pair");
        Refused(() => JsonLinesFile.Read(Write("b.jsonl", "{\"\\udc00\": 1, \"text\": \"b\", \"label\": \"x\"}\n")), "line 1, column 2: the name of a field");
        Refused(() => JsonLinesFile.ReadPairs(path, "text", "label"), "line 2, column 2: the name of a field");
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
        Assert.Equal(100, Assert.ThrowsAny<UnrollException>(() => JsonLinesFile.Read(path)).Problems.Count);
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
        var message = Assert.ThrowsAny<UnrollException>(read).Message;
        foreach (var part in parts) Assert.Contains(part, message);
    }

    string Write(string name, string text, bool latin = false)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        File.WriteAllText(_folder[name], text, latin ? System.Text.Encoding.Latin1 : new System.Text.UTF8Encoding(false));
        return _folder[name];
    }
}
