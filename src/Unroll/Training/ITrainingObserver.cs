namespace Unroll.Training;

/// <summary>Is told how a training goes. Every method does nothing unless it is implemented.</summary>
public interface ITrainingObserver
{
    /// <summary>
    /// Some iterations were made (<see cref="TrainerOptions.ReportEvery"/>). Part of the training's hot path: should not allocate.
    /// </summary>
    void OnStep(in StepReport report) { }

    /// <summary>Statistics of the iteration that was reported (<see cref="TrainerOptions.RecordGradients"/>).</summary>
    void OnStatistics(TrainingStatistics statistics) { }

    /// <summary>The model was validated.</summary>
    void OnValidation(ValidationReport report) { }

    /// <summary>A checkpoint was saved.</summary>
    /// <param name="iteration">After how many iterations.</param>
    /// <param name="best">Whether as the best; as the last otherwise.</param>
    void OnCheckpoint(long iteration, bool best) { }
}

/// <summary>How a training goes.</summary>
/// <param name="Iteration">How many iterations were made.</param>
/// <param name="Iterations">How many there are to make.</param>
/// <param name="Epoch">How many passes through the data were made, with the fraction of the current one.</param>
/// <param name="Loss">The mean loss since the last report.</param>
/// <param name="LearningRate">Of the last iteration.</param>
/// <param name="GradientNorm">Of the last iteration, before clipping.</param>
/// <param name="TokensPerSecond">Since the last report, validation and saving not counted.</param>
/// <param name="Remaining">How long the rest will take at this speed, validation and saving not counted.</param>
public readonly record struct StepReport(
    long Iteration, long Iterations, double Epoch, double Loss, double LearningRate, double GradientNorm,
    double TokensPerSecond, TimeSpan Remaining);

/// <summary>The outcome of a validation.</summary>
/// <param name="Iteration">After how many iterations.</param>
/// <param name="Epoch">After how many passes through the data, with the fraction of the current one.</param>
/// <param name="Result">The figures.</param>
/// <param name="IsBest">Whether the weights are the best so far: the lowest loss, or what the task says (<see cref="Validation.IsBest"/>).</param>
public sealed record ValidationReport(long Iteration, double Epoch, Validation Result, bool IsBest);

/// <summary>Where checkpoints go. A failed save must leave the one before intact.</summary>
public interface ICheckpointStore
{
    /// <summary>Replaces the newest checkpoint.</summary>
    void SaveLast(CheckpointState snapshot);

    /// <summary>Replaces the checkpoint with the lowest validation loss.</summary>
    void SaveBest(CheckpointState snapshot);
}

/// <summary>Why a training ended.</summary>
public enum TrainingEnd
{
    /// <summary>All iterations are made.</summary>
    Finished,

    /// <summary>It was cancelled; it can be resumed.</summary>
    Cancelled,

    /// <summary>The validation loss had not fallen for as long as <see cref="TrainerOptions.Patience"/> says.</summary>
    NoProgress,
}

/// <summary>What came of a training.</summary>
/// <param name="End">Why it ended.</param>
/// <param name="Iterations">How many iterations were made, those before a resume included.</param>
/// <param name="Last">The last validation, if there was one.</param>
/// <param name="BestLoss">The validation loss of the best weights; not a number if there was none.</param>
/// <param name="BestIteration">After how many iterations that was; 0 if there was none.</param>
/// <param name="Tokens">How many tokens this run saw.</param>
/// <param name="Seconds">How long this run trained, validation and saving not counted.</param>
public sealed record TrainingResult(
    TrainingEnd End, long Iterations, Validation? Last, double BestLoss, long BestIteration, long Tokens, double Seconds)
{
    /// <summary>The mean speed of this run.</summary>
    public double TokensPerSecond => Seconds > 0 ? Tokens / Seconds : 0;
}
