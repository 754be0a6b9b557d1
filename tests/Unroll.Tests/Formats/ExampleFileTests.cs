using System.IO.Compression;
using System.Text;
using Unroll.Data;
using Unroll.Formats;
using Unroll.Tests.Data;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Formats;

public sealed class ExampleFileTests : IDisposable
{
    readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a.csv", "text,label\na b,x\nc,y\n", "csv")]
    [InlineData("a.tsv", "label\ttext\nx\ta b\ny\tc\n", "tsv")]
    [InlineData("a", "label\ttext\nx\ta b\ny\tc\n", "tsv")]
    [InlineData("a.data", "x,a b\ny,c\n", "csv")]
    [InlineData("a.txt", "text;label\na b;x\nc;y\n", "csv")]
    [InlineData("a.json", "{\"text\": \"a b\", \"label\": \"x\"}\n{\"text\": \"c\", \"label\": \"y\"}\n", "jsonl")]
    [InlineData("a.jsonl", "{\"text\": \"a b\", \"label\": \"x\"}\n{\"text\": \"c\", \"label\": \"y\"}\n", "jsonl")]
    [InlineData("a.train", "x a b\ny c\n", "labels")]
    [InlineData("a.txt", "__label__x a b\n__label__y c\n", "labels")]
    [InlineData("b.csv", "__label__x,a b\n__label__y,c\n", "labels")]
    [InlineData("a.ts", "@problemName a\n@univariate true\n@classLabel true x y\n@data\n1,2:x\n3,4:y\n", "ts")]
    public void The_format_is_told_by_ending_and_content(string name, string text, string format)
    {
        var path = Write(name, text);
        Assert.Equal(format, ExampleFile.TellFormat(path));
        if (name.Contains('.')) Assert.Equal(format, ExampleFile.TellFormat(Write(name + ".gz", text)));
        var options = new ExampleFileOptions { Text = name == "a.data" ? "2" : null, Label = name == "a.data" ? "1" : null };
        var examples = ExampleFile.Read(path, options);
        Assert.Equal(["x", "y"], examples.Select(e => e.Labels.Single()));
        if (format != "ts") Assert.Equal(["a b", "c"], examples.Select(e => e.Text));
        Assert.Equal(examples.Select(e => e.Text), ExampleFile.Read(path, options with { Format = format }).Select(e => e.Text));
    }

    [Fact]
    public void Prose_is_no_table_and_has_no_labels()
    {
        var prose = Write("a.txt", "It was, I think, so.\nWe went, he said, home.\nThen, at night, rain.\nNobody, not one, came.\n");
        Assert.Contains("the format cannot be told", Message(() => ExampleFile.Read(prose)));
        Assert.Equal("lines", ExampleFile.TellFormat(prose, new() { NeedsLabels = false }));
        Assert.Equal("We went, he said, home.", ExampleFile.Read(prose, new() { NeedsLabels = false })[1].Text);
        Assert.Contains("line 1: the example has no label", Message(() => ExampleFile.Read(prose, new() { Format = "lines" })));
        Assert.Contains("no format 'xml'; formats are csv, tsv", Message(() => ExampleFile.Read(prose, new() { Format = "xml" })));
        Assert.Contains("no such file", Message(() => ExampleFile.Read(prose + "x")));
    }

    [Theory]
    [InlineData("a.csv", ",")]
    [InlineData("a.tsv", "\t")]
    [InlineData("a.txt", "  ")]
    [InlineData("a", ",")]
    public void A_class_and_numbers_are_a_series(string name, string delimiter)
    {
        var path = Write(name, "1,0.5,-1,2\n2,1.5,1,0\n1,0.25,1,1\n2,1,1,1\n".Replace(",", delimiter, StringComparison.Ordinal));
        Assert.Equal("ucr", ExampleFile.TellFormat(path));
        Assert.All(ExampleFile.Read(path), e => Assert.Equal(3, e.Series!.Steps));
        Assert.Equal(["1", "2", "1", "2"], ExampleFile.Read(path, new() { Format = "ucr" }).Select(e => e.Labels.Single()));
        Assert.Contains("the class there if it is the last", Message(() => ExampleFile.Read(Write(name, "0.5,-1,1\n1.5,1,2\n".Replace(",", delimiter, StringComparison.Ordinal)))));
    }

    [Fact]
    public void A_report_says_what_was_detected_and_what_is_doubtful()
    {
        var report = new ReadingReport();
        var rows = string.Concat(Enumerable.Range(0, 30).Select(i => $"{i},some text {i},{(i % 2 == 0 ? "ham" : "spam")}\n"));
        ExampleFile.Read(Write("a.csv", "id,text,label\n" + rows + "30,e\u0301t\u00E9,Ham\n31,x,rare\n"), new() { Report = report });
        var facts = report.Facts.ToDictionary(f => f.Name, f => f.Value);
        Assert.Equal(("csv", "utf-8", ",", "'id', 'text', 'label'"), (facts["format"], facts["encoding"], facts["delimiter"], facts["header"]));
        Assert.Equal(("text", "label", "32", "1"), (facts["text column"], facts["label column"], facts["rows"], facts["texts read in normal form C"]));
        Assert.Contains(report.Doubts, d => d.StartsWith("2 labels occur once: 'Ham', 'rare'", StringComparison.Ordinal) || d.StartsWith("4 different labels", StringComparison.Ordinal));
        Assert.Contains(report.Doubts, d => d.Contains("'ham', 'Ham'", StringComparison.Ordinal));
    }

    [Fact]
    public void Labels_that_may_not_be_meant_are_doubtful()
    {
        var report = new ReadingReport();
        ExampleFile.Read(Write("a.tsv", "label\ttext\n1.5\ta\n2.5\tb\na\u200Bb\tc\nab\td\nab\te\n"), new() { Report = report, Format = "tsv" });
        Assert.Contains(report.Doubts, d => d.Contains("labels are numbers with fractions: '1.5', '2.5'", StringComparison.Ordinal));
        Assert.Contains(report.Doubts, d => d.Contains("⟨U+200B⟩", StringComparison.Ordinal));
    }

    [Fact]
    public void Texts_without_labels_stand_line_by_line() => Assert.Equal(["a", "", "b", ""],
        ExampleFile.Read(Write("a.txt", "a\n\nb\n\n"), new() { Format = "lines", NeedsLabels = false }).Select(e => e.Text));

    [Fact]
    public void Several_files_are_one_set_or_of_one_label_each()
    {
        var (one, two) = (Write("one.txt", "x a\ny b\n"), Write("two.txt", "x c\ny d\n"));
        Assert.Equal(["a", "b", "c", "d"], ExampleFile.Read([one, two]).Select(e => e.Text));
        var (korean, irish) = (Write("Korean.txt", "Ahn\nBaik\n"), Write("Irish.txt", "Adam\nAhearn\n"));
        Assert.Equal(["Korean", "Korean", "Irish", "Irish"], ExampleFile.Read([korean, irish]).Select(e => e.Labels.Single()));
        Assert.Equal(["one", "one", "two", "two"], ExampleFile.Read([one, two], new() { Format = "folder" }).Select(e => e.Labels.Single()));
    }

    [Fact]
    public void None_of_several_labels_is_an_answer_but_none_of_one_is_not()
    {
        Assert.Equal([2, 0], ExampleFile.Read(Write("a.jsonl", """
            {"text": "a", "labels": ["x", "y"]}
            {"text": "b", "labels": []}
            """)).Select(e => e.Labels.Count));
        Assert.Contains("line 2: the example has no label", Message(() => ExampleFile.Read(Write("a.jsonl", """
            {"text": "a", "labels": ["x"]}
            {"text": "b", "labels": []}
            """))));
    }

    [SkippableTheory]
    [InlineData("sms-spam/SMSSpamCollection", "tsv", 5574, 2)]
    [InlineData("nsmc/ratings_train.txt.gz", "tsv", 150000, 2)]
    [InlineData("nsmc/ratings_test.txt", "tsv", 50000, 2)]
    [InlineData("imdb/imdb_train.tsv.gz", "tsv", 10000, 2)]
    [InlineData("imdb/imdb_test.tsv.gz", "tsv", 5000, 2)]
    [InlineData("promoters/promoters.data", "csv", 106, 2)]
    [InlineData("korean-chatbot/ChatbotData.csv", "csv", 11823, 3)]
    [InlineData("names", "folder", 20050, 18)]
    [InlineData("sentence-classification/sst1/stsa.fine.train", "labels", 8544, 5)]
    [InlineData("sentence-classification/sst1/stsa.fine.dev", "labels", 1101, 5)]
    [InlineData("sentence-classification/sst1/stsa.fine.test", "labels", 2210, 5)]
    [InlineData("sentence-classification/sst2/stsa.binary.train", "labels", 6920, 2)]
    [InlineData("sentence-classification/sst2/stsa.binary.dev", "labels", 872, 2)]
    [InlineData("sentence-classification/sst2/stsa.binary.test", "labels", 1821, 2)]
    [InlineData("sentence-classification/subj/subj.all", "labels", 10000, 2)]
    [InlineData("sentence-classification/mr/rt-polarity.all", "labels", 10662, 2)]
    public void Real_texts_are_all_read(string name, string format, int count, int labels)
    {
        var options = new ExampleFileOptions
        {
            Encoding = name.EndsWith(".all", StringComparison.Ordinal) ? TextEncoding.Find("windows-1252") : null,
            Text = name.StartsWith("korean", StringComparison.Ordinal) ? "Q" : null,
        };
        var path = RealData.Find(name);
        Assert.Equal(format, ExampleFile.TellFormat(path, options));
        var examples = ExampleFile.Read(path, options);
        Assert.Equal((count, labels), (examples.Count, examples.SelectMany(e => e.Labels).Distinct().Count()));
        Assert.InRange(examples.Count(e => e.Text!.Length == 0), 0, count / 1000);
    }

    [SkippableTheory]
    [InlineData("fsdd/recordings", "wav", 10)]
    [InlineData("mnist/t10k-images-idx3-ubyte.gz", "idx", 10)]
    public void Real_series_are_told_and_read(string name, string format, int labels)
    {
        var path = RealData.Find(name);
        Assert.Equal(format, ExampleFile.TellFormat(path));
        Assert.Equal(labels, ExampleFile.Read(path).SelectMany(e => e.Labels).Distinct().Count());
    }

    [SkippableFact]
    public void Real_texts_are_read_as_they_are()
    {
        var spam = ExampleFile.Read(RealData.Find("sms-spam/SMSSpamCollection"));
        Assert.Equal(747, spam.Count(e => e.Labels[0] == "spam"));
        Assert.Equal("\"Pete can you please ring meive hardly gotany credit\"", spam.Single(e => e.Source.EndsWith(", line 590", StringComparison.Ordinal)).Text);
        var korean = ExampleFile.Read(RealData.Find("nsmc/ratings_test.txt"));
        Assert.StartsWith("\"스토리, 연출, 연기", korean[14].Text);
        Assert.Equal(1115, Split.EveryNth(spam, 5).Test.Count);
        Assert.All(ExampleFile.Read(RealData.Find("promoters/promoters.data")), e => Assert.Equal(57, e.Text!.Length));
        Assert.Contains("Give the encoding it has", Message(() => ExampleFile.Read(RealData.Find("sentence-classification/mr/rt-polarity.all"))));
    }

    static string Message(Action read) => Assert.ThrowsAny<UnrollException>(read).Message;

    string Write(string name, string text)
    {
        using var file = File.Create(_folder[name]);
        using Stream target = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Fastest) : file;
        target.Write(Encoding.UTF8.GetBytes(text));
        return _folder[name];
    }
}
