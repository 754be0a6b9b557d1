namespace Unroll.Pictures;

/// <summary>Round times: full seconds to full days, months and years.</summary>
internal static class TimeTicks
{
    const int Minute = 60, Hour = 3600, Day = 86400;
    const double Month = 30.44 * Day, Year = 365.25 * Day;

    static readonly int[] Seconds = [1, 2, 5, 10, 15, 30, Minute, 2 * Minute, 5 * Minute, 10 * Minute, 15 * Minute, 30 * Minute, Hour, 2 * Hour, 3 * Hour, 6 * Hour, 12 * Hour, Day, 2 * Day, 7 * Day, 14 * Day];
    static readonly int[] Months = [1, 2, 3, 6];
    static readonly int[] Years = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

    /// <summary>The distance of ticks: of seconds, of months, or a part of a second.</summary>
    /// <param name="Seconds">Seconds; 0 where it is months.</param>
    /// <param name="Months">Months; 0 where it is seconds.</param>
    public readonly record struct Step(double Seconds, int Months);

    /// <summary>The least round distance that is no less than so many seconds.</summary>
    public static Step StepFor(double seconds)
    {
        if (seconds < 0.5) return new(Math.Max(Math.Pow(10, Math.Ceiling(Math.Log10(seconds))), 1e-6), 0);
        foreach (var s in Seconds) if (s >= seconds) return new(s, 0);
        foreach (var m in Months) if (m * Month >= seconds) return new(0, m);
        foreach (var y in Years) if (y * Year >= seconds) return new(0, 12 * y);
        return new(0, 12 * Years[^1]);
    }

    /// <summary>The round times from the first to the last.</summary>
    public static IEnumerable<DateTime> Between(DateTime first, DateTime last, Step step)
    {
        for (var t = Start(first, step); t <= last;)
        {
            if (t >= first) yield return t;
            if (!TryNext(t, step, out t)) yield break;
        }
    }

    /// <summary>A tick in as much as its distance needs: the clock, the day, the month or the year; midnight gives the day, which the clock needs too.</summary>
    public static string Label(DateTime tick, Step step) => step switch
    {
        { Months: > 0 and var m } when m % 12 == 0 => Figures.Of(tick, "yyyy"),
        { Months: > 0 } => Figures.Of(tick, "yyyy-MM"),
        { Seconds: >= Day } => Figures.Of(tick, "MM-dd"),
        _ when tick.TimeOfDay == default => Figures.Of(tick, "MM-dd"),
        { Seconds: >= Minute } => Figures.Of(tick, "HH:mm"),
        { Seconds: >= 1 } => Figures.Of(tick, "HH:mm:ss"),
        _ => Figures.Of(tick, "ss.ffffff").TrimEnd('0'),
    };

    static DateTime Start(DateTime first, Step step)
    {
        if (step.Months > 0)
        {
            var months = (first.Year * 12 + first.Month - 1) / step.Months * step.Months;
            return months < 12 ? DateTime.MinValue : new(months / 12, months % 12 + 1, 1);
        }
        var ticks = Math.Max((long)(step.Seconds * TimeSpan.TicksPerSecond), 1);
        return new(first.Ticks / ticks * ticks);
    }

    static bool TryNext(DateTime time, Step step, out DateTime next)
    {
        next = time;
        var room = DateTime.MaxValue - time;
        if (step.Months > 0 ? room.TotalDays < 31.0 * (step.Months + 1) : room.TotalSeconds < step.Seconds) return false;
        next = step.Months > 0 ? time.AddMonths(step.Months) : time.AddTicks(Math.Max((long)(step.Seconds * TimeSpan.TicksPerSecond), 1));
        return true;
    }
}
