using System.Globalization;
using System.Text;

namespace Unroll.Data;

/// <summary>In which order a date's numbers stand.</summary>
enum DateOrder
{
    YearFirst,
    DayFirst,
    MonthFirst,
}

/// <summary>How the time stamps of one column are written.</summary>
/// <param name="Form">What stands for the date.</param>
/// <param name="Order">The order of its numbers.</param>
readonly record struct TimeStampFormat(DateForm Form, DateOrder Order)
{
    const int PivotOfTwoDigits = 70;            // 69 is 2069, 70 is 1970

    /// <summary>The time of a stamp; of one with an offset, in UTC. Null where there is no such day.</summary>
    public DateTime? TimeOf(in TimeStamp stamp)
    {
        var (year, month, day) = Form switch
        {
            DateForm.Year => (stamp.A, 1, 1),
            DateForm.Compact => (stamp.A, stamp.B, stamp.C),
            DateForm.Quarter => (stamp.A, 3 * stamp.B - 2, 1),
            DateForm.Week => Monday(stamp.A, stamp.B),
            DateForm.Two => Order == DateOrder.YearFirst ? (stamp.DigitsA is 2 && stamp.DigitsB is 0 ? Full(stamp.A, 2) : stamp.A, stamp.B, 1) : (Full(stamp.B, stamp.DigitsB), stamp.A, 1),
            _ => Order switch
            {
                DateOrder.YearFirst => (Full(stamp.A, stamp.DigitsA), stamp.B, stamp.C),
                DateOrder.DayFirst => (Full(stamp.C, stamp.DigitsC), stamp.B, stamp.A),
                _ => (Full(stamp.C, stamp.DigitsC), stamp.A, stamp.B),
            },
        };
        if (year is < 1 or > 9998 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)) return null;
        var time = new DateTime(year, month, day).AddTicks(stamp.Ticks);
        return stamp.OffsetMinutes == 0 || time.Year == 1 ? time : time.AddMinutes(-stamp.OffsetMinutes);
    }

    /// <summary>How such a stamp is written, as a custom format of .NET.</summary>
    public string Show(in TimeStamp stamp)
    {
        var shown = new StringBuilder();
        var year = (int digits) => digits == 4 ? "yyyy" : digits == 2 ? "yy" : "y";
        var month = stamp.NamePlace >= 0 ? "MMM" : "MM";
        var separator = stamp.Separator;
        shown.Append(Form switch
        {
            DateForm.Year => "yyyy",
            DateForm.Compact => "yyyyMMdd"[..Math.Min(8, stamp.DigitsA)],
            DateForm.Quarter => "yyyyQq",
            DateForm.Week => "yyyy-Www",
            DateForm.Two => Order == DateOrder.YearFirst ? $"{year(stamp.DigitsA)}{separator}{month}" : $"{month}{separator}{year(stamp.DigitsB)}",
            _ => Order switch
            {
                DateOrder.YearFirst => $"{year(stamp.DigitsA)}{separator}{month}{separator}dd",
                DateOrder.DayFirst => $"dd{separator}{month}{separator}{year(stamp.DigitsC)}",
                _ => $"{month}{separator}dd{separator}{year(stamp.DigitsC)}",
            },
        });
        if (stamp.HasTime && Form == DateForm.Compact) shown.Append("HHmmss"[..Math.Max(2, Math.Min(6, stamp.DigitsA - 8))]);
        else if (stamp.HasTime) shown.Append(stamp.HasHalf ? stamp.HasSeconds ? " h:mm:ss tt" : " h:mm tt" : stamp.HasSeconds ? " HH:mm:ss" : " HH:mm");
        if (stamp.HasZone) shown.Append("zzz");
        return shown.ToString();
    }

    /// <summary>A custom format of .NET for one of C, such as <c>%d/%m/%Y</c>; others stay as they are.</summary>
    /// <exception cref="UnrollException">A directive of C is not known.</exception>
    public static string OfC(string format)
    {
        if (!format.Contains('%')) return format;
        var made = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                if (char.IsAsciiLetter(format[i])) made.Append('\\');
                made.Append(format[i]);
                continue;
            }
            made.Append((++i < format.Length ? format[i] : '\0') switch
            {
                'Y' => "yyyy",
                'y' => "yy",
                'm' => "MM",
                'd' => "dd",
                'H' => "HH",
                'I' => "hh",
                'M' => "mm",
                'S' => "ss",
                'f' => "FFFFFFF",
                'p' => "tt",
                'b' => "MMM",
                'B' => "MMMM",
                'z' => "zzz",
                'a' => "ddd",
                'A' => "dddd",
                'T' => "HH:mm:ss",
                'F' => "yyyy-MM-dd",
                'D' => "MM/dd/yy",
                '-' => "",
                '%' => "%",
                _ => throw Throw.BadTimeFormat(format),
            });
        }
        return made.ToString();
    }

    static int Full(int year, int digits) => digits > 2 ? year : digits == 2 ? year + (year < PivotOfTwoDigits ? 2000 : 1900) : year;

    static (int Year, int Month, int Day) Monday(int year, int week)
    {
        if (year is < 2 or > 9997 || week > ISOWeek.GetWeeksInYear(year)) return (year, 0, 0);
        var day = ISOWeek.ToDateTime(year, week, DayOfWeek.Monday);
        return (day.Year, day.Month, day.Day);
    }
}
