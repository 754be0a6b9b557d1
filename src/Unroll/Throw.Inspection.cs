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

    [DoesNotReturn]
    public static void NoSuchLanguage(string parameter, string language) => throw new ArgumentException($"{parameter} is '{language}'; expected 'en' or 'ko'.", parameter);

    [DoesNotReturn]
    public static void NothingToDraw(string parameter) => throw new ArgumentException($"{parameter} has nothing that can be drawn: give at least one part with a finite value, over 0 for a logarithmic axis.", parameter);

    [DoesNotReturn]
    public static void NothingToInspect() => throw new DataMismatchException(
        "There is nothing to look at: the text, or the first example of the file, is empty. Give a text that the model can read: --text \"…\".");

    [DoesNotReturn]
    public static void NoNetworksToInspect() => throw new DataMismatchException(
        "The classifier is a linear model over n-grams alone (--members 0); it has no recurrent layers to look into. Leave --text and --data out, or train it with --members 1.");

    [DoesNotReturn]
    public static T NotInspectable<T>(string model) => throw new DataMismatchException(
        $"This is {model}, which cannot be looked into as it reads: --text and --data are for language models, classifiers, taggers and translators. Leave them out: the report then has its shapes, weights and learning curves.");
}
