namespace Unroll.Tasks;

/// <summary>A score of <see cref="Bleu"/> and what it was made of.</summary>
internal sealed record BleuScore
{
    /// <summary>From 0 to 100.</summary>
    public required double Score { get; init; }

    /// <summary>For n-grams of 1 to 4 words the share that is right, smoothed, from 0 to 100.</summary>
    public required IReadOnlyList<double> Precisions { get; init; }

    /// <summary>How many n-grams of 1 to 4 words are right.</summary>
    public required IReadOnlyList<long> Matches { get; init; }

    /// <summary>How many n-grams of 1 to 4 words the outputs have.</summary>
    public required IReadOnlyList<long> Totals { get; init; }

    /// <summary>The factor for outputs that are shorter than their references, from 0 to 1.</summary>
    public required double BrevityPenalty { get; init; }

    /// <summary>The words of the outputs.</summary>
    public required long Length { get; init; }

    /// <summary>The words of the references that are closest in length.</summary>
    public required long ReferenceLength { get; init; }

    /// <summary>How it was counted, as sacreBLEU writes it; the version is that of the sacreBLEU whose numbers these are.</summary>
    public required string Signature { get; init; }

    /// <summary>As sacreBLEU prints it: the score, the precisions, the penalty and the lengths.</summary>
    public override string ToString()
    {
        var precisions = string.Join('/', Precisions.Select(p => FormattableString.Invariant($"{p:F1}")));
        var ratio = ReferenceLength == 0 ? 0 : (double)Length / ReferenceLength;
        return FormattableString.Invariant(
            $"BLEU = {Score:F2} {precisions} (BP = {BrevityPenalty:F3} ratio = {ratio:F3} hyp_len = {Length} ref_len = {ReferenceLength})");
    }
}
