using System.Globalization;
using Unroll.Data;

namespace Unroll.Formats;

/// <summary>Finds the columns that say the time of a row, and reads them.</summary>
/// <param name="Columns">The columns: one, a date and a time, or year, month, day, hour and minute.</param>
/// <param name="AreParts">Whether each column is a number: the year, the month, and so on.</param>
sealed record TimeColumns(int[] Columns, bool AreParts)
{
    const int Sample = 200;
    const double MostNamed = 0.5, Most = 0.9;

    static readonly string[] Names =
        ["timestamp", "datetime", "date_time", "date/time", "time stamp", "date time", "ds", "date", "time", "utc", "period", "month", "week", "quarter", "day", "hour", "index"];
    static readonly string[][] Parts =
        [["year", "yr", "yyyy"], ["month", "mon", "mo", "mnth"], ["day", "dom", "mday", "dy"], ["hour", "hr", "hh"], ["minute", "min", "mi"]];

    /// <summary>The columns that are asked for, or told by their names and contents; null where rows have no time.</summary>
    public static TimeColumns? Find(CellTable table, TimeSeriesOptions options)
    {
        if (options.Time == "none") return null;
        if (options.Time is { } asked) return Asked(table, asked, options.TimeFormat);
        int[] candidates = [.. Enumerable.Range(0, table.Columns.Length).Where(c => Holds(table, c, named: false))];
        if (candidates.Length == 0 && OfParts(table) is { } parts) return parts;
        var one = Single(table, candidates, options.TimeFormat);
        return one < 0 ? null : WithClock(table, one);
    }

    static TimeColumns Asked(CellTable table, string asked, string? format)
    {
        if (Array.Exists(table.Names, n => n.Equals(asked.Trim(), StringComparison.OrdinalIgnoreCase)) || !asked.Contains(',')) return new([table.Find(asked)], false);
        int[] columns = [.. asked.Split(',').Select(table.Find)];
        if (columns.Distinct().Count() < columns.Length) Throw.ColumnTwice(table.Source, asked, "time", "time");
        var numbers = columns.Length != 2 || format is null && Array.TrueForAll(columns, c => NumberCells.IsNumbers(table.Columns[c], false) && !TimeStampColumn.Looks(Some(table, c)));
        if (columns.Length > Parts.Length) Throw.NoTimeColumn(table.Source, asked, FieldNames.Show(table.Names));
        return new(columns, numbers);
    }

    /// <summary>Columns of numbers named year, month and so on, without one left out between.</summary>
    static TimeColumns? OfParts(CellTable table)
    {
        var found = new List<int>();
        foreach (var names in Parts)
        {
            var column = Array.FindIndex(table.Columns, c => names.Contains(c.Name, StringComparer.OrdinalIgnoreCase));
            if (column < 0 || !NumberCells.IsNumbers(table.Columns[column], false) || TimeStampColumn.Looks(Some(table, column))) break;
            found.Add(column);
        }
        return found.Count < 2 ? null : new([.. found], true);
    }

    /// <summary>The column with the most telling name, of those that hold times if there are any; −1 where none holds times.</summary>
    static int Single(CellTable table, int[] candidates, string? format)
    {
        foreach (var name in Names)
            for (var c = 0; c < table.Columns.Length; c++)
                if (table.Columns[c].Name.Equals(name, StringComparison.OrdinalIgnoreCase) && (candidates.Contains(c) || format is not null || Holds(table, c, named: true))) return c;
        foreach (var c in candidates)
            if (IsNamed(table.Columns[c].Name)) return c;
        if (candidates.Length > 0) return candidates[0];
        for (var c = 0; c < table.Columns.Length; c++)
            if (IsNamed(table.Columns[c].Name) && (format is not null || Holds(table, c, named: true))) return c;
        return -1;
    }

    /// <summary>Whether a column holds times; of one that is named as such, also years and seconds since 1970.</summary>
    static bool Holds(CellTable table, int column, bool named)
    {
        var cells = table.Columns[column];
        if (cells.Times is not null) return true;
        if (cells.Texts is null && !named) return false;
        var some = Some(table, column).ToArray();
        // A column in which some cells are no times, or times of another format, is one with mistakes.
        if (named) return TimeStampColumn.Share(some, isNamed: true) >= MostNamed || TimeStampColumn.LooksUnix(some) || TimeStampColumn.LooksYears(some);
        return TimeStampColumn.Share(some, isNamed: false) >= Most && !Array.TrueForAll(some, t => NumberCells.IsNumber(t, false));
    }

    static bool IsNamed(string name) => name.Contains("date", StringComparison.OrdinalIgnoreCase) || name.Contains("time", StringComparison.OrdinalIgnoreCase)
        || name.Contains("stamp", StringComparison.OrdinalIgnoreCase) || Parts[0].Contains(name, StringComparer.OrdinalIgnoreCase) || name.Equals("dteday", StringComparison.OrdinalIgnoreCase);

    /// <summary>A column of dates with the one of the hour or the clock beside it, where there is one.</summary>
    static TimeColumns WithClock(CellTable table, int date)
    {
        if (table.Columns[date].Texts is null || Some(table, date).Any(t => TimeStamp.TryScan(t, out var stamp) && (stamp.HasTime || stamp.Form is not (DateForm.Three or DateForm.Compact)))) return new([date], false);
        if (!Some(table, date).GroupBy(t => t, StringComparer.Ordinal).Any(g => g.Count() > 1)) return new([date], false);
        for (var c = 0; c < table.Columns.Length; c++)
        {
            var name = table.Columns[c].Name;
            if (c == date || !(name.Equals("time", StringComparison.OrdinalIgnoreCase) || Parts[3].Contains(name, StringComparer.OrdinalIgnoreCase))) continue;
            if (Some(table, c).All(t => ClockOf(t) is not null)) return new([date, c], false);
        }
        return new([date], false);
    }

    /// <summary>An hour, or hour, minute and second, as they stand behind a date; null where it is none.</summary>
    static string? ClockOf(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var hour)) return hour is >= 0 and <= 24 ? $"{hour:00}:00" : null;
        return TimeStamp.TryScan($"2000-01-01 {text}", out _) ? text : null;
    }

    static IEnumerable<string> Some(CellTable table, int column) =>
        Enumerable.Range(0, Math.Min(table.Rows, Sample)).Select(table.Columns[column].TextAt);

    /// <summary>The time of each row.</summary>
    /// <exception cref="UnrollException">Times are missing, cannot be read, or have two formats.</exception>
    public DateTime[] Read(CellTable table, TimeSeriesOptions options, ReadingReport report)
    {
        report.Add("time column", string.Join(" + ", Columns.Select(c => table.Columns[c].Name)));
        if (AreParts) return ReadParts(table);
        var (first, name) = (Columns[0], table.Columns[Columns[0]].Name);
        if (Columns.Length == 1 && table.Columns[first].Times is { } times)
        {
            var missing = new ProblemList();
            for (var r = 0; r < times.Length; r++)
                if (times[r] == DateTime.MinValue) missing.Add($"{table.Place(r, first)}: the time is missing");
            missing.ThrowIfAny($"{table.Source}: the times of column {ProblemList.Quote(name)} cannot be read");
            return times;
        }
        var texts = table.Columns[first].Texts is { } own && Columns.Length == 1 ? own : [.. Enumerable.Range(0, table.Rows).Select(r => Joined(table, r))];
        var column = new TimeStampColumn(table.Source, name, r => table.Place(r, first));
        var read = column.Read(texts, options.TimeFormat);
        report.Add("time format", column.Format);
        if (column.Doubt is { } doubt) report.Doubt(doubt);
        return read;
    }

    string Joined(CellTable table, int row) =>
        Columns.Length == 1 ? table.Columns[Columns[0]].TextAt(row) : $"{table.Columns[Columns[0]].TextAt(row)} {(ClockOf(table.Columns[Columns[1]].TextAt(row)) is { } clock ? clock : table.Columns[Columns[1]].TextAt(row))}";

    DateTime[] ReadParts(CellTable table)
    {
        var (times, problems) = (new DateTime[table.Rows], new ProblemList());
        var parts = Columns.Select(c => NumberCells.Read(table, c, false, problems)).ToArray();
        problems.ThrowIfAny($"{table.Source}: the times cannot be read");
        for (var r = 0; r < times.Length && !problems.IsFull; r++)
        {
            double[] values = [parts[0][r], parts[1][r], At(2, 1), At(3, 0), At(4, 0)];
            var isDay = Array.TrueForAll(values, v => v == Math.Floor(v)) && values[0] is >= 1 and <= 9998 && values[1] is >= 1 and <= 12
                && values[2] >= 1 && values[2] <= DateTime.DaysInMonth((int)values[0], (int)values[1]) && values[3] is >= 0 and <= 24 && values[4] is >= 0 and <= 59;
            if (isDay) times[r] = new DateTime((int)values[0], (int)values[1], (int)values[2]).AddHours(values[3]).AddMinutes(values[4]);
            else problems.Add($"{table.Place(r, Columns[0])}: there is no date {ProblemList.Quote(string.Join('-', Columns.Select(c => table.Columns[c].TextAt(r))))}");

            double At(int part, double otherwise) => part < parts.Length ? parts[part][r] : otherwise;
        }
        problems.ThrowIfAny($"{table.Source}: the times cannot be read");
        return times;
    }
}
