using Unroll.Cli.Reports;
using Unroll.Models;
using Unroll.Storage;
using Unroll.Training;

namespace Unroll.Cli;

/// <summary>A training that is ready to begin or to go on: a model, its task, and what there is to say of them.</summary>
abstract class TrainingJob
{
    /// <summary>What decides the result, with what was not asked for chosen.</summary>
    public abstract TrainingSettings Settings { get; }

    public abstract SequenceModel Model { get; }

    public abstract TrainingTask Task { get; }

    /// <summary>What the model is, in a few words.</summary>
    public abstract string Description { get; }

    /// <summary>What a batch is, in a few words.</summary>
    public abstract string Batch { get; }

    /// <summary>What the data is shared out to, in a few words; null where the batch says it.</summary>
    public virtual string? Parts => null;

    /// <summary>What the training measures its speed in.</summary>
    public virtual string Unit => "tokens";

    /// <summary>What the best model is measured on when the training has ended, such as <c>test</c>; null for nothing.</summary>
    public virtual string? HeldOut => null;

    /// <summary>Measures the best model on what is held out.</summary>
    public virtual ScoreReport Measure(SequenceModel best, IProgress<double> progress) => throw new NotSupportedException();

    /// <summary>Shows what the best model can do, for people.</summary>
    public virtual void ShowSamples(SequenceModel best)
    {
    }

    /// <summary>What to say of the loss on the validation data, in a few words.</summary>
    public abstract string ShowLoss(double loss);

    /// <summary>A command to go on with, for people.</summary>
    public abstract string Next(RunFolder run);
}
