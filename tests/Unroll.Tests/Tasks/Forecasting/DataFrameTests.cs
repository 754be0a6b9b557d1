using Microsoft.Data.Analysis;
using Unroll.Data;
using Unroll.DataFrames;

namespace Unroll.Tests.Tasks.Forecasting;

/// <summary>Tables of Microsoft.Data.Analysis as time series.</summary>
public class DataFrameTests
{
    static readonly DateTime Start = new(2024, 1, 1);

    static DataFrame Frame(int[] days, double?[] values, params DataFrameColumn[] more)
    {
        var frame = new DataFrame(new PrimitiveDataFrameColumn<DateTime>("day", days.Select(d => Start.AddDays(d))), new DoubleDataFrameColumn("y", values));
        foreach (var column in more) frame.Columns.Add(column);
        return frame;
    }

    [Fact]
    public void Rows_are_sorted_averaged_and_filled()
    {
        var table = Frame([2, 0, 1, 1, 5, 4, 6], [3, 1, 2, 4, 6, null, 7], new StringDataFrameColumn("kind", ["a", "b", "a", "a", "b", null!, "b"]), new PrimitiveDataFrameColumn<bool>("open", [true, false, true, true, false, true, true])).ToTimeSeries();
        Assert.Equal(["y", "kind", "open"], table.Columns.Select(c => c.Name));
        var series = Assert.Single(table.Series);
        Assert.Equal([1, 3, 3, double.NaN, double.NaN, 6, 7], series[0].ToArray());
        Assert.Equal(["a", "b"], table.Columns[1].Categories);
        Assert.Equal([1, 0, 0, double.NaN, double.NaN, 1, 1], series[1].ToArray());
        Assert.Equal([0, 1, 1, double.NaN, 1, 0, 1], series[2].ToArray());
        Assert.Equal((Start, new TimeStep(1, TimeUnit.Day)), (series.Start!.Value, series.Step!.Value));
    }

    [Fact]
    public void Several_series_and_rows_without_times()
    {
        var frame = new DataFrame(new StringDataFrameColumn("shop", ["a", "b", "a", "b", "b"]), new Int32DataFrameColumn("y", [1, 10, 2, 20, 30]));
        var table = frame.ToTimeSeries(series: "shop");
        Assert.Equal(["a", "b"], table.Series.Select(s => s.Name));
        Assert.Equal([10, 20, 30], table.Series[1][0].ToArray());
        Assert.Equal(2, frame.ToTimeSeries().Columns.Count);
    }

    [Fact]
    public void Mistakes_are_told()
    {
        var frame = Frame([0, 1, 2], [1, 2, 3], new StringDataFrameColumn("kind", ["a", "b", "c"]));
        Assert.Contains("no column \"x\"", Assert.Throws<DataMismatchException>(() => frame.ToTimeSeries(time: "x")).Message);
        Assert.Contains("expected DateTime", Assert.Throws<DataMismatchException>(() => frame.ToTimeSeries(time: "y")).Message);
        Assert.Contains("infinite value in row 2", Assert.Throws<DataMismatchException>(() => Frame([0, 1], [1, double.PositiveInfinity]).ToTimeSeries()).Message);
        Assert.Contains("several texts for one time", Assert.Throws<DataMismatchException>(() => Frame([0, 1, 1, 2, 3], [1, 2, 3, 4, 5], new StringDataFrameColumn("kind", ["a", "b", "a", "a", "a"])).ToTimeSeries()).Message);
        Assert.Contains("no column of numbers", Assert.Throws<DataMismatchException>(() => new DataFrame(new StringDataFrameColumn("kind", ["a"])).ToTimeSeries()).Message);
    }
}
