using Unroll.Models;
using Unroll.Storage;
using Unroll.Training;

namespace Unroll.Cli;

/// <summary>A training that is ready to begin or to go on: a model, its task, and what there is to say of them.</summary>
abstract class TrainingJob
{
    public abstract SequenceModel Model { get; }

    public abstract TrainingTask Task { get; }

    /// <summary>What the model is, in a few words.</summary>
    public abstract string Description { get; }

    /// <summary>What a row of a batch is, in a few words.</summary>
    public abstract string Row { get; }

    /// <summary>Says what came of it, for people.</summary>
    /// <param name="best">The model with the best weights.</param>
    /// <param name="run">Where it is kept.</param>
    /// <param name="result">How the training went.</param>
    public abstract void ShowEnd(SequenceModel best, RunFolder run, TrainingResult result);
}
