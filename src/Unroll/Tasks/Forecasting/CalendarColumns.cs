namespace Unroll.Tasks;

/// <summary>What a regression is told of the calendar: columns of a time step, known for every future step.</summary>
/// <remarks>
/// By the spacing of the time stamps: under a day, each hour of the day and each weekday has a column of 0 or 1; at a day each weekday; at four weeks or more each
/// month, once the history spans two years. Below four weeks, two harmonics of the year are added once it spans one. Without time stamps each phase of the season has a column,
/// if there are at most 31.
/// </remarks>
sealed class CalendarColumns
{
    const int MostPhases = 31;

    /// <summary>No columns.</summary>
    public static readonly CalendarColumns None = new();

    readonly List<Func<DateTime, double>> _ofTime = [];
    readonly int _phases;

    CalendarColumns()
    {
    }

    public CalendarColumns(SeriesWindow history, int season)
    {
        if (!history.HasTimes || history.Count < 2)
        {
            _phases = season is > 1 and <= MostPhases ? season : 0;
            return;
        }
        var span = history.Time(history.Count - 1) - history.Time(0);
        var spacing = span / (history.Count - 1);
        if (spacing < TimeSpan.FromHours(23)) Add(24, t => t.Hour);
        if (spacing < TimeSpan.FromHours(25)) Add(7, t => (int)t.DayOfWeek);
        if (spacing > TimeSpan.FromDays(27) && span > TimeSpan.FromDays(730)) Add(12, t => t.Month - 1);
        if (spacing > TimeSpan.FromDays(27) || span < TimeSpan.FromDays(365)) return;
        foreach (var harmonic in new[] { 1, 2 })
        {
            _ofTime.Add(t => Math.Cos(harmonic * YearAngle(t)));
            _ofTime.Add(t => Math.Sin(harmonic * YearAngle(t)));
        }
    }

    public int Count => _phases + _ofTime.Count;

    /// <summary>A column at a step of a window, counted from its start; it may be behind its end. 0 if the series has no time stamps though others have.</summary>
    public double this[SeriesWindow window, int step, int column] =>
        _phases > 0 ? (window.Start + step) % _phases == column ? 1 : 0 : window.HasTimes ? _ofTime[column](window.Time(step)) : 0;

    void Add(int count, Func<DateTime, int> of)
    {
        for (var i = 0; i < count; i++)
        {
            var value = i;
            _ofTime.Add(t => of(t) == value ? 1 : 0);
        }
    }

    static double YearAngle(DateTime t) => 2 * Math.PI * (t.DayOfYear - 1 + t.TimeOfDay.TotalDays) / 365.25;
}
