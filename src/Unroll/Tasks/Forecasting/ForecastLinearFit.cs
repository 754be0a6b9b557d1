namespace Unroll.Tasks;

/// <summary>Fits a <see cref="ForecastLinear"/>.</summary>
/// <remarks>
/// What is regressed is the difference of y to an anchor that is the best of these on the training windows: 0, the last value, the value one season before, the value one long season before.
/// So a strong penalty leads to a simple forecast, not to the mean. The penalty is the one with the least mean |y − b| on the validation windows, in units of the target;
/// without any it is the one before the strongest.
/// </remarks>
sealed class ForecastLinearFit
{
    const int Block = 256, MostRows = 30_000, MostHeld = 1500, FewestResiduals = 20;

    static readonly double[] Penalties = [1e-4, 1e-3, 1e-2, 0.1, 1, 10];

    readonly ForecastLinear _linear;
    readonly ForecastFrame _frame;
    readonly int _targets, _horizon;

    public ForecastLinearFit(ForecastLinear linear, ForecastFrame frame, IReadOnlyList<ForecastPart> train, IReadOnlyList<ForecastPart> valid)
    {
        (_linear, _frame, _targets, _horizon) = (linear, frame, frame.Schema.Targets.Count, frame.Config.Horizon);
        var (windows, held) = (frame.Windows(train, MostRows), frame.Windows(valid, MostHeld));
        var lags = Anchors(windows);
        var sums = Enumerable.Range(0, linear.Phases).Select(_ => new RidgeSums(linear.Features, linear.Outputs)).ToArray();
        Sum(sums, windows, lags);
        Error = double.PositiveInfinity;
        foreach (var penalty in held.Length > 0 ? Penalties : [Penalties[^2]])
        {
            var weights = sums.Select(s => s.Rows > 1 ? s.Solve(penalty) : new double[linear.Outputs * (linear.Features + 1)]).ToArray();
            Write(weights, lags);
            var error = held.Length > 0 ? Errors(held, null) : 0;
            if (error < Error) (Error, Penalty, Best) = (error, penalty, linear.Weight.Values.ToArray());
        }
        Best ??= linear.Weight.Values.ToArray();
        Best.CopyTo(linear.Weight.Edit());
        WriteResiduals(held.Length * _horizon > FewestResiduals * linear.Outputs ? held : windows);
    }

    /// <summary>The mean |y − b| of the validation windows, over the target's scale; infinite without any.</summary>
    public double Error { get; }

    public double Penalty { get; }

    Real[]? Best { get; }

    /// <summary>The lag behind each output that stands for it; −1 for 0.</summary>
    int[] Anchors(ForecastWindow[] windows)
    {
        var (config, lags) = (_frame.Config, new int[_linear.Outputs]);
        foreach (var d in Enumerable.Range(0, _targets))
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

    void Sum(RidgeSums[] sums, ForecastWindow[] windows, int[] lags)
    {
        var (columns, block) = (_linear.Features + _linear.Outputs, new double[(_linear.Features + _linear.Outputs) * Block]);
        var (row, scales) = (new double[columns], new ValueScale[_targets]);
        foreach (var group in windows.GroupBy(w => _linear.Phases > 1 ? _frame.PhaseOf(w) : 0).OrderBy(g => g.Key))
        {
            var rows = 0;
            foreach (var window in group)
            {
                if (!WriteRow(row, window, scales, lags)) continue;
                for (var i = 0; i < columns; i++) block[i * Block + rows] = row[i];
                if (++rows < Block) continue;
                sums[group.Key].Add(block, Block, rows);
                rows = 0;
            }
            if (rows > 0) sums[group.Key].Add(block, Block, rows);
        }
    }

    /// <summary>Features and differences to the anchors; false where a value is missing.</summary>
    bool WriteRow(double[] row, ForecastWindow window, ValueScale[] scales, int[] lags)
    {
        for (var d = 0; d < _targets; d++) scales[d] = _frame.ScaleOf(window, d);
        _linear.Write(row.AsSpan(0, _linear.Features), _frame, window, scales);
        for (var o = 0; o < _linear.Outputs; o++)
        {
            var (h, d) = Math.DivRem(o, _targets);
            var y = scales[d].Apply(_frame.Series[window.Series].Targets[d][window.Cutoff + h]);
            if (double.IsNaN(y)) return false;
            row[_linear.Features + o] = y - (lags[o] < 0 ? 0 : row[d * _linear.Lags + lags[o]]);
        }
        return true;
    }

    void Write(double[][] weights, int[] lags)
    {
        var to = _linear.Weight.Edit();
        var width = _linear.Features + 1;
        for (var p = 0; p < weights.Length; p++)
            for (var o = 0; o < _linear.Outputs; o++)
            {
                var row = to.Slice((p * _linear.Outputs + o) * width, width);
                for (var i = 0; i < width; i++) row[i] = (Real)weights[p][o * width + i];
                if (lags[o] >= 0) row[o % _targets * _linear.Lags + lags[o]] += 1;
            }
    }

    /// <summary>The mean |y − b| in units of the scale of the target; z − b of each output where they are wanted.</summary>
    double Errors(ForecastWindow[] windows, List<double>[]? residuals)
    {
        var (x, b, scales) = (new double[_linear.Features], new Real[_linear.Outputs], new ValueScale[_targets]);
        double sum = 0, count = 0;
        foreach (var window in windows)
        {
            for (var d = 0; d < _targets; d++) scales[d] = _frame.ScaleOf(window, d);
            _linear.Write(x, _frame, window, scales);
            _linear.Predict(b, x, _linear.Phases > 1 ? _frame.PhaseOf(window) : 0);
            for (var o = 0; o < b.Length; o++)
            {
                var (h, d) = Math.DivRem(o, _targets);
                var value = _frame.Series[window.Series].Targets[d][window.Cutoff + h];
                if (double.IsNaN(value)) continue;
                residuals?[o].Add(scales[d].Apply(value) - b[o]);
                (sum, count) = (sum + Math.Abs(_frame.Undo(d, value) - _frame.Undo(d, scales[d].Undo(b[o]))) / _frame.TypicalSize(d), count + 1);
            }
        }
        return count > 0 ? sum / count : double.PositiveInfinity;
    }

    void WriteResiduals(ForecastWindow[] windows)
    {
        var residuals = Enumerable.Range(0, _linear.Outputs).Select(_ => new List<double>()).ToArray();
        Errors(windows, residuals);
        var to = _linear.Residuals.Edit();
        var levels = QuantileForecast.DefaultLevels;
        for (var o = 0; o < residuals.Length; o++)
        {
            residuals[o].Sort();
            for (var k = 0; k < levels.Count; k++) to[o * levels.Count + k] = residuals[o].Count > 0 ? (Real)QuantileForecast.SampleQuantile([.. residuals[o]], levels[k]) : 0;
        }
    }
}
