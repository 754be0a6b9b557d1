using Unroll.Kernels;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>Where the steps of a batch stand in memory, who follows whom, and how threads share them.</summary>
internal unsafe struct ScanLayout
{
    public int Steps, Batch, Hidden, Gates, Total;
    public bool Backward;
    public int* Lengths, Order, Live, Place;      // null where every row has all steps; see At

    int _rowParts, _unitParts;
    SpinBarrier* _barriers;

    const int ProductRows = 32;                   // so many rows make the input's product as fast as it gets
    const long Grain = 500_000;                   // operations that make a thread worth waking

    /// <summary>Numbers of a row of gates.</summary>
    public readonly int Width => Gates * Hidden;

    public static ScanLayout Of(int steps, int batch, int hidden, int gates, int inputs, Lengths? lengths, bool backward, int threads)
    {
        var layout = new ScanLayout
        {
            Steps = steps, Batch = batch, Hidden = hidden, Gates = gates, Total = lengths?.Total ?? steps * batch, Backward = backward,
        };
        layout.Share(lengths, inputs, threads);
        return layout;
    }

    /// <summary>The same where its lengths were fixed, all null if it has none, and the barriers, all zeros, if it needs any.</summary>
    public readonly ScanLayout At(int* lengths, int* order, int* live, int* places, Real* barriers) =>
        this with { Lengths = lengths, Order = order, Live = live, Place = places, _barriers = (SpinBarrier*)barriers };

    public readonly int LiveAt(int t) => Live == null ? Batch : Live[t];

    /// <summary>The first row of step t among all that count; where the last step ends for t = T.</summary>
    public readonly int PlaceOf(int t) => Place == null ? t * Batch : Place[t];

    /// <summary>The step that is worked on i-th.</summary>
    public readonly int StepAt(int i) => Backward ? Steps - 1 - i : i;

    /// <summary>How many rows come from the step before; the others start here.</summary>
    public readonly int ContinuingAt(int i) => i == 0 ? 0 : LiveAt(StepAt(i - 1));

    /// <summary>The row of the batch that is the p-th when they are sorted by length.</summary>
    public readonly int RowOf(int p) => Order == null ? p : Order[p];

    /// <summary>Threads that share the scan.</summary>
    public readonly int Parts => _rowParts * _unitParts;

    /// <summary>Operations of all products of a pass.</summary>
    public long Operations { get; private set; }

    /// <summary>Whether threads own parts of the hidden units; each gate's columns are then packed by themselves.</summary>
    public readonly bool SplitsUnits => _unitParts > 1;

    /// <summary>Numbers of the memory in which threads that share rows wait for each other; 0 where none do.</summary>
    public readonly int BarrierLength => SplitsUnits ? _rowParts * sizeof(SpinBarrier) / sizeof(Real) : 0;

    /// <summary>Steps whose input product is taken at once: a few rows of one step would pass by the weights too fast.</summary>
    public readonly int Chunk => Math.Max(1, ProductRows * _rowParts / Math.Max(1, Batch));

    /// <summary>How many times the input's product reads its weights: once a chunk by a thread that owns all rows, else once a step.</summary>
    public readonly int InputPasses => _rowParts > 1 ? Steps : (Steps + Chunk - 1) / Chunk;

    /// <summary>
    /// Chooses between giving threads rows, which need no waiting, and giving them hidden units, which lets each thread keep its part of the
    /// weights in its own cache, at a barrier for every step. Costs are counted in rows of work.
    /// </summary>
    void Share(Lengths? lengths, int inputs, int threads)
    {
        (_rowParts, _unitParts) = (1, 1);
        if (Total == 0) return;
        var operations = 2L * Width * (inputs + Hidden);             // of one row of one step
        Operations = operations * Total;
        threads = (int)Math.Min(threads, 1 + Operations / Grain);
        var blocks = (Hidden + Gemm.PanelColumns - 1) / Gemm.PanelColumns;
        const double BarrierOperations = 40_000;                     // some 0.3 µs
        var best = double.PositiveInfinity;
        for (var rows = 1; rows <= Math.Min(threads, Batch); rows++)
        {
            var units = Math.Min(threads / rows, blocks);
            var share = (double)((blocks + units - 1) / units) / blocks;
            var bytes = (double)Width * (inputs + Hidden) * sizeof(Real) * share;
            // Below so many rows the time goes into reading the weights: from the first cache, the second, the third, or memory.
            var least = bytes <= 24 << 10 ? 1 : bytes <= 1 << 20 ? 2 : bytes <= 8 << 20 ? 3 : 8;
            double cost = 0;
            if (lengths is null) cost = (double)Steps * Math.Max(least, (Batch + rows - 1) / rows);
            else
                for (var t = 0; t < Steps && lengths.LiveAt(t) > 0; t++) cost += Math.Max(least, (double)lengths.LiveAt(t) / rows);
            cost = cost * share + (units > 1 ? Steps * BarrierOperations / operations : 0);
            if (cost < best) (best, _rowParts, _unitParts) = (cost, rows, units);
        }
    }

    /// <summary>The part of one of <paramref name="parts"/> threads: all there is if it works alone.</summary>
    public readonly ScanShare ShareOf(int part, int parts)
    {
        var share = new ScanShare { RowEnd = Batch, UnitEnd = Hidden, Sharers = 1 };
        if (parts == 1) return share;
        int group = part / _unitParts, member = part % _unitParts;
        share.Row = RowAt((int)((long)Total * group / _rowParts));
        share.RowEnd = RowAt((int)((long)Total * (group + 1) / _rowParts));
        if (_unitParts == 1) return share;
        int panel = Gemm.PanelColumns, blocks = (Hidden + panel - 1) / panel;
        share.Unit = blocks * member / _unitParts * panel;
        share.UnitEnd = Math.Min(Hidden, blocks * (member + 1) / _unitParts * panel);
        share.Sharers = _unitParts;
        share.Barrier = _barriers + group;
        return share;
    }

    /// <summary>The first row of the thread whose work begins at step <paramref name="unit"/> of all steps; long rows count for more.</summary>
    readonly int RowAt(int unit)
    {
        if (Live == null) return (unit + Steps / 2) / Steps;
        int row = 0, sum = 0;
        for (; row < Batch && sum + Lengths[Order[row]] / 2 < unit; row++) sum += Lengths[Order[row]];
        return unit >= Total ? Batch : row;
    }
}

/// <summary>The rows and hidden units of one thread.</summary>
internal unsafe struct ScanShare
{
    public int Row, RowEnd, Unit, UnitEnd, Sharers;
    public SpinBarrier* Barrier;

    /// <summary>Whether all rows of the batch are its own.</summary>
    public readonly bool HasRows(int batch) => Row == 0 && RowEnd == batch;

    /// <summary>Waits for the other threads that share these rows.</summary>
    public readonly void Meet()
    {
        if (Sharers > 1) SpinBarrier.Wait(Barrier, Sharers);
    }

    /// <summary>Lets those go that wait for this thread, which has thrown.</summary>
    public readonly void Abandon()
    {
        if (Sharers > 1) SpinBarrier.Open(Barrier);
    }
}
