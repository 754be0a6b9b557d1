using System.Globalization;
using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>A part of a series in time: the windows whose steps to forecast lie in it. What is before it may be read.</summary>
/// <param name="Table">The table that the series is of.</param>
/// <param name="Series">The series.</param>
/// <param name="From">The first step.</param>
/// <param name="To">The step behind the last.</param>
sealed record ForecastPart(TimeSeriesTable Table, TimeSeries Series, int From, int To)
{
    public override string ToString() => $"{Series.Name} [{From}, {To})";
}

/// <summary>Splits series in time, never by chance.</summary>
static class ForecastSplit
{
    const double UsualShare = 0.1;

    /// <summary>A table as one part for each series, up to the last value of any target.</summary>
    public static IReadOnlyList<ForecastPart> Whole(TimeSeriesTable table, IReadOnlyList<int> targets) =>
        [.. table.Series.Select(s => new ForecastPart(table, s, 0, EndOf(s, targets)))];

    /// <summary>The step behind the last value of any of some columns.</summary>
    public static int EndOf(TimeSeries series, IReadOnlyList<int> columns)
    {
        var end = 0;
        foreach (var column in columns)
        {
            var values = series[column];
            var t = values.Length;
            while (t > end && double.IsNaN(values[t - 1])) t--;
            end = t;
        }
        return end;
    }

    /// <summary>Holds out the test, as the options say; none where they say nothing.</summary>
    public static (IReadOnlyList<ForecastPart> Train, IReadOnlyList<ForecastPart> Test) Test(IReadOnlyList<ForecastPart> parts, ForecasterOptions options)
    {
        if (options.TestWindows is null && options.TestFrom is null) return (parts, []);
        var (horizon, train, test) = (options.Model.Horizon, new List<ForecastPart>(), new List<ForecastPart>());
        foreach (var part in parts)
        {
            var from = part.To - horizon - ((options.TestWindows ?? 1) - 1L) * (options.TestStep ?? horizon);
            if (options.TestFrom is { } text)
            {
                TryTime(text, out var time);
                if (part.Series.Start is not { } start)
                    throw new DataMismatchException($"--test-from cannot be given: series {ProblemList.Quote(part.Series.Name)} has no times. Use --test-windows.");
                var steps = part.Series.Step!.Value.Between(start, time);
                from = part.Series.TimeAt(steps) < time ? steps + 1 : steps;
            }
            if (from <= 0 || part.To - from < horizon)
            {
                train.Add(part);
                continue;
            }
            train.Add(part with { To = (int)from });
            test.Add(part with { From = (int)from });
        }
        if (test.Count == 0) throw new DataMismatchException($"No series leaves anything to learn from and {horizon:N0} steps to test on. Hold out less, or give a shorter --horizon.");
        return (train, test);
    }

    /// <summary>Holds out the end of each part to validate on: a share, and at least a horizon; nothing of a series that would keep less than that and a context.</summary>
    public static (IReadOnlyList<ForecastPart> Train, IReadOnlyList<ForecastPart> Valid) Valid(IReadOnlyList<ForecastPart> parts, ForecasterOptions options)
    {
        var share = options.Data.ValidFraction ?? UsualShare;
        if (share <= 0) return (parts, []);
        var (horizon, train, valid) = (options.Model.Horizon, new List<ForecastPart>(), new List<ForecastPart>());
        foreach (var part in parts)
        {
            var from = part.To - Math.Max(horizon, (int)Math.Round(share * (part.To - part.From), MidpointRounding.AwayFromZero));
            if (from - part.From < 2 * horizon)
            {
                train.Add(part);
                continue;
            }
            train.Add(part with { To = from });
            valid.Add(part with { From = from });
        }
        return (train, valid);
    }

    /// <summary>The training part of each series with the validation part behind it.</summary>
    public static IReadOnlyList<ForecastPart> Joined(IReadOnlyList<ForecastPart> train, IReadOnlyList<ForecastPart> valid) =>
        [.. train.Select(t => valid.FirstOrDefault(v => v.Series == t.Series) is { } v ? t with { To = v.To } : t)];

    public static bool TryTime(string text, out DateTime time) =>
        DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time)
        && (time = DateTime.SpecifyKind(time, DateTimeKind.Unspecified)) is var _;
}
