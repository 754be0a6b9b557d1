using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Training;

/// <summary>What is trained: a model, its data and its loss. The <see cref="Trainer"/> knows the rest.</summary>
/// <remarks>Not safe for use by several threads at once.</remarks>
public abstract class TrainingTask
{
    /// <summary>The model.</summary>
    public abstract Module Model { get; }

    /// <summary>How many batches make one pass through the data, at least 1.</summary>
    public abstract int BatchesPerEpoch { get; }

    /// <summary>
    /// Takes the next batch and computes its mean loss, a scalar, under the recording tape that is open; the data starts anew at its end.
    /// What is carried to the next batch must be copied out of the tape.
    /// </summary>
    public abstract Tensor NextLoss();

    /// <summary>How many tokens, steps or examples the last batch had, for the speed that is reported.</summary>
    public abstract long TokensInBatch { get; }

    /// <summary>Whether there is data to validate on.</summary>
    public abstract bool HasValidation { get; }

    /// <summary>Whether the model itself has the best weights when the training has ended, so that nobody has to keep them. Default false.</summary>
    public virtual bool KeepsBest => false;

    /// <summary>Whether there is nothing left to learn, although iterations are; asked after each validation and iteration. Default false.</summary>
    public virtual bool IsComplete => false;

    /// <summary>Whether the next batch is the first one of another loss than those before, with which the optimizer begins anew. Default false.</summary>
    internal virtual bool BeginsAnew => false;

    /// <summary>Whether a validation is due, for a task that knows better than a number of iterations; null for that. Default null.</summary>
    internal virtual bool? IsValidationDue => null;

    /// <summary>Gets ready for the tensors that a snapshot has, where not every snapshot has the same.</summary>
    internal virtual void Expect(CheckpointState snapshot) { }

    /// <summary>
    /// Computes the loss on the validation data. It changes nothing that the coming batches depend on, but for what <see cref="Capture"/> writes after it.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is no such data.</exception>
    public abstract Validation Validate();

    /// <summary>
    /// Writes everything that the coming batches depend on besides the weights: the place in the data, carried states, random states, and
    /// what tells the data from other data. Names and shapes of tensors are the same at every moment.
    /// </summary>
    public abstract void Capture(CheckpointState snapshot);

    /// <summary>Continues from what <see cref="Capture"/> wrote.</summary>
    /// <exception cref="UnrollException">The data or the configuration is another.</exception>
    public abstract void Restore(CheckpointState snapshot);
}

/// <summary>How good a model is on the validation data.</summary>
/// <param name="Loss">The loss that early stopping, the best checkpoint and <see cref="ReduceOnPlateau"/> go by; lower is better.</param>
/// <param name="Metrics">Other figures, by the names they are reported under, such as <c>perplexity</c>.</param>
public sealed record Validation(double Loss, params IReadOnlyList<(string Name, double Value)> Metrics)
{
    /// <summary>Whether the weights are the best so far, for a task that decides it by something other than the loss; null for the lowest loss.</summary>
    public bool? IsBest { get; init; }
}
