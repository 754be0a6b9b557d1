namespace Unroll.Data;

/// <summary>Makes a <see cref="TimeSeriesTable"/> of rows in any order: a series, a time and a value for each column.</summary>
/// <remarks>Not safe for use by several threads.</remarks>
public sealed class TimeSeriesBuilder
{
    readonly TimeSeriesColumn[] _columns;
    readonly Dictionary<string, TimeRows> _series = new(StringComparer.Ordinal);
    int _rows;

    /// <summary>A builder without rows.</summary>
    /// <param name="columns">The names of the columns of numbers, at least one.</param>
    /// <exception cref="ArgumentException">There is no column, or one without a name.</exception>
    public TimeSeriesBuilder(params IReadOnlyList<string> columns)
    {
        if (columns.Count == 0) throw new ArgumentException("A table needs a column.", nameof(columns));
        _columns = [.. columns.Select(c => new TimeSeriesColumn(c))];
    }

    /// <summary>Adds a row.</summary>
    /// <param name="series">The name of the series it belongs to; may be empty for an only series.</param>
    /// <param name="time">Its time.</param>
    /// <param name="values">A number for each column, NaN where one is missing.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">There are not as many values as columns, or one is infinite.</exception>
    public TimeSeriesBuilder Add(string series, DateTime time, params ReadOnlySpan<double> values)
    {
        if (values.Length != _columns.Length) throw new ArgumentException($"{values.Length} values for {_columns.Length} columns.", nameof(values));
        foreach (var value in values)
            if (double.IsInfinity(value)) throw new ArgumentException("A value is infinite; give NaN where one is missing.", nameof(values));
        if (!_series.TryGetValue(series, out var rows)) _series.Add(series, rows = new(series, _columns.Length));
        rows.Add(time, _rows++, values);
        return this;
    }

    /// <summary>
    /// The table: rows are sorted, those with the same time averaged, and each series put on a regular grid with NaN where a step has no row. The builder is empty after it.
    /// </summary>
    /// <param name="step">The time from one step to the next; told from the times if null. Rows within one step are averaged.</param>
    /// <param name="report">Gets what was sorted, averaged and filled.</param>
    /// <exception cref="InvalidOperationException">No row was added.</exception>
    /// <exception cref="UnrollException">The step cannot be told, many times repeat or are irregular, or a gap makes the grid far longer than the rows.</exception>
    public TimeSeriesTable Build(TimeStep? step = null, ReadingReport? report = null)
    {
        if (_rows == 0) throw new InvalidOperationException("There is no row to make a table of.");
        TimeRows[] all = [.. _series.Values];
        (_rows, var grid) = (0, new TimeGrid("The table", _columns, r => $"row {r + 1:N0}", report));
        _series.Clear();
        return new(_columns, grid.Build(all, step));
    }
}
