using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using Unroll.Tests.Data;
using Xunit.Abstractions;

namespace Unroll.Tests.Tasks.Forecasting;

/// <summary>The simple methods on hourly prices and loads.</summary>
public class ElectricityTests(ITestOutputHelper output)
{
    static ForecastSeries Prices()
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(RealData.Find("electricity-price/NP.csv.gz")), CompressionMode.Decompress));
        var rows = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(l => l.Split(',')).ToArray();
        double[] Column(int c) => [.. rows.Select(r => double.Parse(r[c], CultureInfo.InvariantCulture))];
        return new("NP", Column(1), future: [Column(2), Column(3)], times: [.. rows.Select(r => DateTime.Parse(r[0], CultureInfo.InvariantCulture))]);
    }

    /// <summary>Loads by the hour: of hours that come twice the first, and those that do not come are missing.</summary>
    static ForecastSeries Loads()
    {
        var rows = File.ReadLines(RealData.Find("electricity-pjme/PJME_hourly.csv")).Skip(1).Select(l => l.Split(','))
            .Select(f => (Time: DateTime.ParseExact(f[0], "dd-MM-yyyy HH:mm", CultureInfo.InvariantCulture), Load: double.Parse(f[1], CultureInfo.InvariantCulture)))
            .OrderBy(r => r.Time).ToArray();
        var first = rows[0].Time;
        var values = new double[(int)(rows[^1].Time - first).TotalHours + 1];
        Array.Fill(values, double.NaN);
        foreach (var (time, load) in rows) values[(int)(time - first).TotalHours] = load;
        return new("PJME", values, times: [.. Enumerable.Range(0, values.Length).Select(h => first.AddHours(h))]);
    }

    BacktestResult Run(ForecastSeries series, IReadOnlyList<SimpleMethod> methods, int windows, int refit = 0)
    {
        var watch = Stopwatch.StartNew();
        var result = Backtest.Run([series], methods, new() { Horizon = 24, Windows = windows, Season = 24, RefitEvery = refit });
        foreach (var (method, score) in result.Methods.Zip(result.Scores))
            output.WriteLine($"{series.Name} {method}: MAE {score["mae"]:F3}, coverage of 80 % {score["coverage_80"]:F3}, of 95 % {score["coverage_95"]:F3}, "
                + $"CRPS {score["crps"]:F3}, skill {result.Skill(method):F3}");
        output.WriteLine($"{watch.Elapsed.TotalSeconds:F1} s");
        return result;
    }

    /// <summary>2016-12-27 to 2018-12-24, each day from the midnight before: Lago et al. 2021.</summary>
    [SkippableFact]
    public void Nord_pool()
    {
        var result = Run(Prices(), SimpleMethod.All([24, 168]), 728);
        Assert.Equal(2.886, result.Score("seasonal_naive_24")["mae"], 0.0006);
        Assert.Equal(4.125, result.Score("seasonal_naive_168")["mae"], 0.0006);
        Assert.InRange(result.Score("linear")["mae"], 1.8, 1.916);          // 1.883; 1.916 of a ridge regression for each hour that has no harmonics and fewer lags
        Assert.InRange(result.Score("linear")["coverage_80"], 0.6, 0.9);   // 0.660: prices are higher and less steady than in the years it was fitted on
        Assert.Equal("linear", result.BestBaseline);
    }

    [SkippableFact]
    public void Nord_pool_fitted_every_four_weeks()
    {
        var score = Run(Prices(), [new LinearAutoregression(new() { Seasons = [24, 168] })], 728, refit: 28).Scores[0];
        Assert.InRange(score["mae"], 1.8, 1.863);
        Assert.InRange(score["coverage_80"], 0.7, 0.9);
    }

    [SkippableFact]
    public void Pjm_east()
    {
        var result = Run(Loads(), SimpleMethod.All([24, 168]), 365);
        Assert.True(result.Score("linear")["mae"] < 0.6 * result.Score("seasonal_naive_24")["mae"]);    // 1,330 and 2,307
    }
}
