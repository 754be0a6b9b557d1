using System.Text;
using Unroll.Data;
using Unroll.Formats;
using Unroll.Tests.Data;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Formats;

public sealed class TimeSeriesFileTests : IDisposable
{
    readonly TemporaryDirectory _folder = new();
    ReadingReport _report = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("date,a,b\n2024-01-01,1,2\n2024-01-02,?,4\n")]
    [InlineData("a;date;b\n1;2024-01-01;2\n;2024-01-02;4\n")]
    [InlineData("Date\ta\tb\n01.01.2024\t1\t2\n02.01.2024\tNA\t4\n")]
    [InlineData("\"date\",\"a\",\"b\"\n\"2024-01-02\",\"nan\",\"4\"\n\"2024-01-01\",\"1\",\"2\"\n")]
    [InlineData(",date, a, b\n0,2024-01-01, 1, 2\n1,2024-01-02, -, 4\n2,2024-01-03,None,null\n")]
    [InlineData("No,year,month,day,a,b\n1,2024,1,1,1,2\n2,2024,1,2,NA,4\n3,2024,1,3,,\n")]
    [InlineData("ds,a,b\n1704067200,1,2\n1704153600,,4\n")]
    public void Columns_of_a_series_are_told_from_the_table(string text)
    {
        var table = Read(text);
        Assert.Equal(["a", "b"], table.Columns.Select(c => c.Name));
        var series = table.Series.Single();
        Assert.Equal((new DateTime(2024, 1, 1), "D"), (series.Start!.Value, series.Step.ToString()!));
        Assert.Equal([1, double.NaN], series[0][..2].ToArray());
        Assert.Equal([2, 4], series[1][..2].ToArray());
        Assert.Equal("D", Fact("frequency"));
        Assert.Equal(1, _report.Counts["series"]);
    }

    [Fact]
    public void Json_lines_and_gzip_are_read_too()
    {
        const string Text = """
            {"time": "2024-01-01T00:00:00Z", "a": 1, "kind": "x"}
            {"time": "2024-01-01T01:00:00Z", "a": null, "kind": "y"}
            {"time": "2024-01-01T02:00:00Z", "kind": "x", "b": 2.5e1}
            """;
        foreach (var name in new[] { "a.jsonl", "a", "a.jsonl.gz" })
        {
            var table = Read(Text, name: name);
            Assert.Equal(["a", "kind", "b"], table.Columns.Select(c => c.Name));
            Assert.Equal(["x", "y"], table.Columns[1].Categories);
            Assert.Equal([0, 1, 0], table.Series[0][1].ToArray());
            Assert.Equal([double.NaN, double.NaN, 25], table.Series[0][2].ToArray());
        }
        Refused("{\"t\": \"2024-01-01\", \"a\": [1]}\n", "line 1, column 26", "'a' is a list");
        Refused("{\"t\": \"2024-01-01\", \"a\": 1}\n{\"t\": \"2024-01-02\", \"a\": 2}\n{\"t\": \"2024-01-03\", \"a\": \"b\"}\n", "line 3, field 'a'", "'b'");
    }

    [Fact]
    public void Rows_of_several_series_are_told_apart()
    {
        const string Text = "date,shop,kind,price,note\n2024-01-01,A,big,1,x\n2024-01-01,B,small,10,y\n2024-01-02,A,big,2,x\n2024-01-02,B,small,20,x\n2024-01-03,B,small,30,x\n";
        foreach (var options in new[] { new TimeSeriesOptions(), new() { Series = ["shop"] }, new() { Series = ["SHOP"], Time = "date", Static = ["kind"] } })
        {
            var table = Read(Text, options);
            Assert.Equal(["A", "B"], table.Series.Select(s => s.Name));
            Assert.Equal(["price", "note"], table.Columns.Select(c => c.Name));
            Assert.Equal(["kind"], table.StaticColumns.Select(c => c.Name));
            Assert.Equal(["big", "small"], table.StaticColumns[0].Categories);
            Assert.Equal([1], table.Series[1].StaticValues.ToArray());
            Assert.Equal([10, 20, 30], table.Series[1][0].ToArray());
        }
        Assert.Equal(["A/big", "B/small"], Read(Text, new() { Series = ["shop", "kind"] }).Series.Select(s => s.Name));
        RefusedWith(Text, new() { Series = ["shop"], Static = ["note"] }, "line 5, column 23", "static column 'note'", "'B'");
        RefusedWith("date,store,item,sales\n" + string.Concat(Enumerable.Range(0, 30).Select(i => $"2024-01-0{1 + i / 6},{i % 2},{i % 3},{i}\n")), new() { Series = ["store"] }, "repeat a time stamp", "--series");
        Assert.Equal(6, Read("date,store,item,sales\n" + string.Concat(Enumerable.Range(0, 30).Select(i => $"2024-01-0{1 + i / 6},{i % 2},{i % 3},{i}\n"))).Series.Count);
        RefusedWith("date,shop,price\n2024-01-01,A,1\n2024-01-01,,1\n2024-01-02,A,3\n2024-01-03,,3\n", new() { Series = ["shop"] }, "line 3, column 12", "line 5", "name of the series is empty");
    }

    [Fact]
    public void A_row_may_be_a_series()
    {
        var table = Read("\"V1\",\"V2\",\"V3\",\"V4\"\n\"H1\",\"1\",\"2\",\"3\"\n\"H2\",\"4\",,\n\"H3\",,,\n", new() { Frequency = "h" });
        Assert.Equal(["H1", "H2", "H3"], table.Series.Select(s => s.Name));
        Assert.Equal([3, 1, 0], table.Series.Select(s => s.Count));
        Assert.Equal("value", table.Columns.Single().Name);
        Assert.Equal("h", table.Series[0].Step.ToString());
        Assert.Contains(_report.Doubts, d => d.Contains("'H3'", StringComparison.Ordinal));
        Assert.Equal([2, 3], Read("A,1,2\nB,3,4,5\n").Series.Select(s => s.Count));
        Assert.Equal(["1", "2"], Read("1,2,3\n3,4,5\n", new() { Layout = TimeSeriesLayout.Rows }).Series.Select(s => s.Name));
        RefusedWith("V1,V2,V3\nA,1,2\nB,x,3\nA,2,3\n", new() { Layout = TimeSeriesLayout.Rows }, "line 3, column 3", "'x'", "line 4, column 1", "'A' is there already");
    }

    [Fact]
    public void Columns_may_be_named_as_times()
    {
        var table = Read("page,agent,2024-01-01,2024-01-02,2024-01-04\nX,bot,1,2,4\nY,man,,5,6\n");
        Assert.Equal(["X", "Y"], table.Series.Select(s => s.Name));
        Assert.Equal([1, 2, double.NaN, 4], table.Series[0][0].ToArray());
        Assert.Equal((new DateTime(2024, 1, 2), "agent"), (table.Series[1].Start!.Value, table.StaticColumns.Single().Name));
        table = Read("country,1990,1991,1992,1993\nX,1,2,3,4\nY,1,2,3,4\n");
        Assert.Equal(("Y", new DateTime(1990, 1, 1), 2), (table.Series[0].Step.ToString()!, table.Series[0].Start!.Value, table.Series.Count));
    }

    [Fact]
    public void Each_column_may_be_a_series()
    {
        var table = Read("date,X,Y\n2024-01,1,\n2024-02,2,5\n2024-03,3,6\n", new() { Layout = TimeSeriesLayout.Columns });
        Assert.Equal(["X", "Y"], table.Series.Select(s => s.Name));
        Assert.Equal([5, 6], table.Series[1][0].ToArray());
        Assert.Equal(new DateTime(2024, 2, 1), table.Series[1].Start);
    }

    [Fact]
    public void A_table_may_have_no_time_and_no_names()
    {
        Assert.Equal([3, 1, 2], Read("3\n1\n2\n").Series[0][0].ToArray());
        Assert.Null(Read("sales\n3\n1\n2\n").Series[0].Start);
        Assert.Equal("none", Fact("time column"));
        Assert.Equal(["a", "b"], Read("a,b\n3,1\n1,2\n2,3\n").Columns.Select(c => c.Name));
        var table = Read("2024-01-01,3\n2024-01-02,1\n");
        Assert.Equal(("2", "D", 2), (table.Columns[0].Name, table.Series[0].Step.ToString()!, table.Series[0].Count));
        Assert.Equal("W", Read("a,b\n3,1\n1,2\n2,3\n", new() { Frequency = "W" }).Series[0].Step.ToString());
    }

    [Fact]
    public void A_date_and_a_clock_may_have_columns_of_their_own()
    {
        foreach (var header in new[] { "date,hr,a", "dteday,hour,a" })
            Assert.Equal(("h", 48), (Read($"{header}\n" + string.Concat(Enumerable.Range(0, 48).Select(h => $"2024-01-0{1 + h / 24},{h % 24},{h}\n"))).Series[0] is var s ? (s.Step.ToString()!, s.Count) : default));
        Assert.Equal("30min", Read("Date;Time;a\n1/2/2024;00:00:00;1\n1/2/2024;00:30:00;2\n1/2/2024;01:00:00;3\n", new() { TimeFormat = "day-first" }).Series[0].Step.ToString());
        Assert.Equal(new DateTime(2024, 1, 2, 5, 0, 0), Read("y,m,d,h,a\n2024,1,2,5,1\n2024,1,2,6,1\n", new() { Time = "y,m,d,h" }).Series[0].Start);
        Refused("year,month,day,a\n2024,1,31,1\n2024,2,31,1\n", "line 3, column 1", "'2024-2-31'");
    }

    [Fact]
    public void Decimal_commas_are_an_option_and_a_doubt()
    {
        const string Text = "date;a;b\n2024-01-01;1.234,5;1\n2024-01-02;-0,25;2\n2024-01-03;7;3\n";
        Assert.Equal([1234.5, -0.25, 7], Read(Text, new() { DecimalComma = true }).Series[0][0].ToArray());
        Read(Text);
        Assert.Contains(_report.Doubts, d => d.Contains("--decimal-comma", StringComparison.Ordinal));
        Refused("date;a\n2024-01-01;1,5\n2024-01-02;2,5\n", "no column of numbers", "--decimal-comma");
        RefusedWith("date;a\n2024-01-01;1,5\n2024-01-02;2.5\n2024-01-03;2,5\n", new() { DecimalComma = true }, "line 3", "'2.5'");
    }

    [Fact]
    public void Several_files_are_one_table()
    {
        Write("a.csv", "date,x,y\n2024-01-01,1,2\n2024-01-02,3,4\n");
        Write("b.csv", "date,y,x\n2024-01-03,6,5\n2024-01-04,z,5\n");
        Write("c.csv", "date,x,y\n2024-01-01,1,2\n2024-01-02,7,8\n");
        Write("d.csv", "date,x\n2024-01-01,1\n");
        Assert.Contains("b.csv, line 3, column 12", Assert.ThrowsAny<UnrollException>(() => TimeSeriesFile.Read([_folder["a.csv"], _folder["b.csv"]])).Message);
        Write("b.csv", "date,y,x\n2024-01-03,6,5\n");
        Assert.Equal([2, 4, 6], TimeSeriesFile.Read([_folder["a.csv"], _folder["b.csv"]]).Series[0][1].ToArray());
        Assert.Equal(2, TimeSeriesFile.Read([_folder["a.csv"], _folder["c.csv"]]).Series.Count);
        Assert.Contains("need the same columns", Assert.ThrowsAny<UnrollException>(() => TimeSeriesFile.Read([_folder["a.csv"], _folder["d.csv"]])).Message);
    }

    [Fact]
    public void Standard_input_is_read()
    {
        Pipes.Keep(() => new MemoryStream(Packed.Gzip("date,a\n2024-01-01,1\n2024-01-02,2\n"u8)));
        Assert.Equal(2, TimeSeriesFile.Read([Pipes.StandardInput]).Series[0].Count);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData(" \n", "rows of a time series")]
    [InlineData("date,a\n", "rows below the names")]
    [InlineData("date,a\n2024-01-01,1\n2024-01-02,2,3\n", "line 3, column 14|3 fields where the first row has 2")]
    [InlineData("date,a\n2024-01-01,1\n2024-01-02,broken\n2024-01-03,3\n", "line 3, column 12|'broken'|'a'")]
    [InlineData("date,a\n2024-01-01,1\n2024-01-02,inf\n2024-01-03,1e999\n", "line 3, column 12|line 4|infinite")]
    [InlineData("date,a\n2024-01-01,1\n02/01/2024,2\n", "two formats|line 2|line 3|yyyy-MM-dd|dd/MM/yyyy")]
    [InlineData("date,a\n2024-01-01,1\n,2\n", "line 3|time is missing")]
    [InlineData("date\n2024-01-01\n2024-01-02\n", "no column of numbers|only column is the time")]
    [InlineData("date,a\n2024-01-01,1\n", "frequency cannot be told|--freq")]
    [InlineData("date,a\n2024-01-01,1\n2024-01-02,\"2\n", "line 3|quote")]
    public void What_is_no_series_is_refused(string text, string expected) => Refused(text, expected.Split('|'));

    [Theory]
    [InlineData("Tine", "", "", "", "", "no column 'Tine'|Did you mean Time?")]
    [InlineData("", "Pirce", "", "", "", "no column 'Pirce'|Did you mean Price?")]
    [InlineData("", "Price,price", "", "", "", "'Price'|target and as target")]
    [InlineData("", "Shop", "", "", "", "target column 'Shop'|'A'|line 2")]
    [InlineData("", "", "Sohp", "", "", "no column 'Sohp'|Did you mean Shop?")]
    [InlineData("", "", "", "Kimd", "", "no column 'Kimd'")]
    [InlineData("", "", "", "", "fortnight", "'fortnight'|15min")]
    [InlineData("Time", "", "Time", "", "", "'Time'|series and as time")]
    [InlineData("9", "", "", "", "", "no column '9'")]
    public void Options_that_do_not_fit_are_refused(string time, string target, string series, string fixedColumn, string frequency, string expected) =>
        RefusedWith("Time,Shop,Kind,Price\n2024-01-01,A,x,1\n2024-01-02,A,x,2\n2024-01-03,A,x,3\n", new()
        {
            Time = time.Length > 0 ? time : null, Targets = target.Length > 0 ? target.Split(',') : [], Series = series.Length > 0 ? [series] : [], Static = fixedColumn.Length > 0 ? [fixedColumn] : [],
            Frequency = frequency.Length > 0 ? frequency : "auto",
        }, expected.Split('|'));

    [Fact]
    public void What_is_unlikely_is_a_doubt()
    {
        Read("date,a,b,c\n2024-01-01,1,5,\n2024-01-02,2,5,\n2024-01-03,2,5,\n");
        Assert.Contains(_report.Doubts, d => d.Contains("'b' has the same value", StringComparison.Ordinal));
        Assert.Contains(_report.Doubts, d => d.Contains("'c' has no value", StringComparison.Ordinal));
        Assert.Equal(("2024-01-01", "2024-01-03"), (Fact("from"), Fact("to")));
        Read("date,a,text\n" + string.Concat(Enumerable.Range(0, 300).Select(i => $"{new DateTime(2024, 1, 1).AddDays(i):yyyy-MM-dd},{i},\"said {i}\"\n")));
        Assert.Equal("text", Fact("columns of texts left out"));
    }

    [Fact]
    public void Values_past_the_end_of_the_target_stay()
    {
        var table = Read("date,price,load\n2024-01-01,1,10\n2024-01-02,2,20\n2024-01-03,,30\n", new() { Targets = ["price"] });
        Assert.Equal([1, 2, double.NaN], table.Series[0][0].ToArray());
        Assert.Equal(30, table.Series[0][1][2]);
    }

    TimeSeriesTable Read(string text, TimeSeriesOptions? options = null, string name = "t.csv")
    {
        _report = new();
        return TimeSeriesFile.Read([Write(name, text)], options, _report);
    }

    string Fact(string name) => _report.Facts.Single(f => f.Name == name).Value;

    void Refused(string text, params string[] parts) => RefusedWith(text, new(), parts);

    void RefusedWith(string text, TimeSeriesOptions options, params string[] parts)
    {
        var path = Write(text.StartsWith('{') ? "t.jsonl" : "t.csv", text);
        var message = Assert.ThrowsAny<UnrollException>(() => TimeSeriesFile.Read([path], options)).Message;
        Assert.All(parts, p => Assert.Contains(p, message));
    }

    string Write(string name, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        File.WriteAllBytes(_folder[name], name.EndsWith(".gz", StringComparison.Ordinal) ? Packed.Gzip(bytes) : bytes);
        return _folder[name];
    }
}
