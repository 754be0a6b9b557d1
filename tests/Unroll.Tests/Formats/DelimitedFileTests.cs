using Unroll.Data;
using Unroll.Formats;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Formats;

public sealed class DelimitedFileTests : IDisposable
{
    readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Quoted_fields_hold_delimiters_quotes_and_ends_of_lines()
    {
        var path = Write("id,text,label\r\n1,\"a, \"\"b\"\"\r\nc\",x \r\n\r\n2,5\" disk,\"y\"\r\n3,,x\n");
        var examples = DelimitedFile.Read(path);
        Assert.Equal(["x: a, \"b\"\nc", "y: 5\" disk", "x: "], examples.Select(Show));
        Assert.Equal([$"{path}, line 2", $"{path}, line 5", $"{path}, line 6"], examples.Select(e => e.Source));
        Assert.Same(examples[0].Labels, examples[2].Labels);
    }

    [Theory]
    [InlineData("label;text\nx;a, b\ny;c\n")]
    [InlineData("label|text\nx|a, b\ny|c\n")]
    [InlineData("text\tlabel\na, b\tx\nc\ty\n")]
    [InlineData("Sentence,CLASS\n\"a, b\",x\nc,y\n")]
    [InlineData("class,id,review\nx,1,\"a, b\"\ny,2,c\n")]
    public void Delimiter_and_columns_are_told_from_the_table(string table) =>
        Assert.Equal(["x: a, b", "y: c"], DelimitedFile.Read(Write(table)).Select(Show));

    [Fact]
    public void Columns_without_usual_names_are_told_by_what_they_hold()
    {
        var rows = string.Concat(Enumerable.Range(0, 12).Select(i => $"{(i % 2 == 0 ? "ham" : "spam")},{i},a message of some length {i}\n"));
        Assert.Equal("ham: a message of some length 0", Show(DelimitedFile.Read(Write(rows))[0]));
        Assert.Equal(12, DelimitedFile.Read(Write(rows)).Count);
        Assert.Equal(12, DelimitedFile.Read(Write("v1,n,v2\n" + rows)).Count);
        Assert.Equal(12, DelimitedFile.Read(Write("v1,n,v2\n" + rows), "v2", "v1").Count);
        Assert.Equal("0: ham", Show(DelimitedFile.Read(Write(rows), "1", "2")[0]));
        Assert.Equal("spam: 11", Show(DelimitedFile.Read(Write("V1,n,v2\n" + rows), "N", "1")[^1]));
    }

    [Fact]
    public void A_first_row_that_is_no_header_is_a_row()
    {
        const string Rows = "x,one more text\ny,another text here\nx,a third text\ny,and the next text\nx,a text again\ny,the last of them\n";
        // A label of its own does not make a name of what stands beside it.
        Assert.Equal("z: the only text of its kind", Show(DelimitedFile.Read(Write("z,the only text of its kind\n" + Rows))[0]));
        Assert.Equal("5: five words that are rated", Show(DelimitedFile.Read(Write("5,five words that are rated\n" + Rows.Replace('x', '1').Replace('y', '2')))[0]));
        Assert.Equal("z: ", Show(DelimitedFile.Read(Write("z,\n" + Rows))[0]));
        // Nor is a label, or a text, a name because it is a usual one.
        Assert.Equal("topic: some text", Show(DelimitedFile.Read(Write("topic,some text\nx,other text here\ntopic,third text\nx,text\n"), "2", "1")[0]));
        Assert.Equal(6, DelimitedFile.Read(Write("v1,v2\n" + Rows)).Count);
        Assert.Equal(6, DelimitedFile.Read(Write("kind of thing,what was said\n" + Rows)).Count);
    }

    [Theory]
    [InlineData(",tweet_text,airline_sentiment\n", "{0},{1},{2}\n")]                  // pandas' index
    [InlineData("tweet_text,2024\n", "{1},{2}\n")]
    [InlineData("Comment,2024\n", "{1},{2}\n")]
    [InlineData("What did the passenger say,What is the sentiment\n", "{1},{2}\n")]
    [InlineData("0,1\n", "{1},{2}\n")]
    [InlineData("v1,v2,,,\n", "{2},{1},,,\n")]
    [InlineData("statement,verdict\n", "{1},{2}\n")]
    [InlineData("\"statement\",\"\uFEFFverdict\"\n", "\"{1}\",\"{2}\"\n")]
    [InlineData("Unnamed: 0,what was written,how it was meant by them\n", "{0},{1},{2}\n")]
    public void A_header_is_a_header_however_it_looks(string header, string row)
    {
        var rows = string.Concat(Enumerable.Range(0, 40).Select(i => string.Format(System.Globalization.CultureInfo.InvariantCulture, row, i, $"great crew and food {i}", i % 3 == 0 ? "neg" : "pos")));
        var rare = string.Format(System.Globalization.CultureInfo.InvariantCulture, row, 40, "on time and friendly", "rare");
        Assert.Equal(["neg", "pos"], DelimitedFile.Read(Write(header + rows)).Select(e => e.Labels[0]).Distinct());
        Assert.Equal(40, DelimitedFile.Read(Write(header + rows + header)).Count);
        Assert.Equal(40, DelimitedFile.Read(Write(rows)).Count);
        if (!header.StartsWith("What", StringComparison.Ordinal)) Assert.Equal(["neg", "pos", "rare"], DelimitedFile.Read(Write(header + rows + rare)).Select(e => e.Labels[0]).Distinct());
        Assert.Equal(41, DelimitedFile.Read(Write(rare + rows)).Count);
    }

    [Fact]
    public void A_cut_text_is_a_doubt()
    {
        var rows = string.Concat(Enumerable.Range(0, 20).Select(i => $"{(i % 2 == 0 ? "ham" : "spam")},see you at noon {i},,,\n"));
        var report = new ReadingReport();
        Assert.Equal(21, DelimitedFile.Read(Write("v1,v2,,,\n" + rows + "ham,\"at noon, then\",\"and more here\",,\n"), report: report).Count);
        Assert.Contains(report.Doubts, d => d.Contains("line 22: column 3 has no name and is filled in 1 of 21 rows", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("label\ttext\nb\tone\na\t\"two two\nb\tthree\na\tfour\"\nb\tfive\n", 5)]
    [InlineData("text\tlabel\none one\tb\n\"two two\ta\nthree\tb\nfour\"\ta\n", 4)]
    [InlineData("label,text\nb,one\na,\"two two\nb,three\na,four\"\nb,five\na,six\n", 6)]
    [InlineData("label,text\nham,one\nspam,\"Shopping:\napples, 3\npears, 4\nmilk, 2\"\nham,two\n", 3)]      // a list
    [InlineData("label\ttext\nham\t\"Prices\nApple\t0\nPear\t3\"\nspam\t\"Prices\nApple\t1\nPear\t4\"\n", 2)]
    [InlineData("label,text\nb,one\na,\"Dear Sir\nYours, John\"\na,two\n", 3)]              // a letter, not rows
    [InlineData("label\ttext\nb\tone\na\t\"two\ntwo\"\nb\tthree\n", 3)]
    public void Stray_quotes_do_not_join_rows(string table, int count) => Assert.Equal(count, DelimitedFile.Read(Write(table)).Count);

    [Fact]
    public void A_quote_that_joins_rows_is_told()
    {
        var report = new ReadingReport();
        DelimitedFile.Read(Write("text\tlabel\none one\tb\n\"two two\ta\nthree\tb\nfour\"\ta\n"), report: report);
        Assert.Contains(report.Doubts, d => d.Contains("line 3: a quote begins a field and the next one stands in line 5", StringComparison.Ordinal));
        report = new();
        var letters = string.Concat(Enumerable.Range(0, 16).Select(i => $"\"Dear {i},\nthank you, friend\",{(i % 2 == 0 ? "ham" : "spam")}\n"));
        Assert.Equal(16, DelimitedFile.Read(Write("text,label\n" + letters), report: report).Count);
        Assert.Empty(report.Doubts);
        Refused(Write("text,label\none,a\n\"two,a\nthree,b\n"), null, null, "line 3, column 1: a field begins with a quote but has no quote at its end");
    }

    [Fact]
    public void A_carriage_return_within_a_field_ends_no_row() =>
        Assert.Equal(["x: a b", "y: c"], DelimitedFile.Read(Write("label,text\nx,a\rb\ny,c\n")).Select(Show));

    [Theory]
    [InlineData("date,value\n2024-01-01,1.5\n2024-01-02,2.5\n2024-01-03,1.5\n")]
    [InlineData("temperature,humidity,pressure\n1.2,3.4,5.6\n2.2,3.5,5.7\n")]
    [InlineData("input,output\n1,2\n3,4\n")]
    [InlineData("sepal,petal,class\n5.1,1.4,a\n4.9,1.3,b\n")]
    [InlineData("date,open,close,signal\n2024-01-01,1.5,1.6,up\n2024-01-02,2.5,2.4,down\n2024-01-03,2.5,2.4,down\n2024-01-04,2.5,2.4,up\n")]
    public void Numbers_are_no_text_unless_their_column_is_asked_for(string table)
    {
        var path = Write(table);
        Refused(path, null, null, "the rows hold numbers where texts are expected", "format ucr");
        Assert.NotEmpty(DelimitedFile.Read(path, "1", "2"));
    }

    [Fact]
    public void A_number_is_a_column_and_not_a_value_that_looks_so() =>
        Assert.Equal(["1: long text", "0: other text", "1: third text"], DelimitedFile.Read(Write("1,long text\n0,other text\n1,third text\n"), "2", "1").Select(Show));

    [Fact]
    public void Columns_that_cannot_be_told_are_asked_for()
    {
        Refused(Write("Q,A,label\nhow are you,well and you,0\nhello,hi,1\n"), null, null, "line 1: which column is the text", "'Q', 'A', 'label'");
        Refused(Write("a,text\nx,some text\ny,more text\nz,other\n"), null, null, "which column is the label");
        Refused(Write("text,label\nx,y\n"), "words", null, "there is no column 'words'; the first row is 'text', 'label'", "1 to 2");
        Refused(Write("text,label\nx,y\n"), "3", null, "there is no column '3'");
        Refused(Write("text,label\nx,y\n"), "text", "1", "both in column 'text'");
        Refused(Write("text,label\n"), null, null, "rows below the names");
        Refused(Write(" \n"), null, null, "rows of text and label");
    }

    [Fact]
    public void Labels_can_be_missing_where_none_are_needed()
    {
        Assert.Equal([": a", ": b"], DelimitedFile.Read(Write("id,text\n1,a\n2,b\n"), needsLabels: false).Select(Show));
        Assert.Equal(["x: a", ": b"], DelimitedFile.Read(Write("label,text\nx,a\n,b\n"), needsLabels: false).Select(Show));
        Assert.Equal([": a b", ": c"], DelimitedFile.Read(Write("text\na b\nc\n"), needsLabels: false).Select(Show));
    }

    [Fact]
    public void All_that_is_wrong_is_named_with_line_and_column()
    {
        Refused(Write("text,label\n\"a\nb\" c,x\n한글,y,z\nd\n\"e\"\"\",x\ne,\"open\n"), null, null, "cannot be read as a table",
            "line 2, column 1: a field begins with a quote", "line 4, column 6: 3 fields where the first row has 2", "line 5, column 1: 1 fields",
            "line 7, column 3: a field begins with a quote");
        Refused(Write("text,label\n\"a\nb\", \nc,x\nd,\n"), null, null, "cannot be read as examples", "line 3, column 4: the label is empty",
            "line 5, column 3: the label is empty");
    }

    [Fact]
    public void Quotes_between_tabs_are_characters_unless_all_fields_are_quoted_well()
    {
        Assert.Equal(["x: \"a\" b", "y: \"c\""], DelimitedFile.Read(Write("label\ttext\nx\t\"a\" b\ny\t\"c\"\n")).Select(Show));
        Assert.Equal(["x: \"a", "y: \"c\""], DelimitedFile.Read(Write("label\ttext\nx\t\"a\ny\t\"c\"\n")).Select(Show));
        Assert.Equal(["x: a \"b\"\tc", "y: d\ne"], DelimitedFile.Read(Write("label\ttext\nx\t\"a \"\"b\"\"\tc\"\ny\t\"d\ne\"\n")).Select(Show));
        Refused(Write("label\ttext\nx\t\"a\ny\tb\tc\n"), null, null, "line 3, column 5: 3 fields where the first row has 2");
    }

    [Fact]
    public void Another_encoding_can_be_given()
    {
        File.WriteAllBytes(_folder["t"], TextEncoding.Find("euc-kr").GetBytes("text,label\n안녕,x\n"));
        Assert.Equal(["x: 안녕"], DelimitedFile.Read(_folder["t"], encoding: TextEncoding.Find("euc-kr")).Select(Show));
    }

    static string Show(Example e) => $"{string.Join('+', e.Labels)}: {e.Text}";

    static void Refused(string path, string? text, string? label, params string[] parts)
    {
        var message = Assert.ThrowsAny<UnrollException>(() => DelimitedFile.Read(path, text, label)).Message;
        Assert.StartsWith(path, message);
        foreach (var part in parts) Assert.Contains(part, message);
    }

    string Write(string text)
    {
        File.WriteAllText(_folder["t"], text);
        return _folder["t"];
    }
}
