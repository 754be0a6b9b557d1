namespace Unroll.Tasks;

/// <summary>A window of a backtest: what is learned from is the steps from Start to before Cutoff, what is forecast begins at Cutoff.</summary>
internal readonly record struct Origin(int Start, int Cutoff);

/// <summary>Rolling origins: the cut-offs of a backtest.</summary>
internal static class Origins
{
    /// <summary>Windows in order of time; the last one forecasts the last steps of the series.</summary>
    /// <param name="count">How many time steps there are.</param>
    /// <param name="horizon">How many steps are forecast.</param>
    /// <param name="windows">How many windows.</param>
    /// <param name="step">From one cut-off to the next; the horizon to forecast each step once.</param>
    /// <param name="size">How many steps before the cut-off count at most (sliding); null for all (expanding).</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1.</exception>
    /// <exception cref="ArgumentException">The first window would have nothing to learn from.</exception>
    public static IReadOnlyList<Origin> Of(int count, int horizon, int windows = 1, int? step = null, int? size = null)
    {
        Check(horizon, windows, step, size);
        if (Fitting(count, horizon, windows, step) < windows) Throw.NoWindow(count, horizon, windows, step ?? horizon);
        return Last(count, horizon, windows, step, size);
    }

    /// <summary>The same of a shorter series: as many of the last windows as it has room for, maybe none.</summary>
    public static IReadOnlyList<Origin> Last(int count, int horizon, int windows = 1, int? step = null, int? size = null)
    {
        Check(horizon, windows, step, size);
        var origins = new Origin[Fitting(count, horizon, windows, step)];
        for (var w = 0; w < origins.Length; w++)
        {
            var cutoff = count - horizon - (origins.Length - 1 - w) * (step ?? horizon);
            origins[w] = new(size is { } most ? Math.Max(0, cutoff - most) : 0, cutoff);
        }
        return origins;
    }

    /// <summary>How many windows have at least one step before their cut-off.</summary>
    static int Fitting(int count, int horizon, int windows, int? step) => count <= horizon ? 0 : Math.Min(windows, 1 + (count - horizon - 1) / (step ?? horizon));

    static void Check(int horizon, int windows, int? step, int? size)
    {
        foreach (var (name, value) in new[] { (nameof(horizon), horizon), (nameof(windows), windows), (nameof(step), step ?? 1), (nameof(size), size ?? 1) })
            if (value < 1) Throw.OutOfRange(name, value, "1 or more");
    }
}
