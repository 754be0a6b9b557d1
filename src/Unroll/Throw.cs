using System.Diagnostics.CodeAnalysis;

namespace Unroll;

/// <summary>
/// Something outside the program is wrong: a file, its contents, a configuration, a run that cannot go on. The message says where,
/// what was found, what was expected and what to do.
/// </summary>
/// <remarks>A mistake in the calling code is an <see cref="ArgumentException"/> or <see cref="InvalidOperationException"/> instead.</remarks>
public sealed class UnrollException : Exception
{
    /// <summary>Makes the exception for one problem.</summary>
    public UnrollException(string message, Exception? inner = null) : base(message, inner) => Problems = [message];

    /// <summary>Makes the exception for every problem of a file at once.</summary>
    public UnrollException(string title, IReadOnlyList<string> problems)
        : base(problems.Count == 1 ? $"{title}: {problems[0]}" : $"{title}:\n  - {string.Join("\n  - ", problems)}") => Problems = problems;

    /// <summary>Each problem found, in order; one where the message speaks of one.</summary>
    public IReadOnlyList<string> Problems { get; }
}

/// <summary>Every exception the library throws, one method each: callers stay small and messages stand together.</summary>
internal static partial class Throw
{
    [DoesNotReturn]
    public static void UsedByTwoThreads(string type) => throw new InvalidOperationException(
        $"Two threads use one {type} at the same time, which serves one at a time. Make one for each thread; the model may be shared.");

    [DoesNotReturn]
    public static void OutOfRange(string parameter, object? value, string expected) =>
        throw new ArgumentOutOfRangeException(parameter, value, $"{parameter} must be {expected}.");
}
