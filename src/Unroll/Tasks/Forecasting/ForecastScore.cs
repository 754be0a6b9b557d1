namespace Unroll.Tasks;

/// <summary>How well forecasts do, over series, windows and steps.</summary>
/// <remarks>
/// With e = y − ŷ over all steps where the truth y and the point ŷ are known:
/// MAE = mean |e|; MSE = mean e²; RMSE = √MSE; MAPE = 100 · mean |e / y| over the y that are not 0; WAPE = 100 · Σ|e| / Σ|y|;
/// sMAPE = mean 200 |e| / (|y| + |ŷ|), from 0 to 200, a step with y = ŷ = 0 counting 0; MASE = mean |e| / s, s = the mean of |x(t) − x(t − m)|
/// over the history before the cut-off, windows without s left out. sMAPE and MASE are means over series of the mean of each series, as M4's
/// are (Makridakis, Spiliotis, Assimakopoulos 2020); the others are means over all steps.
/// With quantiles q of levels τ: pinball = mean over levels of max(τ(y − q), (τ − 1)(y − q)); CRPS = 2 ∫ pinball dτ, each level standing for the part of [0, 1]
/// that is nearest to it, or of samples mean |x − y| − ½ mean |x − x′|; coverage and width of the central intervals of 80 and 95 %, whose bounds belong to them,
/// where their levels are given. What is not measured is NaN. Sums are taken in the order in which forecasts are added.
/// </remarks>
internal sealed class ForecastScore
{
    static readonly int[] Intervals = [80, 95];

    readonly IReadOnlyList<double> _levels;
    readonly int[] _lower = new int[Intervals.Length], _upper = new int[Intervals.Length];
    readonly StepSums[] _steps;
    readonly Dictionary<string, SeriesSums> _series = new(StringComparer.Ordinal);
    readonly List<SeriesSums> _order = [];

    /// <param name="horizon">The most steps of a forecast.</param>
    /// <param name="levels">The levels of the quantiles; none for points alone, null for <see cref="QuantileForecast.DefaultLevels"/>.</param>
    public ForecastScore(int horizon, IReadOnlyList<double>? levels = null)
    {
        if (horizon < 1) Throw.OutOfRange(nameof(horizon), horizon, "1 or more");
        _levels = levels ?? QuantileForecast.DefaultLevels;
        _steps = new StepSums[horizon];
        for (var h = 0; h < horizon; h++) _steps[h] = new(_levels.Count, Intervals.Length);
        for (var i = 0; i < Intervals.Length; i++) (_lower[i], _upper[i]) = (LevelOf(0.5 - Intervals[i] / 200.0), LevelOf(0.5 + Intervals[i] / 200.0));
    }

    /// <summary>How many steps were measured.</summary>
    public long Count => _steps.Sum(s => s.Count);

    /// <summary>How many steps have a truth of 0, which MAPE leaves out.</summary>
    public long ZeroTruths => _steps.Sum(s => s.Zeros);

    /// <summary>How many steps have no truth.</summary>
    public long MissingTruths => _steps.Sum(s => s.MissingTruths);

    /// <summary>How many steps have a truth, but no forecast.</summary>
    public long MissingForecasts => _steps.Sum(s => s.MissingForecasts);

    /// <summary>How many windows have a history without a scale, constant or too short, which MASE leaves out.</summary>
    public long Unscaled { get; private set; }

    /// <summary>The scale of MASE: the mean of |x(t) − x(t − m)| over pairs of known values; NaN where there is none or all are equal.</summary>
    /// <param name="history">The values before the cut-off.</param>
    /// <param name="season">m, 1 for no season.</param>
    public static double Scale(ReadOnlySpan<double> history, int season)
    {
        var (sum, count) = (0.0, 0L);
        for (var t = season; t < history.Length; t++)
        {
            var change = Math.Abs(history[t] - history[t - season]);
            if (!double.IsNaN(change)) (sum, count) = (sum + change, count + 1);
        }
        return sum > 0 ? sum / count : double.NaN;
    }

    /// <summary>OWA, the measure by which M4 was decided: half of sMAPE and MASE, each over that of Naive2.</summary>
    public static double Owa(double smape, double mase, double smapeOfNaive2, double maseOfNaive2) => 0.5 * (smape / smapeOfNaive2 + mase / maseOfNaive2);

    /// <summary>CRPS of samples: mean |x − y| − ½ mean |x − x′| over all pairs.</summary>
    /// <param name="sorted">The samples, ascending.</param>
    public static double Crps(ReadOnlySpan<double> sorted, double truth)
    {
        double distance = 0, spread = 0, n = sorted.Length;
        for (var i = 0; i < sorted.Length; i++)
        {
            distance += Math.Abs(sorted[i] - truth);
            spread += (2 * i + 1 - n) * sorted[i];
        }
        return distance / n - spread / (n * n);
    }

    /// <summary>Adds a window of a series.</summary>
    /// <param name="series">The series.</param>
    /// <param name="scale">The <see cref="Scale"/> of its history; NaN for none.</param>
    /// <param name="truth">What came, NaN where it is not known.</param>
    /// <param name="forecast">What was forecast, with quantiles of the levels of this score or none.</param>
    /// <param name="samples">[step]: samples of the forecast, from which CRPS is taken; null for quantiles.</param>
    /// <exception cref="ArgumentException">There are not as many steps, or other levels.</exception>
    public void Add(string series, double scale, ReadOnlySpan<double> truth, QuantileForecast forecast, IReadOnlyList<double[]>? samples = null)
    {
        if (truth.Length > _steps.Length) Throw.ForecastLength("The truth", truth.Length, _steps.Length);
        if (forecast.Horizon != truth.Length) Throw.ForecastLength("A method", forecast.Horizon, truth.Length);
        if (forecast.Levels.Count > 0 && !forecast.Levels.SequenceEqual(_levels)) Throw.LevelsDiffer(forecast.Levels, _levels);
        if (!_series.TryGetValue(series, out var own)) _order.Add(_series[series] = own = new(_steps.Length));
        if (!(scale > 0)) Unscaled++;
        for (var h = 0; h < truth.Length; h++)
        {
            var (y, point, sums) = (truth[h], forecast.Point[h], _steps[h]);
            if (double.IsNaN(y)) sums.MissingTruths++;
            else if (double.IsNaN(point)) sums.MissingForecasts++;
            else
            {
                sums.Add(y, point);
                own.Add(h, y, point, scale);
                if (forecast.Levels.Count > 0) AddQuantiles(sums, y, forecast.Quantiles[h], samples is null);
                if (samples is not null) sums.AddCrps(Crps([.. samples[h].Order()], y));
            }
        }
    }

    void AddQuantiles(StepSums sums, double y, double[] quantiles, bool crps)
    {
        if (Array.Exists(quantiles, double.IsNaN)) return;
        double integral = 0;
        for (var k = 0; k < quantiles.Length; k++)
        {
            var loss = Math.Max(_levels[k] * (y - quantiles[k]), (_levels[k] - 1) * (y - quantiles[k]));
            sums.Pinball[k] += loss;
            integral += 2 * loss * ((k + 1 < _levels.Count ? (_levels[k] + _levels[k + 1]) / 2 : 1) - (k > 0 ? (_levels[k - 1] + _levels[k]) / 2 : 0));
        }
        sums.QuantileCount++;
        if (crps) sums.AddCrps(integral);
        for (var i = 0; i < Intervals.Length; i++)
        {
            if (_lower[i] < 0 || _upper[i] < 0) continue;
            if (quantiles[_lower[i]] <= y && y <= quantiles[_upper[i]]) sums.Inside[i]++;
            sums.Width[i] += quantiles[_upper[i]] - quantiles[_lower[i]];
        }
    }

    /// <summary>The figures over all steps, in order.</summary>
    public IReadOnlyList<Metric> Metrics => MetricsOf(0, _steps.Length);

    /// <summary>The figures of one step from 1.</summary>
    public IReadOnlyList<Metric> MetricsAt(int step)
    {
        if (step < 1 || step > _steps.Length) Throw.OutOfRange(nameof(step), step, $"from 1 to {_steps.Length:N0}");
        return MetricsOf(step - 1, step);
    }

    /// <summary>A figure over all steps by its name.</summary>
    /// <exception cref="ArgumentException">There is none of this name.</exception>
    public double this[string name]
    {
        get
        {
            var metrics = Metrics;
            foreach (var metric in metrics)
                if (metric.Name == name) return metric.Value;
            return Throw.NoSuchFigure("metric", name, [.. metrics.Select(m => m.Name)]);
        }
    }

    List<Metric> MetricsOf(int first, int end)
    {
        var all = new StepSums(_levels.Count, Intervals.Length);
        foreach (var sums in _steps[first..end]) all.Add(sums);
        List<Metric> metrics =
        [
            new("mae", all.Absolute / all.Count), new("mse", all.Squares / all.Count), new("rmse", Math.Sqrt(all.Squares / all.Count)),
            new("mape", 100 * all.Relative / (all.Count - all.Zeros), "%"), new("smape", MeanOverSeries(s => s.Smape(first, end)), "%, 0 to 200"),
            new("mase", MeanOverSeries(s => s.Mase(first, end))), new("wape", 100 * all.Absolute / all.Truths, "%"),
        ];
        if (all.QuantileCount > 0)
        {
            metrics.Add(new("pinball", all.Pinball.Sum() / all.QuantileCount / _levels.Count));
            for (var k = 0; k < _levels.Count; k++)
                metrics.Add(new($"pinball_{Math.Round(100 * _levels[k], 6)}".Replace('.', '_'), all.Pinball[k] / all.QuantileCount));
        }
        if (all.CrpsCount > 0) metrics.Add(new("crps", all.Crps / all.CrpsCount));
        for (var i = 0; i < Intervals.Length; i++)
            if (all.QuantileCount > 0 && _lower[i] >= 0 && _upper[i] >= 0)
                metrics.AddRange([new($"coverage_{Intervals[i]}", (double)all.Inside[i] / all.QuantileCount, "share"), new($"width_{Intervals[i]}", all.Width[i] / all.QuantileCount)]);
        return metrics;
    }

    double MeanOverSeries(Func<SeriesSums, double> figure)
    {
        var (sum, count) = (0.0, 0);
        foreach (var series in _order)
            if (figure(series) is var value && !double.IsNaN(value)) (sum, count) = (sum + value, count + 1);
        return sum / count;
    }

    int LevelOf(double level)
    {
        for (var k = 0; k < _levels.Count; k++)
            if (Math.Abs(_levels[k] - level) < 1e-9) return k;
        return -1;
    }
}
