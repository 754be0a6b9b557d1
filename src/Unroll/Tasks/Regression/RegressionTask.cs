using System.Globalization;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>Trains a <see cref="SequenceRegressor"/>: the mean squared error of scaled targets, in batches of series of similar lengths.</summary>
internal sealed class RegressionTask : TrainingTask
{
    readonly SequenceRegressor _model;
    readonly IReadOnlyList<Example> _validExamples;
    readonly SequenceInput[] _train;
    readonly double[] _targets;
    readonly LengthBuckets _buckets;
    readonly string _trainData, _validData;
    readonly SequenceBatch _batch = new();

    public RegressionTask(SequenceRegressor model, IReadOnlyList<Example> train, IReadOnlyList<Example> valid, int batch, Rng rng)
    {
        if (train.Count == 0) Throw.NoExamples("learn from");
        (_model, _validExamples) = (model, valid);
        (_train, _targets) = ([.. train.Select(model.Prepare)], TargetsOf(train));
        (_trainData, _validData) = (Fingerprint(train), Fingerprint(valid));
        _buckets = new([.. _train.Select(i => i.Steps)], batch, rng);
    }

    public override Module Model => _model;

    public override int BatchesPerEpoch => _buckets.BatchesPerEpoch;

    public override long TokensInBatch => _batch.Lengths.Total;

    public override bool HasValidation => _validExamples.Count > 0;

    public override Tensor NextLoss()
    {
        var chosen = _buckets.Next();
        _batch.Fill(_train, chosen, _model.Config.Features, sentences: false);
        var targets = Tensor.New(new(chosen.Length, 1));
        for (var b = 0; b < chosen.Length; b++) targets.Values[b] = (Real)_model.Target.Scale(0, _targets[chosen[b]]);
        return Losses.MeanSquared(_model.Forward(_batch), targets);
    }

    public override Validation Validate()
    {
        if (!HasValidation) Throw.NoValidation();
        var report = RegressionReport.Of(_model, _validExamples);
        return new(report.Metrics[0].Value, [.. report.Metrics.Skip(1).Select(m => (m.Name, m.Value))]);
    }

    public override void Capture(CheckpointState snapshot)
    {
        snapshot.SetData(_trainData, _validData, _buckets.Position);
        snapshot.Set("dropout", _model.DropoutRng.State);
    }

    public override void Restore(CheckpointState snapshot)
    {
        _buckets.Position = snapshot.GetPosition(_trainData, _train.Length, _validData, _validExamples.Count);
        _model.DropoutRng.State = snapshot.GetRng("dropout");
    }

    /// <summary>The numbers that stand in the place of labels.</summary>
    /// <exception cref="UnrollException">An example has not one label, or it is no number; all are listed.</exception>
    public static double[] TargetsOf(IReadOnlyList<Example> examples)
    {
        var (targets, problems) = (new double[examples.Count], new ProblemList());
        for (var i = 0; i < targets.Length; i++)
            if (examples[i].Labels.Count != 1) problems.Add($"{examples[i].Source} has {examples[i].Labels.Count} targets; expected one");
            else if (!double.TryParse(examples[i].Labels[0], NumberStyles.Float, CultureInfo.InvariantCulture, out targets[i]) || !double.IsFinite(targets[i]))
                problems.Add($"{examples[i].Source} has the target {ProblemList.Quote(examples[i].Labels[0])}; expected a number");
        problems.ThrowIfAny("Series need numbers as targets");
        return targets;
    }

    static string Fingerprint(IReadOnlyList<Example> examples)
    {
        var hash = new Fnv();
        foreach (var example in examples)
        {
            hash.Add((uint)example.Series!.Steps);
            foreach (var x in example.Series.Values) hash.Add(BitConverter.SingleToUInt32Bits((float)x));
            foreach (var c in example.Labels[0]) hash.Add(c);
        }
        return hash.ToString();
    }
}
