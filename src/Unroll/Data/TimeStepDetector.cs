using System.Runtime.InteropServices;

namespace Unroll.Data;

/// <summary>Tells the step of series by the differences between their times.</summary>
sealed class TimeStepDetector
{
    const double Most = 0.9;                // so many of the times must agree with the calendar
    const int LongestMonth = 31, ShortestMonth = 28;

    readonly Dictionary<long, int> _ticks = [];         // how often each difference occurs
    readonly Dictionary<long, int> _months = [];
    readonly HashSet<int> _days = [];                   // of the month
    int _times, _ends, _weekends, _weekendGaps, _midnights;

    /// <summary>How many differences there are.</summary>
    public int Differences { get; private set; }

    /// <summary>The most frequent difference, the smaller of two as frequent; zero where there is none.</summary>
    public TimeSpan Usual => new(MostFrequent(_ticks));

    /// <summary>Takes the sorted times of one series; equal ones count once.</summary>
    public void Add(ReadOnlySpan<DateTime> times)
    {
        for (var i = 0; i < times.Length; i++)
        {
            var time = times[i];
            if (i > 0 && time == times[i - 1]) continue;
            _times++;
            _days.Add(time.Day);
            if (time.Day == DateTime.DaysInMonth(time.Year, time.Month)) _ends++;
            if (time.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday) _weekends++;
            if (time.TimeOfDay == times[0].TimeOfDay) _midnights++;
            if (i == 0) continue;
            var ticks = time.Ticks - times[i - 1].Ticks;
            CollectionsMarshal.GetValueRefOrAddDefault(_ticks, ticks, out _)++;
            CollectionsMarshal.GetValueRefOrAddDefault(_months, 12L * (time.Year - times[i - 1].Year) + time.Month - times[i - 1].Month, out _)++;
            if (times[i - 1].DayOfWeek == DayOfWeek.Friday && time.DayOfWeek == DayOfWeek.Monday) _weekendGaps++;
            Differences++;
        }
    }

    /// <summary>The step; null where it cannot be told.</summary>
    public TimeStep? Step
    {
        get
        {
            if (Differences == 0) return null;
            var usual = MostFrequent(_ticks);
            if (usual >= ShortestMonth * TimeSpan.TicksPerDay && Monthly() is { } monthly) return monthly;
            if (usual % TimeSpan.TicksPerSecond != 0) return null;
            if (usual % (7 * TimeSpan.TicksPerDay) == 0) return Of(usual, 7 * TimeSpan.TicksPerDay, TimeUnit.Week);
            if (usual == TimeSpan.TicksPerDay && _weekends == 0 && _weekendGaps > 0 && _midnights == _times) return new(1, TimeUnit.BusinessDay);
            if (usual % TimeSpan.TicksPerDay == 0) return Of(usual, TimeSpan.TicksPerDay, TimeUnit.Day);
            if (usual % TimeSpan.TicksPerHour == 0) return Of(usual, TimeSpan.TicksPerHour, TimeUnit.Hour);
            return usual % TimeSpan.TicksPerMinute == 0 ? Of(usual, TimeSpan.TicksPerMinute, TimeUnit.Minute) : Of(usual, TimeSpan.TicksPerSecond, TimeUnit.Second);
        }
    }

    /// <summary>Months or years, where times stand on one day of the month, on its last one, or once in every month.</summary>
    TimeStep? Monthly()
    {
        var months = MostFrequent(_months);
        if (months is 0 or > int.MaxValue) return null;
        var atEnd = _ends >= Most * _times && _days.Any(d => d is >= ShortestMonth and < LongestMonth);
        var onOneDay = _days.Count == 1 || atEnd || _days.Min() >= ShortestMonth;
        var regular = _months[months] >= Most * Differences && _ticks[MostFrequent(_ticks)] < Most * Differences;
        if (!onOneDay && !regular) return null;
        var step = months % 12 == 0 ? new TimeStep((int)months / 12, TimeUnit.Year) : new((int)months, TimeUnit.Month);
        return step with { AtMonthEnd = atEnd };
    }

    static TimeStep Of(long ticks, long unit, TimeUnit name) => new((int)Math.Min(ticks / unit, int.MaxValue), name);

    static long MostFrequent(Dictionary<long, int> counts)
    {
        var (best, most) = (0L, 0);
        foreach (var (value, count) in counts)
            if (count > most || count == most && value < best) (best, most) = (value, count);
        return best;
    }
}
