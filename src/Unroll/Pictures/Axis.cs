using System.Globalization;

namespace Unroll.Pictures;

/// <summary>Where on the paper a value is, and the round values that are written beside it.</summary>
internal sealed class Axis
{
    readonly double _low, _high, _from, _to;

    Axis(double low, double high, double from, double to, IReadOnlyList<(double Value, string Label)> ticks) => (_low, _high, _from, _to, Ticks) = (low, high, from, to, ticks);

    /// <summary>Round values and how they are written.</summary>
    public IReadOnlyList<(double Value, string Label)> Ticks { get; }

    /// <summary>Where the axis begins on the paper.</summary>
    public double From => _from;

    /// <summary>Where the axis ends on the paper.</summary>
    public double To => _to;

    /// <summary>Where a value is.</summary>
    public double At(double value) => _from + (value - _low) / (_high - _low) * (_to - _from);

    /// <summary>An axis of numbers.</summary>
    /// <param name="low">The least value.</param>
    /// <param name="high">The largest value.</param>
    /// <param name="from">Where on the paper the least is.</param>
    /// <param name="to">Where on the paper the largest is.</param>
    /// <param name="ticks">About how many ticks fit.</param>
    /// <param name="grown">Whether the axis ends at ticks.</param>
    /// <param name="whole">Whether values are counts, with nothing between them.</param>
    public static Axis OfNumbers(double low, double high, double from, double to, int ticks, bool grown, bool whole = false)
    {
        if (!(high > low)) (low, high) = grown ? Around(low) : (low, low + 1);
        var step = RoundStep((high - low) / ticks) is var round && whole ? Math.Max(round, 1) : round;
        if (grown) (low, high) = (Math.Floor(low / step) * step, Math.Ceiling(high / step) * step);
        var found = new List<(double, string)>();
        for (var i = Math.Ceiling(low / step - 1e-9) + 0.0; i * step <= high + step * 1e-9; i++) found.Add((i * step, Label(i * step, step)));
        return new(low, high, from, to, found);
    }

    /// <summary>An axis of powers of ten: values are logarithms to base 10, labels the numbers themselves.</summary>
    /// <param name="low">The logarithm of the least value.</param>
    /// <param name="high">That of the largest.</param>
    /// <param name="from">Where on the paper the least is.</param>
    /// <param name="to">Where on the paper the largest is.</param>
    /// <param name="ticks">About how many ticks fit.</param>
    public static Axis OfPowers(double low, double high, double from, double to, int ticks)
    {
        (low, high) = (Math.Floor(low), Math.Max(Math.Ceiling(high), Math.Floor(low) + 1));
        var step = Math.Max(1, (int)Math.Ceiling((high - low) / ticks));
        return new(low, high, from, to, [.. Enumerable.Range(0, (int)(high - low) / step + 1).Select(i => (low + i * step, PowerLabel((int)low + i * step)))]);
    }

    static string PowerLabel(int power) => power is >= -3 and <= 5 ? Math.Pow(10, power).ToString("0.###", CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"1e{power}");

    /// <summary>An axis of times, whose values are seconds after the first; ticks stand at round times.</summary>
    /// <param name="first">The first time.</param>
    /// <param name="last">The last time.</param>
    /// <param name="from">Where on the paper the first is.</param>
    /// <param name="to">Where on the paper the last is.</param>
    /// <param name="ticks">How many ticks fit at most.</param>
    public static Axis OfTimes(DateTime first, DateTime last, double from, double to, int ticks)
    {
        var length = Math.Max((last - first).TotalSeconds, 1e-6);
        var step = TimeTicks.StepFor(length / ticks);
        return new(0, length, from, to, [.. TimeTicks.Between(first, last, step).Select(t => ((t - first).TotalSeconds, TimeTicks.Label(t, step)))]);
    }

    /// <summary>Some room on both sides of a value that is alone.</summary>
    static (double, double) Around(double value) => Math.Max(Math.Abs(value) * 0.1, 0.5) is var room ? (value - room, value + room) : default;

    static double RoundStep(double rough)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return power * (rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
    }

    static string Label(double tick, double step)
    {
        var decimals = Math.Max(0, -(int)Math.Floor(Math.Log10(step) + 1e-9));
        return tick.ToString(step is >= 1e6 or < 1e-4 ? "G4" : $"N{decimals}", CultureInfo.InvariantCulture);
    }
}
