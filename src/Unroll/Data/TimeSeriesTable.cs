using System.Diagnostics;

namespace Unroll.Data;

/// <summary>Time series with the same columns: what a forecaster learns from.</summary>
/// <remarks>Safe for use by several threads as long as nobody changes the arrays it was made from.</remarks>
[DebuggerDisplay("{Series.Count} series, {Columns.Count} columns")]
public sealed class TimeSeriesTable
{
    /// <summary>A table of series.</summary>
    /// <param name="columns">The columns whose values change with time, at least one.</param>
    /// <param name="series">The series, at least one, each with a name of its own.</param>
    /// <param name="staticColumns">The columns with one value for a whole series; none if null.</param>
    /// <exception cref="ArgumentException">There is no column or series, a name is there twice, or a series has other columns.</exception>
    public TimeSeriesTable(IReadOnlyList<TimeSeriesColumn> columns, IReadOnlyList<TimeSeries> series, IReadOnlyList<TimeSeriesColumn>? staticColumns = null)
    {
        staticColumns ??= [];
        if (columns.Count == 0) throw new ArgumentException("A table needs a column.", nameof(columns));
        if (series.Count == 0) throw new ArgumentException("A table needs a series.", nameof(series));
        if (Twice(columns.Concat(staticColumns).Select(c => c.Name)) is { } column) throw new ArgumentException($"Two columns are named {ProblemList.Quote(column)}.", nameof(columns));
        if (Twice(series.Select(s => s.Name)) is { } name) throw new ArgumentException($"Two series are named {ProblemList.Quote(name)}.", nameof(series));
        if (series.FirstOrDefault(s => s.ColumnCount != columns.Count || s.StaticValues.Length != staticColumns.Count) is { } other)
            throw new ArgumentException($"Series {ProblemList.Quote(other.Name)} has {other.ColumnCount} columns and {other.StaticValues.Length} static values; the table has {columns.Count} and {staticColumns.Count}.", nameof(series));
        (Columns, Series, StaticColumns) = (columns, series, staticColumns);
    }

    /// <summary>The columns whose values change with time.</summary>
    public IReadOnlyList<TimeSeriesColumn> Columns { get; }

    /// <summary>The columns with one value for a whole series.</summary>
    public IReadOnlyList<TimeSeriesColumn> StaticColumns { get; }

    /// <summary>The series.</summary>
    public IReadOnlyList<TimeSeries> Series { get; }

    /// <summary>A table of one series with one column.</summary>
    /// <param name="name">The name of the column.</param>
    /// <param name="values">A value for each step, NaN where one is missing; kept, not copied.</param>
    /// <param name="start">The time of the first; null where there are no times.</param>
    /// <param name="step">From one to the next; null where it is not known.</param>
    /// <exception cref="ArgumentException">The name is empty, a value is infinite, or there is a start without a step.</exception>
    public static TimeSeriesTable From(string name, double[] values, DateTime? start = null, TimeStep? step = null) => From([(name, values)], start, step);

    /// <summary>A table of one series with several columns.</summary>
    /// <param name="columns">The name of each column and its values, a value for each step, NaN where one is missing; kept, not copied.</param>
    /// <param name="start">The time of the first step; null where there are no times.</param>
    /// <param name="step">From one step to the next; null where it is not known.</param>
    /// <exception cref="ArgumentException">There is no column, a name is empty or there twice, lengths differ, a value is infinite, or there is a start without a step.</exception>
    public static TimeSeriesTable From(IReadOnlyList<(string Name, double[] Values)> columns, DateTime? start = null, TimeStep? step = null)
    {
        foreach (var (name, values) in columns)
            if (Array.FindIndex(values, double.IsInfinity) is >= 0 and var at) throw new ArgumentException($"Value {at} of {ProblemList.Quote(name)} is infinite; give NaN where one is missing.", nameof(columns));
        return new([.. columns.Select(c => new TimeSeriesColumn(c.Name))], [new TimeSeries("", [.. columns.Select(c => c.Values)], start, step)]);
    }

    /// <summary>A table of many series with one column, without times.</summary>
    /// <param name="name">The name of the column.</param>
    /// <param name="series">The name of each series and its values, NaN where one is missing; kept, not copied.</param>
    /// <param name="step">From one step to the next; null where it is not known.</param>
    /// <exception cref="ArgumentException">There is no series, the column's name is empty, or a series' name is there twice.</exception>
    public static TimeSeriesTable FromSeries(string name, IReadOnlyList<(string Name, double[] Values)> series, TimeStep? step = null) =>
        new([new(name)], [.. series.Select(s => new TimeSeries(s.Name, [s.Values], step: step))]);

    /// <summary>The place of a column in <see cref="Columns"/>, by its name; case aside if none is so named exactly.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="UnrollException">There is no such column; names the nearest one.</exception>
    public int IndexOf(string name)
    {
        string[] names = [.. Columns.Select(c => c.Name)];
        var found = Array.IndexOf(names, name);
        if (found < 0) found = Array.FindIndex(names, n => n.Equals(name, StringComparison.OrdinalIgnoreCase));
        return found >= 0 ? found : throw Throw.NoColumn("The table", name, names);
    }

    static string? Twice(IEnumerable<string> names)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return names.FirstOrDefault(n => !seen.Add(n));
    }
}
