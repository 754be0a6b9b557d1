using Unroll.Data;
using Unroll.Tests.Models;

namespace Unroll.Tests.Tasks.Forecasting;

/// <summary>Level and season by exponential smoothing, learned with the network.</summary>
public class ForecastSmoothingTests
{
    static readonly ForecasterConfig Config = TinyForecasts.Config with { Mode = "smoothing", Scaling = "none" };

    [Fact]
    public void Level_and_season_are_those_of_the_equations()
    {
        var (model, table) = (TinyForecasts.Model(Config), TinyForecasts.Table(60, change: (v, _) => v[2][17] = double.NaN));
        var smoothing = new ForecastSmoothing(Config, model.Schema);
        var own = smoothing.Parameters.Single(p => p.Name == "series").Parameter.Edit();
        var shared = smoothing.Parameters.Single(p => p.Name == "shared").Parameter.Edit();
        for (var i = 0; i < own.Length; i++) own[i] = 0.1f * (i % 5) - 0.2f;
        (shared[0], shared[1]) = (0.3f, -0.7f);
        var batch = model.Network.NewBatch();
        batch.Fill(model.Prepare(table), [new(0, 30), new(1, 23)], [0, 1]);
        var y = smoothing.Forward(batch, Config.Context).Values.ToArray();
        for (var b = 0; b < 2; b++)
        {
            var phase = model.Prepare(table).Series[b].FirstPhase;
            var (z, cutoff, row) = (table.Series[b][2].ToArray(), b == 0 ? 30 : 23, own.Slice(b * 6, 6).ToArray());
            double alpha = 1 / (1 + Math.Exp(-(0.3f + row[0]))), gamma = 1 / (1 + Math.Exp(-(-0.7f + row[1])));
            var season = new double[cutoff + 8];
            for (var p = 0; p < 4; p++)
            {
                for (var s = 0; s < 4; s++) season[p] += (z[4 * s + p] - z[(4 * s)..(4 * s + 4)].Average()) / 4;
                season[p] += row[2 + (int)((phase + p) % 4)];
            }
            var level = z[..4].Average();
            for (var t = 0; t < cutoff; t++)
            {
                if (double.IsNaN(z[t]))
                {
                    season[t + 4] = season[t];
                    continue;
                }
                level = alpha * (z[t] - season[t]) + (1 - alpha) * level;
                season[t + 4] = gamma * (z[t] - level) + (1 - gamma) * season[t];
            }
            for (var k = 0; k < Config.Context + Config.Horizon; k++) Assert.Equal(season[cutoff - Config.Context + k], y[k * 2 + b], 1e-4);
            Assert.Equal(level, y[^(2 - b)], 1e-4);
        }
    }

    [Fact]
    public void Many_short_series_with_seasons_of_their_own_are_learned_together()
    {
        static double[] Values(int s, int steps)
        {
            var rng = new Rng((ulong)s + 1);
            return [.. Enumerable.Range(0, steps).Select(t => (10 + 5 * s + 0.1 * s * t) * Math.Exp(0.3 * Math.Sin((t + s) * Math.PI / 6) + 0.03 * rng.NextNormal()))];
        }
        var table = TimeSeriesTable.FromSeries("y", [.. Enumerable.Range(0, 24).Select(s => ($"s{s}", Values(s, 72)))], new TimeStep(1, TimeUnit.Month));
        var model = Forecaster.Train(table, new() { Model = new() { Mode = "smoothing", Horizon = 12, HiddenSize = 16 }, Iterations = 200, TestWindows = 1 });
        Assert.Equal(("log", false, 12), (model.Config.Scaling, model.Config.ScaleWindow, model.Config.Season));
        var report = model.Evaluate(table);
        Assert.True(report["mase"] < 0.9, report.ToJson().ToJsonString());
        Assert.InRange(report["coverage_80"], 0.6, 0.97);
        var unseen = model.Forecast(TimeSeriesTable.FromSeries("y", [("new", Values(30, 60))], new TimeStep(1, TimeUnit.Month)))[0];
        var truth = Values(30, 72)[60..];
        Assert.True(unseen.Median.Zip(truth, (m, y) => Math.Abs(m - y) / y).Average() < 0.15);
    }

    [Fact]
    public void Nothing_behind_the_cut_off_is_read()
    {
        var model = TinyForecasts.Model(Config);
        var (frame, changed) = (model.Prepare(TinyForecasts.Table(60)), model.Prepare(TinyForecasts.Table(60, change: (v, _) =>
        {
            for (var t = 40; t < 60; t++) (v[0][t], v[2][t]) = (1e3, -1e3);
        })));
        string Bits(ForecastFrame f, int cutoff) => string.Join(" ", model.Predict(f, [new(0, cutoff), new(1, cutoff)], 3).SelectMany(x => x.Mean.Concat(x.Quantile(0.1))).Select(v => $"{v:R}"));
        Assert.Equal(Bits(frame, 40), Bits(changed, 40));
        Assert.NotEqual(Bits(frame, 41), Bits(changed, 41));
    }
}
