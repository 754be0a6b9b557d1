using System.Text.Json.Nodes;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>Time series in, their future out: all steps at once, with quantiles.</summary>
/// <remarks>
/// <code>
/// b_h = linear(window)                                         a regression in closed form, held fixed
/// e   = encoder(x₁ … x_K)        from s₀ = tanh(W static + c)
/// d_h = decoder(v₁ … v_H)_h      from e's last state
/// o_h = W dropout(d_h) + c       what is said of y_h follows from b_h and o_h
/// </code>
/// x has the scaled targets, 1 for each that is missing, covariates and the calendar; v the linear forecast, the targets whole seasons before, covariates known ahead, the calendar and the place
/// in the horizon. W begins at 0, so training begins at the linear forecast. Parameters: <c>linear.…</c>, <c>encoder.…</c>, <c>decoder.…</c>, <c>static.…</c> where there are static columns,
/// <c>output.weight</c> [D·C, H], <c>output.bias</c>. A series that training has not seen has unknown static categories and is scaled by its own history; one that is shorter than the context has
/// missing values before it. Forecasts are safe for use by several threads, as long as the model is not trained meanwhile.
/// </remarks>
public sealed class Forecaster : SequenceModel
{
    internal const string SchemaKey = "columns";

    readonly Stacked _encoder, _decoder;
    readonly ForecastStatic? _static;
    readonly Linear _output;
    readonly Dropout? _dropout;
    readonly int _calendar;

    internal Forecaster(ForecasterConfig config, ForecastSchema schema, Rng rng)
    {
        if (config.Problems.Count > 0) Throw.BadConfig(config.Problems);
        (Config, Schema, DropoutRng) = (config, schema, rng.Fork("dropout"));
        _calendar = new CalendarFeatures(schema.HasTimes ? schema.Step : null, schema.Years, config.Season).Count;
        _dropout = config.Dropout > 0 ? new Dropout(config.Dropout, DropoutRng) : null;
        Head = new(config.Head);
        Linear = Add("linear", new ForecastLinear(config, schema, _calendar));
        var (sizes, kind) = (NewBatch(), CellCatalog.Get(config.Cell));
        _encoder = Add("encoder", Stacked.Of(kind, config.Layers, sizes.EncoderWidth, config.HiddenSize, bidirectional: false, _dropout, rng));
        _decoder = Add("decoder", Stacked.Of(kind, config.Layers, sizes.DecoderWidth, config.HiddenSize, bidirectional: false, _dropout, rng));
        if (schema.Static.Count > 0) _static = Add("static", new ForecastStatic(schema.Static, _encoder, rng));
        _output = Add("output", new Linear(config.HiddenSize, schema.Targets.Count * Head.Count, rng));
        _output.Weight.Edit().Clear();
        Head.Initialise(_output.Bias!.Edit());
    }

    /// <summary>Trains a model; what is not said otherwise fits the data, as in <c>unroll train forecast</c>.</summary>
    /// <param name="table">The series. Columns with values behind the end of the targets are known ahead; their end is validated on.</param>
    /// <param name="options">What decides the result; the defaults where null.</param>
    /// <param name="observer">Is told how it goes.</param>
    /// <param name="cancellation">Ends the training after an iteration, with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnrollException">The data cannot be learned from, or options are out of range.</exception>
    public static Forecaster Train(TimeSeriesTable table, ForecasterOptions? options = null, TaskObserver? observer = null, CancellationToken cancellation = default)
    {
        options ??= new();
        var targets = ForecastColumns.Targets(options, table);
        return ForecastingDefinition.Instance.Train(ForecastSplit.Test(ForecastSplit.Whole(table, targets), options).Train, null, options, observer, cancellation);
    }

    /// <inheritdoc/>
    public override string Kind => ForecasterConfig.ModelName;

    /// <summary>What the model is made of.</summary>
    public ForecasterConfig Config { get; }

    internal ForecastSchema Schema { get; }

    internal ForecastLinear Linear { get; }

    internal ForecastHead Head { get; }

    internal Rng DropoutRng { get; }

    /// <inheritdoc/>
    protected internal override IEnumerable<(string Key, JsonNode Value)> Describe() => [(ConfigKey, Config.ToJson()), (SchemaKey, Schema.ToJson())];

    internal static Forecaster FromFile(ModelDescription file)
    {
        var (config, schema) = (file.Read(ConfigKey, ForecasterConfig.FromJson), file.Read(SchemaKey, ForecastSchema.FromJson));
        file.Check();
        file.CheckWeights(2L * config!.HiddenSize * config.HiddenSize * config.Layers + (long)config.Horizon * schema!.Targets.Count * (config.LinearBy switch { "phase" => config.Season, "series" => schema.Names.Count + 1, _ => 1 }));
        return new(config, schema, new Rng(0));
    }

    internal ForecastBatch NewBatch() => new(Config, Schema, Linear, _calendar);

    /// <summary>A table as the model reads it.</summary>
    /// <exception cref="UnrollException">Columns are missing, or of another kind or step.</exception>
    internal ForecastFrame Prepare(TimeSeriesTable table) => new(Config, Schema, table);

    /// <summary>What is said of each value, [H·B·D, C].</summary>
    internal Tensor Forward(ForecastBatch batch)
    {
        var b = batch.Count;
        var (_, final) = _encoder.Forward(Tensor.From(batch.Encoder, new(Config.Context, b, batch.EncoderWidth)), _static?.Start(batch) ?? default);
        var (d, _) = _decoder.Forward(Tensor.From(batch.Decoder, new(Config.Horizon, b, batch.DecoderWidth)), final);        // [H, B, hidden]
        var o = Recorder.Report(_output, Recorder.Logits, _output.Forward(_dropout is null ? d : _dropout.Forward(d)));       // [H, B, D·C]
        return Head.Parameters(o.Reshape(new(o.Count / Head.Count, Head.Count)), batch);
    }

    /// <summary>The steps that follow on the last known value of each series.</summary>
    /// <param name="history">Series with the columns that the model reads; those known ahead must have values for all steps that are forecast.</param>
    /// <param name="horizon">How many steps, at most <see cref="ForecasterConfig.Horizon"/>, which it is where null.</param>
    /// <param name="batch">The most that are worked on at once; changes the speed, not the result.</param>
    /// <param name="cancellation">Ends the work with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>A forecast for each series and target, in their order.</returns>
    /// <exception cref="UnrollException">A column is missing or of another kind or step, a series has no value, or values known ahead are missing.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The horizon is below 1 or longer than the model's.</exception>
    public IReadOnlyList<Forecast> Forecast(TimeSeriesTable history, int? horizon = null, int batch = 64, CancellationToken cancellation = default)
    {
        if (horizon is { } h && (h < 1 || h > Config.Horizon)) Throw.OutOfRange(nameof(horizon), h, $"from 1 to the {Config.Horizon:N0} steps that the model was trained for");
        var frame = Prepare(history);
        CheckKnown(history, frame, horizon ?? Config.Horizon);
        return Predict(frame, [.. frame.Series.Select((s, i) => new ForecastWindow(i, s.End))], horizon ?? Config.Horizon, batch, cancellation: cancellation);
    }

    void CheckKnown(TimeSeriesTable table, ForecastFrame frame, int horizon)
    {
        var problems = new ProblemList();
        foreach (var series in frame.Series)
        {
            if (series.End == 0) problems.Add($"series {ProblemList.Quote(series.Name)} has no value of {string.Join(", ", Config.Targets)}");
            foreach (var column in Schema.Future)
            {
                var values = series.Source[table.IndexOf(column.Name)];
                var known = 0;
                while (known < horizon && series.End + known < values.Length && !double.IsNaN(values[series.End + known])) known++;
                if (known < horizon) problems.Add($"series {ProblemList.Quote(series.Name)}: {ProblemList.Quote(column.Name)}, which is known ahead, has {known:N0} values behind the end of the target; {horizon:N0} are needed");
            }
        }
        problems.ThrowIfAny("The series cannot be forecast");
    }

    /// <summary>Forecasts from cut-offs, by window and target.</summary>
    internal Forecast[] Predict(ForecastFrame frame, ForecastWindow[] windows, int horizon, int batch = 64, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var (found, room, targets) = (new Forecast[windows.Length * Schema.Targets.Count], NewBatch(), Schema.Targets.Count);
        for (var at = 0; at < windows.Length; at += batch)
        {
            cancellation.ThrowIfCancellationRequested();
            int[] chosen = [.. Enumerable.Range(at, Math.Min(batch, windows.Length - at))];
            room.Fill(frame, windows, chosen);
            using var scratch = Tape.Scratch();
            var p = Forward(room);
            for (var b = 0; b < chosen.Length; b++)
                for (var d = 0; d < targets; d++) found[(at + b) * targets + d] = Describe(frame, windows[at + b], room, p, b, d, horizon);
            progress?.Report((double)(at + chosen.Length) / windows.Length);
        }
        return found;
    }

    Forecast Describe(ForecastFrame frame, ForecastWindow window, ForecastBatch batch, Tensor p, int b, int d, int horizon)
    {
        var (targets, levels, scale) = (Schema.Targets.Count, ForecastHead.Levels, batch.ScaleOf(b, d));
        var (point, mean, quantiles) = (new double[horizon], new double[horizon], new double[horizon][]);
        for (var h = 0; h < horizon; h++)
        {
            var (row, own) = ((h * batch.Count + b) * targets + d, quantiles[h] = new double[levels.Count]);
            mean[h] = frame.Undo(d, scale.Undo(Head.Describe(
                p.Values.Slice(row * Head.Count, Head.Count), Linear.Residuals.Values.Slice((h * targets + d) * levels.Count, levels.Count), scale, own)));
            for (var k = 0; k < own.Length; k++) own[k] = frame.Undo(d, scale.Undo(own[k]));
            point[h] = Config.Head == "squared" ? mean[h] : own[levels.Count / 2];
        }
        var series = frame.Series[window.Series];
        DateTime[] times = series.Source.Start is null ? [] : [.. Enumerable.Range(0, horizon).Select(h => series.Source.TimeAt(window.Cutoff + h)!.Value)];
        return new(series.Name, Schema.Targets[d].Name, times, mean, new(point, levels, quantiles));
    }

    /// <summary>How well the model forecasts the last windows of series, beside the simple methods: mae, rmse, smape, mase, wape, coverage and skill.</summary>
    /// <param name="table">Series with the columns that the model reads.</param>
    /// <param name="windows">How many windows of each series, one behind the other, at the end.</param>
    /// <exception cref="UnrollException">Columns are missing, or no series is long enough.</exception>
    public EvaluationReport Evaluate(TimeSeriesTable table, int windows = 1) => ForecastReport.Of(this, table, windows);
}
