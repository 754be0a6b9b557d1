namespace Unroll.Tasks;

/// <summary>What numbers are brought to size by: z = (f(y) − a) / b.</summary>
/// <param name="Shift">a.</param>
/// <param name="Scale">b, above 0.</param>
readonly record struct ValueScale(double Shift, double Scale)
{
    public static readonly ValueScale None = new(0, 1);

    public double Apply(double value) => (value - Shift) / Scale;

    public double Undo(double scaled) => Shift + scaled * Scale;

    /// <summary>The same with the mean of what is known of some values for a; a stays where nothing is.</summary>
    public ValueScale Around(ReadOnlySpan<double> values)
    {
        var (sum, count) = (0.0, 0);
        foreach (var v in values)
            if (!double.IsNaN(v)) (sum, count) = (sum + v, count + 1);
        return count > 0 ? new(sum / count, Scale) : this;
    }
}

/// <summary>How targets are scaled.</summary>
/// <remarks>
/// f is the identity, or of <c>log</c> f(y) = ln(y + c), c = 0 where the training part of the column is above 0 and 1 where it has zeros. a and b are: <c>standard</c> and <c>log</c> mean and
/// standard deviation; <c>mean</c> 0 and the mean of |y|; <c>robust</c> the median and the distance of the quartiles over 1.35, which is the deviation of normal values;
/// <c>min-max</c> the least value and the range; <c>none</c> 0 and 1. They are those of the training part of the series, and of a series that the model has not seen those of its history; or, by
/// window, a is the mean of the last season of the context and b that of the context, at least a twentieth of the series' own.
/// </remarks>
static class TargetScaling
{
    const double NormalQuartiles = 1.349, LeastOfSeries = 0.05;

    public static IReadOnlyList<string> Kinds { get; } = ["standard", "mean", "robust", "min-max", "log", "none"];

    /// <summary>a and b of the values that are known; a = 0 and b = 1 of none.</summary>
    public static ValueScale Measure(string kind, ReadOnlySpan<double> values, double least = 0)
    {
        var (sum, count) = Sum<Itself>(values, 0);
        if (count == 0 || kind == "none") return ValueScale.None;
        var (shift, scale) = kind switch
        {
            "mean" => (0, Sum<Size>(values, 0).Sum / count),
            "min-max" => Range(values),
            "robust" => Robust(values),
            _ => (sum / count, Deviation(values, sum / count, count)),
        };
        if (kind == "robust" && !(scale > 0)) scale = Deviation(values, sum / count, count);
        scale = Math.Max(scale, least * LeastOfSeries);
        return new(shift, scale > 1e-12 * (1 + Math.Abs(shift)) ? scale : least > 0 ? least : 1);
    }

    static double Deviation(ReadOnlySpan<double> values, double mean, int count) => Math.Sqrt(Sum<Square>(values, mean).Sum / count);

    static (double, double) Range(ReadOnlySpan<double> values)
    {
        var (min, max) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var v in values)
            if (!double.IsNaN(v)) (min, max) = (Math.Min(min, v), Math.Max(max, v));
        return (min, max - min);
    }

    /// <summary>The sum over the values that are known and how many they are, in four sums of fixed order: the time of an addition is waited for a fourth as often.</summary>
    static (double Sum, int Count) Sum<T>(ReadOnlySpan<double> values, double center) where T : ITerm
    {
        double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        int missing = 0, i = 0;
        for (; i + 4 <= values.Length; i += 4)
        {
            s0 += Known(values[i]);
            s1 += Known(values[i + 1]);
            s2 += Known(values[i + 2]);
            s3 += Known(values[i + 3]);
        }
        for (; i < values.Length; i++) s0 += Known(values[i]);
        return (s0 + s1 + (s2 + s3), values.Length - missing);

        double Known(double v)
        {
            if (!double.IsNaN(v)) return T.Of(v, center);
            missing++;
            return 0;
        }
    }

    interface ITerm
    {
        static abstract double Of(double value, double center);
    }

    readonly struct Itself : ITerm
    {
        public static double Of(double value, double center) => value;
    }

    readonly struct Size : ITerm
    {
        public static double Of(double value, double center) => Math.Abs(value);
    }

    readonly struct Square : ITerm
    {
        public static double Of(double value, double center) => (value - center) * (value - center);
    }

    static (double, double) Robust(ReadOnlySpan<double> values)
    {
        var known = new List<double>();
        foreach (var v in values)
            if (!double.IsNaN(v)) known.Add(v);
        double[] sorted = [.. known.Order()];
        return (QuantileForecast.SampleQuantile(sorted, 0.5), (QuantileForecast.SampleQuantile(sorted, 0.75) - QuantileForecast.SampleQuantile(sorted, 0.25)) / NormalQuartiles);
    }
}
