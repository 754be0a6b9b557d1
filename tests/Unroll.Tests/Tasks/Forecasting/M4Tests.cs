using System.Globalization;
using System.IO.Compression;
using Unroll.Tests.Data;
using Xunit.Abstractions;

namespace Unroll.Tests.Tasks.Forecasting;

/// <summary>The simple methods on M4, whose figures are published (Makridakis, Spiliotis, Assimakopoulos 2020).</summary>
public class M4Tests(ITestOutputHelper output)
{
    static string[][] Rows(string name)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(RealData.Find(name)), CompressionMode.Decompress));
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(l => l.Trim().Split(',').Select(f => f.Trim('"')).ToArray())];
    }

    static IEnumerable<double> Numbers(string[] row) => row.Skip(1).Where(f => f is not ("" or "NA")).Select(f => double.Parse(f, CultureInfo.InvariantCulture));

    static ForecastSeries[] Series(string frequency)
    {
        var (training, test) = (Rows($"m4/{frequency}-train.csv.gz"), Rows($"m4/{frequency}-test.csv.gz").ToDictionary(r => r[0]));
        return [.. training.Select(r => new ForecastSeries(r[0], [.. Numbers(r), .. Numbers(test[r[0]])]))];
    }

    BacktestResult Run(string frequency, IReadOnlyList<SimpleMethod> methods, int horizon, int season)
    {
        var result = Backtest.Run(Series(frequency), methods, new() { Horizon = horizon, Season = season });
        foreach (var (method, score) in result.Methods.Zip(result.Scores))
            output.WriteLine($"{frequency} {method}: sMAPE {score["smape"]:F3}, MASE {score["mase"]:F3}, coverage of 80 % {score["coverage_80"]:F3}, OWA {result.Owa(method):F3}");
        return result;
    }

    static void Is(BacktestResult result, string method, double smape, double mase, double tolerance = 0.0006)
    {
        Assert.Equal(smape, result.Score(method)["smape"], tolerance * 10);
        Assert.Equal(mase, result.Score(method)["mase"], tolerance);
    }

    [SkippableFact]
    public void Hourly()
    {
        var result = Run("Hourly", SimpleMethod.All([24, 168]), 48, 24);
        Assert.Equal(414, result.Windows.Count);
        Is(result, "naive2", 18.383, 2.395);
        Is(result, "seasonal_naive_24", 13.912, 1.193);
        Is(result, "theta", 18.138, 2.455);
        Is(result, "linear", 10.338, 0.805, 0.005);          // found; there is none published
        Assert.Equal(1, result.Owa("naive2"), 1e-12);
    }

    [SkippableFact]
    public void Weekly()
    {
        var result = Run("Weekly", [.. SimpleMethod.All([]), new Naive2Method()], 13, 1);
        Assert.Equal(359, result.Windows.Count);
        Is(result, "naive", 9.161, 2.777);
        Is(result, "naive2", 9.161, 2.777);
        Is(result, "theta", 9.093, 2.637);
        Is(result, "linear", 7.838, 2.217, 0.005);
    }
}
