using Unroll.Data;

namespace Unroll.Formats;

/// <summary>Makes series of a table in which a row is a time, or a series and a time.</summary>
sealed class TimedRows(CellTable cells, TimeSeriesOptions options, ReadingReport report)
{
    static readonly string[] RowNumbers = ["no", "no.", "nr", "index", "id", "row", "rownum", "row_id", "rowid", "#", "x1", "unnamed: 0"];

    readonly List<TimeSeriesColumn> _columns = [];
    readonly List<double[]> _values = [];
    readonly List<TimeSeriesColumn> _staticColumns = [];
    readonly List<double[]> _staticValues = [];

    public TimeSeriesTable Read(TimeStep? step, TimeSeriesLayout layout)
    {
        var time = TimeColumns.Find(cells, options);
        var times = time?.Read(cells, options, report);
        if (time is null) report.Add("time column", "none");
        var series = layout == TimeSeriesLayout.Columns ? [] : SeriesColumns.Find(cells, options, time, times);
        var names = SeriesOf(series, times);
        if (series.Length > 0) report.Add("series column", string.Join(" + ", series.Select(c => cells.Columns[c].Name)));
        Sort(names, series, [.. time?.Columns ?? [], .. series]);
        if (_columns.Count == 0 || _columns.TrueForAll(c => c.IsCategory)) RefuseWithoutNumbers(time);
        if (layout == TimeSeriesLayout.Columns) return Columns(times, step);
        var made = Made(names, times, step);
        return new(_columns, made, _staticColumns);
    }

    /// <summary>The name of each row's series; of several files whose times overlap, each is one.</summary>
    string[] SeriesOf(int[] series, DateTime[]? times)
    {
        if (series.Length > 0 || cells.Files is not { } files || times is null || times.ToHashSet().Count >= times.Length) return SeriesColumns.Names(cells, series);
        report.Add("series column", "the file");
        return [.. files.Select(f => $"{f + 1}")];
    }

    /// <summary>Takes the other columns as numbers, categories, static ones, or not at all.</summary>
    void Sort(string[] names, int[] series, int[] taken)
    {
        var problems = new ProblemList();
        int[] asked = [.. options.Static.Select(cells.Find)];
        if (asked.Intersect(taken).Any() && asked.Intersect(taken.Except(series)).Any()) Throw.ColumnTwice(cells.Source, cells.Columns[asked.Intersect(taken.Except(series)).First()].Name, "static", "time");
        int[] targets = [.. options.Targets.Where(t => Array.Exists(cells.Columns, c => c.Name.Equals(t.Trim(), StringComparison.OrdinalIgnoreCase))).Select(cells.Find)];
        var severalSeries = Array.Exists(names, n => n != names[0]);
        for (var c = 0; c < cells.Columns.Length; c++)
        {
            var (isStatic, name) = (asked.Contains(c), cells.Columns[c].Name);
            if (taken.Contains(c) && !isStatic) continue;
            if (!isStatic && !targets.Contains(c) && IsRowNumber(c))
            {
                report.Add("row numbers left out", name);
                continue;
            }
            if (cells.Columns[c].Times is null && NumberCells.IsNumbers(cells.Columns[c], options.DecimalComma))
            {
                Take(new(name), NumberCells.Read(cells, c, options.DecimalComma, problems), isStatic, names, c);
                continue;
            }
            if (NumberCells.HasDecimalCommas(cells.Columns[c])) report.Doubt($"{cells.Source}: the column {ProblemList.Quote(name)} looks like numbers with decimal commas, such as {ProblemList.Quote(First(c))}. If so, give --decimal-comma.");
            if (NumberCells.ReadCategories(cells, c, isLimited: !isStatic) is not { } read) report.Add("columns of texts left out", name);
            else Take(new(name, read.Categories), read.Values, isStatic || options.Static.Count == 0 && severalSeries && IsConstant(names, read.Values) < 0, names, c);
        }
        problems.ThrowIfAny($"{cells.Source} cannot be read as time series");
        if (_staticColumns.Count > 0) report.Add("static columns", string.Join(", ", _staticColumns.Select(c => c.Name)));
    }

    void Take(TimeSeriesColumn column, double[] values, bool isStatic, string[] names, int place)
    {
        if (isStatic && IsConstant(names, values) is >= 0 and var row)
            Throw.StaticChanges(cells.Source, cells.Place(row, place), column.Name, names[row], cells.Columns[place].TextAt(row));
        (isStatic ? _staticColumns : _columns).Add(column);
        (isStatic ? _staticValues : _values).Add(values);
    }

    /// <summary>The first row with another value than its series had before, or −1.</summary>
    static int IsConstant(string[] names, double[] values)
    {
        var known = new Dictionary<string, double>(StringComparer.Ordinal);
        for (var r = 0; r < names.Length; r++)
        {
            if (double.IsNaN(values[r])) continue;
            if (!known.TryAdd(names[r], values[r]) && known[names[r]] != values[r]) return r;
        }
        return -1;
    }

    /// <summary>Whether a column without a name, or with that of a row number, counts the rows.</summary>
    bool IsRowNumber(int column)
    {
        var name = cells.Columns[column].Name;
        if (name != $"{column + 1}" && !RowNumbers.Contains(name, StringComparer.OrdinalIgnoreCase) || cells.Rows < 3 || !cells.HasHeader && cells.Columns.Length == 1) return false;
        for (var r = 0; r < cells.Rows; r++)
            if (!double.TryParse(cells.Columns[column].TextAt(r), System.Globalization.CultureInfo.InvariantCulture, out var number) || number != r && number != r + 1) return false;
        return true;
    }

    string First(int column) => Enumerable.Range(0, cells.Rows).Select(cells.Columns[column].TextAt).FirstOrDefault(t => t.Contains(',')) ?? "";

    void RefuseWithoutNumbers(TimeColumns? time)
    {
        var commas = cells.Columns.FirstOrDefault(NumberCells.HasDecimalCommas);
        Throw.NoNumbers(cells.Source, FieldNames.Show(cells.Names), commas is not null ? $"Column {ProblemList.Quote(commas.Name)} looks like numbers with decimal commas: give --decimal-comma."
            : time is not null && cells.Columns.Length == time.Columns.Length ? "Its only column is the time." : null);
    }

    List<TimeSeries> Made(string[] names, DateTime[]? times, TimeStep? step)
    {
        var order = names.Distinct(StringComparer.Ordinal).ToArray();
        if (times is null) return WithoutTimes(names, order, step);
        var rows = order.ToDictionary(n => n, n => new TimeRows(n, _columns.Count), StringComparer.Ordinal);
        var values = new double[_columns.Count];
        for (var r = 0; r < names.Length; r++)
        {
            for (var c = 0; c < values.Length; c++) values[c] = _values[c][r];
            rows[names[r]].Add(times[r], r, values);
        }
        SetStatic(names, (name, statics) => rows[name].Static = statics);
        return new TimeGrid(cells.Source, _columns, r => cells.Place(r, -1), report).Build([.. order.Select(n => rows[n])], step);
    }

    List<TimeSeries> WithoutTimes(string[] names, string[] order, TimeStep? step)
    {
        var rows = Enumerable.Range(0, names.Length).ToLookup(r => names[r], StringComparer.Ordinal);
        var statics = new Dictionary<string, double[]>(StringComparer.Ordinal);
        SetStatic(names, (name, values) => statics[name] = values);
        report.Add("frequency", step is { } given ? $"{given}, as given" : "none");
        return [.. order.Select(n => new TimeSeries(n, [.. _values.Select(v => rows[n].Select(r => v[r]).ToArray())], null, step, statics[n]))];
    }

    void SetStatic(string[] names, Action<string, double[]> set)
    {
        var found = new Dictionary<string, double[]>(StringComparer.Ordinal);
        for (var r = 0; r < names.Length; r++)
        {
            if (!found.TryGetValue(names[r], out var values))
            {
                found.Add(names[r], values = new double[_staticColumns.Count]);
                Array.Fill(values, double.NaN);
            }
            for (var c = 0; c < values.Length; c++)
                if (double.IsNaN(values[c])) values[c] = _staticValues[c][r];
        }
        foreach (var (name, values) in found) set(name, values);
    }

    /// <summary>A series for each column of numbers, from its first value to its last.</summary>
    TimeSeriesTable Columns(DateTime[]? times, TimeStep? step)
    {
        var names = new string[cells.Rows];
        Array.Fill(names, "");
        var whole = Made(names, times, step)[0];
        var made = new List<TimeSeries>();
        for (var c = 0; c < _columns.Count; c++)
        {
            if (_columns[c].IsCategory) report.Add("columns of texts left out", _columns[c].Name);
            else made.Add(SeriesRows.Trimmed(_columns[c].Name, whole[c], whole.Start, whole.Step, []));
        }
        return new([new(SeriesRows.ValueColumn)], made);
    }
}
