using Unroll.Data;

namespace Unroll.Formats;

/// <summary>Makes series of a table in which a row is a series: its name, perhaps static values, and its values, which may end early.</summary>
sealed class SeriesRows(CellTable cells, TimeSeriesOptions options, ReadingReport report)
{
    /// <summary>The name of the only column of such a table.</summary>
    public const string ValueColumn = "value";

    const int FewColumns = 3;

    /// <summary>Whether columns are named as times, or the first one holds texts that are all different and the others are numbers of columns.</summary>
    public static bool IsLayout(CellTable cells, TimeSeriesOptions options)
    {
        if (options.Time is not null and not "none" || cells.Columns.Length < FewColumns || Array.Exists(cells.Columns, c => c.Texts is null)) return false;
        if (FirstTime(cells) is var first && first < cells.Columns.Length) return 2 * (cells.Columns.Length - first) >= cells.Columns.Length;
        var names = cells.Columns[0].Texts!;
        if (TimeStampColumn.Looks(names) || Array.Exists(names, n => n.Length == 0 || NumberCells.IsNumber(n, options.DecimalComma)) || names.Distinct(StringComparer.Ordinal).Count() < names.Length) return false;
        return (!cells.HasHeader || AreNumbered(cells.Names[1..])) && Array.TrueForAll(cells.Columns[1..], c => NumberCells.IsNumbers(c, options.DecimalComma));
    }

    /// <summary>The first of the columns up to the last whose names are times; past the last where there are not two.</summary>
    static int FirstTime(CellTable cells)
    {
        if (!cells.HasHeader) return cells.Columns.Length;
        var first = cells.Columns.Length;
        while (first > 0 && (TimeStampColumn.Looks([cells.Columns[first - 1].Name]) || TimeStampColumn.LooksYears([cells.Columns[first - 1].Name]))) first--;
        return cells.Columns.Length - first >= 2 && first > 0 ? first : cells.Columns.Length;
    }

    /// <summary>Whether names are a word, or none, and numbers that go up by one: V2, V3, …</summary>
    static bool AreNumbered(string[] names)
    {
        var numbers = Array.ConvertAll(names, n => int.TryParse(n.AsSpan()[(1 + n.AsSpan().LastIndexOfAnyExceptInRange('0', '9'))..], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : -1);
        return numbers[0] >= 0 && numbers.Skip(1).Select((n, i) => n - numbers[i]).All(d => d == 1);
    }

    public TimeSeriesTable Read(TimeStep? step)
    {
        var timed = FirstTime(cells);
        int[] series = options.Series.Count > 0 ? [.. options.Series.Select(cells.Find)] : HasNames(timed) ? [0] : [];
        var first = timed < cells.Columns.Length ? timed : series.Append(-1).Max() + 1;
        report.Add("series column", series.Length == 0 ? "none" : string.Join(" + ", series.Select(c => cells.Columns[c].Name)));
        report.Add("time column", timed < cells.Columns.Length ? "names of columns" : "none");
        var names = series.Length == 0 ? [.. Enumerable.Range(1, cells.Rows).Select(n => $"{n}")] : SeriesColumns.Names(cells, series);
        var problems = new ProblemList();
        foreach (var (name, rows) in names.Select((n, r) => (n, r)).GroupBy(p => p.n, p => p.r, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => (g.Key, g.ToArray())))
            problems.Add($"{cells.Place(rows[1], series[0])}: the series {ProblemList.Quote(name)} is there already, in {cells.Place(rows[0], -1)}");
        var (staticColumns, staticValues) = Static(first, series, problems);
        var values = new double[cells.Columns.Length - first][];
        for (var c = 0; c < values.Length && !problems.IsFull; c++) values[c] = NumberCells.Read(cells, first + c, options.DecimalComma, problems);
        problems.ThrowIfAny($"{cells.Source} cannot be read as a series in each row");
        double[][] rowsOf = [.. Enumerable.Range(0, cells.Rows).Select(r => Array.ConvertAll(values, v => v[r]))];
        double[][] staticsOf = [.. Enumerable.Range(0, cells.Rows).Select(r => staticValues.Select(v => v[r]).ToArray())];
        if (timed < cells.Columns.Length)
        {
            var made = Timed(first, names, rowsOf, step);
            return new([new(ValueColumn)], [.. made.Select((s, r) => Trimmed(s.Name, s[0], s.Start, s.Step, staticsOf[r]))], staticColumns);
        }
        report.Add("frequency", step is { } given ? $"{given}, as given" : "none");
        return new([new(ValueColumn)], [.. names.Select((n, r) => Trimmed(n, rowsOf[r], null, step, staticsOf[r]))], staticColumns);
    }

    bool HasNames(int timed) => timed < cells.Columns.Length ? timed > 0 : !NumberCells.IsNumbers(cells.Columns[0], options.DecimalComma);

    (List<TimeSeriesColumn> Columns, List<double[]> Values) Static(int first, int[] series, ProblemList problems)
    {
        var (columns, values) = (new List<TimeSeriesColumn>(), new List<double[]>());
        for (var c = 0; c < first; c++)
        {
            if (series.Contains(c)) continue;
            var name = cells.Columns[c].Name;
            if (NumberCells.IsNumbers(cells.Columns[c], options.DecimalComma)) Add(new(name), NumberCells.Read(cells, c, options.DecimalComma, problems));
            else if (NumberCells.ReadCategories(cells, c, isLimited: true) is { } read) Add(new(name, read.Categories), read.Values);
            else report.Add("columns of texts left out", name);
        }
        if (columns.Count > 0) report.Add("static columns", string.Join(", ", columns.Select(c => c.Name)));
        return (columns, values);

        void Add(TimeSeriesColumn column, double[] read)
        {
            columns.Add(column);
            values.Add(read);
        }
    }

    /// <summary>The series on the grid of the times that name the columns.</summary>
    List<TimeSeries> Timed(int first, string[] names, double[][] rows, TimeStep? step)
    {
        var column = new TimeStampColumn(cells.Source, "names of columns", c => $"column {first + c + 1}");
        var times = column.Read(cells.Names[first..], options.TimeFormat);
        report.Add("time format", column.Format);
        if (column.Doubt is { } doubt) report.Doubt(doubt);
        var all = new List<TimeRows>(names.Length);
        for (var r = 0; r < names.Length; r++)
        {
            all.Add(new(names[r], 1));
            for (var c = 0; c < times.Length; c++) all[r].Add(times[c], c, [rows[r][c]]);
        }
        return new TimeGrid(cells.Source, [new(ValueColumn)], c => $"column {first + c + 1}", report).Build(all, step);
    }

    /// <summary>A series without the missing values at its start and end.</summary>
    public static TimeSeries Trimmed(string name, ReadOnlySpan<double> values, DateTime? start, TimeStep? step, double[] statics)
    {
        var (from, end) = (0, values.Length);
        while (end > 0 && double.IsNaN(values[end - 1])) end--;
        while (from < end && double.IsNaN(values[from])) from++;
        return new(name, [values[from..end].ToArray()], start is { } first && step is { } length ? length.Add(first, from) : null, step, statics);
    }
}
