namespace Unroll.Tasks;

/// <summary>What is learned in a part of a training of several tasks.</summary>
internal enum PhaseKind
{
    /// <summary>The shared layer learns as a language model.</summary>
    LanguageModel,

    /// <summary>All tasks learn together.</summary>
    Joint,

    /// <summary>One task learns by itself.</summary>
    Task,
}

/// <summary>A part of a training of several tasks.</summary>
/// <param name="Kind">What is learned.</param>
/// <param name="Task">The number of the task that learns by itself; −1 elsewhere.</param>
/// <param name="Iterations">How many at most.</param>
/// <param name="Rate">The learning rate as a share of the training's.</param>
internal sealed record TrainingPhase(PhaseKind Kind, int Task, long Iterations, double Rate);
