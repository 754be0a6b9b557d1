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
    /// <param name="progress">Gets the share of the windows that are forecast.</param>
    /// <param name="cancellation">Ends the work with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">No series is long enough, or a method does not forecast each step.</exception>
    public static BacktestResult Run(IReadOnlyList<ForecastSeries> series, IReadOnlyList<IForecastMethod> methods, BacktestOptions options, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        var origins = series.Select(s => Origins.Last(s.Values.Length, options.Horizon, options.Windows, options.Step, options.Size)).ToArray();
        var windows = origins.Length > 0 ? origins.Max(o => o.Count) : 0;
        if (windows == 0) Throw.NoSeriesToBacktest(options.Horizon);
        var (found, every) = (new List<BacktestWindow>(), options.RefitEvery > 0 ? options.RefitEvery : windows);
        for (var from = 0; from < windows; from += every)
        {
            var at = Enumerable.Range(from, Math.Min(every, windows - from)).Select(At).ToArray();
            SeriesWindow[] known = [.. at[0].Select(o => new SeriesWindow(o.Series, o.Origin.Cutoff, 0, o.Origin.Start))];
            var now = at.SelectMany(w => w).ToArray();
            SeriesWindow[] histories = [.. now.Select(o => new SeriesWindow(o.Series, o.Origin.Cutoff, options.Horizon, o.Origin.Start))];
            var forecasts = new IReadOnlyList<QuantileForecast>[methods.Count];
            for (var m = 0; m < methods.Count; m++)
            {
                cancellation.ThrowIfCancellationRequested();
                methods[m].Fit(known, options.Horizon);
                forecasts[m] = methods[m].ForecastAll(histories, options.Horizon);
                foreach (var forecast in forecasts[m])
                    if (forecast.Horizon != options.Horizon) Throw.ForecastLength(methods[m].Name, forecast.Horizon, options.Horizon);
                progress?.Report((from + at.Length * (m + 1.0) / methods.Count) / windows);
            }
            for (var i = 0; i < now.Length; i++) found.Add(new(now[i].Series, now[i].Origin, [.. forecasts.Select(f => f[i])]));
        }
        return new([.. methods.Select(m => m.Name)], [.. methods.Select(m => m is SimpleMethod)], found, options);

        (ForecastSeries Series, Origin Origin)[] At(int window) =>
            [.. series.Select((s, i) => (s, Own: window - (windows - origins[i].Count), i)).Where(o => o.Own >= 0).Select(o => (o.s, origins[o.i][o.Own]))];
    }
}
