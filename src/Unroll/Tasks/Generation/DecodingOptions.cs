namespace Unroll.Tasks;

/// <summary>How a text is chosen from the scores of its tokens.</summary>
public sealed record DecodingOptions
{
    /// <summary>K, the hypotheses of a text that are kept at every step; 1 takes the likeliest token each time (greedy). 1 to 1,000. Default 1.</summary>
    public int Beam { get; init; } = 1;

    /// <summary>How many texts are given for each input, the best first; 1 to the beam. With sampling: how many are drawn. Default 1.</summary>
    public int Best { get; init; } = 1;

    /// <summary>The most tokens of a text, without the end, which is then all that can follow; 1 to 10,000. Default 200.</summary>
    public int MaxLength { get; init; } = 200;

    /// <summary>Where a text is read: no more than so many tokens for each of its own, and 10. At least 0. Default 3.</summary>
    public double MaxRatio { get; init; } = 3;

    /// <summary>The fewest tokens of a text, without the end; 0 to <see cref="MaxLength"/>, which weighs more. Default 0.</summary>
    public int MinLength { get; init; }

    /// <summary>α of Wu 2016: log p is divided by ((5 + n)/6)^α for n tokens, the end counted. At least 0. Default 0.</summary>
    public double LengthPenalty { get; init; }

    /// <summary>β of Wu 2016: β·Σ_s ln min(Σ_t α_ts, 1) is added, which favours texts that attend to all they read. At least 0. Default 0.</summary>
    public double CoveragePenalty { get; init; }

    /// <summary>No n tokens in a row come twice; 0 for no such rule. Default 0.</summary>
    public int BlockNGrams { get; init; }

    /// <summary>Draws the tokens in place of searching; null searches. Default null.</summary>
    public SamplingOptions? Sampling { get; init; }

    /// <summary>How many inputs are worked on at the same time, at least 1; changes the speed, not the texts. Default 64.</summary>
    public int Batch { get; init; } = 64;

    /// <summary>α of the length penalty where there is a beam: without one, short texts win.</summary>
    internal const double UsualLengthPenalty = 1;

    /// <summary>A search with a beam; a beam of 1 is none.</summary>
    internal static DecodingOptions OfBeam(int width, double lengthPenalty = UsualLengthPenalty) => new() { Beam = width, LengthPenalty = width > 1 ? lengthPenalty : 0 };

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="UnrollException">Options contradict each other.</exception>
    internal void Check()
    {
        if (Beam is < 1 or > 1000) Throw.OutOfRange(nameof(Beam), Beam, "from 1 to 1,000");
        if (Best < 1 || (Sampling is null && Best > Beam)) Throw.OutOfRange(nameof(Best), Best, $"from 1 to the beam of {Beam}");
        if (MaxLength is < 1 or > 10_000) Throw.OutOfRange(nameof(MaxLength), MaxLength, "from 1 to 10,000");
        if (!(MaxRatio >= 0)) Throw.OutOfRange(nameof(MaxRatio), MaxRatio, "at least 0");
        if (MinLength < 0 || MinLength > MaxLength) Throw.OutOfRange(nameof(MinLength), MinLength, $"from 0 to the longest, {MaxLength}");
        if (LengthPenalty is not (>= 0 and <= 100)) Throw.OutOfRange(nameof(LengthPenalty), LengthPenalty, "from 0 to 100");
        if (CoveragePenalty is not (>= 0 and <= 100)) Throw.OutOfRange(nameof(CoveragePenalty), CoveragePenalty, "from 0 to 100");
        if (BlockNGrams < 0) Throw.OutOfRange(nameof(BlockNGrams), BlockNGrams, "0 (no rule) or more");
        if (Batch < 1) Throw.OutOfRange(nameof(Batch), Batch, "at least 1");
        if (Sampling is not null && Beam > 1) Throw.SamplingWithBeam();
    }

    /// <summary>The most tokens after a source of so many; without one (a picture) after 0.</summary>
    internal int Limit(int? sourceTokens) => sourceTokens is { } n ? (int)Math.Clamp(MaxRatio * n + 10, 1, MaxLength) : MaxLength;
}

/// <summary>A text as a decoder wrote it.</summary>
/// <param name="Ids">Its tokens, without the end.</param>
/// <param name="LogProbability">ln p of the tokens and the end; of an ensemble by the mean of the probabilities.</param>
/// <param name="Score">What it was ranked by: ln p with the penalties.</param>
/// <param name="Attention">
/// For every token, and the end, the weights of what was attended to, [n + 1, S]; the mean over an ensemble. Empty without attention.
/// </param>
/// <param name="Steps">S, the steps of the memory: of a text its tokens and its end, of a picture its rows.</param>
public sealed record DecodedSequence(int[] Ids, double LogProbability, double Score, Real[] Attention, int Steps);
