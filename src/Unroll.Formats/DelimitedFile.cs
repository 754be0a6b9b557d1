using System.Text;
using Unroll.Data;

namespace Unroll.Formats;

/// <summary>Reads examples from tables of texts: CSV, TSV and the like.</summary>
/// <remarks>
/// <para>
/// Fields stand between commas, tabs, semicolons or bars; which of them, the rows tell, and so they tell whether the first row has names: one that was
/// asked for, a usual one that no other row has, one above a column of numbers, or short ones where no other row has the first one's label. A row that
/// repeats the names, as in joined files, is left out.
/// </para>
/// <para>
/// Fields may be quoted as RFC 4180 says, with delimiters, doubled quotes and ends of lines inside. In a table with tabs
/// quotes are ordinary characters, unless every field that begins with one is quoted so. Where every line of a quoted field is a whole row by itself,
/// the quotes are stray ones and the lines are rows.
/// </para>
/// <para>
/// The columns of the text and of the label are those with a usual name (text, sentence, document, review, …; label, class, category, …). Where
/// there is none, the text is in the column of by far the longest fields and the label in that of the fewest different ones. Blanks around a
/// text or label are dropped. An empty text is a text; an empty label is a problem.
/// </para>
/// </remarks>
internal static class DelimitedFile
{
    static readonly char[] Blanks = [' ', '\t', '\r', '\n', '\uFEFF'];

    /// <summary>Reads all examples.</summary>
    /// <param name="path">The file, packed with gzip or not.</param>
    /// <param name="text">The column of the text, by name or number from 1; told from the table if null.</param>
    /// <param name="label">The column of the label, by name or number from 1; told from the table if null.</param>
    /// <param name="delimiter">What stands between fields; told from the table if null.</param>
    /// <param name="encoding">Of <see cref="TextEncoding.Find"/>; UTF-8 if null.</param>
    /// <param name="needsLabels">False: labels may be missing, for texts whose label is to be predicted.</param>
    /// <param name="report">Gets what was detected, left out and is doubtful.</param>
    /// <exception cref="UnrollException">
    /// The file cannot be read as text, has no rows or no such columns, or rows that are not as described.
    /// </exception>
    public static IReadOnlyList<Example> Read(
        string path, string? text = null, string? label = null, char? delimiter = null, Encoding? encoding = null, bool needsLabels = true,
        ReadingReport? report = null)
    {
        var rows = ReadRows(path, "rows of text and label", delimiter, encoding, report);
        var problems = new ProblemList();
        var columns = TableColumns.Find(path, rows, text, label, needsLabels);
        var examples = new List<Example>(rows.Count);
        var labels = new Dictionary<string, string[]>(StringComparer.Ordinal);       // one array for a label, however many rows have it
        foreach (var row in rows.Skip(columns.HasHeader ? 1 : 0))
        {
            if (columns.HasHeader && TableHeader.Repeats(row, rows[0]))
            {
                report?.LeaveOut("rows that repeat the header");
                continue;
            }
            var name = columns.Label < 0 ? "" : LabelText.Clean(row.Fields[columns.Label]);
            if (name.Length == 0 && needsLabels) problems.Add($"{Place(row, columns.Label)}: the label is empty");
            if (!labels.TryGetValue(name, out var known)) labels.Add(name, known = name.Length == 0 ? [] : [name]);
            examples.Add(new() { Text = Text(row, columns.Text), Labels = known, Source = $"{path}, line {row.Line}" });
        }
        problems.ThrowIfAny($"{path} cannot be read as examples");
        if (examples.Count == 0) Throw.NoRows(path);
        if (report is not null) columns.Report(report, path, rows);
        return examples;
    }

    /// <summary>All rows, the names among them, each with as many fields.</summary>
    /// <exception cref="UnrollException">The file cannot be read as text, has no rows, or rows that are no part of a table.</exception>
    internal static List<DelimitedRow> ReadRows(string path, string expected, char? delimiter, Encoding? encoding, ReadingReport? report)
    {
        var content = TextFile.Read(path, encoding, report);
        // A carriage return that ends no line is a blank within its field.
        content = content.Replace('\r', ' ');
        var separator = delimiter ?? Delimiter.Find(content) ?? ',';
        var rows = StrayQuotes.Undo(path, content, separator, Rows(content, separator), report);
        if (rows.Count == 0) Throw.NoExamples(path, expected);
        report?.Add("delimiter", separator == '\t' ? "tab" : separator.ToString());
        var problems = new ProblemList();
        foreach (var row in rows)
            if (Problem(row, rows[0].Fields.Length) is { } problem) problems.Add(problem);
        problems.ThrowIfAny($"{path} cannot be read as a table");
        return rows;
    }

    /// <summary>A field without the blanks around it.</summary>
    internal static string Text(DelimitedRow row, int column) => Trimmed(row.Fields[column]);

    /// <summary>A field without the blanks, and the byte order mark, around it.</summary>
    internal static string Trimmed(string field) => field.Trim(Blanks);

    /// <summary>Where a field begins, for a message.</summary>
    internal static string Place(DelimitedRow row, int field) => $"line {row.Places[field].Line:N0}, column {row.Places[field].Column:N0}";

    /// <summary>The rows, with quotes taken for what they are.</summary>
    static List<DelimitedRow> Rows(string content, char delimiter)
    {
        var quoted = Filled(DelimitedRows.Read(content, delimiter, quoted: true));
        if (delimiter != '\t' || Problems(quoted) == 0) return quoted;
        var plain = Filled(DelimitedRows.Read(content, delimiter, quoted: false));
        return Problems(plain) <= Problems(quoted) ? plain : quoted;
    }

    /// <summary>Without rows of blanks only.</summary>
    static List<DelimitedRow> Filled(List<DelimitedRow> rows)
    {
        rows.RemoveAll(r => r.Fields is [var only] && string.IsNullOrWhiteSpace(only));
        return rows;
    }

    static int Problems(List<DelimitedRow> rows) => rows.Count(r => Problem(r, rows[0].Fields.Length) is not null);

    static string? Problem(DelimitedRow row, int width)
    {
        if (row.Bad >= 0) return $"{Place(row, row.Bad)}: a field begins with a quote but has no quote at its end, or a single one inside";
        if (row.Fields.Length > width) return $"{Place(row, width)}: {row.Fields.Length} fields where the first row has {width}";
        return row.Fields.Length < width ? $"{Place(row, row.Fields.Length - 1)}: {row.Fields.Length} fields where the first row has {width}" : null;
    }
}
