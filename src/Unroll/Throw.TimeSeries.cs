using System.Diagnostics.CodeAnalysis;
using Unroll.Data;

namespace Unroll;

internal static partial class Throw
{
    const string Frequency = "15min, h, D, B (business days), W, M, Q, Y";

    public static UnrollException NoTimeStep(string text) =>
        new InvalidConfigurationException($"{ProblemList.Quote(text)} is no frequency; expected a number, 1 if left out, and a unit: {Frequency}.");

    public static UnrollException NoColumn(string where, string wanted, IEnumerable<string> names) =>
        new InvalidFileException($"{where} has no column {ProblemList.Quote(wanted)}.{Nearest.Question(wanted, names)} Its columns are {FieldNames.Show(names)}.");

    [DoesNotReturn]
    public static void TimesRepeat(string source, string series, int repeated, int rows, string place, DateTime time) =>
        throw new InvalidFileException($"{source}: {repeated:N0} of {rows:N0} rows{Of(series)} repeat a time stamp, the first {Show(time)} in {place}. "
            + "If the rows belong to several series, name the column that tells them apart: --series COLUMN.");

    [DoesNotReturn]
    public static void FrequencyNotTold(string source, string found) =>
        throw new InvalidFileException($"{source}: the frequency cannot be told: {found}. Give it with --freq: {Frequency}.");

    [DoesNotReturn]
    public static void TimesIrregular(string source, string series, int irregular, int rows, TimeStep step, string place, DateTime time) =>
        throw new InvalidFileException($"{source}: {irregular:N0} of {rows:N0} time stamps{Of(series)} are not on the grid of frequency {step}, which most of their differences have; the first is {Show(time)} in {place}. "
            + "Give the frequency with --freq, and rows of one step are averaged.");

    [DoesNotReturn]
    public static void GridTooLarge(string source, string series, long steps, int rows, TimeStep step, DateTime from, DateTime to, string place) =>
        throw new InvalidFileException($"{source}: {rows:N0} rows{Of(series)} would take {steps:N0} steps of frequency {step}; the largest gap goes from {Show(from)} to {Show(to)} in {place}. "
            + "Check that time stamp, or give a longer frequency with --freq.");

    [DoesNotReturn]
    public static void TimesOfTwoFormats(string source, string column, string place, string text, string format, string otherPlace, string otherText, string otherFormat) =>
        throw new InvalidFileException($"{source}: column {ProblemList.Quote(column)} has time stamps of two formats: {format} in {place} ({ProblemList.Quote(text)}) and {otherFormat} in {otherPlace} ({ProblemList.Quote(otherText)}). "
            + "Write all of them in one format.");

    public static UnrollException BadTimeFormat(string format) =>
        new InvalidConfigurationException($"{ProblemList.Quote(format)} is no time format; expected one like dd/MM/yyyy HH:mm or %d/%m/%Y %H:%M, day-first, month-first, unix, or unix-ms.");

    [DoesNotReturn]
    public static void NoNumbers(string source, string names, string? hint) =>
        throw new InvalidFileException($"{source}: there is no column of numbers to forecast; the columns are {names}.{(hint is null ? "" : $" {hint}")}");

    [DoesNotReturn]
    public static void TargetIsText(string source, string name, string place, string value) =>
        throw new InvalidFileException($"{source}: the target column {ProblemList.Quote(name)} has texts, the first {ProblemList.Quote(value)} in {place}; expected numbers.");

    [DoesNotReturn]
    public static void ColumnTwice(string source, string name, string role, string otherRole) =>
        throw new InvalidConfigurationException($"{source}: column {ProblemList.Quote(name)} is named as {role} and as {otherRole}. Name it once.");

    [DoesNotReturn]
    public static void ColumnsDiffer(string first, string names, string other, string otherNames) =>
        throw new InvalidFileException($"{other} has the columns {otherNames}, {first} has {names}. Files that are read together need the same columns.");

    [DoesNotReturn]
    public static void NoTimeColumn(string source, string wanted, string names) =>
        throw new InvalidFileException($"{source}: {ProblemList.Quote(wanted)} names no time: expected one column, a date and a time, or year, month, day, hour and minute; the columns are {names}.");

    [DoesNotReturn]
    public static void StaticChanges(string source, string place, string column, string series, string value) =>
        throw new InvalidFileException($"{source}: {place}: the static column {ProblemList.Quote(column)} changes{(series.Length > 0 ? $" within series {ProblemList.Quote(series)}" : "")}, to {ProblemList.Quote(value)}. "
            + "A static column has one value for a whole series.");

    public static UnrollException ParquetUnreadable(string path, Exception inner) =>
        new InvalidFileException($"{path}: the Parquet table cannot be read ({inner.Message.TrimEnd('.')}). It is damaged or of a form that is not read; save it again, or as CSV.", inner);

    public static string Show(DateTime time) => time.ToString(time.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : time.Second == 0 ? "yyyy-MM-dd HH:mm" : "yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture);

    static string Of(string series) => series.Length == 0 ? "" : $" of series {ProblemList.Quote(series)}";
}
