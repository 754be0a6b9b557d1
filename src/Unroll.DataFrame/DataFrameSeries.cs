using Microsoft.Data.Analysis;
using Unroll.Data;

namespace Unroll.DataFrames;

/// <summary>Time series from tables of Microsoft.Data.Analysis.</summary>
/// <remarks>Static methods without state: safe for use by several threads, as long as nobody changes the table meanwhile.</remarks>
public static class DataFrameSeries
{
    /// <summary>A table of series: rows are sorted by time, those of the same time averaged, and gaps filled with missing values. Columns of numbers and of true or false become numbers, columns of texts categories.</summary>
    /// <param name="frame">The table, a row for each time, or for each series and time.</param>
    /// <param name="time">The column of the time; the first column of dates where null, and rows in their order where there is none.</param>
    /// <param name="series">The column that tells series apart; null for one series.</param>
    /// <param name="step">The time from one step to the next; told from the times where null.</param>
    /// <param name="report">Gets what was sorted, averaged and filled.</param>
    /// <exception cref="UnrollException">A column is not there or holds no times, a time is missing, a number is infinite, no column holds numbers, or the step cannot be told.</exception>
    public static TimeSeriesTable ToTimeSeries(this DataFrame frame, string? time = null, string? series = null, TimeStep? step = null, ReadingReport? report = null)
    {
        var timeColumn = time is null ? frame.Columns.FirstOrDefault(c => c.DataType == typeof(DateTime)) : Column(frame, time);
        if (timeColumn is not null && timeColumn.DataType != typeof(DateTime)) throw new DataMismatchException($"Column \"{timeColumn.Name}\" holds {timeColumn.DataType.Name}; expected DateTime. Convert it first.");
        var seriesColumn = series is null ? null : Column(frame, series);
        Values[] values = [.. frame.Columns.Where(c => c != timeColumn && c != seriesColumn).Select(Values.Of).OfType<Values>()];
        if (!values.Any(v => v.Column.Kind == TimeSeriesColumnKind.Number)) throw new DataMismatchException("The table has no column of numbers.");
        if (frame.Rows.Count == 0) throw new DataMismatchException("The table has no row.");
        return timeColumn is null ? InOrder(frame, seriesColumn, values, step) : ByTime(frame, timeColumn, seriesColumn, values, step, report);
    }

    static DataFrameColumn Column(DataFrame frame, string name) =>
        frame.Columns.FirstOrDefault(c => c.Name == name) ?? throw new DataMismatchException($"The table has no column \"{name}\"; it has {string.Join(", ", frame.Columns.Select(c => $"\"{c.Name}\""))}.");

    static TimeSeriesTable InOrder(DataFrame frame, DataFrameColumn? series, Values[] values, TimeStep? step)
    {
        var rows = Enumerable.Range(0, (int)frame.Rows.Count).GroupBy(r => $"{series?[r]}", StringComparer.Ordinal);
        return new([.. values.Select(v => v.Column)], [.. rows.Select(g => new TimeSeries(g.Key, [.. values.Select(v => g.Select(r => v[r]).ToArray())], step: step))]);
    }

    static TimeSeriesTable ByTime(DataFrame frame, DataFrameColumn time, DataFrameColumn? series, Values[] values, TimeStep? step, ReadingReport? report)
    {
        var builder = new TimeSeriesBuilder([.. values.Select(v => v.Column.Name)]);
        var row = new double[values.Length];
        for (var r = 0; r < frame.Rows.Count; r++)
        {
            for (var i = 0; i < row.Length; i++) row[i] = values[i][r];
            builder.Add($"{series?[r]}", time[r] is DateTime at ? at : throw new DataMismatchException($"Row {r + 1:N0} has no time."), row);
        }
        var table = builder.Build(step, report);
        for (var i = 0; i < values.Length; i++)
            foreach (var one in table.Series)
                foreach (var value in one[i])
                    if (values[i].Column.Kind == TimeSeriesColumnKind.Category && value > Math.Floor(value))
                        throw new DataMismatchException($"Column \"{values[i].Column.Name}\" has several texts for one time of series \"{one.Name}\"; give one for each step.");
        return new([.. values.Select(v => v.Column)], table.Series);
    }

    /// <summary>A column as numbers.</summary>
    sealed class Values
    {
        readonly DataFrameColumn _from;
        readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

        Values(DataFrameColumn from)
        {
            _from = from;
            if (from.DataType == typeof(string))
                for (var r = 0L; r < from.Length; r++)
                    if (from[r] is string text) _places.TryAdd(text, _places.Count);
            Column = _places.Count > 0 ? new(from.Name, [.. _places.Keys]) : new TimeSeriesColumn(from.Name);
        }

        public TimeSeriesColumn Column { get; }

        /// <summary>The values; null of a column of dates, or of texts that are all missing.</summary>
        public static Values? Of(DataFrameColumn from)
        {
            var texts = from.DataType == typeof(string);
            if (!from.IsNumericColumn() && from.DataType != typeof(bool) && !texts) return null;
            var values = new Values(from);
            return texts && values._places.Count == 0 ? null : values;
        }

        public double this[long row] => _from[row] switch
        {
            null => double.NaN,
            string text => _places[text],
            bool flag => flag ? 1 : 0,
            var number => Convert.ToDouble(number, System.Globalization.CultureInfo.InvariantCulture) is var value && double.IsInfinity(value)
                ? throw new DataMismatchException($"Column \"{_from.Name}\" has an infinite value in row {row + 1:N0}.") : value,
        };
    }
}
