namespace Unroll.Tasks;

/// <summary>How <see cref="LinearAutoregression"/> is made.</summary>
internal sealed record LinearOptions
{
    /// <summary>The lengths of the seasons, the main one first; none by default.</summary>
    public IReadOnlyList<int> Seasons { get; init; } = [];

    /// <summary>How many of the last values are features; null for the main season, but 10 to 48, and at most a fifth of the history.</summary>
    public int? Lags { get; init; }

    /// <summary>How many of the last values of each past covariate are features; 3 by default.</summary>
    public int PastLags { get; init; } = 3;

    /// <summary>Whether the calendar, or the phase of the season without time stamps, is a feature; true by default.</summary>
    public bool Calendar { get; init; } = true;

    /// <summary>Whether each phase of the main season has regressions of its own where the history is long enough; true by default.</summary>
    public bool EachPhase { get; init; } = true;

    /// <summary>
    /// Whether one regression serves all series, of the difference to the last value in deviations of the series; else each series has its own. False by default.
    /// </summary>
    public bool Pooled { get; init; }
}

/// <summary>A feature: the value of a source so many steps behind the last known value. Of the target and past covariates it is 0 or less.</summary>
readonly record struct LinearFeature(int Source, int Offset);

/// <summary>Which features the regression of each step has.</summary>
/// <remarks>
/// For step h: the last values of the target and of the past covariates; the target at one and two seasons before h, counted back in whole seasons
/// until it is known; each covariate known ahead at h and at the same seasons before; the calendar at h. Where the regression has origins of one phase only,
/// covariates known ahead are features at all steps of the horizon, as in Lago et al. 2021; else at h and its neighbours.
/// Sources are numbered: the target, past covariates, covariates known ahead, columns of the calendar.
/// </remarks>
sealed class LinearFeatures
{
    readonly LinearOptions _options;
    readonly int _past, _future, _calendar, _horizon, _lags, _longest;

    /// <param name="count">The length of a history, the median one of several; no lag is longer than a third of it.</param>
    public LinearFeatures(LinearOptions options, SeriesWindow series, int calendar, int count, int horizon)
    {
        (_options, _past, _future, _calendar, _horizon, _longest) = (options, series.PastCount, series.FutureCount, calendar, horizon, count / 3);
        _lags = Math.Max(1, Math.Min(options.Lags ?? Math.Clamp(options.Seasons.FirstOrDefault(1), 10, 48), count / 5));
    }

    /// <summary>The features of a step from 1, each once.</summary>
    /// <param name="aligned">Whether all origins have one phase of the main season.</param>
    public LinearFeature[] Of(int h, bool aligned)
    {
        var features = new List<LinearFeature>();
        for (var l = 0; l < _lags; l++) features.Add(new(0, -l));
        for (var c = 1; c <= _past; c++)
            for (var l = 0; l < Math.Min(_options.PastLags, _longest + 1); l++) features.Add(new(c, -l));
        var before = new List<int>();
        foreach (var season in _options.Seasons)
        {
            var lag = (h + season - 1) / season * season;
            if (lag <= _longest) before.Add(h - lag);
            if (lag + season <= _longest) before.Add(h - lag - season);
        }
        foreach (var offset in before) features.Add(new(0, offset));
        for (var c = _past + 1; c <= _past + _future; c++)
        {
            var (first, last) = aligned ? (1, _horizon) : (Math.Max(1, h - 1), Math.Min(_horizon, h + 1));
            for (var offset = first; offset <= last; offset++) features.Add(new(c, offset));
            foreach (var offset in before) features.Add(new(c, offset));
        }
        for (var c = _past + _future + 1; c <= _past + _future + _calendar; c++) features.Add(new(c, h));
        return [.. features.Distinct()];
    }
}
