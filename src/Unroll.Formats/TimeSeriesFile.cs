using System.Globalization;
using Unroll.Data;

namespace Unroll.Formats;

/// <summary>Reads tables of time series.</summary>
/// <remarks>
/// <para>
/// <c>csv</c> and <c>tsv</c> are tables of texts, <c>jsonl</c> one JSON object a line, <c>parquet</c> a Parquet table; all but the last may be packed with gzip. What is not said by the options
/// is told from the content and reported: the format, the layout, the columns of time and series, the format of time stamps, the frequency.
/// </para>
/// <para>
/// A row is a time, or a series and a time (<see cref="TimeSeriesLayout.Long"/>); or a whole series, its name first (<see cref="TimeSeriesLayout.Rows"/>). Columns of texts become categories;
/// those that never change within a series are static where there are several series. NA, N/A, NaN, null, None, ?, - and an empty cell are missing values. Row numbers are left out, as are
/// columns of texts that are nearly all different.
/// </para>
/// <para>
/// Rows are sorted by time; rows of one series with the same time are averaged, the hour that clocks are set back by among them; steps without a row are NaN. Time stamps with an offset
/// are converted to UTC, others stay as they are. Safe for use by several threads.
/// </para>
/// </remarks>
static class TimeSeriesFile
{
    /// <summary>The names of the formats.</summary>
    public static IReadOnlyList<string> Formats { get; } = ["csv", "tsv", "jsonl", "parquet"];

    /// <summary>Reads all series of one or several files; those with the same columns, one after the other.</summary>
    /// <param name="paths">The files, at least one.</param>
    /// <param name="options">How they are read.</param>
    /// <param name="report">Gets what was detected, left out, sorted, averaged and filled, and what is doubtful.</param>
    /// <exception cref="UnrollException">
    /// A file cannot be read, a column that is asked for is not there, a cell of numbers is a text or infinite, times cannot be read or told, or no column of numbers is left.
    /// </exception>
    public static TimeSeriesTable Read(IReadOnlyList<string> paths, TimeSeriesOptions? options = null, ReadingReport? report = null)
    {
        if (paths.Count == 0) throw new ArgumentException("There is no file to read.", nameof(paths));
        (options, report) = (options ?? new(), report ?? new());
        TimeStep? step = options.Frequency.Trim().ToLowerInvariant() is "auto" or "" ? null : TimeStep.Parse(options.Frequency);
        var cells = CellTable.Join([.. paths.Select(p => ReadCells(p, options, report))]);
        report.Count("rows", cells.Rows);
        var layout = options.Layout ?? (SeriesRows.IsLayout(cells, options) ? TimeSeriesLayout.Rows : TimeSeriesLayout.Long);
        report.Add("layout", layout switch { TimeSeriesLayout.Rows => "a row for each series", TimeSeriesLayout.Columns => "a column for each series", _ => "a row for each time" });
        if (layout != TimeSeriesLayout.Rows) cells.Ragged.ThrowIfAny($"{cells.Source} cannot be read as a table");
        var table = layout == TimeSeriesLayout.Rows ? new SeriesRows(cells, options, report).Read(step) : new TimedRows(cells, options, report).Read(step, layout);
        CheckTargets(cells, table, options);
        TimeSeriesDoubts.About(cells.Source, table, report);
        return table;
    }

    static CellTable ReadCells(string path, TimeSeriesOptions options, ReadingReport report)
    {
        var format = options.Format ?? Tell(path, options);
        report.Add("format", format);
        switch (format)
        {
            case "csv": return DelimitedCells.Read(path, options, null, report);
            case "tsv": return DelimitedCells.Read(path, options, '\t', report);
            case "jsonl": return JsonCells.Read(path, options, report);
            case "parquet":
                using (var stream = DataFile.OpenRead(path, parquet: true))
                using (var copy = DataFile.Copied(stream, path)) return ParquetCells.Read(path, copy, report);
            default: throw Throw.UnknownFormat(format, Formats);
        }
    }

    static string Tell(string path, TimeSeriesOptions options)
    {
        using (var stream = DataFile.OpenRead(path, parquet: true))
            if (FileKind.Of(DataFile.Head(stream)) is { IsParquet: true }) return "parquet";
        return TextFile.EndingOf(path) switch
        {
            ".jsonl" or ".ndjson" or ".json" => "jsonl",
            ".csv" => "csv",
            _ => JsonShape.IsJson(TextFile.ReadStart(path, options.Encoding)) ? "jsonl" : "csv",
        };
    }

    static void CheckTargets(CellTable cells, TimeSeriesTable table, TimeSeriesOptions options)
    {
        string[] names = [.. table.Columns.Select(c => c.Name)];
        var seen = new HashSet<int>();
        foreach (var target in options.Targets)
        {
            var name = Array.IndexOf(names, target.Trim()) < 0 && Array.Exists(cells.Columns, c => c.Name.Equals(target.Trim(), StringComparison.OrdinalIgnoreCase)) || int.TryParse(target, NumberStyles.None, CultureInfo.InvariantCulture, out _) && cells.HasHeader
                ? cells.Columns[cells.Find(target)].Name : target.Trim();
            var column = Array.FindIndex(names, n => n.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (column < 0 && Array.FindIndex(cells.Columns, c => c.Name == name) is >= 0 and var other) RefuseText(cells, other);
            if (column < 0) throw Throw.NoColumn(cells.Source, target, names);
            if (!seen.Add(column)) Throw.ColumnTwice(cells.Source, name, "target", "target");
            if (table.Columns[column].IsCategory) RefuseText(cells, Array.FindIndex(cells.Columns, c => c.Name == name));
        }
    }

    static void RefuseText(CellTable cells, int column)
    {
        var row = Enumerable.Range(0, cells.Rows).FirstOrDefault(r => !NumberCells.IsMissing(cells.Columns[column].TextAt(r)));
        Throw.TargetIsText(cells.Source, cells.Columns[column].Name, cells.Place(row, column), cells.Columns[column].TextAt(row));
    }
}
