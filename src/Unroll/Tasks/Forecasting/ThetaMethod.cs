namespace Unroll.Tasks;

/// <summary>Theta (Assimakopoulos and Nikolopoulos 2000), which is exponential smoothing with half the trend as drift (Hyndman and Billah 2003).</summary>
/// <remarks>
/// Of x without its season (<see cref="ClassicalDecomposition"/>), with a + b·t its regression on time: f(n + h) = ½ (l(n) + a + b(n + h)), l the level of simple exponential smoothing
/// of 2x(t) − a − b·t, l(t) = l(t − 1) + α e(t), α and l(0) by least squares of e. The season is then put back. Quantiles: those of the errors at one step, as
/// shares of the season's factor, times √(1 + (h − 1) α²).
/// </remarks>
/// <param name="season">m, 1 for no season.</param>
internal sealed class ThetaMethod(int season = 1) : SimpleMethod
{
    public override string Name => "theta";

    public override QuantileForecast Forecast(SeriesWindow history, int horizon)
    {
        var (x, factor) = WithoutSeason(history, season);
        if (x.Length == 0) return Nothing(horizon);
        var (a, b) = Line(x);
        var line = new double[x.Length];
        for (var t = 0; t < x.Length; t++) line[t] = 2 * x[t] - a - b * t;
        var smoothing = new SimpleSmoothing(line);
        var point = new double[horizon];
        for (var h = 1; h <= horizon; h++) point[h - 1] = (smoothing.Level + a + b * (x.Length - 1 + h)) / 2 * factor(h);
        var residuals = smoothing.Errors().Select(e => e / 2).Order().ToArray();        // x − ½(l + a + bt) = ½(2x − a − bt − l)
        return QuantileForecast.Around(point, _ => residuals, h => Math.Sqrt(1 + (h - 1) * smoothing.Alpha * smoothing.Alpha) * factor(h));
    }

    /// <summary>a and b of the regression a + b·t, t from 0.</summary>
    static (double, double) Line(double[] x)
    {
        double middle = (x.Length - 1) / 2.0, mean = x.Sum() / x.Length, product = 0, squares = 0;
        for (var t = 0; t < x.Length; t++) (product, squares) = (product + (t - middle) * (x[t] - mean), squares + (t - middle) * (t - middle));
        var b = squares > 0 ? product / squares : 0;
        return (mean - b * middle, b);
    }
}

/// <summary>Naive2 of M4: the last value without its season, and the season put back; the measure of OWA.</summary>
/// <remarks>The season is that of <see cref="ClassicalDecomposition"/>. Quantiles: those of the changes from one value to the next, as shares of the season's factor, times √h.</remarks>
/// <param name="season">m, 1 for no season.</param>
internal sealed class Naive2Method(int season = 1) : SimpleMethod
{
    public override string Name => "naive2";

    public override QuantileForecast Forecast(SeriesWindow history, int horizon)
    {
        var (x, factor) = WithoutSeason(history, season);
        if (x.Length == 0) return Nothing(horizon);
        var point = new double[horizon];
        for (var h = 1; h <= horizon; h++) point[h - 1] = x[^1] * factor(h);
        var residuals = Enumerable.Range(1, x.Length - 1).Select(t => x[t] - x[t - 1]).Order().ToArray();
        return QuantileForecast.Around(point, _ => residuals, h => Math.Sqrt(h) * factor(h));
    }
}
