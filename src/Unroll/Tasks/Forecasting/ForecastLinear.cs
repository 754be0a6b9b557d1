using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>The linear part of a forecaster: a regression of each step on what a window shows, found in closed form and then held fixed.</summary>
/// <remarks>
/// <code>
/// b_h = w_h · x + c_h        x: the last values of the targets, those a long season before the horizon, and the last of past covariates (not of an
///                            autoregressive model, which would not know them within the horizon); covariates known ahead,
///                            at all steps of the horizon and at the last steps; the calendar of the first step
/// </code>
/// w has a penalty on the squares of what it has besides the last value, or the value a season before, where that predicts better than the mean (<see cref="ForecastLinearFit"/>). Windows that
/// begin at each place in the season, or those of each series, may have weights of their own. Parameters, none trained: <c>weight</c> [groups·H·D, P + 1], the intercept last;
/// <c>residuals</c> [H·D, Q], quantiles of y − b of the levels of <see cref="QuantileForecast.DefaultLevels"/>.
/// </remarks>
sealed class ForecastLinear : Module
{
    /// <summary>The longest season of which each phase may have weights.</summary>
    public const int MostPhases = 31;

    /// <summary>What may have weights of its own.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["all", "phase", "series"];

    const int MostLags = 480, MostAhead = 384, MostOthers = 192, MostBehind = 24;

    readonly ForecasterConfig _config;
    readonly int _targets, _past, _future, _calendar, _longLags, _pastLags, _futureLags;
    readonly bool _ahead;
    readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

    public ForecastLinear(ForecasterConfig config, ForecastSchema schema, int calendar)
    {
        (_config, _targets, _past, _future, _calendar) = (config, schema.Targets.Count, schema.PastWidth, schema.FutureWidth, calendar);
        Lags = Math.Min(Math.Min(config.Context, config.LinearLags), Math.Max(1, MostLags / _targets));
        var behind = Math.Min(config.Context, config.Season > 1 ? Math.Min(config.Season, MostBehind) : 3);
        _pastLags = _past == 0 || config.IsAutoregressive ? 0 : Math.Min(behind, Math.Max(1, MostOthers / _past));
        _futureLags = _future == 0 ? 0 : Math.Min(behind, Math.Max(1, MostOthers / 2 / _future));
        _ahead = _future * config.StepsAtOnce <= MostAhead;
        _longLags = ReadsLongSeason && Lags < config.LongSeason ? Math.Min(config.StepsAtOnce, MostBehind) : 0;
        Features = _targets * (Lags + _longLags) + _past * _pastLags + _future * ((_ahead ? config.StepsAtOnce : 0) + _futureLags * (ReadsLongSeason ? 2 : 1)) + calendar;
        Outputs = config.StepsAtOnce * _targets;
        foreach (var name in schema.Names) _places[name] = _places.Count;
        Groups = config.LinearBy switch { "phase" => config.Season, "series" => _places.Count + 1, _ => 1 };
        Weight = Add("weight", new Parameter(new(Groups * Outputs, Features + 1), decays: false) { Trainable = false });
        Residuals = Add("residuals", new Parameter(new(Outputs, QuantileForecast.DefaultLevels.Count), decays: false) { Trainable = false });
    }

    bool ReadsLongSeason => _config.LongSeason > 0 && _config.Context >= _config.LongSeason;

    /// <summary>How many of the last values of each target are features; they come first, target by target, the last value first.</summary>
    public int Lags { get; }

    /// <summary>P.</summary>
    public int Features { get; }

    /// <summary>H·D: step by step, in each target by target.</summary>
    public int Outputs { get; }

    /// <summary>How many sets of weights there are; of series the last is for those that training has not seen.</summary>
    public int Groups { get; }

    /// <summary>Which set of weights the window behind a cut-off has.</summary>
    public int GroupOf(FrameSeries series, int cutoff) => _config.LinearBy switch
    {
        "phase" => (int)((series.FirstPhase + cutoff) % _config.Season),
        "series" => _places.GetValueOrDefault(series.Name, Groups - 1),
        _ => 0,
    };

    public Parameter Weight { get; }

    public Parameter Residuals { get; }

    /// <summary>Half the width of the middle four fifths of the residuals, over that of a normal distribution; above 0.</summary>
    public double SpreadOf(int output)
    {
        const double Normal = 1.2815515655446004;                       // the quantile of 0.9
        var row = Residuals.Values.Slice(output * Residuals.Shape[1], Residuals.Shape[1]);
        var width = (row[^2] - row[1]) / (2 * Normal);
        return width > 1e-3 ? width : 1e-3;
    }

    /// <summary>Writes x of the window behind a cut-off.</summary>
    /// <param name="x">[P].</param>
    /// <param name="scales">By target.</param>
    public void Write(Span<double> x, FrameSeries series, int cutoff, ReadOnlySpan<ValueScale> scales)
    {
        var at = 0;
        for (var d = 0; d < _targets; d++)
        {
            var values = series.Targets[d];
            var first = at;
            for (var l = 0; l < Lags; l++)
            {
                var value = cutoff - 1 - l >= 0 ? values[cutoff - 1 - l] : double.NaN;
                x[at++] = double.IsNaN(value) ? value : scales[d].Apply(value);
            }
            Close(x[first..at]);
        }
        for (var d = 0; d < _targets; d++)
            for (var l = 0; l < _longLags; l++)
            {
                var value = cutoff - _config.LongSeason + l is >= 0 and var t ? scales[d].Apply(series.Targets[d][t]) : double.NaN;
                x[at++] = double.IsNaN(value) ? x[d * Lags] : value;
            }
        foreach (var values in series.Past)
            for (var l = 0; l < _pastLags; l++) x[at++] = At(values, cutoff - 1 - l);
        foreach (var values in series.Future)
        {
            for (var h = 0; h < _config.StepsAtOnce && _ahead; h++) x[at++] = At(values, cutoff + h);
            for (var l = 0; l < _futureLags; l++) x[at++] = At(values, cutoff - 1 - l);
            for (var l = 0; l < _futureLags && ReadsLongSeason; l++) x[at++] = At(values, cutoff - _config.LongSeason + l);
        }
        for (var c = 0; c < _calendar; c++) x[at++] = series.Calendar[cutoff * _calendar + c];
    }

    static double At(Real[] values, int t) => values.Length == 0 || t < 0 ? 0 : values[Math.Min(t, values.Length - 1)];

    /// <summary>Gaps take the value before them in time, at the beginning the first one; all 0 where there is none.</summary>
    static void Close(Span<double> lags)
    {
        for (var l = lags.Length - 2; l >= 0; l--)
            if (double.IsNaN(lags[l])) lags[l] = lags[l + 1];
        for (var l = 0; l < lags.Length; l++)
            if (double.IsNaN(lags[l])) lags[l] = l > 0 ? lags[l - 1] : 0;
    }

    /// <summary>Writes b of a window.</summary>
    /// <param name="b">[H·D], or the first of them.</param>
    /// <param name="x">[P].</param>
    public void Predict(Span<Real> b, ReadOnlySpan<double> x, int group)
    {
        var width = Features + 1;
        var weights = Weight.Values.Slice(group * Outputs * width, Outputs * width);
        for (var o = 0; o < b.Length; o++) b[o] = (Real)Dot(weights.Slice(o * width, width), x);
    }

    /// <summary>In four sums of fixed order, so that the bits are those of every processor.</summary>
    static double Dot(ReadOnlySpan<Real> w, ReadOnlySpan<double> x)
    {
        double s0 = w[x.Length], s1 = 0, s2 = 0, s3 = 0;
        var i = 0;
        for (; i + 4 <= x.Length; i += 4)
        {
            s0 += w[i] * x[i];
            s1 += w[i + 1] * x[i + 1];
            s2 += w[i + 2] * x[i + 2];
            s3 += w[i + 3] * x[i + 3];
        }
        for (; i < x.Length; i++) s0 += w[i] * x[i];
        return s0 + s1 + (s2 + s3);
    }
}
