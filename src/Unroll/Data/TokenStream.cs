namespace Unroll.Data;

/// <summary>The tokens of documents, one after the other.</summary>
/// <remarks>Safe for use by several threads: it does not change.</remarks>
public sealed class TokenStream
{
    readonly int[] _ids;
    readonly int[] _starts;

    /// <summary>Takes tokens as they are.</summary>
    /// <param name="tokenizer">What the tokens are tokens of.</param>
    /// <param name="ids">The tokens of all documents; not copied.</param>
    /// <param name="documentStarts">Where each document starts: 0 first, ascending; not copied.</param>
    /// <exception cref="ArgumentException">The starts are not as said, or a number is not one of the tokenizer's.</exception>
    public TokenStream(Tokenizer tokenizer, int[] ids, int[] documentStarts)
    {
        var ascending = documentStarts.Length > 0 && documentStarts[0] == 0 && documentStarts[^1] < ids.Length;
        for (var d = 1; d < documentStarts.Length; d++) ascending &= documentStarts[d - 1] < documentStarts[d];
        if (!ascending) Throw.BadDocumentStarts(nameof(documentStarts));
        foreach (var id in ids)
            if ((uint)id >= (uint)tokenizer.VocabularySize) Throw.OutOfRange(nameof(ids), id, $"from 0 to {tokenizer.VocabularySize - 1}");
        (Tokenizer, _ids, _starts) = (tokenizer, ids, documentStarts);
        CharacterCount = tokenizer.CountCharacters(ids);
        var hash = new Fnv();
        hash.Add(ids);
        hash.Add(documentStarts);
        Fingerprint = hash.Value;
    }

    /// <summary>Encodes documents. One without tokens is passed over.</summary>
    /// <exception cref="UnrollException">A text has characters that the vocabulary lacks, or there is no token at all.</exception>
    public static TokenStream Encode(Tokenizer tokenizer, IReadOnlyList<TextDocument> documents)
    {
        try
        {
            var ids = new List<int>((int)Math.Min(documents.Sum(d => (long)Math.Min(d.Text.Length, 1 << 20)), 1 << 28));
            var starts = new List<int>();
            foreach (var document in documents)
            {
                var start = ids.Count;
                tokenizer.Encode(document.Text, ids, document.Source);
                if (ids.Count > start) starts.Add(start);
            }
            if (ids.Count == 0) Throw.NoTokens();
            return new TokenStream(tokenizer, [.. ids], [.. starts]);
        }
        catch (OutOfMemoryException e)
        {
            Throw.TextNeedsMemory(documents.Sum(d => (long)d.Text.Length), e);
            throw;
        }
    }

    /// <summary>What the tokens are tokens of.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The tokens.</summary>
    public ReadOnlySpan<int> Ids => _ids;

    /// <summary>Where each document starts; the first is 0.</summary>
    public ReadOnlySpan<int> DocumentStarts => _starts;

    /// <summary>The number of tokens.</summary>
    public int Count => _ids.Length;

    /// <summary>The number of Unicode scalar values in the tokens' text.</summary>
    public long CharacterCount { get; }

    /// <summary>A hash of tokens and document starts (FNV-1a by 32-bit units): other data has another, as good as surely.</summary>
    public ulong Fingerprint { get; }

    /// <summary>Parts the stream in two: the first ⌊count · (1 − fraction)⌋ tokens, computed in double precision, and the rest.</summary>
    /// <param name="validFraction">Above 0, below 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is not in that range.</exception>
    /// <exception cref="UnrollException">A part has fewer than 2 tokens.</exception>
    public (TokenStream Train, TokenStream Valid) Split(double validFraction)
    {
        if (!(validFraction > 0 && validFraction < 1)) Throw.OutOfRange(nameof(validFraction), validFraction, "above 0 and below 1");
        var train = (int)(Count * (1 - validFraction));
        if (train < 2 || Count - train < 2) Throw.SplitLeavesNothing(Count, train, validFraction);
        int[] trainStarts = [.. _starts.Where(s => s < train)];
        int[] validStarts = [0, .. _starts.Where(s => s > train).Select(s => s - train)];
        return (new TokenStream(Tokenizer, _ids[..train], trainStarts), new TokenStream(Tokenizer, _ids[train..], validStarts));
    }
}
