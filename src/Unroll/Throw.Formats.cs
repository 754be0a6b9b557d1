using System.Diagnostics.CodeAnalysis;

namespace Unroll;

internal static partial class Throw
{
    [DoesNotReturn]
    public static void NoSuchColumn(string path, string wanted, string names, int count) =>
        throw new InvalidFileException($"{path}: line 1: there is no column {ProblemList.Quote(wanted)}; the first row is {names}. "
            + $"Name one of these, or give its number, 1 to {count}.");

    [DoesNotReturn]
    public static void ColumnNotTold(string path, string what, string names) =>
        throw new InvalidFileException($"{path}: line 1: which column is the {what} cannot be told; the first row is {names}. "
            + "Name the columns of the text and the label, or give their numbers from 1.");

    [DoesNotReturn]
    public static void TextIsNumbers(string path, string names, int column) =>
        throw new InvalidFileException($"{path}: line 1: the rows hold numbers where texts are expected; the first row is {names}. "
            + "If each row is a series, write its class first and then its values, and give the format ucr; several features a step need .ts or .npy. "
            + $"If the numbers are to be read as text, name the column of the text, such as column {column}, and that of the label.");

    [DoesNotReturn]
    public static void NumbersWithoutClass(string path) =>
        throw new InvalidFileException($"{path}: there are numbers alone in its lines, and no class of series before them. Where each line is a series, expected is its class "
            + "first, a whole number or a name, then its values (format ucr); put the class there if it is the last field. If the numbers are to be read as text, name the columns or give another format.");

    [DoesNotReturn]
    public static void SameColumn(string path, string name) =>
        throw new InvalidFileException($"{path}: the two that are looked for are both in column {ProblemList.Quote(name)}. Name another for one of them.");

    [DoesNotReturn]
    public static void ExampleWithoutLabel(string source) =>
        throw new DataMismatchException($"{source}: the example has no label. Give data with labels, or the file, column or field that has them.");

    [DoesNotReturn]
    public static void FormatNotTold(string path, string why, IEnumerable<string> known) =>
        throw new InvalidFileException($"{path}: the format cannot be told: {why}. Give it: {string.Join(", ", known)}.");

    [DoesNotReturn]
    public static void PairColumnsNotTold(string path, string names, int count) =>
        throw new InvalidFileException($"{path}: line 1: which columns are the source and the target cannot be told; the first row is {names}. "
            + $"{(count < 2 ? "Pairs need two columns at least: give a table, or two files with as many lines." : $"Name two of these, or give their numbers, 1 to {count}.")}");

    [DoesNotReturn]
    public static void CaptionColumnNotTold(string path, string names) =>
        throw new InvalidFileException($"{path}: line 1: which column has the captions cannot be told; the first row is {names}. Name one of these.");

    [DoesNotReturn]
    public static void CaptionsDoNotFit(string captions, int count, string pictures, int pictureCount) =>
        throw new InvalidFileException($"{captions} has {count:N0} captions for the {pictureCount:N0} pictures of {pictures}. "
            + "Give a caption for every picture, or a column 'index' that says which picture, from 0, each belongs to.");

    [DoesNotReturn]
    public static void NotPictures(string path) =>
        throw new InvalidFileException($"{path}: holds texts where pictures or features are expected. Give an array: .npy, .npz or IDX.");
}
