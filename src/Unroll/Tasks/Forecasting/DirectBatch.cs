namespace Unroll.Tasks;

/// <summary>Windows as a <see cref="DirectNetwork"/> takes them: what the encoder reads before the cut-off, what the decoder reads behind it.</summary>
sealed class DirectBatch(ForecasterConfig config, ForecastSchema schema, ForecastLinear linear, int calendar) : ForecastBatch(config, schema, linear)
{
    readonly int _past = schema.PastWidth, _future = schema.FutureWidth;
    readonly int[] _seasons = [.. config.Seasons];
    readonly double[] _x = new double[linear.Features];
    readonly Real[] _b = new Real[linear.Outputs];
    Real[] _encoder = [], _decoder = [];

    /// <summary>What the encoder reads in a step: targets, which of them are missing, past covariates, those known ahead, the calendar.</summary>
    public int EncoderWidth => 2 * Targets + _past + _future + calendar;

    /// <summary>What the decoder reads in a step: the linear forecast, the targets whole seasons before, covariates known ahead, the calendar, the place in the horizon.</summary>
    public int DecoderWidth => Targets * (1 + _seasons.Length) + _future + calendar + 1;

    /// <summary>[K, B, I].</summary>
    public ReadOnlySpan<Real> Encoder => _encoder.AsSpan(0, Config.Context * Count * EncoderWidth);

    /// <summary>[H, B, J].</summary>
    public ReadOnlySpan<Real> Decoder => _decoder.AsSpan(0, Steps * Count * DecoderWidth);

    public override int OutputOf(int row) => row / (Count * Targets) * Targets + row % Targets;

    public override void Fill(ForecastFrame frame, ReadOnlySpan<ForecastWindow> windows, ReadOnlySpan<int> chosen)
    {
        Begin(chosen.Length, Config.Horizon);
        Room(ref _encoder, Config.Context * Count * EncoderWidth);
        Room(ref _decoder, Config.Horizon * Count * DecoderWidth);
        for (var b = 0; b < Count; b++)
        {
            var (series, cutoff) = (frame.Series[windows[chosen[b]].Series], windows[chosen[b]].Cutoff);
            var scales = WriteWindow(frame, series, cutoff, b);
            for (var k = 0; k < Config.Context; k++) WriteEncoder(_encoder.AsSpan((k * Count + b) * EncoderWidth, EncoderWidth), series, cutoff - Config.Context + k, scales);
            WriteHorizon(series, cutoff, b, scales);
        }
    }

    /// <summary>What the encoder reads in the last step before a cut-off, [I].</summary>
    public ReadOnlySpan<Real> Last(ForecastFrame frame, FrameSeries series, int cutoff)
    {
        Begin(1, 1);
        Room(ref _encoder, EncoderWidth);
        WriteEncoder(_encoder.AsSpan(0, EncoderWidth), series, cutoff - 1, WriteWindow(frame, series, cutoff, 0));
        return _encoder.AsSpan(0, EncoderWidth);
    }

    /// <summary>Takes in the first steps behind a cut-off alone.</summary>
    public void FillAhead(ForecastFrame frame, FrameSeries series, int cutoff, int steps)
    {
        Begin(1, steps);
        Room(ref _decoder, steps * DecoderWidth);
        WriteHorizon(series, cutoff, 0, WriteWindow(frame, series, cutoff, 0));
    }

    void WriteEncoder(Span<Real> row, FrameSeries series, int t, ReadOnlySpan<ValueScale> scales)
    {
        for (var d = 0; d < Targets; d++)
        {
            var y = t >= 0 ? series.Targets[d][t] : double.NaN;
            (row[d], row[Targets + d]) = double.IsNaN(y) ? (0, 1) : ((Real)scales[d].Apply(y), 0);
        }
        var at = 2 * Targets;
        foreach (var values in series.Past) row[at++] = t >= 0 ? values[t] : 0;
        foreach (var values in series.Future) row[at++] = t >= 0 ? values[t] : 0;
        if (t >= 0) series.Calendar.AsSpan(t * calendar, calendar).CopyTo(row[at..]);
        else row.Slice(at, calendar).Clear();
    }

    void WriteHorizon(FrameSeries series, int cutoff, int b, ReadOnlySpan<ValueScale> scales)
    {
        Linear.Write(_x, series, cutoff, scales);
        Linear.Predict(_b.AsSpan(0, Steps * Targets), _x, Linear.GroupOf(series, cutoff));
        for (var h = 0; h < Steps; h++)
        {
            var row = _decoder.AsSpan((h * Count + b) * DecoderWidth, DecoderWidth);
            var (at, t) = (0, cutoff + h);
            for (var d = 0; d < Targets; d++)
            {
                row[at++] = _b[h * Targets + d];
                foreach (var season in _seasons)
                {
                    var place = cutoff + h - (h / season + 1) * season;
                    var y = place >= 0 ? series.Targets[d][place] : double.NaN;
                    row[at++] = double.IsNaN(y) ? _b[h * Targets + d] : (Real)scales[d].Apply(y);
                }
            }
            foreach (var values in series.Future) row[at++] = values.Length == 0 ? 0 : values[Math.Min(t, values.Length - 1)];
            series.Calendar.AsSpan(t * calendar, calendar).CopyTo(row[at..]);
            row[^1] = (Real)(h + 1) / Config.Horizon;
            WriteStep(series, h, b, t, _b.AsSpan(h * Targets, Targets), default, scored: true);
        }
    }
}
