using System.Runtime.InteropServices;

namespace Unroll.Data;

/// <summary>Puts rows with times on a regular grid, with NaN where a step has no row.</summary>
/// <param name="source">What a message names: the file.</param>
/// <param name="columns">The columns of the rows.</param>
/// <param name="place">Where a row stands, for a message.</param>
/// <param name="report">Gets what was sorted, merged, filled and moved.</param>
sealed class TimeGrid(string source, IReadOnlyList<TimeSeriesColumn> columns, Func<int, string> place, ReadingReport? report)
{
    const double MostIrregular = 0.05, MostRepeated = 0.2;
    const int MostStepsPerRow = 20, FewSteps = 1000, ManySteps = 1_000_000;      // of many short series together

    readonly bool[] _areCategories = [.. columns.Select(c => c.IsCategory)];
    int _moved, _averaged, _firstMoved = -1;
    long _missing, _steps, _rows;

    /// <summary>The series of rows, each from its first time to its last.</summary>
    /// <param name="all">The rows of each series; sorted and merged in place.</param>
    /// <param name="given">The step; told from the times if null.</param>
    /// <exception cref="UnrollException">The step cannot be told, times repeat or are irregular in more than a few rows, or a gap makes the grid far longer than the rows.</exception>
    public List<TimeSeries> Build(IReadOnlyList<TimeRows> all, TimeStep? given)
    {
        var rows = all.Sum(r => r.Count);
        SortAndMerge(all, rows);
        var detector = new TimeStepDetector();
        foreach (var series in all) detector.Add(series.Times);
        var step = given ?? Tell(detector, all);
        report?.Add("frequency", given is null ? step.ToString() : $"{step}, as given");
        var made = all.Select(r => Place(r, step, given is not null, detector.Usual)).ToList();
        report?.Count("missing steps filled", _missing);
        report?.Count("rows averaged within a step", _averaged);
        report?.Count("time stamps moved to the grid", _moved);
        if (_moved > 0 && step.Length is not null && given is null)
            report?.Doubt($"{source}: {_moved:N0} of {rows:N0} time stamps are not on the grid of frequency {step} and were moved to its nearest step, the first in {place(_firstMoved)}. Check them, or give --freq.");
        return made;
    }

    void SortAndMerge(IReadOnlyList<TimeRows> all, int rows)
    {
        var (back, setBack, repeated, first) = (0, 0, 0, 0);
        foreach (var series in all)
        {
            back += series.Sort();
            var count = series.Count;
            var before = series.Times.ToArray();
            var merged = series.Merge(_areCategories);
            setBack += merged.SetBack;
            if (merged.Repeated > 0 && repeated == 0) first = merged.First;
            if (merged.Repeated > Math.Max(1, MostRepeated * count))
                Throw.TimesRepeat(source, series.Name, merged.Repeated, count, place(merged.First), Repeated(before));
            repeated += merged.Repeated;
        }
        report?.Count("rows sorted by time", back);
        report?.Count("hours set back to winter time, averaged", setBack);
        report?.Count("rows with a repeated time stamp, averaged", repeated);
        if (repeated > 0)
            report?.Doubt($"{source}: {repeated:N0} of {rows:N0} rows repeat a time stamp, the first in {place(first)}; their numbers are averaged. If rows belong to several series, name the column that tells them apart: --series COLUMN.");
    }

    static DateTime Repeated(DateTime[] sorted)
    {
        for (var i = 1; i < sorted.Length; i++)
            if (sorted[i] == sorted[i - 1]) return sorted[i];
        return sorted[0];
    }

    TimeStep Tell(TimeStepDetector detector, IReadOnlyList<TimeRows> all)
    {
        if (detector.Step is { } step) return step;
        Throw.FrequencyNotTold(source, detector.Differences == 0
            ? all.Count == 1 ? "there is one time stamp only" : "every series has one time stamp only"
            : $"the usual difference of time stamps is {detector.Usual.TotalSeconds:G6} seconds, and steps are whole seconds");
        return default;
    }

    TimeSeries Place(TimeRows rows, TimeStep step, bool isGiven, TimeSpan usual)
    {
        // Steps much longer than the rows' own take all rows that begin within them.
        var gathers = isGiven && usual.Ticks > 0 && 2 * usual.Ticks <= (step.Length ?? step.Add(rows.Times[0], 1) - rows.Times[0]).Ticks;
        var origin = OriginOf(rows.Times, step, gathers);
        var (places, count) = (new long[rows.Count], 0L);
        for (var i = 0; i < places.Length; i++)
        {
            var time = rows.Times[i];
            places[i] = gathers && step.Length is not null ? step.Between(origin, time) : Nearest(origin, time, step);
            count = Math.Max(count, places[i] + 1);
        }
        CheckSize(rows, step, count);
        Move(rows, places, origin, step, gathers, isGiven);
        var values = new double[columns.Count][];
        var sums = new MeanOfRows(_areCategories);
        for (var c = 0; c < values.Length; c++) Array.Fill(values[c] = new double[count], double.NaN);
        var filled = 0L;
        for (int i = 0, end; i < places.Length; i = end, filled++)
        {
            for (end = i + 1; end < places.Length && places[end] == places[i]; end++) ;
            _averaged += end - i - 1;
            for (var c = 0; c < values.Length; c++) values[c][places[i]] = sums.Of(rows[c][i..end], c);
        }
        _missing += count - filled;
        return new(rows.Name, values, step.Add(origin, 0), step, rows.Static);
    }

    void CheckSize(TimeRows rows, TimeStep step, long count)
    {
        _steps += count;
        _rows += rows.Count;
        if ((count <= MostStepsPerRow * (long)rows.Count || count <= FewSteps) && _steps <= MostStepsPerRow * _rows + ManySteps) return;
        var largest = 1;
        for (var i = 2; i < rows.Count; i++)
            if (rows.Times[i] - rows.Times[i - 1] > rows.Times[largest] - rows.Times[largest - 1]) largest = i;
        Throw.GridTooLarge(source, rows.Name, count, rows.Count, step, rows.Times[largest - 1], rows.Times[largest], place(rows.Rows[largest]));
    }

    /// <summary>Counts the times that are not on the grid.</summary>
    void Move(TimeRows rows, long[] places, DateTime origin, TimeStep step, bool gathers, bool isGiven)
    {
        if (gathers) return;
        var (moved, first) = (0, -1);
        for (var i = 0; i < places.Length; i++)
            if (step.Add(origin, places[i]) != rows.Times[i] && moved++ == 0) first = i;
        if (moved == 0) return;
        if (!isGiven && step.Length is not null && moved > Math.Max(1, MostIrregular * rows.Count))
            Throw.TimesIrregular(source, rows.Name, moved, rows.Count, step, place(rows.Rows[first]), rows.Times[first]);
        if (_moved == 0) _firstMoved = rows.Rows[first];
        _moved += moved;
    }

    static long Nearest(DateTime origin, DateTime time, TimeStep step)
    {
        if (step.Length is { } length) return Math.Max(0, (time.Ticks - origin.Ticks + length.Ticks / 2) / length.Ticks);
        if (step.Unit == TimeUnit.BusinessDay) return Math.Max(0, step.Between(origin.Date, time.Date));
        // Of months and years the day does not matter: each month is one step.
        return (12L * (time.Year - origin.Year) + time.Month - origin.Month) / (step.Unit == TimeUnit.Year ? 12 * step.Count : step.Count);
    }

    /// <summary>The grid's time at the first row, or before it where rows are gathered.</summary>
    static DateTime OriginOf(ReadOnlySpan<DateTime> times, TimeStep step, bool gathers)
    {
        var first = times[0];
        if (step.Length is not { } length)
        {
            if (!gathers) return step.Add(first, 0);
            if (step.Unit == TimeUnit.BusinessDay) return step.Add(first.Date, 0);
            return new DateTime(first.Year, step.Unit == TimeUnit.Year || step.Count is 3 or 6 ? 1 + (step.Unit == TimeUnit.Year ? 0 : (first.Month - 1) / step.Count * step.Count) : first.Month, 1, 0, 0, 0, first.Kind);
        }
        var phase = gathers ? 0 : UsualPhase(times, length.Ticks);
        var below = (first.Ticks - phase) / length.Ticks * length.Ticks + phase;
        if (below < 0) below += length.Ticks;
        // The nearest one, unless rows of a whole step are gathered.
        return new DateTime(!gathers && 2 * (first.Ticks - below) >= length.Ticks ? below + length.Ticks : below, first.Kind);
    }

    /// <summary>What most times have above a multiple of the length; 0 where no half of them agree.</summary>
    static long UsualPhase(ReadOnlySpan<DateTime> times, long length)
    {
        var phases = new Dictionary<long, int>();
        foreach (var time in times) CollectionsMarshal.GetValueRefOrAddDefault(phases, time.Ticks % length, out _)++;
        var usual = phases.MaxBy(p => p.Value);
        return 2 * usual.Value >= times.Length ? usual.Key : 0;
    }
}
