using System.Diagnostics;

namespace Unroll.Tasks;

/// <summary>What a forecaster says of the steps that follow on a series, of one target.</summary>
/// <remarks>Immutable: safe for use by several threads.</remarks>
[DebuggerDisplay("{Series,nq} {Target,nq}: {Mean.Count} steps")]
public sealed class Forecast
{
    const int PathCount = 100;

    readonly QuantileForecast _quantiles;
    readonly double _dependence;
    IReadOnlyList<IReadOnlyList<double>>? _samples;

    /// <param name="samples">Paths; none to draw them when they are asked for.</param>
    /// <param name="dependence">ρ of <see cref="ForecastCalibration"/>, for paths that are drawn.</param>
    internal Forecast(string series, string target, IReadOnlyList<DateTime> times, double[] mean, QuantileForecast quantiles, IReadOnlyList<double[]> samples, double dependence) =>
        (Series, Target, Times, Mean, _quantiles, _samples, _dependence) = (series, target, times, mean, quantiles, samples.Count > 0 ? samples : null, dependence);

    /// <summary>The name of the series; may be empty for an only one.</summary>
    public string Series { get; }

    /// <summary>The column that is forecast.</summary>
    public string Target { get; }

    /// <summary>The time of each step; none where the series has no times.</summary>
    public IReadOnlyList<DateTime> Times { get; }

    /// <summary>The mean of each step.</summary>
    public IReadOnlyList<double> Mean { get; }

    /// <summary>The median of each step.</summary>
    public IReadOnlyList<double> Median => Quantile(0.5);

    /// <summary>A quantile of each step: the value that is not exceeded with this probability; linear between 0.025, 0.1, 0.2, …, 0.9 and 0.975, beyond them as a normal distribution through the two outermost.</summary>
    /// <param name="level">The probability, between 0 and 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public IReadOnlyList<double> Quantile(double level)
    {
        if (!(level > 0 && level < 1)) Throw.OutOfRange(nameof(level), level, "between 0 and 1");
        return [.. Enumerable.Range(1, Mean.Count).Select(h => _quantiles.Quantile(h, level))];
    }

    /// <summary>
    /// Paths of the steps, [path][step], each as likely as any other: those that an autoregressive model drew, else 100 that are drawn from the quantiles, neighbouring steps tied as those of the
    /// validation part were. The same forecast has the same paths.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<double>> Samples => _samples ??= Draw();

    double[][] Draw()
    {
        var rng = new Rng(1);
        var paths = new double[PathCount][];
        for (var n = 0; n < PathCount; n++)
        {
            var (path, z) = (paths[n] = new double[Mean.Count], rng.NextNormal());
            for (var h = 0; h < path.Length; h++)
            {
                if (h > 0) z = _dependence * z + Math.Sqrt(1 - _dependence * _dependence) * rng.NextNormal();
                path[h] = QuantileForecast.At(_quantiles.Levels, _quantiles.Quantiles[h], Distributions.Normal(z));
            }
        }
        return paths;
    }

    /// <summary>The quantiles, the point first.</summary>
    internal QuantileForecast Quantiles => _quantiles;
}
