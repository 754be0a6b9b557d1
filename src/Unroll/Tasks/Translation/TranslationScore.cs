namespace Unroll.Tasks;

/// <summary>How good texts are that were written for others: translations, answers, captions.</summary>
internal sealed record TranslationScore
{
    /// <summary>Likeness by words.</summary>
    public required BleuScore Bleu { get; init; }

    /// <summary>Likeness by characters.</summary>
    public required ChrFScore ChrF { get; init; }

    /// <summary>The share of outputs that are their reference, white space at the ends aside; from 0 to 1.</summary>
    public required double ExactMatch { get; init; }

    /// <summary>
    /// The share of words, as <see cref="Unroll.Tasks.Bleu.Words"/> tells them apart, that stand at their place: of every pair the equal ones over the words of
    /// the longer text, summed up over the set; from 0 to 1. 1 where no text has a word.
    /// </summary>
    public required double TokenAccuracy { get; init; }

    /// <summary>Compares outputs with one reference each.</summary>
    /// <param name="outputs">The texts that were written.</param>
    /// <param name="references">The texts that would be right.</param>
    /// <param name="lower">Whether all is compared in small letters.</param>
    /// <exception cref="ArgumentException">There is no output, or there are not as many references.</exception>
    public static TranslationScore Of(IReadOnlyList<string> outputs, IReadOnlyList<string> references, bool lower = false)
    {
        var (bleu, chrF) = (Unroll.Tasks.Bleu.Corpus(outputs, references, new() { Lower = lower }), Unroll.Tasks.ChrF.Corpus(outputs, references, lower));
        var (exact, right, words) = (0, 0L, 0L);
        for (var i = 0; i < outputs.Count; i++)
        {
            var (output, reference) = (Prepared(outputs[i], lower), Prepared(references[i], lower));
            if (output == reference) exact++;
            var (found, expected) = (Unroll.Tasks.Bleu.Words(output), Unroll.Tasks.Bleu.Words(reference));
            for (var t = 0; t < Math.Min(found.Length, expected.Length); t++)
                if (found[t] == expected[t]) right++;
            words += Math.Max(found.Length, expected.Length);
        }
        return new()
        {
            Bleu = bleu,
            ChrF = chrF,
            ExactMatch = (double)exact / outputs.Count,
            TokenAccuracy = words == 0 ? 1 : (double)right / words,
        };
    }

    static string Prepared(string text, bool lower) => (lower ? text.ToLowerInvariant() : text).Trim();
}
