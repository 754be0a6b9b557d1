using Unroll.Kernels;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>Where the steps of a batch stand in memory and who follows whom.</summary>
internal unsafe struct ScanLayout
{
    public int Steps, Batch, Hidden, Total;
    public bool Backward, Spread;
    public int* Live, Place, Lengths, Order;      // null where every row has all steps

    const int FewRows = 4;

    public static ScanLayout Of(int steps, int batch, int hidden, int gates, Lengths? lengths, bool backward)
    {
        var layout = new ScanLayout { Steps = steps, Batch = batch, Hidden = hidden, Total = lengths?.Total ?? steps * batch, Backward = backward };
        layout.Spread = batch <= FewRows && Gemm.IsShared(batch, gates * hidden, hidden);
        if (lengths is null) return layout;
        var (values, order, live, places) = lengths.Addresses;
        layout.Lengths = (int*)values;
        layout.Order = (int*)order;
        layout.Live = (int*)live;
        layout.Place = (int*)places;
        return layout;
    }

    public readonly int LiveAt(int t) => Live == null ? Batch : Live[t];
    public readonly int PlaceOf(int t) => Place == null ? t * Batch : Place[t];

    /// <summary>The step that is worked on i-th.</summary>
    public readonly int StepAt(int i) => Backward ? Steps - 1 - i : i;

    /// <summary>How many rows come from the step before; the others start here.</summary>
    public readonly int ContinuingAt(int i) => i == 0 ? 0 : LiveAt(StepAt(i - 1));

    /// <summary>
    /// Runs a scan. With enough rows each thread has its own, from the first step to the last. With few, and weights too large for one core's
    /// cache, one thread walks through the steps and every product is shared out by columns.
    /// </summary>
    public readonly void Run<TKernel>(TKernel kernel, int grain) where TKernel : unmanaged, IKernel
    {
        if (Spread) Team.RunAlone(kernel, Total);
        else Team.Run(kernel, Total, grain);
    }

    /// <summary>A product of the scan, on this thread or shared out.</summary>
    public readonly void Multiply<V>(Real* a, nint aRow, Factor b, Real* start, nint startRow, Real* c, nint cRow, int m, int n, int k)
        where V : unmanaged, ILanes<V>
    {
        if (Spread) Gemm.Multiply(a, aRow, 1, b, start, startRow, c, cRow, m, n, k);
        else Gemm.Block<V>(a, aRow, 1, b, start, startRow, c, cRow, m, n, k);
    }

    /// <summary>
    /// The first row of the thread whose work begins at step <paramref name="unit"/> of all steps: threads own whole rows, and long
    /// rows count for more.
    /// </summary>
    public readonly int RowAt(int unit)
    {
        if (Live == null) return (unit + Steps / 2) / Steps;
        int row = 0, sum = 0;
        for (; row < Batch && sum + Lengths[Order[row]] / 2 < unit; row++) sum += Lengths[Order[row]];
        return unit >= Total ? Batch : row;
    }
}

/// <summary>Every step forward, for the rows that a thread owns. Rows do not depend on each other, so there is no barrier.</summary>
internal unsafe struct ScanForward<TCell> : IKernel where TCell : struct, IScanCell
{
    public ScanLayout Layout;
    public Real* Gates, Recurrent, H, C, H0, C0, RecurrentBias, Zeros;
    public Factor Weight;

    public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        int lo = Layout.RowAt(from), hi = Layout.RowAt(to), width = Layout.Hidden;
        for (var i = 0; i < Layout.Steps; i++)
        {
            var t = Layout.StepAt(i);
            var live = Math.Min(hi, Layout.LiveAt(t));
            var continuing = Layout.ContinuingAt(i);
            if (lo < Math.Min(live, continuing))
            {
                var before = (nint)Layout.PlaceOf(Layout.StepAt(i - 1)) * width;
                Rows<V>(t, lo, Math.Min(live, continuing), H + before, TCell.HasMemory ? C + before : null);
            }
            if (Math.Max(lo, continuing) < live) Rows<V>(t, Math.Max(lo, continuing), live, H0, C0);
        }
    }

    readonly void Rows<V>(int t, int lo, int hi, Real* hPrevious, Real* cPrevious) where V : unmanaged, ILanes<V>
    {
        int size = Layout.Hidden, width = TCell.Gates * size, rows = hi - lo;
        var place = (nint)Layout.PlaceOf(t) + lo;
        Real* gates = Gates + place * width, recurrent = TCell.SplitsProducts ? Recurrent + place * width : gates;
        var h = hPrevious == null ? null : hPrevious + (nint)lo * size;
        if (TCell.SplitsProducts) Layout.Multiply<V>(h, size, Weight, RecurrentBias, 0, recurrent, width, rows, width, h == null ? 0 : size);
        else if (h != null) Layout.Multiply<V>(h, size, Weight, gates, width, gates, width, rows, width, size);
        for (var r = 0; r < rows; r++)
            TCell.Forward<V>(gates + (nint)r * width, recurrent + (nint)r * width, h == null ? Zeros : h + (nint)r * size,
                cPrevious == null ? Zeros : cPrevious + (nint)(lo + r) * size, H + (place + r) * size, TCell.HasMemory ? C + (place + r) * size : null, size);
    }
}

/// <summary>Every step backward, for the rows that a thread owns: gradients of the pre-activations, and of the initial state.</summary>
internal unsafe struct ScanBackward<TCell> : IKernel where TCell : struct, IScanCell
{
    public ScanLayout Layout;
    public Real* Gates, Recurrent, H, C, H0, C0, DY, DH, DC, Zeros;
    public Factor Weight;
    public bool NeedsInitial;

    public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        int lo = Layout.RowAt(from), hi = Layout.RowAt(to), width = Layout.Hidden;
        for (var i = Layout.Steps - 1; i >= 0; i--)
        {
            var t = Layout.StepAt(i);
            var live = Math.Min(hi, Layout.LiveAt(t));
            var continuing = Layout.ContinuingAt(i);
            if (lo < Math.Min(live, continuing))
            {
                var before = (nint)Layout.PlaceOf(Layout.StepAt(i - 1)) * width;
                Rows<V>(t, lo, Math.Min(live, continuing), H + before, TCell.HasMemory ? C + before : null, true);
            }
            if (Math.Max(lo, continuing) < live) Rows<V>(t, Math.Max(lo, continuing), live, H0, C0, NeedsInitial);
        }
    }

    readonly void Rows<V>(int t, int lo, int hi, Real* hPrevious, Real* cPrevious, bool toPrevious) where V : unmanaged, ILanes<V>
    {
        int size = Layout.Hidden, width = TCell.Gates * size, rows = hi - lo;
        var place = (nint)Layout.PlaceOf(t) + lo;
        Real* gates = Gates + place * width, recurrent = TCell.SplitsProducts ? Recurrent + place * width : gates, dh = DH + (nint)lo * size;
        for (var r = 0; r < rows; r++)
            TCell.Backward<V>(gates + (nint)r * width, recurrent + (nint)r * width, hPrevious == null ? Zeros : hPrevious + (nint)(lo + r) * size,
                cPrevious == null ? Zeros : cPrevious + (nint)(lo + r) * size, H + (place + r) * size, TCell.HasMemory ? C + (place + r) * size : null,
                DY + (place + r) * size, dh + (nint)r * size, TCell.HasMemory ? DC + (nint)(lo + r) * size : null, size);
        if (toPrevious) Layout.Multiply<V>(recurrent, width, Weight, dh, size, dh, size, rows, size, width);
    }
}
