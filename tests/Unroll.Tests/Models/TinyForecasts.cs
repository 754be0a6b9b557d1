using Unroll.Data;

namespace Unroll.Tests.Models;

/// <summary>Small forecasters and the series they read.</summary>
static class TinyForecasts
{
    public static readonly ForecasterConfig Config = new() { Horizon = 3, Context = 8, Season = 4, Targets = ["y"], Past = ["p"], Future = ["f"], HiddenSize = 5, Dropout = 0.1, LinearLags = 5 };

    public static readonly DateTime Start = new(2020, 1, 6);

    /// <summary>Two series of y, which follows its season and f, with a covariate p of the past, and a static kind; f goes on behind the end of y.</summary>
    public static TimeSeriesTable Table(int steps, int ahead = 3, Action<double[][], int>? change = null)
    {
        var series = new List<TimeSeries>();
        for (var s = 0; s < 2; s++)
        {
            var rng = new Rng((ulong)s + 3);
            double[] y = new double[steps + ahead], p = new double[steps + ahead], f = new double[steps + ahead];
            for (var t = 0; t < y.Length; t++)
            {
                (p[t], f[t]) = (rng.NextDouble(), rng.NextDouble());
                y[t] = t < steps ? 5 * (s + 1) + Math.Sin(t * Math.PI / 2) + 2 * f[t] + (t > 0 ? p[t - 1] : 0) + 0.05 * rng.NextNormal() : double.NaN;
                if (t >= steps) p[t] = double.NaN;
            }
            double[][] values = [p, f, y];
            change?.Invoke(values, s);
            series.Add(new($"s{s}", values, Start, new TimeStep(1, TimeUnit.Day), [s]));
        }
        return new([new("p"), new("f"), new("y")], series, [new("kind", ["a", "b"])]);
    }

    /// <summary>A model with random weights everywhere.</summary>
    public static Forecaster Model(ForecasterConfig config, ulong seed = 1)
    {
        var parts = ForecastSplit.Whole(Table(60), [2]);
        var model = new Forecaster(config, ForecastColumns.Measure(config, parts), new Rng(seed));
        var rng = new Rng(seed + 1);
        foreach (var (_, parameter) in model.Parameters) rng.FillUniform(parameter.Edit(), -0.3, 0.3);
        var residuals = model.Linear.Residuals.Edit();
        for (var i = 0; i < residuals.Length; i++) residuals[i] = i % ForecastHead.Levels.Count * 0.1f - 0.5f;
        return model;
    }
}
