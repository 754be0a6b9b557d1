using Unroll.Tensors;

namespace Unroll.Data;

/// <summary>Pairs of texts as tokens, given out in batches of similar lengths, time-major.</summary>
/// <remarks>
/// Of a pair the model reads s₁ … sₙ and the end (n + 1 steps), and is given the beginning and t₁ … tₘ to predict t₁ … tₘ and the end (m + 1 steps).
/// So an empty text is a step too. What the properties hold is of the batch that <see cref="Next"/> made last; past a row's length the tokens are 0 and the
/// targets −1.
/// </remarks>
internal sealed class PairBatches
{
    readonly int[][] _sources, _targets;
    readonly TextCoder _source, _target;
    readonly LengthBuckets _buckets;
    readonly int[] _lengths;

    /// <summary>Cuts all pairs into tokens.</summary>
    /// <param name="pairs">The pairs.</param>
    /// <param name="source">The symbols of what is read.</param>
    /// <param name="target">The symbols of what is to be written.</param>
    /// <param name="tokens">The most tokens of either side of a batch, padding counted; at least 1.</param>
    /// <param name="maxSteps">Pairs with a side of more steps, its end counted, are skipped; at least 1.</param>
    /// <param name="rng">Where the order comes from; null: from the shortest to the longest. It is not advanced.</param>
    /// <exception cref="UnrollException">There is no pair that is short enough, or a text has characters that cannot be read.</exception>
    public PairBatches(IReadOnlyList<TextPair> pairs, TextCoder source, TextCoder target, int tokens, int maxSteps, Rng? rng = null)
    {
        if (maxSteps < 1) Throw.OutOfRange(nameof(maxSteps), maxSteps, "at least 1");
        (_source, _target) = (source, target);
        var (sources, targets, places) = (new List<int[]>(pairs.Count), new List<int[]>(pairs.Count), new List<int>(pairs.Count));
        for (var i = 0; i < pairs.Count; i++)
        {
            var (from, to) = (source.Encode(pairs[i].Source, pairs[i].Place), target.Encode(pairs[i].Target, pairs[i].Place));
            if (Math.Max(from.Length, to.Length) >= maxSteps) continue;
            sources.Add(from);
            targets.Add(to);
            places.Add(i);
            TargetCount += to.Length + 1;
        }
        Skipped = pairs.Count - places.Count;
        if (places.Count == 0) Throw.NoPairs(Skipped, maxSteps);
        (_sources, _targets, Places) = ([.. sources], [.. targets], places);
        _buckets = LengthBuckets.OfTokens(Array.ConvertAll(_sources, s => s.Length + 1), Array.ConvertAll(_targets, t => t.Length + 1), tokens, rng);
        _lengths = new int[_buckets.Batch];
    }

    /// <summary>The number of pairs.</summary>
    public int Count => _sources.Length;

    /// <summary>How many pairs were skipped, being too long.</summary>
    public int Skipped { get; }

    /// <summary>Which of the given pairs each one is, from 0.</summary>
    public IReadOnlyList<int> Places { get; }

    /// <summary>The number of batches in an epoch.</summary>
    public int BatchesPerEpoch => _buckets.BatchesPerEpoch;

    /// <summary>How many targets an epoch has, the ends counted.</summary>
    public long TargetCount { get; }

    /// <summary>How many batches were given out. Setting it goes on from there, in this process or a later one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public long Position { get => _buckets.Position; set => _buckets.Position = value; }

    /// <summary>[S, B]: what is read, with its end.</summary>
    public TokenMatrix Source { get; } = new(0, 0);

    /// <summary>The steps of each row of <see cref="Source"/>.</summary>
    public Lengths SourceLengths { get; } = new([], 0);

    /// <summary>[T, B]: what the writer is given, from the beginning on.</summary>
    public TokenMatrix Inputs { get; } = new(0, 0);

    /// <summary>[T, B]: what the writer is to write, with its end; −1 past a row's length.</summary>
    public TokenMatrix Targets { get; } = new(0, 0);

    /// <summary>The steps of each row of <see cref="Inputs"/> and <see cref="Targets"/>.</summary>
    public Lengths TargetLengths { get; } = new([], 0);

    /// <summary>Makes the next batch; its pairs, as numbers below <see cref="Count"/>, row by row, good until the next call.</summary>
    public ReadOnlySpan<int> Next()
    {
        var rows = _buckets.Next();
        Fill(Source, SourceLengths, _sources, rows, first: -1, _source.EndId, padding: 0);
        Fill(Inputs, TargetLengths, _targets, rows, _target.BeginId, last: -1, padding: 0);
        Fill(Targets, TargetLengths, _targets, rows, first: -1, _target.EndId, padding: -1);
        return rows;
    }

    /// <summary>Fills in the tokens of the rows, with one more in front or behind.</summary>
    void Fill(TokenMatrix tokens, Lengths lengths, int[][] texts, ReadOnlySpan<int> rows, int first, int last, int padding)
    {
        var steps = 0;
        for (var b = 0; b < rows.Length; b++) steps = Math.Max(steps, _lengths[b] = texts[rows[b]].Length + 1);
        lengths.Set(_lengths.AsSpan(0, rows.Length), steps);
        tokens.Resize(steps, rows.Length);
        var ids = tokens.Ids;
        ids.Fill(padding);
        for (var b = 0; b < rows.Length; b++)
        {
            var text = texts[rows[b]];
            var at = b;
            if (first >= 0) (ids[at], at) = (first, at + rows.Length);
            for (var t = 0; t < text.Length; t++, at += rows.Length) ids[at] = text[t];
            if (last >= 0) ids[at] = last;
        }
    }
}
