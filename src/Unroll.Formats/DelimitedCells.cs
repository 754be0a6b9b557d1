using Unroll.Data;

namespace Unroll.Formats;

/// <summary>Reads the cells of CSV, TSV and the like.</summary>
/// <remarks>The first row has the names of the columns unless one of its fields is a number; names may be numbers from 0 or 1 on, years, or time stamps.</remarks>
static class DelimitedCells
{
    const int SampleLines = 50;
    const int MostPadding = 20, MostPadded = 10_000_000;

    public static CellTable Read(string path, TimeSeriesOptions options, char? delimiter, ReadingReport? report)
    {
        var content = TextFile.Read(path, options.Encoding, report).Replace('\r', ' ');
        var separator = options.Delimiter ?? delimiter ?? Separator(content, options.DecimalComma);
        var rows = DelimitedRows.Read(content, separator, quoted: true);
        rows.RemoveAll(r => Array.TrueForAll(r.Fields, string.IsNullOrWhiteSpace));
        if (rows.Count == 0) Throw.NoExamples(path, "rows of a time series");
        report?.Add("delimiter", separator == '\t' ? "tab" : separator.ToString());
        var problems = new ProblemList();
        foreach (var row in rows)
            if (row.Bad >= 0) problems.Add($"{DelimitedFile.Place(row, row.Bad)}: a field begins with a quote but has no quote at its end, or a single one inside");
        problems.ThrowIfAny($"{path} cannot be read as a table");
        var (header, width) = (HasHeader(rows, options), rows.Max(r => r.Fields.Length));
        var repeated = header ? rows.RemoveAll(r => r != rows[0] && TableHeader.Repeats(r, rows[0])) : 0;
        report?.LeaveOut("rows that repeat the header", repeated);
        var body = header ? rows[1..] : rows;
        if (body.Count == 0) Throw.NoRows(path);
        var ragged = Ragged(rows);
        // Rows that are far shorter than the longest one would take memory for fields that are not there.
        if ((long)width * body.Count > MostPadded + MostPadding * body.Sum(r => (long)r.Fields.Length)) ragged.ThrowIfAny($"{path} cannot be read as a table");
        var names = Names(rows[0], header, width);
        report?.Add("header", header ? FieldNames.Show(names) : "none");
        var texts = new string[width][];
        for (var c = 0; c < width; c++)
        {
            texts[c] = new string[body.Count];
            for (var r = 0; r < body.Count; r++) texts[c][r] = c < body[r].Fields.Length ? DelimitedFile.Trimmed(body[r].Fields[c]) : "";
        }
        return new()
        {
            Source = path, Rows = body.Count, HasHeader = header, Ragged = ragged,
            Columns = [.. names.Select((n, c) => new CellColumn(n) { Texts = texts[c] })],
            Place = (row, column) => column < 0 || column >= body[row].Fields.Length ? $"line {body[row].Line:N0}" : DelimitedFile.Place(body[row], column),
        };
    }

    /// <summary>What parts fields: where rows differ in length, the mark that the first rows have most.</summary>
    static char Separator(string content, bool decimalComma)
    {
        var text = decimalComma ? content.Replace(',', '.') : content;
        if (Delimiter.Find(text) is { } found) return found;
        var end = 0;
        for (var n = 0; n < SampleLines && end >= 0 && end < content.Length; n++) end = content.IndexOf('\n', end) is >= 0 and var at ? at + 1 : content.Length;
        var sample = text.AsSpan(0, end);
        var (best, most) = (',', 0);
        foreach (var candidate in "\t;,|")
            if (sample.Count(candidate) is var count && count > most) (best, most) = (candidate, count);
        return best;
    }

    /// <summary>Whether the first row has names: no numbers, or numbers and times that only go up, as those of columns do.</summary>
    static bool HasHeader(List<DelimitedRow> rows, TimeSeriesOptions options)
    {
        string[] first = [.. rows[0].Fields.Select(DelimitedFile.Trimmed)];
        var asked = new[] { options.Time == "none" ? null : options.Time }.Concat(options.Series).Concat(options.Targets).Concat(options.Static);
        if (asked.Any(a => TableColumns.IsAskedByName(a) && first.Contains(a!.Trim(), StringComparer.OrdinalIgnoreCase))) return true;
        string[] values = [.. first.Where(f => f.Length > 0 && !NumberCells.IsMissing(f))];
        if (values.Length == 0) return false;
        var isValue = Array.ConvertAll(values, v => NumberCells.IsNumber(v, options.DecimalComma) || TimeStampColumn.Looks([v]));
        if (!Array.Exists(isValue, v => v)) return true;
        if (rows.Count < 2 || values.Length < 4 || 2 * isValue.Count(v => v) < values.Length) return false;
        return AreSteps([.. values.Where((_, i) => isValue[i])]);
    }

    /// <summary>Whether names are 0, 1, 2, …, 1, 2, …, or times that only go up.</summary>
    static bool AreSteps(string[] names)
    {
        int[] numbers = [.. names.Select(n => int.TryParse(n, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : -1)];
        var years = TimeStampColumn.LooksYears(names);
        if (Array.TrueForAll(numbers, n => n >= 0)) return (years || numbers[0] <= 1) && numbers.Skip(1).Select((n, i) => n - numbers[i]).All(d => d == 1);
        return TimeStampColumn.Looks(names) && names.Distinct(StringComparer.Ordinal).Count() == names.Length;
    }

    /// <summary>The names of the columns: their numbers where there are none, with a number behind those that are there twice.</summary>
    static string[] Names(DelimitedRow first, bool header, int width)
    {
        var (names, seen) = (new string[width], new HashSet<string>(StringComparer.Ordinal));
        for (var c = 0; c < width; c++)
        {
            var name = header && c < first.Fields.Length ? DelimitedFile.Trimmed(first.Fields[c]) : "";
            var unique = name.Length == 0 ? $"{c + 1}" : name;
            for (var n = 2; !seen.Add(unique); n++) unique = $"{name}.{n}";
            names[c] = unique;
        }
        return names;
    }

    static ProblemList Ragged(List<DelimitedRow> rows)
    {
        var (problems, width) = (new ProblemList(), rows[0].Fields.Length);
        foreach (var row in rows)
            if (row.Fields.Length != width)
                problems.Add($"{DelimitedFile.Place(row, Math.Min(width, row.Fields.Length - 1))}: {row.Fields.Length} fields where the first row has {width}");
        return problems;
    }
}
