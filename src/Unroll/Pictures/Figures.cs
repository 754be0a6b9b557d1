using System.Globalization;

namespace Unroll.Pictures;

/// <summary>Numbers and times as people read them, the same in every culture.</summary>
internal static class Figures
{
    /// <summary>A number with five significant digits; an exponent only where it is very large or small.</summary>
    public static string Of(double value)
    {
        if (!double.IsFinite(value)) return "–";
        var size = Math.Abs(value);
        if (size == 0) return "0";
        if (size is >= 1e9 or < 1e-4) return value.ToString("0.####e0", CultureInfo.InvariantCulture);
        var decimals = Math.Clamp(4 - (int)Math.Floor(Math.Log10(size)), 0, 8);
        return value.ToString($"N{decimals}", CultureInfo.InvariantCulture) is var text && decimals > 0 ? text.TrimEnd('0').TrimEnd('.') : text;
    }

    /// <summary>How much of a time stamp has to be written to tell some times apart: days, minutes or seconds.</summary>
    public static string FormatOf(IEnumerable<DateTime> times)
    {
        var (minutes, seconds) = (false, false);
        foreach (var time in times)
        {
            minutes |= time.TimeOfDay != default;
            seconds |= time.Ticks % TimeSpan.TicksPerMinute != 0;
        }
        return seconds ? "yyyy-MM-dd HH:mm:ss" : minutes ? "yyyy-MM-dd HH:mm" : "yyyy-MM-dd";
    }

    /// <summary>A time in a format.</summary>
    public static string Of(DateTime time, string format) => time.ToString(format, CultureInfo.InvariantCulture);
}
