namespace Unroll.Data;

/// <summary>Makes batches of sequences of similar lengths, so that little of a batch is padding.</summary>
/// <remarks>
/// Every epoch the sequences are shuffled and cut into pools of <see cref="PoolBatches"/> batches; each pool is sorted by length and cut into
/// batches, whose order is then drawn. So batches differ from epoch to epoch, and any two sequences may meet. The order follows from the
/// generator's key and the number of the epoch; without a generator the batches go from the shortest sequences to the longest.
/// <para>Batches of some number of tokens (<see cref="OfTokens"/>) are cut from one pool of all sequences: sorted they always have the same lengths,
/// whatever their order was, so every epoch has the same number of batches. Sequences of equal lengths change places.</para>
/// </remarks>
internal sealed class LengthBuckets
{
    /// <summary>How many batches are cut from a pool.</summary>
    public const int PoolBatches = 32;

    readonly int[] _ranks;                    // of each sequence: its length, or its place among the different lengths
    readonly int[] _starts;                   // where each batch begins in the order, and the end of the last
    readonly int[] _order, _batchOrder;
    readonly int _pool;
    readonly Rng? _rng;                       // its key names the order; epoch e draws from the numbers after e · 2³²
    readonly long[] _keys;
    long _orderEpoch = -1;

    /// <summary>Starts at the first epoch.</summary>
    /// <param name="lengths">The length of each sequence, at least one.</param>
    /// <param name="batch">B, the sequences of a batch; at least 1. The last batch made has what is left.</param>
    /// <param name="rng">Where the order comes from; null for a fixed one. It is not advanced.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no sequence, or the batch is below 1.</exception>
    public LengthBuckets(ReadOnlySpan<int> lengths, int batch, Rng? rng = null)
    {
        if (batch < 1) Throw.OutOfRange(nameof(batch), batch, "at least 1");
        if (lengths.IsEmpty) Throw.OutOfRange(nameof(lengths), 0, "of at least one sequence");
        (_ranks, Batch) = (lengths.ToArray(), batch);
        _starts = new int[(lengths.Length - 1) / batch + 2];
        for (var b = 0; b < _starts.Length; b++) _starts[b] = (int)Math.Min((long)b * batch, lengths.Length);
        (_rng, _pool) = (rng?.Fork("buckets"), rng is null ? lengths.Length : (int)Math.Min(lengths.Length, (long)PoolBatches * batch));
        (_order, _keys, _batchOrder) = (new int[lengths.Length], new long[lengths.Length], new int[BatchesPerEpoch]);
    }

    LengthBuckets(int[] ranks, int[] starts, Rng? rng)
    {
        (_ranks, _starts, _rng, _pool) = (ranks, starts, rng?.Fork("buckets"), ranks.Length);
        (_order, _keys, _batchOrder) = (new int[ranks.Length], new long[ranks.Length], new int[BatchesPerEpoch]);
        for (var b = 0; b < BatchesPerEpoch; b++) Batch = Math.Max(Batch, starts[b + 1] - starts[b]);
    }

    /// <summary>Makes batches of as many sequences as fit: their number times the longest of their lengths is at most a number of tokens.</summary>
    /// <param name="lengths">The length of each sequence, at least one.</param>
    /// <param name="others">The length of what each belongs to, such as its translation: sorted by after the length, and counted if it is longer.</param>
    /// <param name="tokens">The most tokens of a batch, padding counted; at least 1. A sequence that is longer is a batch of its own.</param>
    /// <param name="rng">Where the order comes from; null for a fixed one. It is not advanced.</param>
    /// <param name="batch">The most sequences of a batch, at least 1; any number by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no sequence, or there are no tokens, or the batch is below 1.</exception>
    /// <exception cref="ArgumentException">There are not as many other lengths.</exception>
    public static LengthBuckets OfTokens(ReadOnlySpan<int> lengths, ReadOnlySpan<int> others, int tokens, Rng? rng = null, int batch = int.MaxValue)
    {
        if (tokens < 1) Throw.OutOfRange(nameof(tokens), tokens, "at least 1");
        if (batch < 1) Throw.OutOfRange(nameof(batch), batch, "at least 1");
        if (lengths.IsEmpty) Throw.OutOfRange(nameof(lengths), 0, "of at least one sequence");
        if (others.Length != lengths.Length) Throw.CountsDiffer(nameof(others), others.Length, "sequences", lengths.Length);
        var sorted = new (int Length, int Other, int Index)[lengths.Length];
        for (var i = 0; i < sorted.Length; i++) sorted[i] = (lengths[i], others[i], i);
        Array.Sort(sorted);
        var (ranks, starts) = (new int[sorted.Length], new List<int> { 0 });
        for (int i = 0, rank = 0, longest = 0; i < sorted.Length; i++)
        {
            if (i > 0 && (sorted[i].Length, sorted[i].Other) != (sorted[i - 1].Length, sorted[i - 1].Other)) rank++;
            ranks[sorted[i].Index] = rank;
            longest = Math.Max(longest, Math.Max(sorted[i].Length, sorted[i].Other));
            if (i == starts[^1] || i - starts[^1] < batch && (i + 1L - starts[^1]) * longest <= tokens) continue;
            starts.Add(i);
            longest = Math.Max(sorted[i].Length, sorted[i].Other);
        }
        return new(ranks, [.. starts, sorted.Length], rng);
    }

    /// <summary>B, the most sequences of a batch.</summary>
    public int Batch { get; }

    /// <summary>The number of sequences.</summary>
    public int Count => _order.Length;

    /// <summary>The number of batches in an epoch.</summary>
    public int BatchesPerEpoch => _starts.Length - 1;

    /// <summary>How many batches were given out. Setting it goes on from there, in this process or a later one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public long Position
    {
        get;
        set
        {
            if (value < 0) Throw.OutOfRange(nameof(Position), value, "at least 0");
            field = value;
        }
    }

    /// <summary>The next batch: the numbers of its sequences, from 1 to B of them, the shortest first. Good until the next call.</summary>
    public ReadOnlySpan<int> Next()
    {
        var (epoch, index) = Math.DivRem(Position, BatchesPerEpoch);
        if (epoch != _orderEpoch) Order(epoch);
        Position++;
        var batch = _batchOrder[index];
        return _order.AsSpan(_starts[batch].._starts[batch + 1]);
    }

    void Order(long epoch)
    {
        for (var i = 0; i < _order.Length; i++) _order[i] = i;
        for (var i = 0; i < _batchOrder.Length; i++) _batchOrder[i] = i;
        if (_rng is not null)
        {
            _rng.State = _rng.State with { Count = (ulong)epoch << 32 };
            _rng.Shuffle<int>(_order);
        }
        for (var start = 0; start < _order.Length; start += _pool) SortByLength(start, Math.Min(_pool, _order.Length - start));
        _rng?.Shuffle<int>(_batchOrder);
        _orderEpoch = epoch;
    }

    /// <summary>Sequences of one length stay in the order they have, which makes the sort a function of that order alone.</summary>
    void SortByLength(int start, int count)
    {
        var keys = _keys.AsSpan(start, count);
        for (var i = 0; i < count; i++) keys[i] = (long)_ranks[_order[start + i]] << 32 | (uint)i;
        keys.Sort(_order.AsSpan(start, count));
    }
}
