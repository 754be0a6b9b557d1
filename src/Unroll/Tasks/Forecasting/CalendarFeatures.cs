using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>The calendar of a step as cyclic features: cos and sin of i·2π·(share of the period), i from 1.</summary>
/// <remarks>
/// Steps below a day have three harmonics of the day; those up to a day three of the week, which tell all weekdays apart; steps below a month two of the year where the
/// training spans two years; months all harmonics of the year. Without times there are up to three of the place in the season.
/// </remarks>
sealed class CalendarFeatures
{
    readonly List<(Func<DateTime, double> Share, int Harmonics, bool LastIsCosine)> _cycles = [];
    readonly int _season, _phases;

    /// <param name="step">The time from one step to the next; null without times.</param>
    /// <param name="years">Whether the training spans two years.</param>
    /// <param name="season">m, for series without times.</param>
    public CalendarFeatures(TimeStep? step, bool years, int season)
    {
        _season = season;
        if (step is not { } s)
        {
            _phases = Math.Min(3, season / 2);
            Count = 2 * _phases;
            return;
        }
        var length = s.Length ?? (s.Unit == TimeUnit.BusinessDay ? TimeSpan.FromDays(s.Count) : TimeSpan.FromDays(30));
        if (length < TimeSpan.FromDays(1)) _cycles.Add((t => t.TimeOfDay.TotalDays, 3, false));
        if (length <= TimeSpan.FromDays(1)) _cycles.Add((t => (int)t.DayOfWeek / 7.0, 3, false));
        if (s.Unit == TimeUnit.Month && 12 % s.Count == 0 && s.Count < 12) _cycles.Add((t => (t.Month - 1) / 12.0, 6 / s.Count, 12 / s.Count % 2 == 0));
        else if (length < TimeSpan.FromDays(28) && years) _cycles.Add((t => (t.DayOfYear - 1 + t.TimeOfDay.TotalDays) / 365.25, 2, false));
        Count = _cycles.Sum(c => 2 * c.Harmonics - (c.LastIsCosine ? 1 : 0));
    }

    public int Count { get; }

    /// <summary>Writes the features of a step.</summary>
    /// <param name="to">[Count].</param>
    /// <param name="time">Its time; not used without times.</param>
    /// <param name="index">Its place in the series.</param>
    public void Write(Span<Real> to, DateTime time, int index)
    {
        var at = 0;
        for (var i = 1; i <= _phases; i++) Add(to, i * (double)(index % _season) / _season, cosineOnly: false);
        foreach (var (share, harmonics, lastIsCosine) in _cycles)
            for (var i = 1; i <= harmonics; i++) Add(to, i * share(time), lastIsCosine && i == harmonics);

        void Add(Span<Real> row, double turns, bool cosineOnly)
        {
            var angle = 2 * Math.PI * turns;
            row[at++] = (Real)Math.Cos(angle);
            if (!cosineOnly) row[at++] = (Real)Math.Sin(angle);
        }
    }
}
