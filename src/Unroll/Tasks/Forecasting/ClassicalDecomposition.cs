namespace Unroll.Tasks;

/// <summary>Takes the season out of a series, as M4's Naive2 and Theta do: x = trend · season · remainder.</summary>
/// <remarks>
/// The trend is the centred moving average of m values (of m + 1 with halved ends where m is even); the factor of a phase is the mean of x / trend over it, and
/// the factors are divided by their mean. It is done only where all values are above 0, there are 3 seasons of them, and the autocorrelation at m is
/// significant at 90 %: |r(m)| > 1.645 √((1 + 2 Σ r(i)², i &lt; m) / n). Without, all factors are 1.
/// </remarks>
static class ClassicalDecomposition
{
    const double Significance = 1.645;      // the 95 % quantile of a normal distribution

    /// <summary>The factor of each phase, that of the first value first.</summary>
    public static double[] Factors(ReadOnlySpan<double> x, int season)
    {
        var factors = new double[Math.Max(season, 1)];
        Array.Fill(factors, 1);
        if (season < 2 || x.Length < 3 * season || !IsPositive(x) || !IsSeasonal(x, season)) return factors;
        var (half, count) = (season / 2, new int[season]);
        Array.Clear(factors);
        for (var t = half; t < x.Length - half; t++)
        {
            double sum = 0;
            for (var i = t - half; i <= t + half; i++) sum += x[i];
            if (season % 2 == 0) sum -= (x[t - half] + x[t + half]) / 2;
            factors[t % season] += x[t] * season / sum;
            count[t % season]++;
        }
        for (var p = 0; p < season; p++) factors[p] /= count[p];
        var mean = factors.Sum() / season;
        for (var p = 0; p < season; p++) factors[p] /= mean;
        return factors;
    }

    /// <summary>Whether the autocorrelation at the season is significant at 90 %.</summary>
    public static bool IsSeasonal(ReadOnlySpan<double> x, int season)
    {
        double mean = 0, variance = 0, squares = 1, r = 0;
        foreach (var value in x) mean += value / x.Length;
        foreach (var value in x) variance += (value - mean) * (value - mean);
        if (!(variance > 0)) return false;
        for (var lag = 1; lag <= season; lag++)
        {
            if (lag > 1) squares += 2 * r * r;
            double sum = 0;
            for (var t = lag; t < x.Length; t++) sum += (x[t] - mean) * (x[t - lag] - mean);
            r = sum / variance;
        }
        return Math.Abs(r) > Significance * Math.Sqrt(squares / x.Length);
    }

    static bool IsPositive(ReadOnlySpan<double> x)
    {
        foreach (var value in x)
            if (!(value > 0)) return false;
        return true;
    }
}
