namespace Unroll.Inspection;

/// <summary>An interval that a value lies in with a probability, at each step of a forecast.</summary>
/// <param name="Level">The probability, such as 0.8.</param>
/// <param name="Low">The lower end of each step.</param>
/// <param name="High">The upper end of each step.</param>
internal readonly record struct ForecastInterval(double Level, double[] Low, double[] High);

/// <summary>What is drawn of the forecast of one target of one series. A value that is missing is NaN, and a gap in the picture.</summary>
/// <param name="Series">The name of the series; may be empty.</param>
/// <param name="Target">The name of the column.</param>
/// <param name="Times">The times of the history and then of the forecast; null where there are none, and steps are counted from 1.</param>
/// <param name="History">The values up to the forecast; may be empty.</param>
/// <param name="Median">The median of each step of the forecast.</param>
/// <param name="Intervals">Its intervals; may be none.</param>
/// <param name="Truth">The actual value of each step of the forecast; null where it is not known.</param>
internal sealed record ForecastPicture(
    string Series, string Target, IReadOnlyList<DateTime>? Times, double[] History, double[] Median, IReadOnlyList<ForecastInterval> Intervals, double[]? Truth)
{
    const int LeastHistory = 120, MostHistory = 1200, HistoryOfHorizons = 6, MostSteps = 2000;

    /// <summary>The series and the target, in words.</summary>
    public string Title => Series.Length == 0 ? Target : Target.Length == 0 ? Series : $"{Series} · {Target}";

    /// <summary>What is left out of the picture, as a sentence; empty for nothing.</summary>
    public string Omission { get; private init; } = "";

    /// <summary>
    /// The part that is shown: of the history the last 120 values, 1,200 at most, and 6 for every step of the forecast between that; of the forecast the first 2,000 steps.
    /// </summary>
    public ForecastPicture Shown()
    {
        var steps = Math.Min(Median.Length, MostSteps);
        var history = Math.Min(History.Length, Math.Clamp(HistoryOfHorizons * steps, LeastHistory, MostHistory));
        if (steps == Median.Length && history == History.Length) return this;
        var words = new List<string>();
        if (history < History.Length) words.Add($"the last {history:N0} of {History.Length:N0} values of the history");
        if (steps < Median.Length) words.Add($"the first {steps:N0} of {Median.Length:N0} steps of the forecast");
        return this with
        {
            Times = Times is null ? null : [.. Times.Skip(History.Length - history).Take(history + steps)],
            History = History[^history..],
            Median = Median[..steps],
            Intervals = [.. Intervals.Select(i => new ForecastInterval(i.Level, i.Low[..steps], i.High[..steps]))],
            Truth = Truth?[..steps],
            Omission = $"Shown: {string.Join(", ", words)}.",
            FirstStep = FirstStep + History.Length - history,
        };
    }

    /// <summary>The number of the first value of the history, where there are no times.</summary>
    public int FirstStep { get; private init; } = 1;

    /// <summary>How many points there are in all.</summary>
    public int Count => History.Length + Median.Length;

    /// <summary>The widest interval first, as they are drawn.</summary>
    public IEnumerable<ForecastInterval> WidestFirst => Intervals.OrderByDescending(i => i.Level);

    /// <summary>Every value that is shown.</summary>
    public IEnumerable<double> Values => History.Concat(Median).Concat(Truth ?? []).Concat(Intervals.SelectMany(i => i.Low.Concat(i.High))).Where(double.IsFinite);

    /// <summary>An interval in words, such as <c>80 % interval</c>.</summary>
    public static string NameOf(ForecastInterval interval) => $"{100 * interval.Level:0.##} % interval";
}
