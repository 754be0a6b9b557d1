using Unroll.Data;

namespace Unroll.Formats;

/// <summary>Finds quotes that were to be characters but, read as quotes, made one row of several.</summary>
static class StrayQuotes
{
    const int FewRows = 3;                  // of so few that go over several lines nothing can be said by counting

    /// <summary>
    /// The rows, with each that goes over several lines taken apart where every one of its lines is a row by itself, with a label or the like that rows
    /// of one line have. Where only the number of fields speaks for it, that is a doubt, unless it is so with all of them: then texts have delimiters.
    /// </summary>
    public static List<DelimitedRow> Undo(string path, string content, char delimiter, List<DelimitedRow> rows, ReadingReport? report)
    {
        if (!rows.Exists(r => r.LastLine > r.Line) || rows[0].Fields.Length == 1) return rows;
        var (lines, width, undone) = (TextLines.Split(content), rows[0].Fields.Length, new List<DelimitedRow>(rows.Count));
        var known = rows.Where(r => r.LastLine == r.Line && r.Bad < 0).ToList();
        HashSet<string>[] values = [.. Enumerable.Range(0, width).Select(c => known.Where(r => r.Fields.Length == width).Select(r => DelimitedFile.Text(r, c)).ToHashSet(StringComparer.Ordinal))];
        var (several, doubtful, first) = (0, 0, 0);
        foreach (var row in rows)
        {
            if (row.LastLine == row.Line || row.Bad >= 0)
            {
                undone.Add(row);
                continue;
            }
            several++;
            var parts = Enumerable.Range(row.Line, row.LastLine - row.Line + 1).Select(n => Row(lines[n - 1], n, delimiter)).ToArray();
            var whole = parts.Count(p => p.Fields.Length == width);
            if (whole == parts.Length && Enumerable.Range(0, width).Any(c => AreKnown([.. parts.Select(p => DelimitedFile.Text(p, c))], values[c], delimiter)))
            {
                undone.AddRange(parts);
                report?.Doubt($"{path}, line {row.Line}: a quote begins a field and the next one stands in line {row.LastLine}, but each line between is a row by itself. They are read as rows, and the quotes as characters.");
                continue;
            }
            undone.Add(row);
            if (2 * whole > parts.Length && doubtful++ == 0) first = row.Line;
        }
        if (doubtful > 0 && (doubtful < several || several <= FewRows))
            report?.Doubt($"{path}: {doubtful:N0} quoted fields, the first in line {first:N0}, go on over lines most of which are rows by themselves. A quote that is missing, or should be doubled, may have joined them.");
        return undone;
    }

    /// <summary>Whether rows of one line have each of these; where tabs part fields, and quotes are characters as a rule, it is enough that they repeat such.</summary>
    static bool AreKnown(string[] fields, HashSet<string> known, char delimiter)
    {
        var unknown = fields.Where(f => !known.Contains(f)).ToArray();
        return unknown.Length == 0 || delimiter == '\t' && unknown.Length < fields.Length && Array.TrueForAll(unknown, f => unknown.Count(u => u == f) > 1);
    }

    static DelimitedRow Row(string line, int number, char delimiter)
    {
        var fields = line.Split(delimiter);
        var places = new (int, int)[fields.Length];
        for (int c = 0, column = 1; c < fields.Length; column += fields[c++].Length + 1) places[c] = (number, column);
        return new(fields, places, Bad: -1);
    }
}
