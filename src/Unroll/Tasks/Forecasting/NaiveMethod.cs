namespace Unroll.Tasks;

/// <summary>The value of the last season, and its mean change where wanted: naive, seasonal naive, drift, and seasonal naive with drift.</summary>
/// <remarks>
/// f(n + h) = x(n + h − k·m) + k·d, k = ⌈h/m⌉, d = the mean of x(t) − x(t − m) over the history, or 0. With m = 1 this is the naive method, and with d
/// the drift method: d = (x(n) − x(1)) / (n − 1). Quantiles are those of the last 500 errors at the same step; where there are fewer than 20,
/// of the errors at step m times √k. Without a value one season before, the last one stands for it.
/// </remarks>
/// <param name="season">m.</param>
/// <param name="drift">Whether d is added.</param>
internal sealed class NaiveMethod(int season = 1, bool drift = false) : SimpleMethod
{
    const int MostResiduals = 500, FewestResiduals = 20;

    public override string Name => (season, drift) switch
    {
        (1, false) => "naive",
        (1, true) => "drift",
        (_, false) => $"seasonal_naive_{season}",
        _ => $"seasonal_drift_{season}",
    };

    public override QuantileForecast Forecast(SeriesWindow history, int horizon)
    {
        var x = Filled(history.Values, season);
        if (x.Length == 0 || double.IsNaN(x[^1])) return Nothing(horizon);
        var d = drift ? MeanChange(history.Values) : 0;
        var point = new double[horizon];
        for (var h = 1; h <= horizon; h++) point[h - 1] = At(x, x.Length - 1, h, d);
        var given = history.Values[^x.Length..];
        var seasonal = Residuals(x, given, season, d);
        var residuals = new double[horizon][];
        for (var h = 1; h <= horizon; h++) residuals[h - 1] = h == season ? seasonal : Residuals(x, given, h, d);
        return QuantileForecast.Around(point, h => residuals[h - 1].Length < FewestResiduals ? seasonal : residuals[h - 1],
            h => residuals[h - 1].Length < FewestResiduals ? Math.Sqrt(Seasons(h)) : 1);
    }

    int Seasons(int h) => (h + season - 1) / season;

    double At(double[] x, int t, int h, double d)
    {
        var (k, from) = (Seasons(h), t + h - Seasons(h) * season);
        return (from < 0 || double.IsNaN(x[from]) ? x[t] : x[from]) + k * d;
    }

    double MeanChange(ReadOnlySpan<double> values)
    {
        var (sum, count) = (0.0, 0);
        for (var t = season; t < values.Length; t++)
        {
            var change = values[t] - values[t - season];
            if (!double.IsNaN(change)) (sum, count) = (sum + change, count + 1);
        }
        return count > 0 ? sum / count : 0;
    }

    /// <summary>The last errors at a step where a value is given, ascending.</summary>
    double[] Residuals(double[] x, ReadOnlySpan<double> given, int h, double d)
    {
        var residuals = new List<double>();
        for (var t = x.Length - 1 - h; t >= Math.Max(0, Seasons(h) * season - h) && residuals.Count < MostResiduals; t--)
        {
            var residual = given[t + h] - At(x, t, h, d);
            if (!double.IsNaN(residual)) residuals.Add(residual);
        }
        residuals.Sort();
        return [.. residuals];
    }
}
