using System.Runtime.InteropServices;

namespace Unroll.Data;

/// <summary>Rows of one series as they were read: their times, their values, and which rows of the file they are.</summary>
sealed class TimeRows(string name, int columns)
{
    const int LastHour = 3;                     // of the night, until when clocks are set back
    List<DateTime> _times = [];
    List<int> _rows = [];
    readonly List<double>[] _values = [.. Enumerable.Range(0, columns).Select(_ => new List<double>())];

    public string Name => name;

    public int Count => _times.Count;

    public ReadOnlySpan<DateTime> Times => CollectionsMarshal.AsSpan(_times);

    /// <summary>The row of the file that each row is; of merged ones the last.</summary>
    public ReadOnlySpan<int> Rows => CollectionsMarshal.AsSpan(_rows);

    /// <summary>A value for each static column.</summary>
    public double[] Static { get; set; } = [];

    public ReadOnlySpan<double> this[Index column] => CollectionsMarshal.AsSpan(_values[column]);             // an Index, since Count is that of rows

    public void Add(DateTime time, int row, ReadOnlySpan<double> values)
    {
        _times.Add(time);
        _rows.Add(row);
        for (var c = 0; c < values.Length; c++) _values[c].Add(values[c]);
    }

    /// <summary>Sorts by time; equal times stay in their order.</summary>
    /// <returns>How many rows stood after a later one.</returns>
    public int Sort()
    {
        var (back, latest) = (0, DateTime.MinValue);
        foreach (var time in _times)
            if (time < latest) back++;
            else latest = time;
        if (back == 0) return 0;
        int[] order = [.. Enumerable.Range(0, Count)];
        order.AsSpan().Sort((a, b) => _times[a] != _times[b] ? _times[a].CompareTo(_times[b]) : a.CompareTo(b));
        _times = [.. order.Select(i => _times[i])];
        _rows = [.. order.Select(i => _rows[i])];
        foreach (var values in _values)
        {
            double[] sorted = [.. order.Select(i => values[i])];
            sorted.CopyTo(CollectionsMarshal.AsSpan(values));
        }
        return back;
    }

    /// <summary>Makes one row of those with the same time: numbers are averaged, of categories the last is taken.</summary>
    /// <param name="areCategories">Whether each column holds categories.</param>
    public Merged Merge(ReadOnlySpan<bool> areCategories)
    {
        var (merged, size) = (new Merged(), 0);
        var sums = new MeanOfRows(areCategories);
        for (int i = 0, end; i < Count; i = end, size++)
        {
            for (end = i + 1; end < Count && _times[end] == _times[i]; end++) ;
            if (end > i + 1)
            {
                if (IsSetBack(_times[i])) merged.SetBack += end - i - 1;
                else if (merged.Repeated == 0) merged.First = _rows[i + 1];
                if (!IsSetBack(_times[i])) merged.Repeated += end - i - 1;
            }
            (_times[size], _rows[size]) = (_times[i], _rows[end - 1]);
            for (var c = 0; c < _values.Length; c++) _values[c][size] = sums.Of(this[c][i..end], c);
        }
        _times.RemoveRange(size, Count - size);
        _rows.RemoveRange(size, _rows.Count - size);
        foreach (var values in _values) values.RemoveRange(size, values.Count - size);
        return merged;
    }

    /// <summary>Whether an hour may be there twice because clocks are set back: on a Sunday night of spring or autumn.</summary>
    static bool IsSetBack(DateTime time) => time is { DayOfWeek: DayOfWeek.Sunday, Hour: <= LastHour, Month: 3 or 4 or 9 or 10 or 11 } && time.TimeOfDay > TimeSpan.Zero;

    /// <summary>How many rows had the time of another.</summary>
    public struct Merged
    {
        /// <summary>Because clocks were set back.</summary>
        public int SetBack;

        /// <summary>For another reason, and the first such row of the file.</summary>
        public int Repeated, First;
    }
}

/// <summary>One value of several rows.</summary>
readonly ref struct MeanOfRows(ReadOnlySpan<bool> areCategories)
{
    readonly ReadOnlySpan<bool> _areCategories = areCategories;

    /// <summary>The mean of the numbers that are not missing, or the last category; NaN where all are missing.</summary>
    public double Of(ReadOnlySpan<double> values, int column)
    {
        if (values.Length == 1) return values[0];
        var (sum, count, last) = (0d, 0, double.NaN);
        foreach (var value in values)
        {
            if (double.IsNaN(value)) continue;
            sum += value;
            count++;
            last = value;
        }
        return _areCategories[column] ? last : count > 0 ? sum / count : double.NaN;
    }
}
