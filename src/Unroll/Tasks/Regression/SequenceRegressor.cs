using System.Text.Json.Nodes;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>A series in, a number out.</summary>
/// <remarks>
/// <code>
/// h₁ … h_T = rnn(x₁ … x_T)        v = pool(h₁ … h_T)        ŷ = m + s (W dropout(v) + b)
/// </code>
/// x is scaled by feature; m and s are the mean and the standard deviation of the targets. Parameters: <c>rnn.…</c>, <c>pooling.…</c> of attention,
/// <c>output.weight</c> [1, D], <c>output.bias</c> [1]. Predictions are safe for use by several threads, as long as the model is not trained meanwhile.
/// </remarks>
public sealed class SequenceRegressor : SequenceModel
{
    const string ScalesKey = "scales", TargetKey = "target";

    readonly Stacked _rnn;
    readonly Pooling _pooling;
    readonly Linear _output;
    readonly Dropout? _dropout;

    /// <summary>A model with fresh weights.</summary>
    /// <param name="config">Sizes and kinds.</param>
    /// <param name="scales">What the features are scaled by.</param>
    /// <param name="target">What the target is scaled by: the scales of one feature.</param>
    /// <param name="rng">Where weights, and later dropout masks, come from.</param>
    /// <exception cref="UnrollException">The settings are out of range, or scales are of other features; all problems are listed.</exception>
    public SequenceRegressor(RegressorConfig config, FeatureScales scales, FeatureScales target, Rng rng)
    {
        var problems = config.Problems.ToList();
        if (scales.Features != config.Features || target.Features != 1) problems.Add($"there are scales of {scales.Features} features and {target.Features} targets; expected {config.Features} and 1");
        if (problems.Count > 0) Throw.BadConfig(problems);
        (Config, Scales, Target, DropoutRng) = (config, scales, target, rng.Fork("dropout"));
        _dropout = config.Dropout > 0 ? new Dropout(config.Dropout, DropoutRng) : null;
        _rnn = Add("rnn", Stacked.Of(CellCatalog.Get(config.Cell), config.Layers, config.Features, config.HiddenSize, config.Bidirectional, _dropout, rng));
        _pooling = Add("pooling", Pooling.Create(config.Pooling, _rnn, rng));
        _output = Add("output", new Linear(_pooling.OutputSize, 1, rng));
    }

    /// <summary>Trains a model; what is not said otherwise fits the data, as in <c>unroll train regress</c>.</summary>
    /// <param name="train">Series with a number in the place of the label.</param>
    /// <param name="options">What decides the result; the defaults where null.</param>
    /// <param name="valid">What is validated on, to keep the best weights; a share of <paramref name="train"/> where null, or none of fewer than 200.</param>
    /// <param name="observer">Is told how it goes.</param>
    /// <param name="cancellation">Ends the training after an iteration, with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnrollException">The data cannot be learned from, or options are out of range.</exception>
    public static SequenceRegressor Train(
        IReadOnlyList<Example> train, RegressorOptions? options = null, IReadOnlyList<Example>? valid = null, TaskObserver? observer = null, CancellationToken cancellation = default) =>
        RegressionDefinition.Instance.Train(train, valid, options, observer, cancellation);

    /// <inheritdoc/>
    public override string Kind => RegressorConfig.ModelName;

    /// <summary>What the model is made of.</summary>
    public RegressorConfig Config { get; }

    /// <summary>What the features are scaled by.</summary>
    public FeatureScales Scales { get; }

    /// <summary>What the target is scaled by.</summary>
    public FeatureScales Target { get; }

    /// <summary>Where dropout masks come from.</summary>
    public Rng DropoutRng { get; }

    /// <inheritdoc/>
    protected internal override IEnumerable<(string Key, JsonNode Value)> Describe() => [(ConfigKey, Config.ToJson()), (ScalesKey, Scales.ToJson()), (TargetKey, Target.ToJson())];

    internal static SequenceRegressor FromFile(ModelDescription file)
    {
        var config = file.Read(ConfigKey, RegressorConfig.FromJson);
        var (scales, target) = (file.Read(ScalesKey, FeatureScales.FromJson), file.Read(TargetKey, FeatureScales.FromJson));
        file.Check();
        file.CheckWeights((long)config!.HiddenSize * config.HiddenSize * config.Layers);
        return new(config, scales!, target!, new Rng(0));
    }

    /// <summary>The scaled numbers of a series.</summary>
    /// <exception cref="UnrollException">It is a text, or has other features.</exception>
    internal SequenceInput Prepare(Example example)
    {
        if (example.Series is not { } series) return Throw.ExampleKind<SequenceInput>(example.Source, "a text", "a series");
        if (series.Features != Config.Features) Throw.ExampleFeatures(example.Source, series.Features, Config.Features);
        return new([], Scales.Apply(series, series.Steps), series.Steps, []);
    }

    /// <summary>The scaled predictions [B, 1] of a batch.</summary>
    internal Tensor Forward(SequenceBatch batch)
    {
        var x = Tensor.From(batch.Values, new(batch.Lengths.Steps, batch.Count, batch.Features));            // [T, B, F]
        if (_dropout is not null) x = _dropout.Forward(x);
        var (h, final) = _rnn.Forward(x, lengths: batch.Lengths);
        var v = _pooling.Forward(h, final, batch.Lengths).Vector;                                            // [B, D]
        return Recorder.Report(_output, Recorder.Logits, _output.Forward(_dropout is null ? v : Ops.Dropout(v, _dropout.P, _dropout.Rng)));
    }

    /// <summary>How well the model predicts: mse, rmse, mae and r2.</summary>
    /// <param name="examples">Series with their numbers in the place of labels.</param>
    /// <exception cref="UnrollException">There is none, one has no number, or is of another kind than the model reads.</exception>
    public EvaluationReport Evaluate(IReadOnlyList<Example> examples) => RegressionReport.Of(this, examples);

    /// <summary>The number that follows from each series.</summary>
    /// <param name="examples">Series; their labels do not matter.</param>
    /// <param name="batch">The most that are worked on at once; changes the speed, not the result.</param>
    /// <param name="progress">Told the share that is done, from 0 to 1.</param>
    /// <param name="cancellation">Ends the work with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnrollException">One is a text, or has other features.</exception>
    public double[] Predict(IReadOnlyList<Example> examples, int batch = 64, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var (inputs, found, room) = (examples.Select(Prepare).ToArray(), new double[examples.Count], new SequenceBatch());
        if (inputs.Length == 0) return found;
        var buckets = new LengthBuckets([.. inputs.Select(i => i.Steps)], batch);
        for (var i = 0; i < buckets.BatchesPerEpoch; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var chosen = buckets.Next();
            room.Fill(inputs, chosen, Config.Features, sentences: false);
            using var scratch = Tape.Scratch();
            var scaled = Forward(room);
            for (var b = 0; b < chosen.Length; b++) found[chosen[b]] = Target.Undo(0, scaled.Values[b]);
            progress?.Report((i + 1.0) / buckets.BatchesPerEpoch);
        }
        return found;
    }
}
