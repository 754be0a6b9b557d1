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
/// in the horizon.
/// </remarks>
sealed class DirectNetwork : ForecastNetwork
{
    readonly Stacked _encoder, _decoder;
    readonly ForecastStatic? _static;
    readonly Linear _output;
    readonly Dropout? _dropout;

    public DirectNetwork(ForecasterConfig config, ForecastSchema schema, ForecastLinear linear, int calendar, Dropout? dropout, Rng rng) : base(config, schema, linear, calendar)
    {
        _dropout = dropout;
        var (sizes, kind) = (new DirectBatch(config, schema, linear, calendar), CellCatalog.Get(config.Cell));
        _encoder = Add("encoder", Stacked.Of(kind, config.Layers, sizes.EncoderWidth, config.HiddenSize, bidirectional: false, dropout, rng));
        _decoder = Add("decoder", Stacked.Of(kind, config.Layers, sizes.DecoderWidth, config.HiddenSize, bidirectional: false, dropout, rng));
        if (schema.Static.Count > 0) _static = Add("static", new ForecastStatic(schema.Static, _encoder, rng));
        _output = Add("output", NewOutput(rng));
    }

    public override ForecastBatch NewBatch(bool training = false) => new DirectBatch(Config, Schema, Linear, Calendar);

    public override Tensor Forward(ForecastBatch batch)
    {
        var direct = (DirectBatch)batch;
        var (_, final) = _encoder.Forward(Tensor.From(direct.Encoder, new(Config.Context, batch.Count, direct.EncoderWidth)), _static?.Start(batch) ?? default);
        return Decode(direct, final);
    }

    Tensor Decode(DirectBatch batch, State final)
    {
        var (d, _) = _decoder.Forward(Tensor.From(batch.Decoder, new(batch.Steps, batch.Count, batch.DecoderWidth)), final);      // [H, B, hidden]
        var o = Recorder.Report(_output, Recorder.Logits, _output.Forward(_dropout is null ? d : _dropout.Forward(d)));           // [H, B, D·C]
        return Head.Parameters(o.Reshape(new(o.Count / Head.Count, Head.Count)), batch);
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
        state.CopyFrom(_encoder.Forward(Tensor.From(direct.Encoder, new(Config.Context, 1, direct.EncoderWidth)), _static?.Start(batch) ?? default).Final);
    }

    public override void Read(State state, ForecastFrame frame, FrameSeries series, int cutoff, ForecastBatch batch)
    {
        var direct = (DirectBatch)batch;
        using var scratch = Tape.Scratch();
        state.CopyFrom(_encoder.Forward(Tensor.From(direct.Last(frame, series, cutoff), new(1, 1, direct.EncoderWidth)), state).Final);
    }

    public override Tensor Next(State state, ForecastFrame frame, FrameSeries series, int cutoff, int steps, ForecastBatch batch)
    {
        var direct = (DirectBatch)batch;
        direct.FillAhead(frame, series, cutoff, steps);
        return Decode(direct, state);
    }
}
