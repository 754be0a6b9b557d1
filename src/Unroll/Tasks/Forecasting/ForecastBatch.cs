namespace Unroll.Tasks;

/// <summary>Windows side by side as a <see cref="ForecastNetwork"/> takes them; filled again and again without new memory where it suffices.</summary>
/// <remarks>Rows of the spans below are by step, window and target: N = S·B·D, S the steps that are described.</remarks>
abstract class ForecastBatch(ForecasterConfig config, ForecastSchema schema, ForecastLinear linear)
{
    readonly int _targets = schema.Targets.Count;
    Real[] _base = [], _spread = [], _truth = [], _numbers = [];
    bool[] _known = [];
    int[][] _ids = [];
    ValueScale[] _scales = [];
    (FrameSeries Series, int Cutoff)[] _windows = [];

    protected ForecasterConfig Config => config;

    protected ForecastLinear Linear => linear;

    protected int Targets => _targets;

    /// <summary>B.</summary>
    public int Count { get; private set; }

    /// <summary>S.</summary>
    public int Steps { get; private set; }

    int Rows => Steps * Count * _targets;

    /// <summary>[N]: b, the linear forecast.</summary>
    public ReadOnlySpan<Real> Base => _base.AsSpan(0, Rows);

    /// <summary>[N]: s, the spread of its residuals.</summary>
    public ReadOnlySpan<Real> Spread => _spread.AsSpan(0, Rows);

    /// <summary>[N]: what came, scaled; NaN where it is missing, not known yet, or not to be scored.</summary>
    public ReadOnlySpan<Real> Truth => _truth.AsSpan(0, Rows);

    /// <summary>[N]: whether that is known.</summary>
    public ReadOnlySpan<bool> Known => _known.AsSpan(0, Rows);

    /// <summary>How many are known.</summary>
    public int KnownCount { get; private set; }

    /// <summary>[B] ids of a static column of categories.</summary>
    public ReadOnlySpan<int> Ids(int column) => _ids[column].AsSpan(0, Count);

    /// <summary>[B, S] static numbers.</summary>
    public ReadOnlySpan<Real> Numbers => _numbers.AsSpan(0, Count * schema.Static.Count);

    /// <summary>What a target is scaled by in a window of the batch.</summary>
    public ValueScale ScaleOf(int window, int target) => _scales[window * _targets + target];

    /// <summary>The series and the cut-off of a window.</summary>
    public (FrameSeries Series, int Cutoff) WindowOf(int window) => _windows[window];

    /// <summary>Which output of the linear part stands for a row.</summary>
    public abstract int OutputOf(int row);

    /// <summary>Takes in windows.</summary>
    /// <param name="frame">The table that they are of.</param>
    /// <param name="windows">All windows.</param>
    /// <param name="chosen">Which of them.</param>
    public abstract void Fill(ForecastFrame frame, ReadOnlySpan<ForecastWindow> windows, ReadOnlySpan<int> chosen);

    /// <summary>Makes room for windows.</summary>
    protected void Begin(int count, int steps)
    {
        (Count, Steps, KnownCount) = (count, steps, 0);
        Room(ref _base, Rows);
        Room(ref _spread, Rows);
        Room(ref _truth, Rows);
        Room(ref _known, Rows);
        Room(ref _numbers, Count * schema.Static.Count);
        Room(ref _scales, Count * _targets);
        Room(ref _windows, Count);
        if (_ids.Length < schema.Static.Count) _ids = [.. schema.Static.Select(_ => Array.Empty<int>())];
        for (var c = 0; c < _ids.Length; c++) Room(ref _ids[c], Count);
    }

    protected static void Room<T>(ref T[] array, int length)
    {
        if (array.Length < length) array = new T[length];
    }

    /// <summary>Writes what a window has once, and gives back its scales.</summary>
    protected ReadOnlySpan<ValueScale> WriteWindow(ForecastFrame frame, FrameSeries series, int cutoff, int b)
    {
        var scales = _scales.AsSpan(b * _targets, _targets);
        _windows[b] = (series, cutoff);
        for (var d = 0; d < _targets; d++) scales[d] = frame.ScaleOf(series, cutoff, d);
        for (var c = 0; c < schema.Static.Count; c++) (_ids[c][b], _numbers[b * schema.Static.Count + c]) = (series.StaticIds[c], series.StaticNumbers[c]);
        return scales;
    }

    /// <summary>The same of a window whose scales are known.</summary>
    protected void WriteWindow(ReadOnlySpan<ValueScale> scales, int b) => scales.CopyTo(_scales.AsSpan(b * _targets, _targets));

    /// <summary>Writes what there is to say of a step: b and s by target, and what came.</summary>
    /// <param name="step">The step of the batch.</param>
    /// <param name="b">The window.</param>
    /// <param name="t">The step of the series.</param>
    /// <param name="forecast">[D]: the linear forecast.</param>
    /// <param name="spread">[D]: the spread of its residuals; that of the linear part where empty.</param>
    /// <param name="scored">Whether what came counts.</param>
    protected void WriteStep(FrameSeries series, int step, int b, int t, ReadOnlySpan<Real> forecast, ReadOnlySpan<Real> spread, bool scored)
    {
        for (var d = 0; d < _targets; d++)
        {
            var row = (step * Count + b) * _targets + d;
            (_base[row], _spread[row]) = (forecast[d], spread.IsEmpty ? (Real)linear.SpreadOf(OutputOf(row)) : spread[d]);
            var y = scored && t >= 0 && t < series.End ? series.Targets[d][t] : double.NaN;
            _truth[row] = (Real)_scales[b * _targets + d].Apply(y);
            _known[row] = !double.IsNaN(y);
            if (_known[row]) KnownCount++;
        }
    }
}
