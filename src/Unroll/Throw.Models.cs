using System.Diagnostics.CodeAnalysis;

namespace Unroll;

internal static partial class Throw
{
    [DoesNotReturn]
    public static T BadConfig<T>(IReadOnlyList<string> problems) => throw new InvalidConfigurationException("The model's settings cannot be used", problems);

    [DoesNotReturn]
    public static void BadConfig(IReadOnlyList<string> problems) => BadConfig<int>(problems);

    [DoesNotReturn]
    public static T NoMetadata<T>(string key) => throw new InvalidFileException($"its metadata has no '{key}'");

    [DoesNotReturn]
    public static T MetadataNotJson<T>(string key, string reason) => throw new InvalidFileException($"'{key}' in its metadata is not JSON: {reason}");

    [DoesNotReturn]
    public static void LogitNotANumber(int id) => throw new UnrollException(
        $"The model's score of token {id} is not a number. Its weights are damaged or training diverged; go back to an earlier checkpoint.");

    [DoesNotReturn]
    public static int VectorsDoNotFit(int found, int expected) => throw new DataMismatchException(expected == 0
        ? "Series have no tokens, so vectors of words are of no use to this model."
        : $"The vectors have {found} numbers each, the model's embedding {expected}. Make the model with an embedding of {found}.");

    [DoesNotReturn]
    public static T ExampleKind<T>(string source, string found, string expected) => throw new DataMismatchException(
        $"{source} is {found}; this model reads {expected}. Was it trained on other data?");

    [DoesNotReturn]
    public static void ExampleFeatures(string source, int found, int expected) => throw new DataMismatchException(
        $"{source} is a series of {found} {(found == 1 ? "number" : "numbers")} a step; expected {expected}, as in the others that are learned from.");

    [DoesNotReturn]
    public static void NoSuchClass(string name, IReadOnlyList<string> classes) => throw new DataMismatchException(
        $"The model has no class '{name}'; expected one of {string.Join(", ", classes.Take(50))}{(classes.Count > 50 ? ", …" : "")}.");

    [DoesNotReturn]
    public static void ModelNeedsWhole(string model, string reason, string otherwise = "") => throw new InvalidConfigurationException(
        $"The {model} {reason}, so it cannot answer before the end. Train one that reads forwards only: --one-way (Bidirectional = false){otherwise}.");

    [DoesNotReturn]
    public static ReadOnlySpan<Real> SessionKind(string given, string expected) => throw new DataMismatchException($"The session was given {given}; its model reads {expected}.");

    [DoesNotReturn]
    public static T NoSuchTask<T>(string task, IReadOnlyList<string> known) => throw new DataMismatchException(
        $"The model has no task {ProblemList.Quote(task)}; its tasks are {string.Join(", ", known)}.{Nearest.Question(task, known)}");
}
