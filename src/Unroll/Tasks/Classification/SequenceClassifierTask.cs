using Unroll.Data;
using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>How a sequence classifier learns from its examples.</summary>
public sealed record SequenceClassifierTaskOptions
{
    /// <summary>B, the examples of a batch; at least 1. Default 32.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>ε from 0 to below 1: the target is 1 − ε on the right class plus ε/C on every class; where there may be several, y(1 − ε) + ε/2. Default 0.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>
    /// How much rare classes weigh, from 0 to 1: an example of class c counts (n/(C·n_c)) to this power, n_c being how many there are. 0: all
    /// count alike; 1: all classes do. Not where there may be several classes. Default 0.
    /// </summary>
    public double ClassBalance { get; init; }

    /// <summary>The passes in which the linear member is fitted; at least 1. Default 10.</summary>
    public int NGramEpochs { get; init; } = 10;

    /// <summary>The share of its runs that each step of the linear member leaves out; 0 to below 1. Default 0.3.</summary>
    public double NGramDropout { get; init; } = 0.3;
}

/// <summary>Trains a <see cref="SequenceClassifier"/> on batches of examples of similar lengths.</summary>
/// <remarks>
/// Its networks learn batch by batch, each from a loss of its own. A linear member is fitted at once, when the task is made, unless the model has
/// been trained before; what is validated and measured is the vote of all. Where there is no network nothing is left to learn: an epoch is then one batch,
/// whose loss is told.
/// </remarks>
internal sealed class SequenceClassifierTask : TrainingTask
{
    const int ValidationBatch = 64, MostProblems = 20;

    readonly SequenceClassifier _model;
    readonly SequenceInput[] _train, _valid;
    readonly IReadOnlyList<Example> _validExamples;
    readonly SequenceClassifierTaskOptions _options;
    readonly LengthBuckets _buckets;
    readonly string _trainData, _validData;                // what tells them from other data
    readonly SequenceBatch _batch = new();
    readonly Real[] _classWeights = [];
    int[] _targets = [];

    /// <summary>A task that begins at the first batch.</summary>
    /// <param name="model">The model.</param>
    /// <param name="train">What to learn from.</param>
    /// <param name="valid">What to validate on; none where empty.</param>
    /// <param name="options">Sizes and ways.</param>
    /// <param name="rng">Where the order of examples comes from.</param>
    /// <exception cref="UnrollException">There is nothing to learn from, or an example has not one label, or to learn from one that the model does not know; all are listed. It knows no label of what to validate on.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public SequenceClassifierTask(
        SequenceClassifier model, IReadOnlyList<Example> train, IReadOnlyList<Example> valid, SequenceClassifierTaskOptions options, Rng rng)
    {
        if (options.LabelSmoothing is not (>= 0 and < 1)) Throw.OutOfRange(nameof(options.LabelSmoothing), options.LabelSmoothing, "from 0 to below 1");
        if (options.ClassBalance is not (>= 0 and <= 1)) Throw.OutOfRange(nameof(options.ClassBalance), options.ClassBalance, "from 0 to 1");
        if (options.NGramEpochs < 1) Throw.OutOfRange(nameof(options.NGramEpochs), options.NGramEpochs, "at least 1");
        if (options.NGramDropout is not (>= 0 and < 1)) Throw.OutOfRange(nameof(options.NGramDropout), options.NGramDropout, "from 0 to below 1");
        if (train.Count == 0) Throw.NoExamples("learn from");
        (_model, _options, _validExamples) = (model, options, valid);
        (_train, _valid) = (model.Prepare(train), model.Prepare(valid));
        CheckLabels(model, train, _train);
        CheckMeasurable(model.Config.Classes, model.Config.MultiLabel, valid);
        (_trainData, _validData) = (Fingerprint(_train), Fingerprint(_valid));
        _buckets = new LengthBuckets([.. _train.Select(i => i.Steps)], options.Batch, rng);
        if (options.ClassBalance > 0 && !model.Config.MultiLabel) _classWeights = Weights(_train, model.Config.Classes.Count, options.ClassBalance);
        if (model.NGrams is { } ngrams && NGramFit.IsDue(ngrams)) new NGramFit(ngrams, model.Config.MultiLabel, _classWeights, options.NGramEpochs, options.NGramDropout).Run(_train, rng.Fork("ngrams"));
    }

    static void CheckLabels(SequenceClassifier model, IReadOnlyList<Example> examples, SequenceInput[] inputs)
    {
        var problems = new List<string>();
        for (var i = 0; i < inputs.Length && problems.Count < MostProblems; i++)
        {
            var unknown = Array.IndexOf(inputs[i].Classes, -1);
            if (unknown >= 0) problems.Add($"{examples[i].Source}: '{examples[i].Labels[unknown]}' is no class of the model");
            else if (!model.Config.MultiLabel && inputs[i].Classes.Length != 1) problems.Add($"{examples[i].Source} has {inputs[i].Classes.Length} labels");
        }
        if (problems.Count > 0) Throw.ExamplesNotLabelled(problems);
    }

    /// <summary>Makes sure that examples have labels to be measured by.</summary>
    /// <exception cref="UnrollException">An example has not one label where it should, or none of the labels is a class.</exception>
    internal static void CheckMeasurable(IReadOnlyList<string> classes, bool multiLabel, IReadOnlyList<Example> examples)
    {
        var problems = multiLabel ? [] : examples.Where(e => e.Labels.Count != 1).Select(e => $"{e.Source} has {e.Labels.Count} labels").Take(MostProblems).ToList();
        if (problems.Count > 0) Throw.ExamplesNotLabelled(problems);
        var found = examples.SelectMany(e => e.Labels).Distinct(StringComparer.Ordinal).ToList();
        if (found.Count > 0 && !found.Exists(classes.Contains)) Throw.NoneKnown("labels", found, classes);
    }

    static Real[] Weights(SequenceInput[] inputs, int classes, double balance)
    {
        var counts = new int[classes];
        foreach (var input in inputs) counts[input.Class]++;
        return [.. counts.Select(n => n == 0 ? 0 : (Real)Math.Pow((double)inputs.Length / classes / n, balance))];
    }

    /// <inheritdoc/>
    public override Module Model => _model;

    /// <inheritdoc/>
    public override int BatchesPerEpoch => _model.Networks.Count == 0 ? 1 : _buckets.BatchesPerEpoch;

    /// <inheritdoc/>
    public override long TokensInBatch => _batch.Lengths.Total;

    /// <inheritdoc/>
    public override bool HasValidation => _valid.Length > 0;

    /// <inheritdoc/>
    public override Tensor NextLoss()
    {
        var chosen = _buckets.Next();
        _model.Fill(_batch, _train, chosen);
        var networks = _model.Networks;
        if (networks.Count == 0) return Loss(_model.NGrams!.Forward(_batch.Texts).WithGradient(), chosen);
        var loss = Loss(networks[0].Forward(_batch).Logits, chosen);
        for (var i = 1; i < networks.Count; i++) loss += Loss(networks[i].Forward(_batch).Logits, chosen);
        return networks.Count == 1 ? loss : loss * (1.0 / networks.Count);
    }

    Tensor Loss(Tensor logits, ReadOnlySpan<int> chosen)                             // [B, C]
    {
        return _model.Config.MultiLabel
            ? Losses.BinaryCrossEntropy(logits, ManyTargets(chosen, logits.Shape))
            : Losses.CrossEntropy(logits, Targets(chosen), _options.LabelSmoothing, classWeights: _classWeights);
    }

    ReadOnlySpan<int> Targets(ReadOnlySpan<int> chosen)
    {
        if (_targets.Length < chosen.Length) _targets = new int[chosen.Length];
        for (var b = 0; b < chosen.Length; b++) _targets[b] = _train[chosen[b]].Class;
        return _targets.AsSpan(0, chosen.Length);
    }

    Tensor ManyTargets(ReadOnlySpan<int> chosen, Shape shape)
    {
        var targets = Tensor.Full(shape, _options.LabelSmoothing / 2);
        for (var b = 0; b < chosen.Length; b++)
            foreach (var c in _train[chosen[b]].Classes) targets.Values[b * shape[1] + c] = (Real)(1 - _options.LabelSmoothing / 2);
        return targets;
    }

    /// <inheritdoc/>
    public override Validation Validate()
    {
        if (!HasValidation) Throw.NoValidation();
        var score = Score(_model.Config, _validExamples, _model.Predict(_valid, ValidationBatch));
        return new(score.Loss, ("accuracy", score.Accuracy), ("macro_f1", score.MacroF1));
    }

    /// <summary>Measures a model on examples.</summary>
    /// <param name="model">The model.</param>
    /// <param name="examples">Examples with labels, which the model need not know.</param>
    /// <param name="batch">How many are worked on at once; changes the speed, not the result.</param>
    /// <param name="progress">Told the share that is done, from 0 to 1.</param>
    /// <param name="cancellation">Ends the work with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnrollException">There is no example, one has not one label, the model knows none of their labels, or one is of another kind than it reads.</exception>
    public static ClassificationScore Evaluate(
        SequenceClassifier model, IReadOnlyList<Example> examples, int batch = ValidationBatch, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        if (examples.Count == 0) Throw.NoExamples("measure");
        CheckMeasurable(model.Config.Classes, model.Config.MultiLabel, examples);
        return Score(model.Config, examples, model.Predict(model.Prepare(examples), batch, progress, cancellation));
    }

    internal static ClassificationScore Score(SequenceClassifierConfig config, IReadOnlyList<Example> examples, Real[][] probabilities)
    {
        if (config.MultiLabel) return ClassificationScore.Of(config.Classes, probabilities, [.. examples.Select(e => e.Labels)]);
        return ClassificationScore.Of(config.Classes, probabilities, [.. examples.Select(e => e.Labels[0])]);
    }

    /// <inheritdoc/>
    public override void Capture(CheckpointState snapshot)
    {
        snapshot.SetData(_trainData, _validData, _buckets.Position);
        snapshot.Set("dropout", _model.DropoutRng.State);
    }

    /// <inheritdoc/>
    public override void Restore(CheckpointState snapshot)
    {
        _buckets.Position = snapshot.GetPosition(_trainData, _train.Length, _validData, _valid.Length);
        _model.DropoutRng.State = snapshot.GetRng("dropout");
    }

    /// <summary>A hash of everything that is learned from.</summary>
    static string Fingerprint(SequenceInput[] inputs)
    {
        var hash = new Fnv();
        foreach (var input in inputs)
        {
            hash.Add((uint)input.Steps);
            foreach (var id in input.Ids) hash.Add((uint)id);
            foreach (var x in input.Values) hash.Add(BitConverter.SingleToUInt32Bits((float)x));
            foreach (var c in input.Classes) hash.Add((uint)c);
        }
        return hash.ToString();
    }
}
