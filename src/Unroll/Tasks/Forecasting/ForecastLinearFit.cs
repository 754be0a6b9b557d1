namespace Unroll.Tasks;

/// <summary>Windows to learn from and windows behind them to try the outcome on.</summary>
sealed record ForecastFold(IReadOnlyList<ForecastPart> Train, IReadOnlyList<ForecastPart> Held);

/// <summary>Fits a <see cref="ForecastLinear"/>.</summary>
/// <remarks>
/// What is regressed is the difference of y to an anchor that is the best of these on the training windows: 0, the last value, the value one season before, the value one long season before.
/// So a strong penalty leads to a simple forecast, not to the mean. The penalty is the one with the least mean |y − b| on what is held out in the folds, in units of the target; without any
/// it is the one before the strongest.
/// </remarks>
sealed class ForecastLinearFit
{
    const int Block = 256, MostRows = 12_000, MostRowsAtLast = 60_000, MostHeld = 1000, RowsOfSeries = 500;

    /// <summary>The penalties that are tried.</summary>
    public static readonly IReadOnlyList<double> Penalties = [1e-4, 1e-3, 1e-2, 0.1, 1, 10];

    readonly ForecastLinear _linear;
    readonly ForecastFrame _frame;
    readonly int _targets, _horizon;
    readonly Dictionary<string, double[]> _sizes = new(StringComparer.Ordinal);

    /// <summary>A regression to be fitted.</summary>
    public ForecastLinearFit(ForecastLinear linear, ForecastFrame frame) => (_linear, _frame, _targets, _horizon) = (linear, frame, frame.Schema.Targets.Count, frame.Config.StepsAtOnce);

    /// <summary>Tries penalties on folds, and fits the weights to the training part with the one that is best; writes the quantiles of the residuals of what was held out, where that is enough.</summary>
    /// <param name="penalties">The last but one is taken without any fold.</param>
    /// <returns>The penalty, and the mean |y − b| of what is held out, over the deviation of the target in its series; infinite without any.</returns>
    public (double Penalty, double Error) Choose(IReadOnlyList<double> penalties, IReadOnlyList<ForecastFold> folds, IReadOnlyList<ForecastPart> train)
    {
        var tried = penalties.Select(_ => Enumerable.Range(0, _linear.Outputs).Select(_ => new List<double>()).ToArray()).ToArray();
        var (errors, counts, best, error) = (new double[penalties.Count], 0L, Math.Max(0, penalties.Count - 2), double.PositiveInfinity);
        foreach (var fold in folds)
        {
            foreach (var part in fold.Train)
                if (!_sizes.ContainsKey(part.Series.Name))
                    _sizes[part.Series.Name] = [.. _frame.Schema.Targets.Select(t => TargetScaling.Measure("standard", part.Series[part.Table.IndexOf(t.Name)][part.From..part.To]).Scale)];
            var held = _frame.Windows(fold.Held, MostHeld);
            var windows = held.Length > 0 ? _frame.Windows(fold.Train, Most(MostRows)) : [];
            if (windows.Length == 0) continue;
            var lags = Anchors(windows);
            var sums = Sum(windows, lags);
            for (var p = 0; p < penalties.Count; p++)
            {
                Write(sums, penalties[p], lags);
                errors[p] += Errors(held, tried[p]) * held.Length;
            }
            counts += held.Length;
        }
        for (var p = 0; p < penalties.Count && counts > 0; p++)
            if (errors[p] / counts < error) (error, best) = (errors[p] / counts, p);
        Keep(tried[best], Fit(train, penalties[best]));
        return (penalties[best], error);
    }

    /// <summary>Fits the weights to parts.</summary>
    /// <returns>The windows that were learned from.</returns>
    public ForecastWindow[] Fit(IReadOnlyList<ForecastPart> parts, double penalty)
    {
        var windows = _frame.Windows(parts, Most(MostRowsAtLast));
        var lags = Anchors(windows);
        Write(Sum(windows, lags), penalty, lags);
        return windows;
    }

    void Keep(List<double>[] residuals, ForecastWindow[] windows)
    {
        const int FewestResiduals = 3;
        if (residuals.Any(r => r.Count < FewestResiduals)) Errors(windows, residuals);
        var to = _linear.Residuals.Edit();
        var levels = QuantileForecast.DefaultLevels;
        for (var o = 0; o < residuals.Length; o++)
        {
            residuals[o].Sort();
            for (var k = 0; k < levels.Count; k++) to[o * levels.Count + k] = residuals[o].Count > 0 ? (Real)QuantileForecast.SampleQuantile([.. residuals[o]], levels[k]) : 0;
        }
    }

    /// <summary>Each series needs rows of its own.</summary>
    int Most(int rows) => _frame.Config.LinearBy == "series" ? Math.Max(rows, RowsOfSeries * _linear.Groups) : rows;

    /// <summary>The lag behind each output that stands for it; −1 for 0.</summary>
    int[] Anchors(ForecastWindow[] windows)
    {
        var (config, lags) = (_frame.Config, new int[_linear.Outputs]);
        for (var d = 0; d < _targets; d++)
        {
            var (best, least) = (0, double.PositiveInfinity);
            foreach (var season in new[] { 0, 1, config.Season, config.LongSeason }.Distinct())
            {
                if (season == 0 && config.Scaling == "none") continue;
                double sum = 0;
                for (var i = 0; i < windows.Length; i += 1 + windows.Length / MostHeld)
                {
                    var (values, scale, cutoff) = (_frame.Series[windows[i].Series].Targets[d], _frame.ScaleOf(windows[i], d), windows[i].Cutoff);
                    for (var h = 0; h < _horizon; h++)
                    {
                        var lag = LagOf(h, season);
                        var error = Math.Abs(scale.Apply(values[cutoff + h]) - (lag < 0 ? 0 : scale.Apply(values[cutoff - 1 - lag])));
                        if (!double.IsNaN(error)) sum += error;
                    }
                }
                if (sum < least) (best, least) = (season, sum);
            }
            for (var h = 0; h < _horizon; h++) lags[h * _targets + d] = LagOf(h, best);
        }
        return lags;
    }

    /// <summary>The lag of the value whole seasons before a step; where that is not read, the last value.</summary>
    int LagOf(int h, int season)
    {
        if (season == 0) return -1;
        var lag = (h / season + 1) * season - h - 1;
        return lag < _linear.Lags ? lag : 0;
    }

    RidgeSums[] Sum(ForecastWindow[] windows, int[] lags)
    {
        var sums = Enumerable.Range(0, _linear.Groups).Select(_ => new RidgeSums(_linear.Features, _linear.Outputs)).ToArray();
        var (columns, block) = (_linear.Features + _linear.Outputs, new double[(_linear.Features + _linear.Outputs) * Block]);
        var (row, scales) = (new double[columns], new ValueScale[_targets]);
        foreach (var group in windows.GroupBy(w => _linear.GroupOf(_frame.Series[w.Series], w.Cutoff))) Add(sums[group.Key], group);
        if (_frame.Config.LinearBy == "series") Add(sums[^1], windows.Where((_, i) => i % (1 + windows.Length / MostRows) == 0));
        return sums;

        void Add(RidgeSums to, IEnumerable<ForecastWindow> some)
        {
            var rows = 0;
            foreach (var window in some)
            {
                if (!WriteRow(row, window, scales, lags)) continue;
                for (var i = 0; i < columns; i++) block[i * Block + rows] = row[i];
                if (++rows < Block) continue;
                to.Add(block, Block, rows);
                rows = 0;
            }
            if (rows > 0) to.Add(block, Block, rows);
        }
    }

    /// <summary>Features and differences to the anchors; false where a value is missing.</summary>
    bool WriteRow(double[] row, ForecastWindow window, ValueScale[] scales, int[] lags)
    {
        for (var d = 0; d < _targets; d++) scales[d] = _frame.ScaleOf(window, d);
        _linear.Write(row.AsSpan(0, _linear.Features), _frame.Series[window.Series], window.Cutoff, scales);
        for (var o = 0; o < _linear.Outputs; o++)
        {
            var (h, d) = Math.DivRem(o, _targets);
            var y = scales[d].Apply(_frame.Series[window.Series].Targets[d][window.Cutoff + h]);
            if (double.IsNaN(y)) return false;
            row[_linear.Features + o] = y - (lags[o] < 0 ? 0 : row[d * _linear.Lags + lags[o]]);
        }
        return true;
    }

    void Write(RidgeSums[] sums, double penalty, int[] lags)
    {
        var to = _linear.Weight.Edit();
        var width = _linear.Features + 1;
        to.Clear();
        for (var p = 0; p < sums.Length; p++)
        {
            var weights = sums[p].Rows > 1 ? sums[p].Solve(penalty) : [];
            for (var o = 0; o < _linear.Outputs; o++)
            {
                var row = to.Slice((p * _linear.Outputs + o) * width, width);
                for (var i = 0; i < width && weights.Length > 0; i++) row[i] = (Real)weights[o * width + i];
                if (lags[o] >= 0) row[o % _targets * _linear.Lags + lags[o]] += 1;
            }
        }
    }

    /// <summary>The mean |y − b| in deviations of the target; adds z − b of each output.</summary>
    double Errors(ForecastWindow[] windows, List<double>[] residuals)
    {
        var (x, b, scales) = (new double[_linear.Features], new Real[_linear.Outputs], new ValueScale[_targets]);
        double sum = 0, count = 0;
        foreach (var window in windows)
        {
            for (var d = 0; d < _targets; d++) scales[d] = _frame.ScaleOf(window, d);
            _linear.Write(x, _frame.Series[window.Series], window.Cutoff, scales);
            _linear.Predict(b, x, _linear.GroupOf(_frame.Series[window.Series], window.Cutoff));
            for (var o = 0; o < b.Length; o++)
            {
                var (h, d) = Math.DivRem(o, _targets);
                var value = _frame.Series[window.Series].Targets[d][window.Cutoff + h];
                if (double.IsNaN(value)) continue;
                residuals[o].Add(scales[d].Apply(value) - b[o]);
                (sum, count) = (sum + Math.Abs(_frame.Undo(d, value) - _frame.Undo(d, scales[d].Undo(b[o]))) / (_sizes.TryGetValue(_frame.Series[window.Series].Name, out var sizes) ? sizes[d] : 1), count + 1);
            }
        }
        return count > 0 ? sum / count : 0;
    }
}
