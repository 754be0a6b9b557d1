using System.Runtime.InteropServices;

namespace Unroll.Tasks;

/// <summary>A score of <see cref="ChrF"/>.</summary>
/// <param name="Score">From 0 to 100.</param>
/// <param name="Signature">How it was counted, as sacreBLEU writes it; the version is that of the sacreBLEU whose numbers these are.</param>
internal readonly record struct ChrFScore(double Score, string Signature)
{
    /// <summary>As sacreBLEU prints it.</summary>
    public override string ToString() => FormattableString.Invariant($"chrF2 = {Score:F2}");
}

/// <summary>How like their references translations are, by n-grams of characters; Popović, "chrF: character n-gram F-score for automatic MT evaluation", WMT 2015.</summary>
/// <remarks>
/// chrF2 = 100 · 5 P R / (4 P + R), P and R being the means, over the orders 1 … 6 of which both sides have n-grams, of the share of the outputs'
/// n-grams that are in the reference, and of the references' that are in the output. White space does not count. Of several references the one with the
/// best score of its own is taken. The numbers are sacreBLEU's.
/// </remarks>
internal static class ChrF
{
    const int MaxOrder = 6;
    const double RecallWeight = 4;              // β²: recall counts twice as much as precision

    readonly record struct Counts(long Output, long Reference, long Matches);

    /// <summary>The score of a set of outputs with one reference each.</summary>
    /// <exception cref="ArgumentException">There is no output, or there are not as many references.</exception>
    public static ChrFScore Corpus(IReadOnlyList<string> outputs, IReadOnlyList<string> references, bool lower = false) =>
        Corpus(outputs, [.. references.Select(r => new[] { r })], lower);

    /// <summary>The score of a set of outputs.</summary>
    /// <param name="outputs">The texts that were written.</param>
    /// <param name="references">For each output at least one text that would be right.</param>
    /// <param name="lower">Whether texts are compared in small letters.</param>
    /// <exception cref="ArgumentException">There is no output, not as many references, or one without any.</exception>
    public static ChrFScore Corpus(IReadOnlyList<string> outputs, IReadOnlyList<IReadOnlyList<string>> references, bool lower = false)
    {
        ScoredTexts.Check(outputs, references);
        var sums = new Counts[MaxOrder];
        for (var i = 0; i < outputs.Count; i++)
        {
            var best = Best(outputs[i], references[i], lower);
            for (var n = 0; n < MaxOrder; n++)
                sums[n] = new(sums[n].Output + best[n].Output, sums[n].Reference + best[n].Reference, sums[n].Matches + best[n].Matches);
        }
        var signature = $"nrefs:{ScoredTexts.Show(ScoredTexts.ReferencesOf(references))}|case:{(lower ? "lc" : "mixed")}|eff:yes|nc:{MaxOrder}|nw:0|space:no"
            + $"|version:{ScoredTexts.Version}";
        return new(Score(sums), signature);
    }

    /// <summary>The score of one output.</summary>
    /// <exception cref="ArgumentException">There is no reference.</exception>
    public static ChrFScore Sentence(string output, IReadOnlyList<string> references, bool lower = false) => Corpus([output], [references], lower);

    /// <summary>The counts of each order against the reference with the best score.</summary>
    static Counts[] Best(string output, IReadOnlyList<string> references, bool lower)
    {
        var ngrams = Ngrams(output, lower);
        var (best, bestScore) = (Array.Empty<Counts>(), -1.0);
        foreach (var reference in references)
        {
            var others = Ngrams(reference, lower);
            var counts = new Counts[MaxOrder];
            for (var n = 0; n < MaxOrder; n++) counts[n] = Compare(ngrams[n], others[n]);
            if (Score(counts) is var score && score > bestScore) (best, bestScore) = (counts, score);
        }
        return best;
    }

    static Counts Compare(Dictionary<string, int> output, Dictionary<string, int> reference)
    {
        var (total, matches) = (0L, 0L);
        foreach (var (ngram, count) in output)
        {
            total += count;
            matches += Math.Min(count, reference.GetValueOrDefault(ngram));
        }
        return new(reference.Count == 0 ? 0 : total, reference.Values.Sum(v => (long)v), matches);
    }

    static double Score(ReadOnlySpan<Counts> counts)
    {
        var (precision, recall, orders) = (0.0, 0.0, 0);
        foreach (var (output, reference, matches) in counts)
        {
            if (output == 0 || reference == 0) continue;
            precision += (double)matches / output;
            recall += (double)matches / reference;
            orders++;
        }
        if (precision + recall == 0) return 0;
        (precision, recall) = (precision / orders, recall / orders);
        return 100 * (1 + RecallWeight) * precision * recall / (RecallWeight * precision + recall);
    }

    /// <summary>For every order, how often each n-gram of characters (Unicode scalar values) is there.</summary>
    static Dictionary<string, int>[] Ngrams(string text, bool lower)
    {
        if (lower) text = text.ToLowerInvariant();
        text = string.Concat(ScoredTexts.Split(text));
        var starts = new List<int>(text.Length + 1);
        for (var i = 0; i < text.Length; i += char.IsHighSurrogate(text[i]) ? 2 : 1) starts.Add(i);
        starts.Add(text.Length);
        var ngrams = new Dictionary<string, int>[MaxOrder];
        for (var n = 1; n <= MaxOrder; n++)
        {
            var counts = ngrams[n - 1] = new(StringComparer.Ordinal);
            var bySpan = counts.GetAlternateLookup<ReadOnlySpan<char>>();
            for (var i = 0; i + n < starts.Count; i++)
                CollectionsMarshal.GetValueRefOrAddDefault(bySpan, text.AsSpan(starts[i]..starts[i + n]), out _)++;
        }
        return ngrams;
    }
}
