using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>What a task is doing.</summary>
public enum WorkPhase
{
    /// <summary>Reading data.</summary>
    Reading,

    /// <summary>Planning and making a model.</summary>
    Building,

    /// <summary>Training.</summary>
    Training,

    /// <summary>Evaluating.</summary>
    Evaluating,

    /// <summary>Predicting or writing.</summary>
    Predicting,
}

/// <summary>Is told what a task does. Every method does nothing unless it is overridden.</summary>
/// <remarks>Its methods are called one at a time, on the thread that trains or on one that evaluates.</remarks>
public class TaskObserver : ITrainingObserver
{
    /// <summary>An observer that does nothing.</summary>
    public static TaskObserver None { get; } = new();

    /// <summary>A phase begins.</summary>
    /// <param name="phase">What it is.</param>
    /// <param name="files">The files that are read.</param>
    public virtual void OnPhase(WorkPhase phase, params IReadOnlyList<string> files)
    {
    }

    /// <summary>Something about the data is doubtful, or an option does not fit it.</summary>
    public virtual void OnWarning(string warning)
    {
    }

    /// <summary>A fold of a cross-validation begins.</summary>
    /// <param name="number">From 1.</param>
    /// <param name="count">Of so many.</param>
    public virtual void OnFold(int number, int count)
    {
    }

    /// <summary>A run of a study begins, or is found done.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="number">From 1.</param>
    /// <param name="count">Of so many.</param>
    public virtual void OnStudy(string name, int number, int count)
    {
    }

    /// <summary>A candidate for the plan is tried.</summary>
    public virtual void OnPlanning(string candidate)
    {
    }

    /// <summary>Everything fits, and the training begins.</summary>
    /// <param name="job">What is trained.</param>
    /// <param name="rows">What there is to say of it, by name.</param>
    public virtual void OnReady(TrainingJob job, IReadOnlyList<(string Name, string Value)> rows)
    {
    }

    /// <summary>The evaluation has come so far, from 0 to 1.</summary>
    /// <param name="what">What is evaluated on.</param>
    /// <param name="share">The share that is done.</param>
    public virtual void OnEvaluating(string what, double share)
    {
    }

    /// <summary>A training has ended, and was not cancelled.</summary>
    public virtual void OnDone(RunResult result)
    {
    }

    /// <inheritdoc/>
    public virtual void OnStep(in StepReport report)
    {
    }

    /// <inheritdoc/>
    public virtual void OnStatistics(TrainingStatistics statistics)
    {
    }

    /// <inheritdoc/>
    public virtual void OnValidation(ValidationReport report)
    {
    }

    /// <inheritdoc/>
    public virtual void OnCheckpoint(long iteration, bool best)
    {
    }
}

/// <summary>Hands progress on.</summary>
internal sealed class ProgressTo<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
