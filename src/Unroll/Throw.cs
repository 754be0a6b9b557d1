using System.Diagnostics.CodeAnalysis;

namespace Unroll;

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
