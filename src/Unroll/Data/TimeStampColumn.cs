using System.Globalization;

namespace Unroll.Data;

/// <summary>Reads the time stamps of one column, whose format all of them tell together.</summary>
/// <remarks>
/// ISO 8601 and what is close to it; days, months and years in any order with names or numbers for months; years, quarters and weeks; seconds or milliseconds since 1970; or a format that is
/// given. Which number is the day, one that is above 12 tells. Where none is, the number that is the same in all stamps is the day, else the first one, and that is a doubt.
/// Stamps with an offset are converted to UTC; those without keep their time.
/// </remarks>
/// <param name="source">What a message names: the file.</param>
/// <param name="name">The name of the column.</param>
/// <param name="place">Where a row stands, for a message.</param>
sealed class TimeStampColumn(string source, string name, Func<int, string> place)
{
    const int Sample = 50;
    const string Advice = "Give the format with --time-format, such as dd/MM/yyyy HH:mm";

    /// <summary>How the stamps are written, for people.</summary>
    public string Format { get; private set; } = "";

    /// <summary>What is doubtful about that; null if nothing is.</summary>
    public string? Doubt { get; private set; }

    /// <summary>Whether texts, the first of them that are not empty, are time stamps of one form, and nothing else that looks like one.</summary>
    public static bool Looks(IEnumerable<string> texts)
    {
        var (count, first) = (0, default(TimeStamp));
        foreach (var text in texts)
        {
            if (text.Length == 0) continue;
            if (!TimeStamp.TryScan(text, out var stamp) || !stamp.IsSure) return false;
            if (count++ == 0) first = stamp;
            else if (!IsAlike(first, stamp)) return false;
            if (count == Sample) break;
        }
        return count > 0;
    }

    /// <summary>The share of texts that are time stamps, of one form or not, among those that are not empty; a number of four digits is none.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="isNamed">Whether the name of their column says that they are times, so that ranges such as 10-12 are months.</param>
    public static double Share(IEnumerable<string> texts, bool isNamed)
    {
        var (count, stamps) = (0, 0);
        foreach (var text in texts)
        {
            if (text.Length == 0) continue;
            count++;
            if (TimeStamp.TryScan(text, out var stamp) && (stamp.IsSure || isNamed && stamp.Form != DateForm.Year)) stamps++;
        }
        return count == 0 ? 0 : stamps / (double)count;
    }

    /// <summary>Whether texts are seconds or milliseconds since 1970, of the years 1980 to 2100.</summary>
    public static bool LooksUnix(IEnumerable<string> texts)
    {
        var count = 0;
        foreach (var text in texts.Where(t => t.Length > 0).Take(Sample))
        {
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || UnitOf(number) == 0) return false;
            count++;
        }
        return count > 0;
    }

    /// <summary>Whether texts are years.</summary>
    public static bool LooksYears(IEnumerable<string> texts)
    {
        string[] some = [.. texts.Where(t => t.Length > 0).Take(Sample)];
        return some.Length > 0 && Array.TrueForAll(some, t => t.Length == 4 && int.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out var year) && year is >= 1000 and <= 2999);
    }

    /// <summary>The time of each text.</summary>
    /// <param name="texts">The column.</param>
    /// <param name="format">A format of .NET or C, <c>day-first</c>, <c>month-first</c>, <c>unix</c>, <c>unix-ms</c>; told from all texts if null.</param>
    /// <exception cref="UnrollException">Stamps are missing, are none, or have two formats.</exception>
    public DateTime[] Read(IReadOnlyList<string> texts, string? format)
    {
        var asked = format?.Trim();
        if (asked is "unix" or "unix-ms" || asked is null && LooksUnix(texts) && !Looks(texts)) return ReadUnix(texts, asked);
        return asked is null or "day-first" or "month-first" ? ReadTold(texts, asked) : ReadExact(texts, asked);
    }

    DateTime[] ReadUnix(IReadOnlyList<string> texts, string? asked)
    {
        var (times, problems) = (new DateTime[texts.Count], new ProblemList());
        var unit = asked is null ? 0 : asked == "unix" ? TimeSpan.TicksPerSecond : TimeSpan.TicksPerMillisecond;
        for (var i = 0; i < times.Length && !problems.IsFull; i++)
        {
            if (!double.TryParse(texts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            {
                Add(problems, i, texts[i], "a number of seconds since 1970");
                continue;
            }
            if (unit == 0) unit = UnitOf(number);
            var ticks = DateTime.UnixEpoch.Ticks + number * unit;
            if (ticks is >= 0 and < 3e18) times[i] = new DateTime(DateTime.UnixEpoch.Ticks + (long)Math.Round(number * unit));
            else Add(problems, i, texts[i], "a number of seconds since 1970");
        }
        Format = unit == TimeSpan.TicksPerSecond ? "unix" : unit == TimeSpan.TicksPerMillisecond ? "unix-ms" : "unix-us";
        problems.ThrowIfAny(Title);
        return times;
    }

    DateTime[] ReadExact(IReadOnlyList<string> texts, string format)
    {
        var exact = TimeStampFormat.OfC(format);
        var (times, problems) = (new DateTime[texts.Count], new ProblemList());
        const DateTimeStyles Styles = DateTimeStyles.AllowWhiteSpaces | DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal | DateTimeStyles.NoCurrentDateDefault;
        for (var i = 0; i < times.Length && !problems.IsFull; i++)
        {
            try
            {
                if (DateTime.TryParseExact(texts[i], exact, CultureInfo.InvariantCulture, Styles, out var time)) times[i] = DateTime.SpecifyKind(time, DateTimeKind.Unspecified);
                else Add(problems, i, texts[i], $"a time of the format {format}");
            }
            catch (FormatException)
            {
                throw Throw.BadTimeFormat(format);
            }
        }
        Format = format;
        problems.ThrowIfAny(Title);
        return times;
    }

    DateTime[] ReadTold(IReadOnlyList<string> texts, string? asked)
    {
        var (stamps, problems) = (new TimeStamp[texts.Count], new ProblemList());
        for (var i = 0; i < stamps.Length && !problems.IsFull; i++)
            if (!TimeStamp.TryScan(texts[i], out stamps[i])) Add(problems, i, texts[i], "a time stamp");
        problems.ThrowIfAny(Title);
        if (stamps.Length == 0) return [];
        var first = stamps[0];
        for (var i = 1; i < stamps.Length; i++)
            if (!IsAlike(first, stamps[i])) RefuseTwo(texts, stamps, 0, i);
        var found = new TimeStampFormat(first.Form, OrderOf(texts, stamps, asked));
        Format = found.Show(Array.Find(stamps, s => s.HasTime) is { HasTime: true } timed ? timed : first);
        var times = new DateTime[stamps.Length];
        for (var i = 0; i < times.Length && !problems.IsFull; i++)
            if (found.TimeOf(stamps[i]) is { } time) times[i] = time;
            else problems.Add($"{place(i)}: there is no date {ProblemList.Quote(texts[i])} in the format {Format}");
        problems.ThrowIfAny(Title);
        if (first.HasZone) Doubt ??= Array.Exists(stamps, s => s.OffsetMinutes != 0) ? $"{source}: the time stamps of column {ProblemList.Quote(name)} have offsets and are converted to UTC." : null;
        return times;
    }

    /// <summary>The order of day, month and year.</summary>
    DateOrder OrderOf(IReadOnlyList<string> texts, TimeStamp[] stamps, string? asked)
    {
        var first = stamps[0];
        if (first.Form is not (DateForm.Three or DateForm.Two) || first.DigitsA == 4) return DateOrder.YearFirst;
        if (first.Form == DateForm.Two) return OrderOfTwo(stamps);
        if (first.NamePlace >= 0) return first.NamePlace == 0 ? DateOrder.MonthFirst : DateOrder.DayFirst;
        if (asked is not null) return asked == "day-first" ? DateOrder.DayFirst : DateOrder.MonthFirst;
        if (first.DigitsC != 4 && Array.Exists(stamps, s => s.A > 31)) return DateOrder.YearFirst;
        var (dayFirst, monthFirst) = (Array.FindIndex(stamps, s => s.A > 12), Array.FindIndex(stamps, s => s.B > 12));
        if (dayFirst >= 0 && monthFirst >= 0) RefuseTwo(texts, stamps, Math.Min(dayFirst, monthFirst), Math.Max(dayFirst, monthFirst));
        if (dayFirst >= 0 || monthFirst >= 0) return dayFirst >= 0 ? DateOrder.DayFirst : DateOrder.MonthFirst;
        if (first.Separator == '.') return DateOrder.DayFirst;
        // Where one number never changes, times are months apart and it is the day.
        var (sameA, sameB) = (Array.TrueForAll(stamps, s => s.A == first.A), Array.TrueForAll(stamps, s => s.B == first.B));
        var order = sameB && !sameA || first.HasHalf && !sameA ? DateOrder.MonthFirst : DateOrder.DayFirst;
        Doubt = $"{source}: whether the day or the month stands first in column {ProblemList.Quote(name)}, such as {ProblemList.Quote(texts[0])}, cannot be told; the {(order == DateOrder.DayFirst ? "day" : "month")} is taken. "
            + $"If that is wrong, give --time-format {(order == DateOrder.DayFirst ? "month-first" : "day-first")}.";
        return order;
    }

    DateOrder OrderOfTwo(TimeStamp[] stamps)
    {
        var first = stamps[0];
        if (first.DigitsB == 4 || first.DigitsA == 0) return DateOrder.MonthFirst;
        if (first.DigitsB == 0) return DateOrder.YearFirst;
        if (Array.Exists(stamps, s => s.B > 12) && Array.TrueForAll(stamps, s => s.A <= 12)) return DateOrder.MonthFirst;
        Doubt = $"{source}: time stamps such as '{first.A}{first.Separator}{first.B:00}' of column {ProblemList.Quote(name)} are taken as a year and a month. If that is wrong, give --time-format.";
        return DateOrder.YearFirst;
    }

    void RefuseTwo(IReadOnlyList<string> texts, TimeStamp[] stamps, int a, int b) =>
        Throw.TimesOfTwoFormats(source, name, place(a), texts[a], Alone(stamps[a]), place(b), texts[b], Alone(stamps[b]));

    /// <summary>The format of one stamp by itself.</summary>
    static string Alone(in TimeStamp stamp)
    {
        var order = stamp.DigitsA == 4 || stamp.A > 31 ? DateOrder.YearFirst : stamp.NamePlace == 0 || stamp.B > 12 ? DateOrder.MonthFirst : DateOrder.DayFirst;
        if (stamp.Form == DateForm.Two && stamp.DigitsB == 4) order = DateOrder.MonthFirst;
        return new TimeStampFormat(stamp.Form, order).Show(stamp);
    }

    /// <summary>Whether two stamps are of one format: a time, or a part of one, may be missing in either.</summary>
    static bool IsAlike(in TimeStamp a, in TimeStamp b) =>
        a.Form == b.Form && a.NamePlace == b.NamePlace && a.HasZone == b.HasZone && (a.HasHalf == b.HasHalf || !a.HasTime || !b.HasTime)
        && (a.Form is DateForm.Quarter or DateForm.Week || a.Separator == b.Separator)
        && (a.DigitsA == 4) == (b.DigitsA == 4) && (a.Form != DateForm.Three || (a.DigitsC == 4) == (b.DigitsC == 4)) && (a.Form != DateForm.Compact || a.DigitsA == b.DigitsA);

    /// <summary>Ticks of one, by how large it is; 0 where it is no time of the years 1980 to 2100.</summary>
    static long UnitOf(double number) => number switch
    {
        >= 3.2e8 and <= 4.2e9 => TimeSpan.TicksPerSecond,
        >= 3.2e11 and <= 4.2e12 => TimeSpan.TicksPerMillisecond,
        >= 3.2e14 and <= 4.2e15 => TimeSpan.TicksPerMicrosecond,
        _ => 0,
    };

    void Add(ProblemList problems, int row, string text, string expected) =>
        problems.Add(text.Length == 0 ? $"{place(row)}: the time is missing" : $"{place(row)}: {ProblemList.Quote(text)} is not {expected}");

    string Title => $"{source}: the times of column {ProblemList.Quote(name)} cannot be read. {Advice}";
}
