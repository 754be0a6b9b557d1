namespace Unroll;

/// <summary>
/// Something outside the program is wrong: a file, its contents, a configuration, a run that cannot go on. The message says where,
/// what was found, what was expected and what to do. The kinds that a caller may want to tell apart are derived from it.
/// </summary>
/// <remarks>
/// A mistake in the calling code is an <see cref="ArgumentException"/> or <see cref="InvalidOperationException"/> instead. Derive from it where a program reports
/// problems of its own in the same way.
/// </remarks>
public class UnrollException : Exception
{
    /// <summary>Makes the exception for one problem.</summary>
    public UnrollException(string message, Exception? inner = null) : base(message, inner) => Problems = [message];

    /// <summary>Makes the exception for every problem of a file at once.</summary>
    public UnrollException(string title, IReadOnlyList<string> problems)
        : base(problems.Count == 1 ? $"{title}: {problems[0]}" : $"{title}:\n  - {string.Join("\n  - ", problems)}") => Problems = problems;

    /// <summary>Each problem found, in order; one where the message speaks of one.</summary>
    public IReadOnlyList<string> Problems { get; }
}

/// <summary>A file, folder or stream is missing, cannot be read or written, is damaged, or is not of the format or the model that is asked for.</summary>
public sealed class InvalidFileException : UnrollException
{
    /// <inheritdoc/>
    public InvalidFileException(string message, Exception? inner = null) : base(message, inner) { }

    /// <inheritdoc/>
    public InvalidFileException(string title, IReadOnlyList<string> problems) : base(title, problems) { }
}

/// <summary>Settings that cannot be: out of range, contradictory, a name that there is none of, an environment variable, a checkpoint of other settings.</summary>
public sealed class InvalidConfigurationException : UnrollException
{
    /// <inheritdoc/>
    public InvalidConfigurationException(string message, Exception? inner = null) : base(message, inner) { }

    /// <inheritdoc/>
    public InvalidConfigurationException(string title, IReadOnlyList<string> problems) : base(title, problems) { }
}

/// <summary>Data that was read and does not fit: not the kind, size or symbols that the model knows, too little, or nothing to learn from.</summary>
public sealed class DataMismatchException : UnrollException
{
    /// <inheritdoc/>
    public DataMismatchException(string message, Exception? inner = null) : base(message, inner) { }

    /// <inheritdoc/>
    public DataMismatchException(string title, IReadOnlyList<string> problems) : base(title, problems) { }
}

/// <summary>Training came to a loss or a gradient that is not finite. The weights are those before the iteration; the last checkpoint is as it was.</summary>
/// <param name="message">What was found and what to do.</param>
/// <param name="iteration">The iteration, counted from 1.</param>
/// <param name="loss">Its loss.</param>
/// <param name="learningRate">η in that iteration.</param>
/// <param name="gradientNorm">‖g‖; NaN where it was not computed, because the loss was not finite.</param>
public sealed class TrainingDivergedException(string message, long iteration, double loss, double learningRate, double gradientNorm) : UnrollException(message)
{
    /// <summary>The iteration in which it happened, counted from 1.</summary>
    public long Iteration { get; } = iteration;

    /// <summary>The loss of that iteration; not finite, or that of a gradient that was not.</summary>
    public double Loss { get; } = loss;

    /// <summary>The learning rate η of that iteration.</summary>
    public double LearningRate { get; } = learningRate;

    /// <summary>The Euclidean norm of all gradients; NaN where it was not computed, because the loss was not finite.</summary>
    public double GradientNorm { get; } = gradientNorm;
}
