using Unroll.Data;
using Unroll.Formats;
using Unroll.Tests.Data;

namespace Unroll.Tests.Formats;

public class TimeSeriesRealTests
{
    [SkippableTheory]
    [InlineData("electricity-pjme/PJME_hourly.csv", "h", 1, 145392, 1, "2002-01-01 01:00")]
    [InlineData("electricity-price/NP.csv.gz", "h", 1, 52416, 3, "2013-01-01")]
    [InlineData("ett/ETTh1.csv", "h", 1, 17420, 7, "2016-07-01")]
    [InlineData("timeseries/pollution.csv", "h", 1, 43824, 8, "2010-01-01")]
    [InlineData("timeseries/airline-passengers.csv", "M", 1, 144, 1, "1949-01-01")]
    [InlineData("timeseries/monthly-car-sales.csv", "M", 1, 108, 1, "1960-01-01")]
    [InlineData("timeseries/monthly-sunspots.csv", "M", 1, 2820, 1, "1749-01-01")]
    [InlineData("timeseries/shampoo.csv", "M", 1, 36, 1, "0001-01-01")]
    [InlineData("timeseries/daily-min-temperatures.csv", "D", 1, 3652, 1, "1981-01-01")]
    [InlineData("timeseries/daily-max-temperatures.csv", "D", 1, 3652, 1, "1981-01-01")]
    [InlineData("timeseries/daily-total-female-births.csv", "D", 1, 365, 1, "1959-01-01")]
    [InlineData("stocks/finance-charts-apple.csv", "B", 1, 523, 10, "2015-02-17")]
    [InlineData("stocks/stockdata2.csv", "B", 5, 2389, 2, "2007-01-03")]
    [InlineData("m4/Hourly-train.csv.gz", "", 414, 960, 1, "")]
    [InlineData("m4/Weekly-train.csv.gz", "", 359, 2597, 1, "")]
    [InlineData("m4/Hourly-test.csv.gz", "", 414, 48, 1, "")]
    [InlineData("m4/Weekly-test.csv.gz", "", 359, 13, 1, "")]
    public void Real_series_are_told_and_read(string name, string step, int series, int longest, int columns, string from)
    {
        var report = new ReadingReport();
        var table = TimeSeriesFile.Read([RealData.Find(name)], report: report);
        Assert.Equal((step, series, longest, columns), (table.Series[0].Step?.ToString() ?? "", table.Series.Count, table.Series.Max(s => s.Count), table.Columns.Count));
        Assert.Equal(from, table.Series[0].Start is { } start ? Throw.Show(start) : "");
    }

    [SkippableFact]
    public void Hours_of_daylight_saving_are_averaged_and_missing()
    {
        var report = new ReadingReport();
        TimeSeriesFile.Read([RealData.Find("electricity-pjme/PJME_hourly.csv")], report: report);
        Assert.Equal((4L, 30L), (report.Counts["hours set back to winter time, averaged"], report.Counts["missing steps filled"]));
        Assert.Empty(report.Doubts);
    }

    [SkippableFact]
    public void Series_of_stocks_are_told_by_their_names()
    {
        var report = new ReadingReport();
        var table = TimeSeriesFile.Read([RealData.Find("stocks/stockdata2.csv")], report: report);
        Assert.Equal(["MSFT", "IBM", "SBUX", "AAPL", "GSPC"], table.Series.Select(s => s.Name));
        Assert.Equal(["value", "change"], table.Columns.Select(c => c.Name));
        Assert.Equal(2305, table.Series[0][0].ToArray().Count(v => !double.IsNaN(v)), 5d);
    }
}
