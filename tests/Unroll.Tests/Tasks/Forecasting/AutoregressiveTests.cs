using Unroll.Data;
using Unroll.Kernels;
using Unroll.Tests.Models;

namespace Unroll.Tests.Tasks.Forecasting;

/// <summary>Forecasts step by step on samples of their own.</summary>
public sealed class AutoregressiveTests : IDisposable
{
    readonly int _threads = ThreadTeam.Threads;

    public void Dispose() => ThreadTeam.Threads = _threads;

    static readonly ForecasterConfig Config = TinyForecasts.Config with { Mode = "autoregressive" };
    static readonly ForecasterOptions Short = new() { Iterations = 40, Batch = 8, Model = Config, Given = ["--context", "--linear-lags", "--season"] };

    static string Bits(IEnumerable<Forecast> forecasts) => string.Join(" ", forecasts.SelectMany(f => f.Mean.Concat(f.Quantile(0.1)).Concat(f.Quantile(0.99)).Concat(f.Samples[7])).Select(v => $"{v:R}"));

    [Fact]
    public void A_random_walk_spreads_with_the_root_of_time()
    {
        var rng = new Rng(4);
        var walk = new double[3000];
        for (var t = 1; t < walk.Length; t++) walk[t] = walk[t - 1] + rng.NextNormal();
        var model = Forecaster.Train(TimeSeriesTable.From("y", walk), new() { Model = new() { Mode = "autoregressive", Head = "gaussian", Horizon = 16, HiddenSize = 8, Scaling = "none" }, Iterations = 60 });
        var forecast = model.Forecast(TimeSeriesTable.From("y", walk))[0];
        double Width(int step) => forecast.Quantile(0.9)[step - 1] - forecast.Quantile(0.1)[step - 1];
        Assert.InRange(Width(1), 2.0, 3.2);                                                  // 2.56 deviations
        Assert.InRange(Width(16) / Width(1), 2.8, 5.5);                                     // √16
        Assert.InRange(forecast.Median[15], walk[^1] - 2, walk[^1] + 2);
        Assert.Equal(200, forecast.Samples.Count);
        double Correlation(int a, int b)
        {
            var (x, y) = (forecast.Samples.Select(p => p[a] - forecast.Mean[a]).ToArray(), forecast.Samples.Select(p => p[b] - forecast.Mean[b]).ToArray());
            return x.Zip(y, (u, v) => u * v).Sum() / Math.Sqrt(x.Sum(u => u * u) * y.Sum(v => v * v));
        }
        Assert.InRange(Correlation(14, 15), 0.85, 1);                                        // paths are walks, not noise
    }

    [Fact]
    public void A_longer_horizon_than_that_of_the_training_can_be_asked_for()
    {
        var model = Forecaster.Train(TinyForecasts.Table(90, ahead: 12), Short);
        var forecast = model.Forecast(TinyForecasts.Table(90, ahead: 12), 12)[0];
        Assert.Equal(12, forecast.Mean.Count);
        Assert.Equal(Bits(model.Forecast(TinyForecasts.Table(90, ahead: 12), 3)), Bits(model.Forecast(TinyForecasts.Table(90), 3)));
        Assert.Throws<ArgumentOutOfRangeException>(() => TinyForecasts.Model(TinyForecasts.Config).Forecast(TinyForecasts.Table(60), 4));
    }

    [Fact]
    public void Threads_and_batches_do_not_change_a_bit()
    {
        ThreadTeam.Threads = 1;
        var one = Forecaster.Train(TinyForecasts.Table(90), Short);
        ThreadTeam.Threads = 2;
        var two = Forecaster.Train(TinyForecasts.Table(90), Short);
        var expected = Bits(one.Forecast(TinyForecasts.Table(90)));
        Assert.Equal(expected, Bits(two.Forecast(TinyForecasts.Table(90))));
        Assert.Equal(expected, Bits(one.Forecast(TinyForecasts.Table(90), batch: 1)));
    }

    [Fact]
    public void Nothing_behind_the_cut_off_is_read_but_what_is_known_ahead()
    {
        var model = TinyForecasts.Model(Config);
        var (frame, changed) = (model.Prepare(TinyForecasts.Table(60)), model.Prepare(TinyForecasts.Table(60, change: (v, _) =>
        {
            for (var t = 40; t < 60; t++) (v[0][t], v[2][t]) = (1e3, -1e3);
            for (var t = 43; t < 63; t++) v[1][t] = 1e3;
        })));
        ForecastWindow[] windows = [new(0, 40), new(1, 40)];
        Assert.Equal(Bits(model.Predict(frame, windows, 3)), Bits(model.Predict(changed, windows, 3)));
        Assert.NotEqual(Bits(model.Predict(frame, [new(0, 41)], 3)), Bits(model.Predict(changed, [new(0, 41)], 3)));
    }

    [Fact]
    public void Past_covariates_of_the_horizon_are_hidden_in_training_too()
    {
        var model = TinyForecasts.Model(Config);
        var batch = (AutoregressiveBatch)model.Network.NewBatch(training: true);
        float[] Inputs(Action<double[][], int>? change)
        {
            var frame = model.Prepare(TinyForecasts.Table(60, change: change));
            batch.Fill(frame, [new ForecastWindow(0, 40)], [0]);
            return batch.Input.ToArray();
        }
        var expected = Inputs(null);
        Assert.Equal(expected, Inputs((v, _) => v[0][40] = v[0][41] = 77));
        Assert.NotEqual(expected, Inputs((v, _) => v[0][39] = 77));
    }

    [Theory]
    [InlineData("squared")]
    [InlineData("huber")]
    [InlineData("gaussian")]
    [InlineData("student")]
    [InlineData("negative-binomial")]
    [InlineData("quantile")]
    public void Every_head_draws_paths(string head)
    {
        var table = TinyForecasts.Table(160, change: (v, _) =>
        {
            for (var t = 0; t < 160; t++) v[2][t] = t % 11 == 5 ? double.NaN : Math.Round(v[2][t]);
        });
        var model = Forecaster.Train(table, Short with { Iterations = 80, Model = Config with { Head = head, Dropout = 0, Scaling = head == "negative-binomial" ? "mean" : "standard" } });
        foreach (var forecast in model.Forecast(table))
            for (var h = 0; h < 3; h++)
            {
                double[] levels = [0.01, 0.025, 0.1, 0.3, 0.5, 0.7, 0.9, 0.975, 0.99];
                var quantiles = levels.Select(q => forecast.Quantile(q)[h]).ToArray();
                Assert.Equal(quantiles.Order(), quantiles);
                Assert.InRange(forecast.Samples.Average(p => p[h]), quantiles[2], quantiles[6]);
                if (head == "negative-binomial") Assert.All(forecast.Samples, p => Assert.True(p[h] >= 0 && p[h] == Math.Round(p[h])));
            }
        Assert.True(model.Evaluate(table, 4)["mae"] < 1.5);
    }
}
