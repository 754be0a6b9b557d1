namespace Unroll.Tasks;

/// <summary>How a trained forecaster is tried on the past: from each of several cut-offs, with what was known then (rolling origin).</summary>
internal sealed record ForecastBacktest
{
    /// <summary>How many steps are forecast from each cut-off; null for those of the training.</summary>
    public int? Horizon { get; init; }

    /// <summary>How many cut-offs at the end of each series; null for all that fit.</summary>
    public int? Windows { get; init; }

    /// <summary>From one cut-off to the next; null for the horizon.</summary>
    public int? Step { get; init; }

    /// <summary>How many steps before a cut-off are learned from at most (sliding window); null for all (expanding).</summary>
    public int? Size { get; init; }

    /// <summary>After how many windows the model and the simple methods learn anew; 0 for never.</summary>
    public int RefitEvery { get; init; }

    /// <summary>How many iterations the network learns each time; 0 for the linear part alone.</summary>
    public int RefitIterations { get; init; } = 30;

    /// <summary>Decides the order of the windows.</summary>
    public ulong Seed { get; init; } = 1;
}
