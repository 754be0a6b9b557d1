namespace Unroll.Tasks;

/// <summary>Simple exponential smoothing: e(t) = x(t) − l(t − 1), l(t) = l(t − 1) + α e(t); α and l(0) minimise Σ e².</summary>
/// <remarks>
/// For an α, e(t) = u(t) − (1 − α)ᵗ l(0) is linear in l(0), u being the errors from l(0) = 0 (x(1), in code), so l(0) is found exactly in one pass. α is taken from a grid of
/// 20 between 0.0001 and 0.9999, then by the golden section between the neighbours of the best.
/// </remarks>
sealed class SimpleSmoothing
{
    const double Least = 0.0001, Most = 0.9999;      // as ets of the R package forecast
    const int Grid = 20, Sections = 25;
    const double Golden = 0.6180339887498949;

    readonly double[] _x;

    public SimpleSmoothing(double[] x)
    {
        _x = x;
        var step = (Most - Least) / (Grid - 1);
        var (best, least) = (0, double.PositiveInfinity);
        for (var i = 0; i < Grid; i++)
            if (Squares(Least + i * step).Sum is var sum && sum < least) (best, least) = (i, sum);
        double low = Least + Math.Max(0, best - 1) * step, high = Least + Math.Min(Grid - 1, best + 1) * step;
        double left = high - Golden * (high - low), right = low + Golden * (high - low), atLeft = Squares(left).Sum, atRight = Squares(right).Sum;
        for (var i = 0; i < Sections; i++)
            if (atLeft <= atRight)
            {
                (high, right, atRight, left) = (right, left, atLeft, right - Golden * (right - low));
                atLeft = Squares(left).Sum;
            }
            else
            {
                (low, left, atLeft, right) = (left, right, atRight, left + Golden * (high - left));
                atRight = Squares(right).Sum;
            }
        Alpha = (low + high) / 2;
        if (Squares(Alpha).Sum > least) Alpha = Least + best * step;
        Start = Squares(Alpha).Start;
        Level = Start;
        foreach (var value in x) Level += Alpha * (value - Level);
    }

    public double Alpha { get; }

    /// <summary>l(0).</summary>
    public double Start { get; }

    /// <summary>l(n), the forecast of all steps.</summary>
    public double Level { get; }

    /// <summary>The errors at one step.</summary>
    public double[] Errors()
    {
        var errors = new double[_x.Length];
        var level = Start;
        for (var t = 0; t < errors.Length; t++) level += Alpha * (errors[t] = _x[t] - level);
        return errors;
    }

    (double Sum, double Start) Squares(double alpha)
    {
        double level = _x[0], weight = 1, uu = 0, uw = 0, ww = 0;
        foreach (var value in _x)
        {
            var u = value - level;
            (uu, uw, ww) = (uu + u * u, uw + u * weight, ww + weight * weight);
            level += alpha * u;
            weight *= 1 - alpha;
        }
        return (uu - uw * uw / ww, _x[0] + uw / ww);
    }
}
