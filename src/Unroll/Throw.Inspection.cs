using System.Diagnostics.CodeAnalysis;

namespace Unroll;

internal static partial class Throw
{
    [DoesNotReturn]
    public static void RecordingNotInForce() => throw new InvalidOperationException(
        "This recording is not the innermost that is open on this thread. Dispose of recordings in reverse order, on the thread that opened them: using var recording = Recording.Start(model);");

    [DoesNotReturn]
    public static void NotRecorded(string layer, string name, IReadOnlyList<string> known) => throw new ArgumentException(
        $"Nothing was recorded of '{name}' in {layer}; recorded are {string.Join(", ", known)}.", nameof(name));
}
