using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>All steps at once: an encoder reads the context, a decoder what is known of the horizon.</summary>
/// <remarks>
/// <code>
/// e   = encoder(x₁ … x_K)        from s₀ = tanh(W static + c)
/// d_h = decoder(v₁ … v_H)_h      from e's last state
/// o_h = W dropout(d_h) + c       what is said of y_h follows from the linear forecast b_h and o_h (<see cref="ForecastHead"/>)
/// </code>
/// x has the scaled targets, 1 for each that is missing, covariates and the calendar; v the linear forecast, the targets whole seasons before, covariates known ahead, the calendar and the place
/// in the horizon. In the mode <c>smoothing</c> (ES-RNN) level λ and season σ of each series (<see cref="ForecastSmoothing"/>) stand for the linear forecast: the encoder reads z − σ − λ, the decoder σ,
/// and b_h = λ + σ_h.
/// </remarks>
sealed class DirectNetwork : ForecastNetwork
{
    readonly Stacked _encoder, _decoder;
    readonly ForecastStatic? _static;
    readonly Linear _output;
    readonly Dropout? _dropout;
    readonly ForecastSmoothing? _smoothing;
    readonly int _decoderWidth;

    public DirectNetwork(ForecasterConfig config, ForecastSchema schema, ForecastLinear linear, int calendar, Dropout? dropout, Rng rng) : base(config, schema, linear, calendar)
    {
        _dropout = dropout;
        if (config.Mode == "smoothing") _smoothing = Add("smoothing", new ForecastSmoothing(config, schema));
        var (sizes, kind) = (new DirectBatch(config, schema, linear, calendar), CellCatalog.Get(config.Cell));
        _decoderWidth = _smoothing is null ? sizes.DecoderWidth : sizes.DecoderWidth - schema.Targets.Count * config.Seasons.Count;
        _encoder = Add("encoder", Stacked.Of(kind, config.Layers, sizes.EncoderWidth, config.HiddenSize, bidirectional: false, dropout, rng));
        _decoder = Add("decoder", Stacked.Of(kind, config.Layers, _decoderWidth, config.HiddenSize, bidirectional: false, dropout, rng));
        if (schema.Static.Count > 0) _static = Add("static", new ForecastStatic(schema.Static, _encoder, rng));
        _output = Add("output", NewOutput(rng));
    }

    public override ForecastBatch NewBatch(bool training = false) => new DirectBatch(Config, Schema, Linear, Calendar);

    public override Tensor Forward(ForecastBatch batch)
    {
        var direct = (DirectBatch)batch;
        var smooth = _smoothing?.Forward(batch, Config.Context) ?? default;
        return Decode(direct, Encode(direct, direct.Encoder, smooth, _static?.Start(batch) ?? default), smooth);
    }

    /// <summary>The state behind steps of the encoder.</summary>
    /// <param name="read">[K, B, I].</param>
    /// <param name="smooth">[K + S + 1, B·D] of the smoothing; none without it.</param>
    State Encode(DirectBatch batch, ReadOnlySpan<Real> read, Tensor smooth, State start)
    {
        var (width, targets) = (batch.EncoderWidth, Schema.Targets.Count);
        var rows = read.Length / width;
        var x = Tensor.From(read, new(rows, width));
        if (_smoothing is not null)
        {
            var (z, known) = (Ops.Columns(x, 0, targets), Ops.Columns(x, targets, targets) * -1 + 1);
            var seasons = smooth[..(rows / batch.Count)];
            var distance = z.Reshape(seasons.Shape) - seasons - smooth[smooth.Shape[0] - 1];
            x = Ops.ConcatColumns(distance.Reshape(z.Shape) * known, Ops.Columns(x, targets, width - targets));
        }
        return _encoder.Forward(x.Reshape(new(rows / batch.Count, batch.Count, width)), start).Final;
    }

    Tensor Decode(DirectBatch batch, State final, Tensor smooth)
    {
        var v = Tensor.From(batch.Decoder, new(batch.Steps * batch.Count, batch.DecoderWidth));
        var b = Tensor.From(batch.Base, new(batch.Base.Length, 1));
        if (_smoothing is not null)
        {
            var last = smooth.Shape[0] - 1;
            var seasons = smooth[(last - batch.Steps)..last];
            var behind = Schema.Targets.Count * (1 + Config.Seasons.Count);
            v = Ops.ConcatColumns(seasons.Reshape(new(v.Rows, Schema.Targets.Count)), Ops.Columns(v, behind, batch.DecoderWidth - behind));
            b = (seasons + smooth[last]).Reshape(b.Shape);
        }
        var (d, _) = _decoder.Forward(v.Reshape(new(batch.Steps, batch.Count, _decoderWidth)), final);                           // [H, B, hidden]
        var o = Recorder.Report(_output, Recorder.Logits, _output.Forward(_dropout is null ? d : _dropout.Forward(d)));           // [H, B, D·C]
        return ParametersOf(o, b, batch);
    }

    public override ScaledForecast[] Predict(ForecastFrame frame, ReadOnlySpan<ForecastWindow> windows, int horizon, ForecastBatch batch)
    {
        int[] all = [.. Enumerable.Range(0, windows.Length)];
        batch.Fill(frame, windows, all);
        using var scratch = Tape.Scratch();
        var p = Forward(batch);
        var (found, targets) = (new ScaledForecast[windows.Length * Schema.Targets.Count], Schema.Targets.Count);
        for (var i = 0; i < found.Length; i++)
        {
            var (mean, quantiles) = (new double[horizon], new double[horizon][]);
            for (var h = 0; h < horizon; h++) mean[h] = Describe(p, batch, h * found.Length + i, quantiles[h] = new double[ForecastHead.Levels.Count]);
            found[i] = new(batch.ScaleOf(i / targets, i % targets), mean, quantiles, []);
        }
        return found;
    }

    public override State ZeroState() => _encoder.ZeroState(1);

    public override void Begin(State state, ForecastFrame frame, ForecastWindow window, ForecastBatch batch)
    {
        batch.Fill(frame, [window], [0]);
        var direct = (DirectBatch)batch;
        using var scratch = Tape.Scratch();
        state.CopyFrom(Encode(direct, direct.Encoder, _smoothing?.Forward(batch, Config.Context) ?? default, _static?.Start(batch) ?? default));
    }

    public override void Read(State state, ForecastFrame frame, FrameSeries series, int cutoff, ForecastBatch batch)
    {
        var direct = (DirectBatch)batch;
        using var scratch = Tape.Scratch();
        var last = direct.Last(frame, series, cutoff);
        state.CopyFrom(Encode(direct, last, _smoothing?.Forward(batch, 1) ?? default, state));
    }

    public override Tensor Next(State state, ForecastFrame frame, FrameSeries series, int cutoff, int steps, ForecastBatch batch)
    {
        var direct = (DirectBatch)batch;
        direct.FillAhead(frame, series, cutoff, steps);
        return Decode(direct, state, _smoothing?.Forward(batch, 1) ?? default);
    }
}
