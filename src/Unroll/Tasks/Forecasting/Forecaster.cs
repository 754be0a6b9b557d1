using System.Text.Json.Nodes;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>Time series in, their future out, with quantiles.</summary>
/// <remarks>
/// <code>
/// b = linear(window)                 a regression in closed form (held fixed while the network is trained)
/// o = network(window)                recurrent; begins at 0
/// y ~ head(b, o)                     quantiles, or a distribution
/// </code>
/// The network says all steps of the horizon at once (<see cref="ForecasterConfig.Mode"/> direct: an encoder of the context, a decoder over what is known of the horizon), or one step after the other,
/// each reading a sample of the one before (autoregressive, as DeepAR). Training begins at the linear forecast. When it has ended, the intervals are calibrated on the validation part, and
/// the linear part is fitted again to the training and the validation part together. Parameters: <c>linear.…</c>, <c>calibration.weight</c>, <c>encoder.…</c> and <c>decoder.…</c> or
/// <c>network.…</c>, <c>static.…</c> where there are static columns, <c>output.weight</c> [D·C, H], <c>output.bias</c>. A series that training has not seen has unknown static categories and is
/// scaled by its own history; one that is shorter than the context has missing values before it. Forecasts are safe for use by several threads, as long as the model is not trained meanwhile.
/// </remarks>
public sealed class Forecaster : SequenceModel
{
    internal const string SchemaKey = "columns";
    const string FinishedKey = "finished";

    readonly ForecastCalibration _calibration;

    internal Forecaster(ForecasterConfig config, ForecastSchema schema, Rng rng)
    {
        if (config.Problems.Count > 0) Throw.BadConfig(config.Problems);
        (Config, Schema, DropoutRng) = (config, schema, rng.Fork("dropout"));
        var calendar = new CalendarFeatures(schema.HasTimes ? schema.Step : null, schema.Years, config.Season).Count;
        var dropout = config.Dropout > 0 ? new Dropout(config.Dropout, DropoutRng) : null;
        Linear = Add("linear", new ForecastLinear(config, schema, calendar));
        _calibration = Add("calibration", new ForecastCalibration());
        Network = Add("", config.IsAutoregressive ? new AutoregressiveNetwork(config, schema, Linear, calendar, dropout, rng) : (ForecastNetwork)new DirectNetwork(config, schema, Linear, calendar, dropout, rng));
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

    internal ForecastNetwork Network { get; }

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

    /// <summary>A table as the model reads it.</summary>
    /// <exception cref="UnrollException">Columns are missing, or of another kind or step.</exception>
    /// <param name="horizon">How many steps will be asked for at most, where more than the model was trained for.</param>
    internal ForecastFrame Prepare(TimeSeriesTable table, int horizon = 0) => new(Config, Schema, table, Math.Max(horizon, Config.Horizon));

    /// <summary>The most steps that can be forecast.</summary>
    internal int LongestHorizon => Config.IsAutoregressive ? ForecasterConfig.MaxSteps : Config.Horizon;

    /// <summary>Settles what is left when the network is trained: calibrates the intervals on the validation part, and fits the linear part to all there is to learn from.</summary>
    /// <returns>Whether there was anything left; a model is finished once.</returns>
    internal bool Finish(IReadOnlyList<ForecastPart> train, IReadOnlyList<ForecastPart> valid)
    {
        if (Notes[DataNotes.ForecastKey] is not JsonObject notes || notes.ContainsKey(FinishedKey)) return false;
        var frame = Prepare(train[0].Table);
        if (valid.Count > 0)
        {
            _calibration.Fit(Network, frame, valid);
            Refit(frame, ForecastSplit.Joined(train, valid));
        }
        notes[FinishedKey] = true;
        return true;
    }

    /// <summary>How rare a surprise is (<see cref="ForecastCalibration.RarityOf"/>).</summary>
    internal double Rarity(double surprise) => _calibration.RarityOf(surprise);

    /// <summary>Fits the linear part to parts.</summary>
    internal void Refit(ForecastFrame frame, IReadOnlyList<ForecastPart> parts) => new ForecastLinearFit(Linear, frame).Fit(parts, Config.LinearPenalty);

    /// <summary>The steps that follow on the last known value of each series.</summary>
    /// <param name="history">Series with the columns that the model reads; those known ahead must have values for all steps that are forecast.</param>
    /// <param name="horizon">How many steps; <see cref="ForecasterConfig.Horizon"/> where null, and at most that, but of an autoregressive model.</param>
    /// <param name="batch">The most that are worked on at once; changes the speed, not the result.</param>
    /// <param name="cancellation">Ends the work with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>A forecast for each series and target, in their order.</returns>
    /// <exception cref="UnrollException">A column is missing or of another kind or step, a series has no value, or values known ahead are missing.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The horizon is below 1 or longer than the model's.</exception>
    public IReadOnlyList<Forecast> Forecast(TimeSeriesTable history, int? horizon = null, int batch = 64, CancellationToken cancellation = default)
    {
        var steps = horizon ?? Config.Horizon;
        if (steps < 1 || steps > LongestHorizon)
            Throw.OutOfRange(nameof(horizon), steps, $"from 1 to {(Config.IsAutoregressive ? $"{LongestHorizon:N0}" : $"the {Config.Horizon:N0} steps that the model was trained for; a model of --mode autoregressive has no such bound")}");
        var frame = Prepare(history, steps);
        CheckKnown(history, frame, steps);
        return Predict(frame, [.. frame.Series.Select((s, i) => new ForecastWindow(i, s.End))], steps, batch, cancellation: cancellation);
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
        const int MostPaths = 32;
        if (Config.IsAutoregressive) batch = Math.Min(batch, MostPaths);
        var (found, room, targets) = (new Forecast[windows.Length * Schema.Targets.Count], Network.NewBatch(), Schema.Targets.Count);
        for (var at = 0; at < windows.Length; at += batch)
        {
            cancellation.ThrowIfCancellationRequested();
            var some = windows.AsSpan(at, Math.Min(batch, windows.Length - at));
            var scaled = Network.Predict(frame, some, horizon, room);
            for (var i = 0; i < scaled.Length; i++) found[at * targets + i] = Describe(frame, some[i / targets], scaled[i], i % targets);
            progress?.Report((double)(at + some.Length) / windows.Length);
        }
        return found;
    }

    Forecast Describe(ForecastFrame frame, ForecastWindow window, ScaledForecast scaled, int d)
    {
        var (horizon, levels) = (scaled.Mean.Length, ForecastHead.Levels);
        var (point, mean, quantiles) = (new double[horizon], new double[horizon], new double[horizon][]);
        for (var h = 0; h < horizon; h++)
        {
            double[] before = scaled.Quantiles[h], own = [.. before];
            _calibration.Apply(own);
            foreach (var path in scaled.Paths) path[h] = Undone(frame, d, scaled.Scale, ForecastCalibration.Move(path[h], before, own));
            mean[h] = Undone(frame, d, scaled.Scale, scaled.Mean[h], own);
            if (Config.Scaling == "log" && scaled.Paths.Length > 0) mean[h] = scaled.Paths.Average(p => p[h]);
            (point[h], quantiles[h]) = (Config.Head == "squared" ? mean[h] : own[levels.Count / 2], own);
        }
        var series = frame.Series[window.Series];
        DateTime[] times = series.Source.Start is null ? [] : [.. Enumerable.Range(0, horizon).Select(h => series.Source.TimeAt(window.Cutoff + h)!.Value)];
        return new(series.Name, Schema.Targets[d].Name, times, mean, new(point, levels, quantiles), scaled.Paths, _calibration.Dependence);
    }

    /// <summary>What a row says, calibrated and with its scaling undone: the quantiles, and the mean that is given back.</summary>
    internal double Describe(ForecastFrame frame, Tensor p, ForecastBatch batch, int row, Span<double> quantiles)
    {
        var targets = Schema.Targets.Count;
        var mean = Network.Describe(p, batch, row, quantiles);
        _calibration.Apply(quantiles);
        return Undone(frame, row % targets, batch.ScaleOf(row / targets % batch.Count, row % targets), mean, quantiles);
    }

    double Undone(ForecastFrame frame, int target, ValueScale scale, double mean, Span<double> quantiles)
    {
        for (var k = 0; k < quantiles.Length; k++) quantiles[k] = Undone(frame, target, scale, quantiles[k]);
        return Config.Scaling == "log" ? ForecastHead.MeanOf(quantiles) : frame.Undo(target, scale.Undo(mean));
    }

    double Undone(ForecastFrame frame, int target, ValueScale scale, double value)
    {
        var y = frame.Undo(target, scale.Undo(value));
        return Network.Head.Counts ? Math.Max(0, Math.Round(y)) : y;
    }

    /// <summary>How well the model forecasts the last windows of series, beside the simple methods: mae, rmse, smape, mase, wape, coverage and skill.</summary>
    /// <param name="table">Series with the columns that the model reads.</param>
    /// <param name="windows">How many windows of each series, one behind the other, at the end.</param>
    /// <exception cref="UnrollException">Columns are missing, or no series is long enough.</exception>
    public EvaluationReport Evaluate(TimeSeriesTable table, int windows = 1) => ForecastReport.Of(this, table, new() { Windows = windows });
}
