using Unroll.Data;
using Unroll.Tests.Models;

namespace Unroll.Tests.Tasks.Forecasting;

/// <summary>Intervals that hold what they promise, and surprises that are as rare as is said.</summary>
public class ForecastCalibrationTests
{
    [Theory]
    [InlineData("direct")]
    [InlineData("autoregressive")]
    public void Intervals_that_are_far_too_narrow_are_widened_to_their_share(string mode)
    {
        var table = TinyForecasts.Table(400);
        var model = TinyForecasts.Model(TinyForecasts.Config with { Mode = mode, Head = "gaussian" });
        model.Notes["forecast"] = new System.Text.Json.Nodes.JsonObject();
        var parts = ForecastSplit.Whole(table, [2]);
        ForecastPart[] Part(int from, int to) => [.. parts.Select(p => p with { From = from, To = to })];
        double Coverage(string name) => ForecastReport.Of(model, Part(300, 400), new() { Step = 1 })[name];
        model.Refit(model.Prepare(table), Part(0, 200));
        foreach (ref var residual in model.Linear.Residuals.Edit()) residual *= 0.1f;
        Assert.InRange(Coverage("coverage_80"), 0, 0.6);
        Assert.True(model.Finish(Part(0, 200), Part(200, 300)));
        Assert.False(model.Finish(Part(0, 200), Part(200, 300)));                           // once
        Assert.InRange(Coverage("coverage_80"), 0.68, 0.93);
        Assert.InRange(Coverage("coverage_95"), 0.88, 1);
    }

    [Fact]
    public void Quantiles_keep_their_order_and_paths_their_places()
    {
        var calibration = new ForecastCalibration();
        var weight = calibration.Parameters.Single(p => p.Name == "weight").Parameter.Edit();
        (weight[0], weight[1], weight[2], weight[3], weight[4]) = (-0.5f, 0.1f, 0.7f, -0.1f, 0.3f);
        double[] before = [.. ForecastHead.Levels.Select(l => 10 * l)], own = [.. before];
        calibration.Apply(own);
        Assert.Equal(own.Order(), own);
        Assert.Equal(before[5], own[5]);
        double[] values = [-2, 0.3, 1, 4.4, 5, 6, 9.2, 12], moved = [.. values.Select(v => ForecastCalibration.Move(v, before, own))];
        Assert.Equal(moved.Order(), moved);
        Assert.Equal(own[5], moved[4]);
        Assert.Equal(7, calibration.RarityOf(7));                                          // not measured: as it is
    }

    [Fact]
    public void A_level_and_its_quantile_are_each_others_inverse_and_tails_are_normal()
    {
        var levels = ForecastHead.Levels;
        double[] normal = [.. levels.Select(Distributions.NormalQuantile)];
        foreach (var z in new[] { -4, -2.5, -1, 0, 0.3, 1.9, 3, 4.5 })
        {
            var level = QuantileForecast.LevelOf(levels, normal, z);
            Assert.Equal(z, QuantileForecast.At(levels, normal, level), 1e-6);
            if (Math.Abs(z) >= 1.96) Assert.Equal(Distributions.Normal(z), level, 1e-9);
        }
        Assert.Equal(-Math.Log10(2 * 9.865876450376946e-10), QuantileForecast.Surprise(levels, normal, 6), 1e-3);          // Φ(−6)
        Assert.InRange(QuantileForecast.Surprise(levels, normal, 20), 88.2, 88.5);                                         // 5.5e-89
        Assert.Equal(0.5, QuantileForecast.LevelOf(levels, new double[levels.Count], 0), 1e-9);                            // a constant
        Assert.Equal(300, QuantileForecast.Surprise(levels, new double[levels.Count], 1));
    }

    [Fact]
    public void A_seasonal_series_learned_in_its_noise_has_intervals_of_the_right_width()
    {
        var rng = new Rng(8);
        double[] values = [.. Enumerable.Range(0, 1500).Select(t => 5 * Math.Sin(t * Math.PI / 12) + rng.NextNormal())];
        var model = Forecaster.Train(TimeSeriesTable.From("y", values, new DateTime(2024, 1, 1), new TimeStep(1, TimeUnit.Hour)), new() { Model = new() { Horizon = 6, HiddenSize = 12 }, Iterations = 100, TestWindows = 50 });
        var report = ForecastReport.Of(model, TimeSeriesTable.From("y", values, new DateTime(2024, 1, 1), new TimeStep(1, TimeUnit.Hour)), new() { Windows = 50 });
        Assert.InRange(report["coverage_80"], 0.72, 0.88);                                  // of 300 values, after some 120
        Assert.InRange(report["width_80"], 2.2, 3.2);                                        // 2.56
        var samples = model.Forecast(TimeSeriesTable.From("y", values, new DateTime(2024, 1, 1), new TimeStep(1, TimeUnit.Hour)))[0].Samples;
        Assert.Equal(100, samples.Count);
    }
}
