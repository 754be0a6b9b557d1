using Unroll.Data;

namespace Unroll.Tests.Data;

public class TimeSeriesTableTests
{
    static readonly DateTime Start = new(2024, 1, 1);

    [Fact]
    public void A_table_is_made_of_arrays()
    {
        var table = TimeSeriesTable.From("sales", [1, 2, double.NaN], Start, TimeStep.Parse("M"));
        Assert.Equal((1, "sales", 3, new DateTime(2024, 3, 1)), (table.Series.Count, table.Columns[0].Name, table.Series[0].Count, table.Series[0].TimeAt(2)!.Value));
        table = TimeSeriesTable.From([("a", [1, 2]), ("b", [3, 4])]);
        Assert.Equal([3, 4], table.Series[0][table.IndexOf("B")].ToArray());
        Assert.Null(table.Series[0].TimeAt(1));
        table = TimeSeriesTable.FromSeries("value", [("x", [1]), ("y", [2, 3])]);
        Assert.Equal([1, 2], table.Series.Select(s => s.Count));
        Assert.Contains("Did you mean value?", Assert.ThrowsAny<UnrollException>(() => table.IndexOf("valeu")).Message);
    }

    [Fact]
    public void Arrays_that_make_no_table_are_refused()
    {
        Assert.Throws<ArgumentException>(() => TimeSeriesTable.From("a", [1, double.PositiveInfinity]));
        Assert.Throws<ArgumentException>(() => TimeSeriesTable.From("", [1]));
        Assert.Throws<ArgumentException>(() => TimeSeriesTable.From("a", [1], Start));
        Assert.Throws<ArgumentException>(() => TimeSeriesTable.From([("a", [1]), ("a", [1])]));
        Assert.Throws<ArgumentException>(() => TimeSeriesTable.From([("a", [1]), ("b", [1, 2])]));
        Assert.Throws<ArgumentException>(() => TimeSeriesTable.From([]));
        Assert.Throws<ArgumentException>(() => TimeSeriesTable.FromSeries("a", [("x", [1]), ("x", [1])]));
        Assert.Throws<ArgumentException>(() => new TimeSeriesBuilder());
        Assert.Throws<ArgumentException>(() => new TimeSeriesBuilder("a").Add("", Start, 1, 2));
        Assert.Throws<ArgumentException>(() => new TimeSeriesBuilder("a").Add("", Start, double.NegativeInfinity));
        Assert.Throws<InvalidOperationException>(() => new TimeSeriesBuilder("a").Build());
    }

    [Fact]
    public void Rows_in_any_order_are_put_on_a_grid()
    {
        var builder = new TimeSeriesBuilder("a", "b");
        foreach (var hour in new[] { 5, 1, 0, 2, 2, 6, 7, 8, 9, 10 }) builder.Add("x", Start.AddHours(hour), hour, -hour);
        builder.Add("x", Start.AddHours(2), 8, double.NaN).Add("y", Start, 1, 2).Add("y", Start.AddHours(1), 3, 4);
        var report = new ReadingReport();
        var table = builder.Build(TimeStep.Parse("h"), report);
        Assert.Equal([0, 1, 4, double.NaN, double.NaN, 5], table.Series[0][0][..6].ToArray());
        Assert.Equal([0, -1, -2, double.NaN, double.NaN, -5], table.Series[0][1][..6].ToArray());
        Assert.Equal((5L, 2L, 2L), (report.Counts["rows sorted by time"], report.Counts["rows with a repeated time stamp, averaged"], report.Counts["missing steps filled"]));
        Assert.Contains(report.Doubts, d => d.Contains("--series", StringComparison.Ordinal));
        Assert.Throws<InvalidOperationException>(() => builder.Build());
    }

    [Fact]
    public void Clocks_set_back_and_forth_are_recognised()
    {
        var builder = new TimeSeriesBuilder("a");
        var utc = new DateTime(2023, 10, 28, 0, 0, 0, DateTimeKind.Utc);
        for (var h = 0; h < 72; h++) builder.Add("", utc.AddHours(h) is var t && t < new DateTime(2023, 10, 29, 1, 0, 0) ? t.AddHours(2) : t.AddHours(1), h);
        var report = new ReadingReport();
        var series = builder.Build(null, report).Series[0];
        Assert.Equal((71, TimeStep.Parse("h"), 24.5), (series.Count, series.Step!.Value, series[0][24]));
        Assert.Equal(1, report.Counts["hours set back to winter time, averaged"]);
        Assert.Empty(report.Doubts);
        utc = new DateTime(2023, 3, 25);
        for (var h = 0; h < 72; h++) builder.Add("", utc.AddHours(h < 26 ? h : h + 1), h);
        series = builder.Build(null, report).Series[0];
        Assert.Equal((73, double.NaN), (series.Count, series[0][26]));
    }

    [Fact]
    public void Ends_of_months_are_a_grid()
    {
        var builder = new TimeSeriesBuilder("a");
        for (var m = 1; m <= 12; m++)
            if (m != 4) builder.Add("", new DateTime(2023, m, DateTime.DaysInMonth(2023, m)), m);
        var series = builder.Build().Series[0];
        Assert.Equal("ME", series.Step.ToString());
        Assert.Equal((12, double.NaN, new DateTime(2023, 2, 28), new DateTime(2024, 1, 31)), (series.Count, series[0][3], series.TimeAt(1)!.Value, series.TimeAt(12)!.Value));
    }

    [Fact]
    public void Business_days_have_no_weekends_and_holidays_are_missing()
    {
        var builder = new TimeSeriesBuilder("a");
        for (var d = new DateTime(2024, 1, 1); d < new DateTime(2024, 3, 1); d = d.AddDays(1))
            if (d.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && d.Day != 15) builder.Add("", d, d.Day);
        var series = builder.Build().Series[0];
        Assert.Equal(("B", 44), (series.Step.ToString()!, series.Count));
        Assert.Equal(2, series[0].ToArray().Count(double.IsNaN));
        Assert.Equal(new DateTime(2024, 3, 1), series.TimeAt(44));
    }

    [Fact]
    public void Rows_within_a_given_step_are_averaged()
    {
        var builder = new TimeSeriesBuilder("a");
        for (var i = 0; i < 12; i++) builder.Add("", Start.AddMinutes(20 + 10 * i), i);
        var report = new ReadingReport();
        var series = builder.Build(TimeStep.Parse("h"), report).Series[0];
        Assert.Equal((Start, 3), (series.Start!.Value, series.Count));
        Assert.Equal([1.5, 6.5, 10.5], series[0].ToArray());
        Assert.Equal(9, report.Counts["rows averaged within a step"]);
        for (var i = 0; i < 60; i++) builder.Add("", new DateTime(2024, 1, 10).AddDays(i), i);
        series = builder.Build(TimeStep.Parse("M")).Series[0];
        Assert.Equal((Start, 3, 10.5), (series.Start!.Value, series.Count, series[0][0]));
    }

    [Fact]
    public void A_few_times_off_the_grid_are_moved_and_many_are_an_error()
    {
        var (builder, report) = (new TimeSeriesBuilder("a"), new ReadingReport());
        for (var i = 0; i < 100; i++) builder.Add("", Start.AddMinutes(5 * i).AddSeconds(i is 0 or 50 ? 7 : 0), i);
        var series = builder.Build(null, report).Series[0];
        Assert.Equal((Start, 100), (series.Start!.Value, series.Count));
        Assert.Equal(2, report.Counts["time stamps moved to the grid"]);
        Assert.Contains(report.Doubts, d => d.Contains("--freq", StringComparison.Ordinal) && d.Contains("row 1", StringComparison.Ordinal));
        Build(null, "of 100 time stamps", "5min", "--freq");
        Assert.Equal(100, Fill().Build(TimeStep.Parse("5min")).Series[0].Count);

        TimeSeriesBuilder Fill()
        {
            for (var i = 0; i < 100; i++) builder.Add("", Start.AddMinutes(5 * i).AddSeconds(i % 3 == 0 ? i : 0), i);
            return builder;
        }

        void Build(TimeStep? step, params string[] parts)
        {
            var message = Assert.ThrowsAny<UnrollException>(() => Fill().Build(step)).Message;
            Assert.All(parts, p => Assert.Contains(p, message));
        }
    }

    [Fact]
    public void A_far_time_is_an_error()
    {
        var builder = new TimeSeriesBuilder("a");
        for (var i = 0; i < 100; i++) builder.Add("", i < 99 ? Start.AddHours(i) : Start.AddYears(50), i);
        var message = Assert.ThrowsAny<UnrollException>(() => builder.Build()).Message;
        Assert.All(["row 100", "2074-01-01", "largest gap"], p => Assert.Contains(p, message));
    }

    [Fact]
    public void Times_of_several_series_in_one_are_an_error()
    {
        var builder = new TimeSeriesBuilder("a");
        for (var i = 0; i < 20; i++) builder.Add("", Start.AddDays(i / 2), i);
        Assert.Contains("--series", Assert.ThrowsAny<UnrollException>(() => builder.Build()).Message);
        Assert.Contains("--freq", Assert.ThrowsAny<UnrollException>(() => builder.Add("", Start, 1).Build()).Message);
        Assert.Contains("0.1 seconds", Assert.ThrowsAny<UnrollException>(() => builder.Add("", Start, 1).Add("", Start.AddMilliseconds(100), 1).Build()).Message);
    }
}
