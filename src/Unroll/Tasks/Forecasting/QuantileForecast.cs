namespace Unroll.Tasks;

/// <summary>A forecast of some steps: points, and quantiles where the method has them.</summary>
/// <param name="Point">One value a step; NaN where the method has no forecast.</param>
/// <param name="Levels">The levels of the quantiles, ascending, each between 0 and 1; none for points alone.</param>
/// <param name="Quantiles">[step][level].</param>
internal sealed record QuantileForecast(double[] Point, IReadOnlyList<double> Levels, double[][] Quantiles)
{
    /// <summary>The levels of the simple methods: deciles, and those of a central interval of 95 %.</summary>
    public static readonly IReadOnlyList<double> DefaultLevels = [0.025, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.975];

    /// <summary>Points alone.</summary>
    public QuantileForecast(double[] point) : this(point, [], [])
    {
    }

    public int Horizon => Point.Length;

    /// <summary>The quantile of a level at a step from 1, linear between the levels that are there; the outermost one beyond them.</summary>
    public double Quantile(int step, double level)
    {
        if (Levels.Count == 0) return double.NaN;
        var values = Quantiles[step - 1];
        var k = 0;
        while (k < Levels.Count && Levels[k] < level - 1e-9) k++;
        if (k == Levels.Count) return values[^1];
        return k == 0 || Levels[k] <= level + 1e-9 ? values[k] : values[k - 1] + (values[k] - values[k - 1]) * (level - Levels[k - 1]) / (Levels[k] - Levels[k - 1]);
    }

    /// <summary>Points with the quantiles of residuals around them: point + scale · (quantile of the residuals − their median).</summary>
    /// <param name="point">One value a step.</param>
    /// <param name="residuals">Of a step from 1, ascending; with none of them each quantile is the point.</param>
    /// <param name="scale">What the residuals of a step from 1 are multiplied by.</param>
    public static QuantileForecast Around(double[] point, Func<int, double[]> residuals, Func<int, double> scale)
    {
        var quantiles = new double[point.Length][];
        for (var h = 1; h <= point.Length; h++)
        {
            var (sorted, factor) = (residuals(h), scale(h));
            var median = SampleQuantile(sorted, 0.5);
            quantiles[h - 1] = [.. DefaultLevels.Select(level => point[h - 1] + (sorted.Length == 0 ? 0 : factor * (SampleQuantile(sorted, level) - median)))];
        }
        return new(point, DefaultLevels, quantiles);
    }

    /// <summary>The quantile of values in ascending order, linear between them (Hyndman and Fan's type 7); NaN of none.</summary>
    public static double SampleQuantile(ReadOnlySpan<double> sorted, double level)
    {
        if (sorted.IsEmpty) return double.NaN;
        var place = level * (sorted.Length - 1);
        var k = Math.Min((int)place, sorted.Length - 1);
        return k + 1 < sorted.Length ? sorted[k] + (place - k) * (sorted[k + 1] - sorted[k]) : sorted[k];
    }
}
