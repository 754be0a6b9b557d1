using System.Globalization;

namespace Unroll.Data;

/// <summary>The distance in time from one value of a series to the next: 15 minutes, an hour, a business day, a month.</summary>
/// <remarks>A value without state: safe for use by several threads.</remarks>
public readonly record struct TimeStep
{
    const int MonthsOfYear = 12, WeeksOfYear = 52, DaysOfWeek = 7, BusinessDays = 5;

    /// <summary>A step of <paramref name="count"/> units.</summary>
    /// <param name="count">How many units, at least 1.</param>
    /// <param name="unit">The unit.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1, or there is no such unit.</exception>
    public TimeStep(int count, TimeUnit unit)
    {
        if (count < 1) Throw.OutOfRange(nameof(count), count, "at least 1");
        if (!Enum.IsDefined(unit)) Throw.OutOfRange(nameof(unit), unit, "a unit of time");
        (Count, Unit) = (count, unit);
    }

    /// <summary>How many units, at least 1; 0 in a value that no constructor made.</summary>
    public int Count { get; }

    /// <summary>The unit.</summary>
    public TimeUnit Unit { get; }

    /// <summary>Whether steps of months or years go from the last day of a month to the last day of another: 28 February, 31 March. Default false.</summary>
    public bool AtMonthEnd { get; init; }

    /// <summary>How long it is where that is the same everywhere; null for business days, months and years.</summary>
    public TimeSpan? Length => Unit switch
    {
        TimeUnit.Second => TimeSpan.FromSeconds(Count),
        TimeUnit.Minute => TimeSpan.FromMinutes(Count),
        TimeUnit.Hour => TimeSpan.FromHours(Count),
        TimeUnit.Day => TimeSpan.FromDays(Count),
        TimeUnit.Week => TimeSpan.FromDays(DaysOfWeek * (long)Count),
        _ => null,
    };

    /// <summary>
    /// The usual seasonal period in steps: a day for steps below a day, a week (7) for days, 5 for business days, a year for weeks (52), months (12) and
    /// quarters (4), 1 for years. 1 where no whole period fits.
    /// </summary>
    public int Season => Length is { } length ? SeasonOf(length.Ticks) : Unit switch
    {
        TimeUnit.BusinessDay => Count == 1 ? BusinessDays : 1,
        TimeUnit.Month => Periods(MonthsOfYear, Count),
        _ => 1,
    };

    int Months => Unit == TimeUnit.Year ? MonthsOfYear * Count : Count;

    /// <summary>The time so many steps after another, or before it where they are negative.</summary>
    /// <param name="origin">Where to count from. Months are counted from here and not one by one: 31 January and 2 months are 31 March, and 1 month 28 or 29 February.</param>
    /// <param name="steps">How many steps.</param>
    /// <exception cref="ArgumentOutOfRangeException">The result is before the year 1 or after 9999.</exception>
    public DateTime Add(DateTime origin, long steps)
    {
        var n = checked(steps * Count);
        if (Length is { } length) return origin.AddTicks(checked(steps * length.Ticks));
        if (Unit == TimeUnit.BusinessDay) return AddBusinessDays(origin, n);
        var moved = origin.AddMonths((int)Math.Clamp(n * (Months / Count), -120_000, 120_000));
        return AtMonthEnd ? moved.AddDays(DateTime.DaysInMonth(moved.Year, moved.Month) - moved.Day) : moved;
    }

    /// <summary>How many whole steps lie between two times, rounded down; the inverse of <see cref="Add"/>.</summary>
    /// <param name="origin">Where to count from.</param>
    /// <param name="time">Until when; before the origin the result is negative.</param>
    public long Between(DateTime origin, DateTime time)
    {
        var steps = Unit switch
        {
            TimeUnit.BusinessDay => FloorDiv(BusinessDaysUntil(time) - BusinessDaysUntil(origin), Count),
            TimeUnit.Month or TimeUnit.Year => FloorDiv(12L * (time.Year - origin.Year) + time.Month - origin.Month, Months),
            _ => FloorDiv(time.Ticks - origin.Ticks, Length!.Value.Ticks),
        };
        return Length is null && Add(origin, steps) > time ? steps - 1 : steps;
    }

    /// <summary>A step from its name.</summary>
    /// <param name="text">
    /// A number, 1 where it is missing, and a unit: <c>15min</c>, <c>h</c>, <c>2 hours</c>, <c>D</c> or <c>daily</c>, <c>B</c> (business days), <c>W</c>, <c>M</c>, <c>Q</c>, <c>Y</c>, with
    /// <c>ME</c>, <c>QE</c> and <c>YE</c> for ends of months. <c>m</c> and <c>M</c> are both months.
    /// </param>
    /// <exception cref="UnrollException">It is no such name.</exception>
    public static TimeStep Parse(string text) => TryParse(text, out var step) ? step : throw Throw.NoTimeStep(text);

    /// <summary>A step from its name, as <see cref="Parse"/> takes it.</summary>
    /// <param name="text">The name.</param>
    /// <param name="step">The step.</param>
    /// <returns>False where it is no such name.</returns>
    public static bool TryParse(string? text, out TimeStep step)
    {
        step = default;
        var name = (text ?? "").AsSpan().Trim();
        var digits = name.IndexOfAnyExceptInRange('0', '9') is >= 0 and var end ? end : name.Length;
        var count = 1;
        if (digits > 0 && (!int.TryParse(name[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out count) || count is < 1 or > 1_000_000)) return false;
        var unit = name[digits..].Trim().ToString().ToLowerInvariant();
        if (unit.IndexOf('-') is > 0 and var anchor) unit = unit[..anchor];                       // W-SUN, Q-DEC, YE-DEC
        (TimeUnit Unit, int Times, bool AtEnd)? known = unit switch
        {
            "s" or "sec" or "secs" or "second" or "seconds" => (TimeUnit.Second, 1, false),
            "t" or "min" or "mins" or "minute" or "minutes" => (TimeUnit.Minute, 1, false),
            "h" or "hr" or "hrs" or "hour" or "hours" or "hourly" => (TimeUnit.Hour, 1, false),
            "d" or "day" or "days" or "daily" => (TimeUnit.Day, 1, false),
            "b" or "business day" or "business days" or "businessday" or "weekday" or "weekdays" => (TimeUnit.BusinessDay, 1, false),
            "w" or "week" or "weeks" or "weekly" => (TimeUnit.Week, 1, false),
            "m" or "ms" or "mo" or "month" or "months" or "monthly" => (TimeUnit.Month, 1, false),
            "me" or "month end" => (TimeUnit.Month, 1, true),
            "q" or "qs" or "quarter" or "quarters" or "quarterly" => (TimeUnit.Month, 3, false),
            "qe" => (TimeUnit.Month, 3, true),
            "y" or "a" or "ys" or "as" or "year" or "years" or "yearly" or "annual" => (TimeUnit.Year, 1, false),
            "ye" => (TimeUnit.Year, 1, true),
            _ => null,
        };
        if (known is not { } found) return false;
        step = new(count * found.Times, found.Unit) { AtMonthEnd = found.AtEnd };
        return true;
    }

    /// <summary>The step of times that are sorted: their most frequent difference.</summary>
    /// <param name="times">Sorted; equal ones count once.</param>
    /// <returns>
    /// Null where there are fewer than two different times, or the difference is no whole number of seconds. Months, quarters and years are told by the calendar; business days by times
    /// from Monday to Friday only, with weekends between them.
    /// </returns>
    /// <exception cref="ArgumentException">The times are not sorted.</exception>
    public static TimeStep? Detect(ReadOnlySpan<DateTime> times)
    {
        for (var i = 1; i < times.Length; i++)
            if (times[i] < times[i - 1]) throw new ArgumentException("The times are not sorted.", nameof(times));
        var detector = new TimeStepDetector();
        detector.Add(times);
        return detector.Step;
    }

    /// <summary>A name that <see cref="Parse"/> takes: <c>15min</c>, <c>h</c>, <c>D</c>, <c>B</c>, <c>W</c>, <c>M</c>, <c>Q</c>, <c>Y</c>.</summary>
    public override string ToString()
    {
        var quarters = Unit == TimeUnit.Month && Count % 3 == 0 && Count % MonthsOfYear != 0;
        var unit = Unit switch
        {
            TimeUnit.Second => "s",
            TimeUnit.Minute => "min",
            TimeUnit.Hour => "h",
            TimeUnit.Day => "D",
            TimeUnit.BusinessDay => "B",
            TimeUnit.Week => "W",
            TimeUnit.Month => quarters ? "Q" : "M",
            _ => "Y",
        };
        var count = quarters ? Count / 3 : Count;
        return $"{(count == 1 ? "" : count.ToString(CultureInfo.InvariantCulture))}{unit}{(AtMonthEnd ? "E" : "")}";
    }

    static int SeasonOf(long ticks)
    {
        const long Week = DaysOfWeek * TimeSpan.TicksPerDay;
        if (ticks < TimeSpan.TicksPerDay) return Periods(TimeSpan.TicksPerDay, ticks);
        if (ticks == TimeSpan.TicksPerDay) return DaysOfWeek;
        return ticks % Week == 0 ? (int)Math.Max(1, WeeksOfYear * Week / ticks) : 1;
    }

    static int Periods(long whole, long part) => whole % part == 0 ? (int)(whole / part) : 1;

    static long FloorDiv(long a, long b) => a / b - (a % b < 0 ? 1 : 0);

    /// <summary>Business days since the first Monday of year 1 until a day; a weekend counts as the Friday before it.</summary>
    static long BusinessDaysUntil(DateTime time)
    {
        var day = time.Ticks / TimeSpan.TicksPerDay;                                        // 1 January of year 1 is a Monday
        return day / DaysOfWeek * BusinessDays + Math.Min(day % DaysOfWeek, BusinessDays - 1);
    }

    static DateTime AddBusinessDays(DateTime origin, long days)
    {
        var n = BusinessDaysUntil(origin) + days;
        var weeks = FloorDiv(n, BusinessDays);
        var ticks = checked((weeks * DaysOfWeek + (n - weeks * BusinessDays)) * TimeSpan.TicksPerDay);
        return new DateTime(ticks, origin.Kind) + origin.TimeOfDay;
    }
}
