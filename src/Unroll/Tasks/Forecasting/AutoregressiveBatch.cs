namespace Unroll.Tasks;

/// <summary>Windows as an <see cref="AutoregressiveNetwork"/> takes them: one row for each step of the context and the horizon, with the value of the step before.</summary>
/// <param name="contextCounts">Whether the steps of the context are scored as those of the horizon are, as in training.</param>
sealed class AutoregressiveBatch(ForecasterConfig config, ForecastSchema schema, ForecastLinear linear, int calendar, bool contextCounts = false) : ForecastBatch(config, schema, linear)
{
    readonly int _past = schema.PastWidth, _future = schema.FutureWidth;
    readonly int[] _seasons = [.. config.Seasons];
    readonly double[] _x = new double[linear.Features];
    readonly Real[] _b = new Real[linear.Outputs], _spread = new Real[linear.Outputs];
    readonly ValueScale[] _own = new ValueScale[linear.Outputs];
    Real[] _input = [];

    /// <summary>What is read in a step t: targets of t − 1, which of them are missing, the linear forecast of t and the targets whole seasons before t, past covariates of t − 1 and whether they are
    /// hidden, covariates known ahead and the calendar of t.</summary>
    public int Width => Targets * (3 + _seasons.Length) + (_past > 0 ? _past + 1 : 0) + _future + calendar;

    /// <summary>[S, B, I].</summary>
    public ReadOnlySpan<Real> Input => _input.AsSpan(0, Steps * Count * Width);

    public override int OutputOf(int row) => row % Targets;

    /// <summary>Takes in the context and the horizon; past covariates of the horizon are hidden.</summary>
    public override void Fill(ForecastFrame frame, ReadOnlySpan<ForecastWindow> windows, ReadOnlySpan<int> chosen) => Fill(frame, windows, chosen, Config.Context + Config.Horizon);

    /// <summary>Takes in the first steps from the beginning of the context on.</summary>
    public void Fill(ForecastFrame frame, ReadOnlySpan<ForecastWindow> windows, ReadOnlySpan<int> chosen, int steps)
    {
        Begin(chosen.Length, steps);
        Room(ref _input, steps * Count * Width);
        for (var b = 0; b < Count; b++)
        {
            var (series, cutoff) = (frame.Series[windows[chosen[b]].Series], windows[chosen[b]].Cutoff);
            var scales = WriteWindow(frame, series, cutoff, b);
            for (var k = 0; k < steps; k++) WriteRow(frame, series, cutoff, cutoff - Config.Context + k, k, b, scales);
        }
    }

    /// <summary>Makes room for rows of one step, which <see cref="Set"/> writes one by one.</summary>
    public void BeginStep(int count)
    {
        Begin(count, 1);
        Room(ref _input, Count * Width);
    }

    /// <summary>Writes a row of one step.</summary>
    /// <param name="row">Which row.</param>
    /// <param name="series">The series, its targets known before <paramref name="t"/>.</param>
    /// <param name="cutoff">The first step of which past covariates are hidden.</param>
    /// <param name="t">The step that is described.</param>
    /// <param name="scales">By target.</param>
    public void Set(int row, ForecastFrame frame, FrameSeries series, int cutoff, int t, ReadOnlySpan<ValueScale> scales)
    {
        WriteWindow(scales, row);
        WriteRow(frame, series, cutoff, t, 0, row, scales);
    }

    /// <summary>Takes in one step of one series.</summary>
    public void FillStep(ForecastFrame frame, FrameSeries series, int t)
    {
        BeginStep(1);
        WriteRow(frame, series, t, t, 0, 0, WriteWindow(frame, series, t, 0));
    }

    void WriteRow(ForecastFrame frame, FrameSeries series, int cutoff, int t, int step, int b, ReadOnlySpan<ValueScale> scales)
    {
        var row = _input.AsSpan((step * Count + b) * Width, Width);
        if (t < 0)                                                          // before the series begins nothing is known
        {
            row.Clear();
            row.Slice(Targets, Targets).Fill(1);
            Array.Clear(_b);
            WriteStep(series, step, b, t, _b, default, scored: false);
            return;
        }
        Say(frame, series, t, scales);
        var at = 2 * Targets;
        for (var d = 0; d < Targets; d++)
        {
            var y = t > 0 ? series.Targets[d][t - 1] : double.NaN;
            (row[d], row[Targets + d]) = double.IsNaN(y) ? (0, 1) : ((Real)scales[d].Apply(y), 0);
            row[at++] = _b[d];
            foreach (var season in _seasons)
            {
                y = t >= season ? series.Targets[d][t - season] : double.NaN;
                row[at++] = double.IsNaN(y) ? _b[d] : (Real)scales[d].Apply(y);
            }
        }
        var hidden = t == 0 || t > cutoff;
        foreach (var values in series.Past) row[at++] = hidden ? 0 : values[t - 1];
        if (_past > 0) row[at++] = hidden ? 1 : 0;
        foreach (var values in series.Future) row[at++] = values.Length == 0 ? 0 : values[Math.Min(t, values.Length - 1)];
        series.Calendar.AsSpan(t * calendar, calendar).CopyTo(row[at..]);
        WriteStep(series, step, b, t, _b, _spread, scored: contextCounts || t >= cutoff);
    }

    /// <summary>The linear forecast of a step and its spread: scaled by what is before that step, as it was learned, and brought to the scale of the window.</summary>
    void Say(ForecastFrame frame, FrameSeries series, int t, ReadOnlySpan<ValueScale> scales)
    {
        for (var d = 0; d < Targets; d++) _own[d] = t > 0 ? frame.ScaleOf(series, t, d) : scales[d];
        Linear.Write(_x, series, t, _own);
        Linear.Predict(_b, _x, Linear.GroupOf(series, t));
        for (var d = 0; d < Targets; d++)
            (_b[d], _spread[d]) = ((Real)scales[d].Apply(_own[d].Undo(_b[d])), (Real)(Linear.SpreadOf(d) * _own[d].Scale / scales[d].Scale));
    }
}
