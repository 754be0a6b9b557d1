using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>How many spans there are, were found, and were found rightly: the same words with the same type.</summary>
/// <param name="Gold">Spans in the data.</param>
/// <param name="Found">Spans that were found.</param>
/// <param name="Correct">Spans that are both.</param>
internal readonly record struct SpanCounts(long Gold, long Found, long Correct)
{
    /// <summary>The share of what was found that is right; 0 where nothing was found.</summary>
    public double Precision => Found == 0 ? 0 : (double)Correct / Found;

    /// <summary>The share of what there is that was found; 0 where there is nothing.</summary>
    public double Recall => Gold == 0 ? 0 : (double)Correct / Gold;

    /// <summary>2·P·R / (P + R), that is 2·correct / (gold + found); 0 where nothing is right.</summary>
    public double F1 => Correct == 0 ? 0 : 2.0 * Correct / (Gold + Found);

    internal SpanCounts With(bool gold, bool found) => new(Gold + (gold ? 1 : 0), Found + (found ? 1 : 0), Correct + (gold && found ? 1 : 0));
}

/// <summary>Counts spans as the program conlleval of the CoNLL tasks does: a span counts where words and type agree, whatever the scheme.</summary>
internal sealed class EntityScore
{
    readonly SortedDictionary<string, SpanCounts> _byType = new(StringComparer.Ordinal);

    /// <summary>Spans of all types.</summary>
    public SpanCounts All { get; private set; }

    /// <summary>Spans of each type, by its name.</summary>
    public IReadOnlyDictionary<string, SpanCounts> ByType => _byType;

    /// <summary>Adds a sentence.</summary>
    /// <param name="gold">The right tags.</param>
    /// <param name="found">The tags found, one for each of them.</param>
    /// <exception cref="ArgumentException">There are more or fewer.</exception>
    public void Add(IReadOnlyList<string> gold, IReadOnlyList<string> found)
    {
        if (gold.Count != found.Count) Throw.ValuesDoNotFit(found.Count, new(gold.Count));
        var right = TagSchemes.Spans(gold).ToHashSet();
        foreach (var span in TagSchemes.Spans(found)) Count(span.Type, right.Remove(span), found: true);
        foreach (var span in right) Count(span.Type, gold: true, found: false);
    }

    void Count(string type, bool gold, bool found)
    {
        _byType[type] = _byType.GetValueOrDefault(type).With(gold, found);
        All = All.With(gold, found);
    }
}
