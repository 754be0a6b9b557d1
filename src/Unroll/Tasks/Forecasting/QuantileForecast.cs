namespace Unroll.Tasks;

/// <summary>A forecast of some steps: points, and quantiles where the method has them.</summary>
/// <param name="Point">One value a step; NaN where the method has no forecast.</param>
/// <param name="Levels">The levels of the quantiles, ascending, each between 0 and 1; none for points alone.</param>
/// <param name="Quantiles">[step][level].</param>
internal sealed record QuantileForecast(double[] Point, IReadOnlyList<double> Levels, double[][] Quantiles)
{
    /// <summary>The levels of the simple methods: deciles, and those of a central interval of 95 %.</summary>
    public static readonly IReadOnlyList<double> DefaultLevels = [0.025, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.975];

    static readonly double[] Usual = [.. DefaultLevels.Select(Distributions.NormalQuantile)];

    /// <summary>Points alone.</summary>
    public QuantileForecast(double[] point) : this(point, [], [])
    {
    }

    public int Horizon => Point.Length;

    /// <summary>The quantile of a level at a step from 1.</summary>
    public double Quantile(int step, double level) => Levels.Count == 0 ? double.NaN : At(Levels, Quantiles[step - 1], level);

    /// <summary>The quantile of a level, linear between the levels that are there; beyond them as a normal distribution through the two outermost.</summary>
    /// <param name="levels">Ascending.</param>
    /// <param name="values">By level.</param>
    /// <param name="level">Between 0 and 1.</param>
    public static double At(IReadOnlyList<double> levels, ReadOnlySpan<double> values, double level)
    {
        const double Close = 1e-9;
        var k = 0;
        while (k < levels.Count && levels[k] < level - Close) k++;
        if (k < levels.Count && levels[k] <= level + Close) return values[k];
        if (k > 0 && k < levels.Count) return values[k - 1] + (values[k] - values[k - 1]) * (level - levels[k - 1]) / (levels[k] - levels[k - 1]);
        var (outer, inner) = k == 0 ? (0, 1) : (levels.Count - 1, levels.Count - 2);
        return levels.Count < 2 ? values[outer] : values[outer] + (NormalOf(level) - NormalOf(levels[outer])) * (values[outer] - values[inner]) / (NormalOf(levels[outer]) - NormalOf(levels[inner]));
    }

    /// <summary>The level of a value: the inverse of <see cref="At"/>; in the middle of the levels that have the same value.</summary>
    public static double LevelOf(IReadOnlyList<double> levels, ReadOnlySpan<double> values, double value)
    {
        var (below, behind) = (0, 0);
        while (below < values.Length && values[below] < value) below++;
        while (behind < values.Length && values[behind] <= value) behind++;
        if (behind > below) return (levels[below] + levels[behind - 1]) / 2;
        if (below > 0 && below < values.Length) return levels[below - 1] + (levels[below] - levels[below - 1]) * (value - values[below - 1]) / (values[below] - values[below - 1]);
        return Distributions.Normal(ScoreOf(levels, values, value));
    }

    /// <summary>−log₁₀ of the probability of a value at least as far out on either side, 2 min(F, 1 − F); from 0 to 300.</summary>
    public static double Surprise(IReadOnlyList<double> levels, ReadOnlySpan<double> values, double value)
    {
        const double Most = 300, Far = 6;
        var level = LevelOf(levels, values, value);
        var share = 2 * Math.Min(level, 1 - level);
        if (value >= values[0] && value <= values[^1] || share > 1e-6) return Math.Clamp(-Math.Log10(share), 0, Most);
        var z = Math.Max(Far - 2, Math.Abs(ScoreOf(levels, values, value)));                        // far out 1 − Φ(z) is φ(z) / z · (1 − 1/z² + 3/z⁴ − …)
        return Math.Min(Most, (z * z / 2 + Math.Log(z * Math.Sqrt(2 * Math.PI) / 2) - Math.Log(1 - 1 / (z * z) + 3 / (z * z * z * z))) / Math.Log(10));
    }

    /// <summary>The normal score of a value beyond the outermost quantiles.</summary>
    static double ScoreOf(IReadOnlyList<double> levels, ReadOnlySpan<double> values, double value)
    {
        var (outer, inner) = value < values[0] ? (0, 1) : (levels.Count - 1, levels.Count - 2);
        var slope = values.Length < 2 ? 0 : (values[outer] - values[inner]) / (NormalOf(levels[outer]) - NormalOf(levels[inner]));
        return slope > 0 ? NormalOf(levels[outer]) + (value - values[outer]) / slope : outer == 0 ? double.NegativeInfinity : double.PositiveInfinity;
    }

    /// <summary>Φ⁻¹, those of the usual levels kept.</summary>
    static double NormalOf(double level)
    {
        for (var k = 0; k < Usual.Length; k++)
            if (DefaultLevels[k] == level) return Usual[k];
        return Distributions.NormalQuantile(level);
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
