using System.Globalization;
using System.Text;
using Unroll.Data;

namespace Unroll.Formats;

/// <summary>How a file of pairs is read.</summary>
internal sealed record PairFileOptions
{
    /// <summary>One of <see cref="PairFile.Formats"/>, or null to tell it from the file.</summary>
    public string? Format { get; init; }

    /// <summary>The column or field of what is read, in tables by name or number from 1; told from the file if null.</summary>
    public string? Source { get; init; }

    /// <summary>The column or field of what is to be written, in tables by name or number from 1; told from the file if null.</summary>
    public string? Target { get; init; }

    /// <summary>An encoding of <see cref="TextEncoding.Find"/>; UTF-8 if null.</summary>
    public Encoding? Encoding { get; init; }

    /// <summary>Gets what was detected, left out and is doubtful; null where nobody wants to know.</summary>
    public ReadingReport? Report { get; init; }
}

/// <summary>Reads pairs of texts from one file of any format; <see cref="AlignedFiles"/> reads them from two.</summary>
/// <remarks>
/// <para><c>csv</c> and <c>tsv</c> are tables, with quotes and delimiters as for <see cref="DelimitedFile"/>; <c>jsonl</c> is one JSON object a
/// line, as for <see cref="JsonLinesFile.ReadPairs"/>. The ending tells which, or else the first character.</para>
/// <para>The columns are those with usual names (source, src, input, question, Q, …; target, tgt, output, answer, A, …). Where there are none, the
/// columns are the first two: of a table of two, or of one with tabs. The first row then is a pair like the others, unless it names languages, sides
/// or a column of numbers. A row that repeats the names is left out. An empty field is an empty text.</para>
/// </remarks>
internal static class PairFile
{
    /// <summary>The names of the formats.</summary>
    public static IReadOnlyList<string> Formats => Tasks.IDataFiles.PairFormats;

    /// <summary>Reads all pairs of a file.</summary>
    /// <exception cref="UnrollException">
    /// The format is not known, the file cannot be read in it, or which columns are meant cannot be told.
    /// </exception>
    public static IReadOnlyList<TextPair> Read(string path, PairFileOptions? options = null)
    {
        options ??= new();
        var format = options.Format ?? TellFormat(path, options.Encoding);
        options.Report?.Add("format", format);
        var pairs = format switch
        {
            "csv" => ReadTable(path, options, null),
            "tsv" => ReadTable(path, options, '\t'),
            "jsonl" => JsonLinesFile.ReadPairs(path, options.Source, options.Target, options.Encoding, options.Report),
            var other => throw Throw.UnknownFormat(other, Formats),
        };
        options.Report?.Count("rows", pairs.Count);
        if (options.Report is { } report) ReadingDoubts.AboutPairs(report, pairs);
        return pairs;
    }

    static string TellFormat(string path, Encoding? encoding) => TextFile.EndingOf(path) switch
    {
        ".csv" => "csv",
        ".tsv" or ".tab" => "tsv",
        ".jsonl" or ".ndjson" => "jsonl",
        _ => TextFile.Read(path, encoding) is var text && JsonShape.IsJson(text) ? "jsonl" : Delimiter.Find(text) is '\t' ? "tsv" : "csv",
    };

    static List<TextPair> ReadTable(string path, PairFileOptions options, char? delimiter)
    {
        var rows = DelimitedFile.ReadRows(path, "rows of source and target", delimiter, options.Encoding, options.Report);
        var (source, target, header) = Columns(path, rows, options, firstTwo: delimiter == '\t');
        var (hasHeader, isSure) = header;
        var pairs = new List<TextPair>(rows.Count);
        foreach (var row in rows.Skip(hasHeader ? 1 : 0))
            if (hasHeader && TableHeader.Repeats(row, rows[0])) options.Report?.LeaveOut("rows that repeat the header");
            else pairs.Add(new(DelimitedFile.Text(row, source), DelimitedFile.Text(row, target), $"{path}, line {row.Line}"));
        if (pairs.Count == 0) Throw.NoExamples(path, "rows below the names");
        options.Report?.Add("header", hasHeader ? FieldNames.Show(rows[0].Fields) : "none");
        if (!isSure)
            options.Report?.Doubt($"{path}, line {rows[0].Line}: the first row, {FieldNames.Show(rows[0].Fields)}, is taken for the names of the columns, since all rows below are longer. If it is a pair, add a line with the names of the columns above it.");
        options.Report?.Add("source column", (source + 1).ToString(CultureInfo.InvariantCulture));
        options.Report?.Add("target column", (target + 1).ToString(CultureInfo.InvariantCulture));
        return pairs;
    }

    static (int Source, int Target, TableHeader.Verdict Header) Columns(string path, List<DelimitedRow> rows, PairFileOptions options, bool firstTwo)
    {
        var first = rows[0].Fields;
        var source = options.Source is null ? FieldNames.Find(first, FieldNames.Sources) : TableColumns.Asked(path, first, options.Source);
        var target = options.Target is null ? FieldNames.Find(first, FieldNames.Targets) : TableColumns.Asked(path, first, options.Target);
        // A sentence may be a word such as 'question' too: one usual name alone makes no row of names.
        var hasHeader = TableColumns.IsAskedByName(options.Source) || TableColumns.IsAskedByName(options.Target)
            || FieldNames.Find(first, FieldNames.Sources) >= 0 && FieldNames.Find(first, FieldNames.Targets) >= 0;
        var told = options.Source is null && options.Target is null && !hasHeader;
        if (told && (first.Length == 2 || firstTwo && first.Length > 2 && !TableHeader.IsNumbersBelow(rows[1..], 0) && !TableHeader.IsNumbersBelow(rows[1..], 1)))
            return (0, 1, TableHeader.TellPairs(rows, 0, 1));
        if (source < 0 || target < 0) Throw.PairColumnsNotTold(path, FieldNames.Show(first), first.Length);
        if (source == target) Throw.SameColumn(path, first[source]);
        return (source, target, hasHeader ? TableHeader.Verdict.Yes : TableHeader.TellPairs(rows, source, target));
    }
}
