using System.Diagnostics.CodeAnalysis;

namespace Unroll;

internal static partial class Throw
{
    /// <summary>What is wrong with a file of bytes, at which of them.</summary>
    [DoesNotReturn]
    public static void BadBytes(string path, long offset, string problem) =>
        throw new InvalidFileException($"{path}, byte {offset:N0}: {problem}.");

    [DoesNotReturn]
    public static void SizeDoesNotFit(string path, long offset, IReadOnlyList<int> shape, string type, ulong expected, int found) =>
        throw new InvalidFileException($"{path}, byte {offset:N0}: {((ulong)found < expected ? "the data is cut short" : "the data is followed by something else")}: "
            + $"{ProblemList.Show(shape)} of {type} takes {expected:N0} bytes; {found:N0} are there. Fetch or write the file again.");

    [DoesNotReturn]
    public static Real[] TextsAreNoNumbers(string source) =>
        throw new InvalidFileException($"{source}: the array holds texts where numbers are expected.");

    [DoesNotReturn]
    public static void NotLabels(string source, IReadOnlyList<int> shape) =>
        throw new InvalidFileException($"{source}: an array {ProblemList.Show(shape)} is no list of labels; expected [N], one label for each series.");

    [DoesNotReturn]
    public static void NotSeries(string source, IReadOnlyList<int> shape) =>
        throw new InvalidFileException($"{source}: an array {ProblemList.Show(shape)} is no set of series; expected [N, T] or [N, T, F], "
            + "with at least one number a series.");

    [DoesNotReturn]
    public static void NumberNotFinite(string source, IReadOnlyList<int> index) =>
        throw new InvalidFileException($"{source}: the number at {ProblemList.Show(index)} is infinite, or is too large for single precision. "
            + "Replace it, by NaN if it is missing.");

    [DoesNotReturn]
    public static void LabelsDoNotFit(string labels, int labelCount, string series, int count) =>
        throw new InvalidFileException($"{labels} has {labelCount:N0} labels for the {count:N0} series of {series}. Name the labels that belong to it.");

    [DoesNotReturn]
    public static void LabelNotText(string source, int index) =>
        throw new InvalidFileException($"{source}: label {index:N0} is no well-formed text. Write the array again, with numbers or texts.");

    [DoesNotReturn]
    public static void NoSuchArray(string path, string name, IReadOnlyList<string> names) =>
        throw new InvalidFileException($"{path}: there is no array '{name}' in it; it has "
            + (names.Count == 0 ? "none." : $"{string.Join(", ", names.Take(20).Select(ProblemList.Quote))}{(names.Count > 20 ? ", …" : "")}."));

    [DoesNotReturn]
    public static void ArraysNotTold(string path, IEnumerable<string> arrays, string expected) =>
        throw new InvalidFileException($"{path}: which of its arrays are the series and the labels cannot be told; it has {string.Join(", ", arrays.Take(20))}. {expected}.");

    [DoesNotReturn]
    public static void ArchiveDamaged(string path, string reason, Exception? inner = null) =>
        throw new InvalidFileException($"{path}: begins as a zip file but cannot be unpacked ({reason.TrimEnd('.')}). "
            + "It is damaged or cut short; fetch or write it again.", inner);

    public static UnrollException NoFeatures(string file, int rate, ArgumentException reason) =>
        new DataMismatchException($"{file}: of {rate:N0} samples a second no such features can be made: {reason.Message[..(reason.Message.IndexOf(" (Parameter", StringComparison.Ordinal) is >= 0 and var end ? end : ^0)]}", reason);

    [DoesNotReturn]
    public static void FolderWithoutSound(string path) =>
        throw new InvalidFileException($"{path}: no file below this folder is named .wav (or .wav.gz). Name a folder that has some, or a file.");
}
