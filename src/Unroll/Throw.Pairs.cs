using System.Diagnostics.CodeAnalysis;

namespace Unroll;

internal static partial class Throw
{
    public static UnrollException UnknownForm(string name, IEnumerable<string> known) =>
        new InvalidConfigurationException($"There is no normal form of Unicode named {ProblemList.Quote(name)}; forms are {string.Join(", ", known)}.");

    public static UnrollException BadNormalizer() =>
        new InvalidFileException("What is done to texts beforehand cannot be read: expected is an object with 'form' and 'lower'. The file was written by another "
            + "program, or is damaged.");

    public static UnrollException BadCoder(string problem) =>
        new InvalidFileException($"The symbols of a text cannot be read: {problem}. The file was written by another program, or is damaged.");

    [DoesNotReturn]
    public static void NoPairKept(int count) =>
        throw new DataMismatchException($"None of the {count:N0} pairs is left by the limits on lengths. Give other limits, or other pairs.");

    [DoesNotReturn]
    public static void NoPairs(int skipped, int most) => throw new DataMismatchException(skipped == 0
        ? "There is no pair of texts. Give data with at least one."
        : $"All {skipped:N0} pairs are longer than {most:N0} tokens. Raise the limit, or give shorter texts.");

    [DoesNotReturn]
    public static void CountsDiffer(string parameter, int count, string of, int expected) =>
        throw new ArgumentException($"{parameter} has {count:N0} elements for {expected:N0} {of}.", parameter);

    [DoesNotReturn]
    public static void WeightsNotFinite(string parameter, int place) =>
        throw new ArgumentException($"{parameter} has a number at {place} that is not finite.", parameter);
}
