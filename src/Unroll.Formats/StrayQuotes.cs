using Unroll.Data;

namespace Unroll.Formats;

/// <summary>Finds quotes that were to be characters but, read as quotes, made one row of several.</summary>
static class StrayQuotes
{
    const int ManyLines = 4;                // no text has as many delimiters as a row needs in each of so many lines

    /// <summary>
    /// The rows, with each that goes over several lines taken apart where every one of its lines is a row by itself. Where half of them are, that is a doubt.
    /// </summary>
    public static List<DelimitedRow> Undo(string path, string content, char delimiter, List<DelimitedRow> rows, ReadingReport? report)
    {
        if (!rows.Exists(r => r.LastLine > r.Line) || rows[0].Fields.Length == 1) return rows;
        var (lines, width, undone) = (TextLines.Split(content), rows[0].Fields.Length, new List<DelimitedRow>(rows.Count));
        foreach (var row in rows)
        {
            if (row.LastLine == row.Line || row.Bad >= 0)
            {
                undone.Add(row);
                continue;
            }
            var parts = Enumerable.Range(row.Line, row.LastLine - row.Line + 1).Select(n => Row(lines[n - 1], n, delimiter)).ToArray();
            var whole = parts.Count(p => p.Fields.Length == width);
            if (2 * whole < parts.Length) undone.Add(row);
            else if (whole == parts.Length && (delimiter == '\t' || parts.Length >= ManyLines || HaveKnownField(parts, rows)))
            {
                undone.AddRange(parts);
                report?.Doubt($"{path}, line {row.Line}: a quote begins a field and the next one stands in line {row.LastLine}, but each line between is a row by itself. They are read as rows, and the quotes as characters.");
            }
            else
            {
                undone.Add(row);
                report?.Doubt($"{path}, line {row.Line}: a quoted field goes on over {parts.Length:N0} lines, most of which are rows by themselves. A quote that is missing, or should be doubled, may have joined them.");
            }
        }
        return undone;
    }

    /// <summary>Whether there is a column, such as a label's, in which each of the lines has what another row has too. Lines of a text have not.</summary>
    static bool HaveKnownField(DelimitedRow[] parts, List<DelimitedRow> rows) => Enumerable.Range(0, rows[0].Fields.Length).Any(column =>
    {
        var known = rows.Where(r => r.LastLine == r.Line && r.Fields.Length > column).Concat(parts).CountBy(r => DelimitedFile.Text(r, column), StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        return Array.TrueForAll(parts, p => known[DelimitedFile.Text(p, column)] > 1);
    });

    static DelimitedRow Row(string line, int number, char delimiter)
    {
        var fields = line.Split(delimiter);
        var places = new (int, int)[fields.Length];
        for (int c = 0, column = 1; c < fields.Length; column += fields[c++].Length + 1) places[c] = (number, column);
        return new(fields, places, Bad: -1);
    }
}
