namespace Unroll.Tasks;

/// <summary>Windows side by side as the layers of a forecaster take them; filled again and again without new memory where it suffices.</summary>
/// <remarks>Rows of the last four are by step, window and target: N = H·B·D.</remarks>
sealed class ForecastBatch(ForecasterConfig config, ForecastSchema schema, ForecastLinear linear, int calendar)
{
    readonly int _targets = schema.Targets.Count, _past = schema.PastWidth, _future = schema.FutureWidth;
    readonly int[] _seasons = [.. config.Seasons];
    readonly double[] _x = new double[linear.Features];
    readonly Real[] _b = new Real[linear.Outputs];
    Real[] _encoder = [], _decoder = [], _base = [], _spread = [], _truth = [], _numbers = [];
    bool[] _known = [];
    int[][] _ids = [];
    ValueScale[] _scales = [];

    /// <summary>B.</summary>
    public int Count { get; private set; }

    /// <summary>What the encoder reads in a step: targets, which of them are missing, past covariates, those known ahead, the calendar.</summary>
    public int EncoderWidth => 2 * _targets + _past + _future + calendar;

    /// <summary>What the decoder reads in a step: the linear forecast, the targets whole seasons before, covariates known ahead, the calendar, the place in the horizon.</summary>
    public int DecoderWidth => _targets * (1 + _seasons.Length) + _future + calendar + 1;

    int Rows => config.Horizon * Count * _targets;

    /// <summary>[K, B, I].</summary>
    public ReadOnlySpan<Real> Encoder => _encoder.AsSpan(0, config.Context * Count * EncoderWidth);

    /// <summary>[H, B, J].</summary>
    public ReadOnlySpan<Real> Decoder => _decoder.AsSpan(0, config.Horizon * Count * DecoderWidth);

    /// <summary>[N]: b, the linear forecast.</summary>
    public ReadOnlySpan<Real> Base => _base.AsSpan(0, Rows);

    /// <summary>[N]: s, the spread of its residuals.</summary>
    public ReadOnlySpan<Real> Spread => _spread.AsSpan(0, Rows);

    /// <summary>[N]: what came, scaled; NaN where it is missing or not known yet.</summary>
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

    /// <summary>Takes in windows.</summary>
    /// <param name="frame">The table that they are of.</param>
    /// <param name="windows">All windows.</param>
    /// <param name="chosen">Which of them.</param>
    public void Fill(ForecastFrame frame, ForecastWindow[] windows, ReadOnlySpan<int> chosen)
    {
        Count = chosen.Length;
        Room(ref _encoder, config.Context * Count * EncoderWidth);
        Room(ref _decoder, config.Horizon * Count * DecoderWidth);
        Room(ref _base, Rows);
        Room(ref _spread, Rows);
        Room(ref _truth, Rows);
        Room(ref _known, Rows);
        Room(ref _numbers, Count * schema.Static.Count);
        Room(ref _scales, Count * _targets);
        if (_ids.Length < schema.Static.Count) _ids = [.. schema.Static.Select(_ => Array.Empty<int>())];
        for (var c = 0; c < _ids.Length; c++) Room(ref _ids[c], Count);
        KnownCount = 0;
        for (var b = 0; b < Count; b++) Fill(frame, windows[chosen[b]], b);
    }

    static void Room<T>(ref T[] array, int length)
    {
        if (array.Length < length) array = new T[length];
    }

    void Fill(ForecastFrame frame, ForecastWindow window, int b)
    {
        var series = frame.Series[window.Series];
        var scales = _scales.AsSpan(b * _targets, _targets);
        for (var d = 0; d < _targets; d++) scales[d] = frame.ScaleOf(window, d);
        linear.Write(_x, frame, window, scales);
        linear.Predict(_b, _x, linear.GroupOf(frame, window));
        for (var c = 0; c < schema.Static.Count; c++) (_ids[c][b], _numbers[b * schema.Static.Count + c]) = (series.StaticIds[c], series.StaticNumbers[c]);
        FillEncoder(series, window.Cutoff - config.Context, b, scales);
        FillDecoder(series, window.Cutoff, b, scales);
        for (var h = 0; h < config.Horizon; h++)
            for (var d = 0; d < _targets; d++)
            {
                var (row, o, t) = ((h * Count + b) * _targets + d, h * _targets + d, window.Cutoff + h);
                (_base[row], _spread[row]) = (_b[o], (Real)linear.SpreadOf(o));
                var y = t < series.End ? series.Targets[d][t] : double.NaN;
                _truth[row] = (Real)scales[d].Apply(y);
                _known[row] = !double.IsNaN(y);
                if (_known[row]) KnownCount++;
            }
    }

    void FillEncoder(FrameSeries series, int start, int b, ReadOnlySpan<ValueScale> scales)
    {
        for (var k = 0; k < config.Context; k++)
        {
            var row = _encoder.AsSpan((k * Count + b) * EncoderWidth, EncoderWidth);
            var t = start + k;
            for (var d = 0; d < _targets; d++)
            {
                var y = t >= 0 ? series.Targets[d][t] : double.NaN;
                (row[d], row[_targets + d]) = double.IsNaN(y) ? (0, 1) : ((Real)scales[d].Apply(y), 0);
            }
            var at = 2 * _targets;
            foreach (var values in series.Past) row[at++] = t >= 0 ? values[t] : 0;
            foreach (var values in series.Future) row[at++] = t >= 0 ? values[t] : 0;
            if (t >= 0) series.Calendar.AsSpan(t * calendar, calendar).CopyTo(row[at..]);
            else row.Slice(at, calendar).Clear();
        }
    }

    void FillDecoder(FrameSeries series, int cutoff, int b, ReadOnlySpan<ValueScale> scales)
    {
        for (var h = 0; h < config.Horizon; h++)
        {
            var row = _decoder.AsSpan((h * Count + b) * DecoderWidth, DecoderWidth);
            var (at, t) = (0, cutoff + h);
            for (var d = 0; d < _targets; d++)
            {
                row[at++] = _b[h * _targets + d];
                foreach (var season in _seasons)
                {
                    var place = cutoff + h - (h / season + 1) * season;
                    var y = place >= 0 ? series.Targets[d][place] : double.NaN;
                    row[at++] = double.IsNaN(y) ? _b[h * _targets + d] : (Real)scales[d].Apply(y);
                }
            }
            foreach (var values in series.Future) row[at++] = values.Length == 0 ? 0 : values[Math.Min(t, values.Length - 1)];
            series.Calendar.AsSpan(t * calendar, calendar).CopyTo(row[at..]);
            row[^1] = (Real)(h + 1) / config.Horizon;
        }
    }
}
