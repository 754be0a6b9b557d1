using Unroll.Data;
using Unroll.Tests.Models;

namespace Unroll.Tests.Tasks.Forecasting;

/// <summary>What cannot be learned from or forecast, and what is told of columns.</summary>
public class ForecasterDataTests
{
    static TimeSeriesTable Line(int steps, double missing = 0) => TimeSeriesTable.From("y", [.. Enumerable.Range(0, steps).Select(t => t < missing ? double.NaN : t % 7 + t * 0.1)]);

    static string Refused(TimeSeriesTable table, ForecasterOptions options) => Assert.ThrowsAny<UnrollException>(() => Forecaster.Train(table, options)).Message;

    [Fact]
    public void Bad_input_is_refused_with_what_to_do()
    {
        Assert.Contains("horizon is 0", Refused(Line(50), new() { Model = new() { Horizon = 0 } }));
        var message = Refused(Line(20), new() { Model = new() { Horizon = 8, Context = 16 } });
        Assert.Contains("16 steps of context and 8 of horizon", message);
        Assert.Contains("--context", message);
        Assert.Contains("no column 'sale'. Did you mean", Refused(TimeSeriesTable.From("sales", new double[40]), new() { Model = new() { Targets = ["sale"] } }));
        Assert.Contains("no value at all", Refused(Line(50, missing: 50), new() { Model = new() { Targets = ["y"] } }));
        Assert.Contains("no column of numbers", Refused(new([new("c", ["a"])], [new("s", [new double[30]])]), new()));
        Assert.Contains("named twice", Refused(TinyForecasts.Table(60), new() { Model = new() { Targets = ["y", "Y"] } }));
        Assert.Contains("2 roles", Refused(TinyForecasts.Table(60), new() { Model = new() { Targets = ["y"], Past = ["f"], Future = ["f"] } }));
        Assert.Contains("below 0", Refused(TimeSeriesTable.From("y", [.. Enumerable.Range(0, 60).Select(t => Math.Sin(t))]), new() { Model = new() { Scaling = "log" } }));
        Assert.Contains("--test-windows", Refused(Line(60), new() { TestFrom = "2020-01-01" }));
    }

    [Fact]
    public void Forecasts_are_refused_where_something_is_missing()
    {
        var model = TinyForecasts.Model(TinyForecasts.Config);
        var message = Assert.ThrowsAny<UnrollException>(() => model.Forecast(TinyForecasts.Table(30, ahead: 2))).Message;
        Assert.Contains("'f', which is known ahead, has 2 values", message);
        Assert.Contains("'s1'", message);
        Assert.Contains("'p'", Assert.ThrowsAny<UnrollException>(() => model.Forecast(Line(30))).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Forecast(TinyForecasts.Table(30), 4));
        Assert.Contains("no value of y", Assert.ThrowsAny<UnrollException>(() => model.Forecast(TinyForecasts.Table(30, change: (v, _) => Array.Fill(v[2], double.NaN)))).Message);
        var weekly = new TimeSeriesTable([new("p"), new("f"), new("y")], [new("s", [new double[43], new double[43], new double[43]], TinyForecasts.Start, new TimeStep(1, TimeUnit.Week), [0])], [new("kind", ["a"])]);
        Assert.Contains("step of W", Assert.ThrowsAny<UnrollException>(() => model.Forecast(weekly)).Message);
    }

    [Fact]
    public void A_loss_that_is_not_finite_names_series_and_window()
    {
        var table = TinyForecasts.Table(60);
        var parts = ForecastSplit.Whole(table, [2]);
        var model = TinyForecasts.Model(TinyForecasts.Config);
        model.Parameters.First(p => p.Name.StartsWith("output", StringComparison.Ordinal)).Parameter.Edit().Fill(float.PositiveInfinity);
        var task = new ForecasterTask(model, parts, [], 4, new Rng(1));
        var message = Assert.ThrowsAny<UnrollException>(() =>
        {
            using var tape = Unroll.Tensors.Tape.Record();
            task.NextLoss();
        }).Message;
        Assert.Matches("series 's[01]', the window that forecasts from 2020-", message);
    }

    [Fact]
    public void Constant_series_are_forecast_as_they_are()
    {
        var model = Forecaster.Train(TimeSeriesTable.From("y", [.. Enumerable.Repeat(7.0, 80)]), new() { Iterations = 5, Model = new() { Horizon = 4 } });
        Assert.All(model.Forecast(TimeSeriesTable.From("y", [.. Enumerable.Repeat(7.0, 80)]))[0].Median, v => Assert.Equal(7, v, 0.05));
    }

    [Fact]
    public void Roles_are_told_from_the_data()
    {
        var config = ForecastColumns.Resolve(new(), TinyForecasts.Table(60));
        Assert.Equal("y, p, f", string.Join(", ", config.Targets.Concat(config.Past).Concat(config.Future)));
        var none = ForecastColumns.Resolve(new() { Model = new() { Targets = ["p"], Past = ["none"], Future = ["none"] } }, TinyForecasts.Table(60));
        Assert.Equal((0, 0), (none.Past.Count, none.Future.Count));
    }

    [Fact]
    public void Parts_follow_each_other_in_time()
    {
        var table = TinyForecasts.Table(100);
        var options = new ForecasterOptions { TestWindows = 4, Model = new() { Horizon = 5 } };
        var (rest, test) = ForecastSplit.Test(ForecastSplit.Whole(table, [2]), options);
        var (train, valid) = ForecastSplit.Valid(rest, options);
        Assert.Equal(((0, 72), (72, 80), (80, 100)), ((train[0].From, train[0].To), (valid[0].From, valid[0].To), (test[0].From, test[0].To)));
        var from = ForecastSplit.Test(ForecastSplit.Whole(table, [2]), new() { TestFrom = "2020-03-01" }).Test[0];
        Assert.Equal(new DateTime(2020, 3, 1), table.Series[0].TimeAt(from.From));
    }

    [Fact]
    public void Scales_are_undone()
    {
        double[] values = [1, 2, double.NaN, 4, 9];
        foreach (var kind in TargetScaling.Kinds)
        {
            var scale = TargetScaling.Measure(kind, values);
            Assert.Equal(3.7, scale.Undo(scale.Apply(3.7)), 1e-12);
        }
        Assert.Equal(new(0, 4), TargetScaling.Measure("mean", values));
        Assert.Equal(new(1, 8), TargetScaling.Measure("min-max", values));
        Assert.Equal(new(3, 1 / 1.349 * 3.5), TargetScaling.Measure("robust", values));
        Assert.Equal(new(5, 1), TargetScaling.Measure("standard", [5, 5]));
        Assert.Equal(ValueScale.None, TargetScaling.Measure("standard", [double.NaN]));
    }
}
