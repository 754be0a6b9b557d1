namespace Unroll.Data;

/// <summary>Makes batches of sequences of similar lengths, so that little of a batch is padding.</summary>
/// <remarks>
/// Every epoch the sequences are shuffled and cut into pools of <see cref="PoolBatches"/> batches; each pool is sorted by length and cut into
/// batches, whose order is then drawn. So batches differ from epoch to epoch, and any two sequences may meet. The order follows from the
/// generator's key and the number of the epoch; without a generator the batches go from the shortest sequences to the longest.
/// </remarks>
public sealed class LengthBuckets
{
    /// <summary>How many batches are cut from a pool.</summary>
    public const int PoolBatches = 32;

    readonly int[] _lengths, _order, _batchOrder;
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
        (_lengths, Batch, _rng) = (lengths.ToArray(), batch, rng?.Fork("buckets"));
        _order = new int[_lengths.Length];
        _keys = new long[_lengths.Length];
        _batchOrder = new int[BatchesPerEpoch];
    }

    /// <summary>B, the sequences of a batch.</summary>
    public int Batch { get; }

    /// <summary>The number of sequences.</summary>
    public int Count => _lengths.Length;

    /// <summary>The number of batches in an epoch.</summary>
    public int BatchesPerEpoch => (_lengths.Length - 1) / Batch + 1;

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
        var start = _batchOrder[index] * Batch;
        return _order.AsSpan(start, Math.Min(Batch, _order.Length - start));
    }

    void Order(long epoch)
    {
        for (var i = 0; i < _order.Length; i++) _order[i] = i;
        for (var i = 0; i < _batchOrder.Length; i++) _batchOrder[i] = i;
        var pool = _order.Length;
        if (_rng is not null)
        {
            _rng.State = _rng.State with { Count = (ulong)epoch << 32 };
            _rng.Shuffle<int>(_order);
            pool = (int)Math.Min(pool, (long)PoolBatches * Batch);
        }
        for (var start = 0; start < _order.Length; start += pool) SortByLength(start, Math.Min(pool, _order.Length - start));
        _rng?.Shuffle<int>(_batchOrder);
        _orderEpoch = epoch;
    }

    /// <summary>Sequences of one length stay in the order they have, which makes the sort a function of that order alone.</summary>
    void SortByLength(int start, int count)
    {
        var keys = _keys.AsSpan(start, count);
        for (var i = 0; i < count; i++) keys[i] = (long)_lengths[_order[start + i]] << 32 | (uint)i;
        keys.Sort(_order.AsSpan(start, count));
    }
}
