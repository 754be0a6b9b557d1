namespace Unroll.Tasks;

/// <summary>How a backtest is done.</summary>
internal sealed record BacktestOptions
{
    /// <summary>How many steps are forecast from each cut-off.</summary>
    public required int Horizon { get; init; }

    /// <summary>How many cut-offs; 1 by default.</summary>
    public int Windows { get; init; } = 1;

    /// <summary>From one cut-off to the next; null for the horizon.</summary>
    public int? Step { get; init; }

    /// <summary>How many steps before a cut-off count at most (sliding window); null for all (expanding).</summary>
    public int? Size { get; init; }

    /// <summary>After how many windows methods learn anew; 0 for once, before the first window. The default.</summary>
    public int RefitEvery { get; init; }

    /// <summary>m of MASE, 1 for no season.</summary>
    public int Season { get; init; } = 1;
}

/// <summary>Forecasts from one cut-off of a series, and what came.</summary>
/// <param name="Series">The series.</param>
/// <param name="Origin">Where the window begins and is cut off.</param>
/// <param name="Forecasts">One for each method, in their order.</param>
internal sealed record BacktestWindow(ForecastSeries Series, Origin Origin, IReadOnlyList<QuantileForecast> Forecasts)
{
    public ReadOnlySpan<double> Truth => Series.Values.AsSpan(Origin.Cutoff, Forecasts[0].Horizon);
}

/// <summary>Tries methods on the past: from each of several cut-offs, with what was known then (rolling origin; Tashman 2000).</summary>
/// <remarks>
/// Cut-offs are counted from the end of each series; a series that is too short has fewer windows, the last ones. A method gets each series as a <see cref="SeriesWindow"/>,
/// through which nothing later than the cut-off can be read but covariates known ahead and time stamps. With one fit, it is before the first window, on what is before the cut-off of
/// each series then; a series with fewer windows than others is not learned from before its first one.
/// </remarks>
internal static class Backtest
{
    /// <param name="series">The series.</param>
    /// <param name="methods">The methods; they are fitted here.</param>
    /// <param name="options">The windows.</param>
    /// <exception cref="ArgumentException">No series is long enough, or a method does not forecast each step.</exception>
    public static BacktestResult Run(IReadOnlyList<ForecastSeries> series, IReadOnlyList<IForecastMethod> methods, BacktestOptions options)
    {
        var origins = series.Select(s => Origins.Last(s.Values.Length, options.Horizon, options.Windows, options.Step, options.Size)).ToArray();
        var windows = origins.Length > 0 ? origins.Max(o => o.Count) : 0;
        if (windows == 0) Throw.NoSeriesToBacktest(options.Horizon);
        var found = new List<BacktestWindow>();
        for (var w = 0; w < windows; w++)
        {
            var now = new List<(ForecastSeries Series, Origin Origin)>();
            for (var s = 0; s < series.Count; s++)
                if (w - (windows - origins[s].Count) is >= 0 and var own) now.Add((series[s], origins[s][own]));
            if (w == 0 || options.RefitEvery > 0 && w % options.RefitEvery == 0)
                foreach (var method in methods) method.Fit([.. now.Select(n => new SeriesWindow(n.Series, n.Origin.Cutoff, 0, n.Origin.Start))], options.Horizon);
            foreach (var (one, origin) in now)
            {
                var history = new SeriesWindow(one, origin.Cutoff, options.Horizon, origin.Start);
                var forecasts = new QuantileForecast[methods.Count];
                for (var m = 0; m < methods.Count; m++)
                {
                    forecasts[m] = methods[m].Forecast(history, options.Horizon);
                    if (forecasts[m].Horizon != options.Horizon) Throw.ForecastLength(methods[m].Name, forecasts[m].Horizon, options.Horizon);
                }
                found.Add(new(one, origin, forecasts));
            }
        }
        return new([.. methods.Select(m => m.Name)], [.. methods.Select(m => m is SimpleMethod)], found, options);
    }
}
