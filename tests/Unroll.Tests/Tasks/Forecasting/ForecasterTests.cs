using Unroll.Data;
using Unroll.Kernels;
using Unroll.Tests.Contracts;
using Unroll.Tests.Models;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Tasks.Forecasting;

/// <summary>What a forecaster learns, and what it must not see.</summary>
public sealed class ForecasterTests : IDisposable
{
    readonly TemporaryDirectory _directory = new();
    readonly int _threads = ThreadTeam.Threads;

    public void Dispose()
    {
        ThreadTeam.Threads = _threads;
        _directory.Dispose();
    }

    static readonly ForecasterOptions Short = new() { Iterations = 30, Batch = 8, Model = TinyForecasts.Config, Given = ["--context", "--linear-lags", "--season"] };

    static string Bits(IEnumerable<Forecast> forecasts) => string.Join(" ", forecasts.SelectMany(f => f.Mean.Concat(f.Quantile(0.1)).Concat(f.Quantile(0.95))).Select(v => $"{v:R}"));

    static TimeSeriesTable Seasonal(int steps) => TimeSeriesTable.From("sales", [.. Enumerable.Range(0, steps).Select(t => 20 + 0.05 * t + 5 * Math.Sin(t * Math.PI / 6) * (1 + Math.Cos(t * Math.PI / 36)) + Noise(t))],
        new DateTime(2000, 1, 1), new TimeStep(1, TimeUnit.Month));

    static double Noise(int t) => 0.3 * new Rng((ulong)t + 1).NextNormal();

    [Fact]
    public void It_learns_a_season_and_a_trend()
    {
        var model = Forecaster.Train(Seasonal(300), new() { Model = new() { Horizon = 12, HiddenSize = 24 }, Iterations = 200, TestWindows = 3 });
        var report = model.Evaluate(Seasonal(300), windows: 3);
        Assert.True(report["skill"] > 0.2, report.ToJson().ToJsonString());
        Assert.InRange(report["coverage_95"], 0.7, 1);
        var forecast = model.Forecast(Seasonal(300))[0];
        Assert.Equal(new DateTime(2025, 1, 1), forecast.Times[0]);
        Assert.Equal(12, forecast.Mean.Count);
        for (var h = 0; h < 12; h++) Assert.True(forecast.Quantile(0.1)[h] <= forecast.Median[h] && forecast.Median[h] <= forecast.Quantile(0.9)[h]);
    }

    [Fact]
    public void A_covariate_that_is_known_ahead_is_used()
    {
        var model = Forecaster.Train(TinyForecasts.Table(200), Short with { Iterations = 150 });
        var up = TinyForecasts.Table(200, change: (v, _) => v[1][201] += 1);
        var (before, after) = (model.Forecast(TinyForecasts.Table(200)), model.Forecast(up));
        for (var s = 0; s < 2; s++) Assert.InRange(after[s].Median[1] - before[s].Median[1], 1.4, 2.6);            // y has 2 f
    }

    [Fact]
    public void Nothing_behind_the_cut_off_is_read_but_what_is_known_ahead()
    {
        var model = TinyForecasts.Model(TinyForecasts.Config);
        var (frame, changed) = (model.Prepare(TinyForecasts.Table(60)), model.Prepare(TinyForecasts.Table(60, change: (v, _) =>
        {
            for (var t = 40; t < 60; t++) (v[0][t], v[2][t]) = (1e3, -1e3);                                        // past covariate and target
            for (var t = 43; t < 63; t++) v[1][t] = 1e3;                                                           // known ahead, behind the horizon
        })));
        ForecastWindow[] windows = [new(0, 40), new(1, 40)];
        Assert.Equal(Bits(model.Predict(frame, windows, 3)), Bits(model.Predict(changed, windows, 3)));
        Assert.NotEqual(Bits(model.Predict(frame, [new(0, 41)], 3)), Bits(model.Predict(changed, [new(0, 41)], 3)));
    }

    [Fact]
    public void No_statistic_plan_or_weight_sees_the_test_part()
    {
        Forecaster Train(double factor) => Forecaster.Train(TinyForecasts.Table(150, change: (v, _) =>
        {
            for (var t = 141; t < 150; t++) (v[0][t], v[2][t]) = (factor * v[0][t], factor * v[2][t]);
            for (var t = 144; t < 153; t++) v[1][t] *= factor;
        }), new() { Iterations = 10, TestWindows = 3, Model = new() { Horizon = 3, Targets = ["y"], Past = ["p"], Future = ["f"] } });
        var (model, other) = (Train(1), Train(100));
        Assert.Equal(model.Config.ToJson().ToJsonString(), other.Config.ToJson().ToJsonString());
        Assert.Equal(model.Schema.ToJson().ToJsonString(), other.Schema.ToJson().ToJsonString());
        Assert.Equal(model.Notes.ToJsonString(), other.Notes.ToJsonString());
        foreach (var (one, two) in model.Parameters.Zip(other.Parameters)) Same.Bits(one.Parameter.Values.ToArray(), two.Parameter.Values.ToArray(), one.Name);
    }

    [Fact]
    public void Threads_batches_and_files_do_not_change_a_bit()
    {
        ThreadTeam.Threads = 1;
        var one = Forecaster.Train(TinyForecasts.Table(90), Short);
        ThreadTeam.Threads = 2;
        var two = Forecaster.Train(TinyForecasts.Table(90), Short);
        var expected = Bits(one.Forecast(TinyForecasts.Table(90)));
        Assert.Equal(expected, Bits(two.Forecast(TinyForecasts.Table(90))));
        Assert.Equal(expected, Bits(one.Forecast(TinyForecasts.Table(90), batch: 1)));
        ModelFile.Save(_directory["model"], one);
        Assert.Equal(expected, Bits(Assert.IsType<Forecaster>(ModelFile.Load(_directory["model"])).Forecast(TinyForecasts.Table(90))));
        Assert.Equal(Bits(one.Forecast(TinyForecasts.Table(90), 2)), Bits(one.Forecast(TinyForecasts.Table(90), 2, batch: 3)));
    }

    [Theory]
    [InlineData("squared")]
    [InlineData("absolute")]
    [InlineData("huber")]
    [InlineData("gaussian")]
    [InlineData("student")]
    [InlineData("negative-binomial")]
    [InlineData("quantile")]
    public void Every_head_learns_and_orders_its_quantiles(string head)
    {
        var table = TinyForecasts.Table(160, change: (v, _) =>
        {
            for (var t = 0; t < 160; t++) v[2][t] = t % 11 == 5 ? double.NaN : Math.Round(v[2][t]);                 // counts, some missing
        });
        var model = Forecaster.Train(table, Short with { Iterations = 120, Model = TinyForecasts.Config with { Head = head, Dropout = 0 } });
        var forecasts = model.Forecast(table);
        for (var s = 0; s < 2; s++)
            for (var h = 0; h < 3; h++)
            {
                Assert.InRange(forecasts[s].Mean[h], 5 * (s + 1) - 3, 5 * (s + 1) + 5);
                double[] levels = [0.025, 0.1, 0.3, 0.5, 0.7, 0.9, 0.975];
                var quantiles = levels.Select(q => forecasts[s].Quantile(q)[h]).ToArray();
                Assert.Equal(quantiles.Order(), quantiles);
            }
        Assert.True(model.Evaluate(table, 4)["mae"] < 1.5);
    }

    [Fact]
    public void Two_targets_and_cells_of_every_kind()
    {
        foreach (var cell in Unroll.Layers.CellCatalog.All.Take(4))
        {
            var model = Forecaster.Train(TinyForecasts.Table(70), Short with { Iterations = 3, Model = TinyForecasts.Config with { Targets = ["y", "p"], Past = [], Cell = cell.Name, Layers = 2 } });
            Assert.Equal(["s0 y", "s0 p", "s1 y", "s1 p"], model.Forecast(TinyForecasts.Table(70)).Select(f => $"{f.Series} {f.Target}"));
            Assert.True(double.IsFinite(model.Evaluate(TinyForecasts.Table(70))["mae"]));
        }
    }

    [Fact]
    public void A_series_that_is_new_or_short_is_forecast_by_its_own_history()
    {
        var model = Forecaster.Train(TinyForecasts.Table(90), Short);
        double[] y = [100, 103, 102], f = [0, 0.5, 0.1, 0.2, 0.3, 0.4];
        double[] Long(double[] values) => [.. values, .. Enumerable.Repeat(double.NaN, 6 - values.Length)];
        var table = new TimeSeriesTable([new("p"), new("f"), new("y")], [new("new", [Long([0, 0, 0]), f, Long(y)], TinyForecasts.Start, new TimeStep(1, TimeUnit.Day), [0])], [new("kind", ["never seen"])]);
        Assert.All(model.Forecast(table)[0].Mean, v => Assert.InRange(v, 90, 115));
    }

    [Fact]
    public void A_training_step_takes_no_memory_after_the_first()
    {
        var parts = ForecastSplit.Whole(TinyForecasts.Table(90), [2]);
        var task = new ForecasterTask(TinyForecasts.Model(TinyForecasts.Config), parts, [], 8, new Rng(1));
        void Step()
        {
            using var tape = Unroll.Tensors.Tape.Record();
            tape.Backward(task.NextLoss());
        }
        for (var i = 0; i < 20; i++) Step();
        Assert.InRange(Allocations.Of(Step), 0, 100);
    }
}
