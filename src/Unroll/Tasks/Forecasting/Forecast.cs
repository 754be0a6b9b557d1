using System.Diagnostics;

namespace Unroll.Tasks;

/// <summary>What a forecaster says of the steps that follow on a series, of one target.</summary>
/// <remarks>Immutable: safe for use by several threads.</remarks>
[DebuggerDisplay("{Series,nq} {Target,nq}: {Mean.Count} steps")]
public sealed class Forecast
{
    readonly QuantileForecast _quantiles;

    internal Forecast(string series, string target, IReadOnlyList<DateTime> times, double[] mean, QuantileForecast quantiles) =>
        (Series, Target, Times, Mean, _quantiles) = (series, target, times, mean, quantiles);

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

    /// <summary>A quantile of each step: the value that is not exceeded with this probability; linear between 0.025, 0.1, 0.2, …, 0.9 and 0.975, beyond them the outermost.</summary>
    /// <param name="level">The probability, between 0 and 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public IReadOnlyList<double> Quantile(double level)
    {
        if (!(level > 0 && level < 1)) Throw.OutOfRange(nameof(level), level, "between 0 and 1");
        return [.. Enumerable.Range(1, Mean.Count).Select(h => _quantiles.Quantile(h, level))];
    }

    /// <summary>The quantiles, the point first.</summary>
    internal QuantileForecast Quantiles => _quantiles;
}
