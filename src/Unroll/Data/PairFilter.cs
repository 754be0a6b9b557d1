namespace Unroll.Data;

/// <summary>Which pairs are fit to learn from, by their lengths in words, which are what stands between white space.</summary>
internal sealed record PairFilter
{
    /// <summary>The fewest words of either text; at least 0. Default 1: pairs with an empty text are left out.</summary>
    public int MinWords { get; init; } = 1;

    /// <summary>The most words of either text; at least <see cref="MinWords"/>. Default: no limit.</summary>
    public int MaxWords { get; init; } = int.MaxValue;

    /// <summary>How many times as many words as the shorter text the longer one may have; at least 1. Default: no limit.</summary>
    public double MaxRatio { get; init; } = double.PositiveInfinity;

    /// <summary>Whether a pair is kept.</summary>
    public bool Keeps(TextPair pair)
    {
        var (source, target) = (CountWords(pair.Source), CountWords(pair.Target));
        var (shorter, longer) = source < target ? (source, target) : (target, source);
        return shorter >= MinWords && longer <= MaxWords && (double.IsPositiveInfinity(MaxRatio) || longer <= MaxRatio * shorter);
    }

    /// <summary>The pairs that are kept, in their order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A limit is out of range.</exception>
    /// <exception cref="UnrollException">No pair is kept.</exception>
    public IReadOnlyList<TextPair> Apply(IReadOnlyList<TextPair> pairs)
    {
        if (MinWords < 0) Throw.OutOfRange(nameof(MinWords), MinWords, "at least 0");
        if (MaxWords < MinWords) Throw.OutOfRange(nameof(MaxWords), MaxWords, $"at least {MinWords}, the fewest words");
        if (!(MaxRatio >= 1)) Throw.OutOfRange(nameof(MaxRatio), MaxRatio, "at least 1");
        var kept = new List<TextPair>(pairs.Count);
        foreach (var pair in pairs)
            if (Keeps(pair)) kept.Add(pair);
        if (kept.Count == 0) Throw.NoPairKept(pairs.Count);
        return kept;
    }

    static int CountWords(string text)
    {
        var (count, inside) = (0, false);
        foreach (var c in text)
        {
            var word = !char.IsWhiteSpace(c);
            if (word && !inside) count++;
            inside = word;
        }
        return count;
    }
}
