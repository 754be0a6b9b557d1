using System.Globalization;

namespace Unroll.Data;

/// <summary>What stands for the date in a time stamp.</summary>
enum DateForm
{
    /// <summary>Three numbers, or two and the name of a month.</summary>
    Three,

    /// <summary>A year and a month.</summary>
    Two,

    /// <summary>Four digits.</summary>
    Year,

    /// <summary>Digits without anything between them: 8 for a date, 6 for a month, 10, 12 or 14 with the time.</summary>
    Compact,

    /// <summary>A year and a quarter.</summary>
    Quarter,

    /// <summary>A year and a week of ISO 8601.</summary>
    Week,
}

/// <summary>A time stamp taken apart, before it is known which of its numbers is the day, the month and the year.</summary>
struct TimeStamp
{
    static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

    public DateForm Form;
    public int A, B, C;                         // the numbers in their order; a month's name is its number
    public int DigitsA, DigitsB, DigitsC;       // 0 for a name
    public char Separator;
    public bool HasTime, HasSeconds, HasHalf, HasZone;      // a half: AM or PM
    public long Ticks;                          // of the day
    public int OffsetMinutes;

    /// <summary>The place of the month's name, 0 to 2; −1 where it is a number.</summary>
    public readonly int NamePlace => DigitsA == 0 ? 0 : DigitsB == 0 && Form != DateForm.Year && Form != DateForm.Compact ? 1 : -1;

    /// <summary>Whether it can be nothing but a time: not a number, a range or a version.</summary>
    public readonly bool IsSure => Form switch
    {
        DateForm.Year => false,
        DateForm.Two => DigitsA is 0 or 4 || DigitsB is 0 or 4,
        DateForm.Three => DigitsA is 0 or 4 || DigitsB == 0 || DigitsC == 4 || Separator == '/' || HasTime,
        _ => true,
    };

    /// <summary>Takes a time stamp apart.</summary>
    /// <returns>False where it is none.</returns>
    public static bool TryScan(ReadOnlySpan<char> text, out TimeStamp stamp)
    {
        stamp = default;
        text = text.Trim();
        if (text.Length is < 3 or > 48) return false;
        var rest = text;
        if (!stamp.ScanDate(ref rest)) return false;
        return rest.IsEmpty || stamp.ScanTime(rest);
    }

    bool ScanDate(ref ReadOnlySpan<char> rest)
    {
        var whole = rest;
        if (!Part(ref rest, out A, out DigitsA)) return rest is ['Q' or 'q', ..] && QuarterFirst(ref rest);
        if (DigitsA > 4) return Compacted(whole[..DigitsA], ref rest);
        if (DigitsA == 4 && (rest.IsEmpty || rest[0] is 'T'))
        {
            Form = DateForm.Year;
            return rest.IsEmpty;
        }
        if (DigitsA == 4 && Marked(rest, 'Q') is > 0 and var quarter)
        {
            Form = DateForm.Quarter;
            rest = rest[quarter..];
            return Digits(ref rest, out B) == 1 && B is >= 1 and <= 4;
        }
        if (DigitsA == 4 && Marked(rest, 'W') is > 0 and var week)
        {
            Form = DateForm.Week;
            rest = rest[week..];
            return Digits(ref rest, out B) is 1 or 2 && B is >= 1 and <= 53;
        }
        if (!Between(ref rest, out Separator) || !Part(ref rest, out B, out DigitsB) || DigitsA == 0 && DigitsB == 0) return false;
        var before = rest;
        if (Between(ref rest, out var second) && (second == Separator || DigitsA == 0 || DigitsB == 0) && Part(ref rest, out C, out DigitsC) && DigitsC > 0
            && !(rest is [':', ..] && second == ' '))
        {
            Form = DateForm.Three;
            return DigitsC is 1 or 2 or 4 && DigitsA != 3 && DigitsB is 0 or 1 or 2;
        }
        rest = before;
        (C, DigitsC, Form) = (0, 0, DateForm.Two);
        return DigitsA != 3 && DigitsB is 0 or 1 or 2 or 4 && !(DigitsA == 4 && DigitsB == 4) && Separator != '.' && (Separator != ' ' || DigitsA == 0 || DigitsB == 0);
    }

    bool QuarterFirst(ref ReadOnlySpan<char> rest)
    {
        rest = rest[1..];
        if (Digits(ref rest, out B) != 1 || B is < 1 or > 4) return false;
        Form = DateForm.Quarter;
        return Between(ref rest, out Separator) && (DigitsA = Digits(ref rest, out A)) == 4;
    }

    /// <summary>yyyyMM, yyyyMMdd, yyyyMMddHH, yyyyMMddHHmm, yyyyMMddHHmmss, or yyyyMMddTHHmmss.</summary>
    bool Compacted(ReadOnlySpan<char> digits, ref ReadOnlySpan<char> rest)
    {
        if (digits.Length is not (6 or 8 or 10 or 12 or 14) || !int.TryParse(digits[..4], NumberStyles.None, CultureInfo.InvariantCulture, out A) || A is < 1800 or > 2200) return false;
        (Form, DigitsA, B, C) = (DateForm.Compact, digits.Length, Two(digits[4..]), digits.Length > 6 ? Two(digits[6..]) : 1);
        if (digits.Length > 8)
        {
            var (hour, minute, second) = (Two(digits[8..]), digits.Length > 10 ? Two(digits[10..]) : 0, digits.Length > 12 ? Two(digits[12..]) : 0);
            if (hour > 23 || minute > 59 || second > 59 || !rest.IsEmpty) return false;
            (HasTime, HasSeconds, Ticks) = (true, digits.Length > 12, hour * TimeSpan.TicksPerHour + minute * TimeSpan.TicksPerMinute + second * TimeSpan.TicksPerSecond);
        }
        return B is >= 1 and <= 12 && C is >= 1 and <= 31;

        static int Two(ReadOnlySpan<char> digits) => 10 * (digits[0] - '0') + digits[1] - '0';
    }

    bool ScanTime(ReadOnlySpan<char> rest)
    {
        if (rest[0] is 'T' or 't' or ' ' or '_' or ',') rest = rest[1..].TrimStart();
        else if (rest[0] is not ('Z' or 'z' or '+')) return false;
        if (rest.IsEmpty) return false;
        if (char.IsAsciiDigit(rest[0]))
        {
            if (!ScanClock(ref rest)) return false;
            HasTime = true;
        }
        return ScanZone(rest.TrimStart());
    }

    bool ScanClock(ref ReadOnlySpan<char> rest)
    {
        int minute = 0, second = 0;
        var fraction = 0L;
        var digits = Digits(ref rest, out var hour);
        if (digits is 4 or 6)
        {
            (hour, minute, second) = digits == 4 ? (hour / 100, hour % 100, 0) : (hour / 10000, hour / 100 % 100, hour % 100);
            HasSeconds = digits == 6;
        }
        else if (digits is not (1 or 2)) return false;
        else if (rest is [':' or '.', _, _, ..])
        {
            var colon = rest[0];
            rest = rest[1..];
            if (Digits(ref rest, out minute) is not (1 or 2)) return false;
            if (rest is [var again, _, ..] && again == colon)
            {
                rest = rest[1..];
                if (Digits(ref rest, out second) is not (1 or 2)) return false;
                HasSeconds = true;
                if (rest is ['.' or ',', ..])
                {
                    rest = rest[1..];
                    var unit = TimeSpan.TicksPerSecond / 10;
                    for (; rest is [>= '0' and <= '9', ..]; rest = rest[1..], unit /= 10) fraction += unit * (rest[0] - '0');
                }
            }
        }
        var half = rest.TrimStart();
        if (half is ['A' or 'a' or 'P' or 'p', ..])
        {
            var isAfter = half[0] is 'P' or 'p';
            half = half[1..].TrimStart('.');
            if (half is not ['M' or 'm', ..] || hour is < 1 or > 12) return false;
            (HasHalf, hour) = (true, hour % 12 + (isAfter ? 12 : 0));
            rest = half[1..].TrimStart('.');
        }
        if (hour > 24 || minute > 59 || second > 60 || hour == 24 && (minute > 0 || second > 0)) return false;
        Ticks = hour * TimeSpan.TicksPerHour + minute * TimeSpan.TicksPerMinute + second * TimeSpan.TicksPerSecond + fraction;
        return true;
    }

    bool ScanZone(ReadOnlySpan<char> rest)
    {
        if (rest.IsEmpty) return true;
        HasZone = true;
        if (rest is ['Z' or 'z'] || rest.Equals("UTC", StringComparison.OrdinalIgnoreCase) || rest.Equals("GMT", StringComparison.OrdinalIgnoreCase)) return true;
        if (rest.StartsWith("UTC") || rest.StartsWith("GMT")) rest = rest[3..];
        if (rest is not ['+' or '-' or '−', _, _, ..]) return false;
        var sign = rest[0] == '+' ? 1 : -1;
        rest = rest[1..];
        var digits = Digits(ref rest, out var hours);
        var minutes = 0;
        if (digits == 4) (hours, minutes) = (hours / 100, hours % 100);
        else if (digits is not (1 or 2)) return false;
        else if (rest is [':', ..])
        {
            rest = rest[1..];
            if (Digits(ref rest, out minutes) != 2) return false;
        }
        if (hours > 14 || minutes > 59 || !rest.IsEmpty) return false;
        OffsetMinutes = sign * (60 * hours + minutes);
        return true;
    }

    /// <summary>A number, or the name of a month.</summary>
    static bool Part(ref ReadOnlySpan<char> rest, out int value, out int digits)
    {
        digits = Digits(ref rest, out value);
        if (digits > 0) return true;
        var letters = 0;
        while (letters < rest.Length && char.IsAsciiLetter(rest[letters])) letters++;
        if (letters < 3) return false;
        for (var m = 0; m < Months.Length; m++)
        {
            if (!rest.StartsWith(Months[m], StringComparison.OrdinalIgnoreCase) || !CultureInfo.InvariantCulture.DateTimeFormat.MonthNames[m].AsSpan().StartsWith(rest[..letters], StringComparison.OrdinalIgnoreCase)
                && !(m == 8 && rest[..letters].Equals("sept", StringComparison.OrdinalIgnoreCase))) continue;
            value = m + 1;
            rest = rest[letters..];
            return true;
        }
        return false;
    }

    /// <summary>Digits, 9 of them at most for their value.</summary>
    static int Digits(ref ReadOnlySpan<char> rest, out int value)
    {
        var count = 0;
        value = 0;
        while (count < rest.Length && char.IsAsciiDigit(rest[count]))
        {
            if (count < 9) value = 10 * value + rest[count] - '0';
            count++;
        }
        rest = rest[count..];
        return count;
    }

    /// <summary>How long a mark such as Q or -W is; 0 where it does not follow.</summary>
    static int Marked(ReadOnlySpan<char> rest, char mark) => rest switch
    {
        [var m, ..] when char.ToUpperInvariant(m) == mark => 1,
        ['-' or ' ' or '/' or ':', var m, ..] when char.ToUpperInvariant(m) == mark => 2,
        _ => 0,
    };

    static bool Between(ref ReadOnlySpan<char> rest, out char separator)
    {
        separator = rest.IsEmpty ? '\0' : rest[0];
        if (separator is not ('-' or '/' or '.' or ' ' or ',')) return false;
        rest = rest[1..].TrimStart(' ');
        if (separator == ',') separator = ' ';
        return true;
    }
}
