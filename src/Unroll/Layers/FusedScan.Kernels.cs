using System.Runtime.CompilerServices;
using Unroll.Kernels;

namespace Unroll.Layers;

/// <summary>Every step forward, for the rows and units that a thread owns.</summary>
internal unsafe struct ScanForward<TCell> : IJointKernel where TCell : struct, IScanCell
{
    public ScanLayout Layout;
    public int Inputs;
    public Factor WeightIh, WeightHh;
    public Real* X, Bias, RecurrentBias, Peepholes, Gates, Recurrent, H, C, H0, C0, Y, Zeros;
    public nint YRow;           // from a row of the output to the next
    public Real* Mask, Entering, Entering0;      // h where it enters the gates: mask ⊙ h; h itself where there is no mask

    /// <summary>Where given, X holds the products W_ih·x + b already, of every symbol, and this says which row is which symbol.</summary>
    public int* Places;

    /// <summary>Whether X holds those products of every row.</summary>
    public bool Ready;

    /// <summary>Whether the gates hold what they get of the input already, of all steps.</summary>
    public bool Projected;

    /// <summary>Whether gates and states of all steps are kept; else there is room for those at work.</summary>
    public bool Keeps;

    /// <summary>Whether the recurrent products of all steps are kept, where the cell needs them by themselves: for the way back; else there is room for a step's.</summary>
    public bool Records;

    public readonly void Run<V>(int part, int parts) where V : unmanaged, ILanes<V>
    {
        var share = Layout.ShareOf(part, parts);
        int steps = Layout.Steps, chunk = Layout.Chunk;
        for (var first = 0; first < steps; first += chunk)
        {
            var end = Math.Min(first + chunk, steps);
            // Of these steps, wherever the direction puts them, the earliest in memory:
            var origin = Keeps || Projected ? 0 : Math.Min(Layout.StepAt(first), Layout.StepAt(end - 1));
            if (!Projected) Project<V>(share, first, end, origin);
            for (var i = first; i < end; i++)
            {
                Step<V>(share, i, origin);
                if (i + 1 < steps) share.Meet();
            }
        }
    }

    public readonly void Abandon(int part, int parts) => Layout.ShareOf(part, parts).Abandon();

    /// <summary>gates = W_ih·x + b of steps <paramref name="first"/> to <paramref name="end"/>.</summary>
    readonly void Project<V>(in ScanShare share, int first, int end, int origin) where V : unmanaged, ILanes<V>
    {
        int t = Layout.StepAt(first), last = Layout.StepAt(end - 1);
        if (t > last) (t, last) = (last, t);
        if (share.HasRows(Layout.Batch))                                 // rows of all steps, without a gap
        {
            Project<V>(share, Layout.PlaceOf(t), Layout.PlaceOf(last + 1), GatesOf(share, t, origin), 0, Layout.Width);
            return;
        }
        // Its own rows of every step, for some columns at a time, whose weights stay in the cache until the last step has used them.
        var columns = first + 1 == end || Layout.SplitsUnits || Places != null || Ready ? Layout.Width : 4 * Gemm.PanelColumns;
        for (var column = 0; column < Layout.Width; column += columns)
            for (var step = t; step <= last; step++)
                Project<V>(share, Layout.PlaceOf(step) + share.Row, Layout.PlaceOf(step) + Math.Min(share.RowEnd, Layout.LiveAt(step)),
                    GatesOf(share, step, origin) + share.Row, column, Math.Min(columns, Layout.Width - column));
    }

    readonly void Project<V>(in ScanShare share, int from, int to, int gates, int column, int columns) where V : unmanaged, ILanes<V>
    {
        if (Places != null || Ready)
            for (var r = from; r < to; r++) LookUp(share, X + (nint)(Ready ? r : Places[r]) * Layout.Width, Gates + (nint)(gates + r - from) * Layout.Width);
        else if (from < to)
            Multiply<V>(share, X + (nint)from * Inputs, Inputs, WeightIh, Bias, 0, Gates + (nint)gates * Layout.Width, to - from, column, columns);
    }

    readonly void LookUp(in ScanShare share, Real* product, Real* gates)
    {
        // All columns side by side, or some units of every gate.
        var (parts, columns) = Layout.SplitsUnits ? (TCell.Gates, share.UnitEnd - share.Unit) : (1, Layout.Width);
        for (var g = 0; g < parts; g++)
        {
            var at = g * Layout.Hidden + share.Unit;
            new ReadOnlySpan<Real>(product + at, columns).CopyTo(new(gates + at, columns));
        }
    }

    /// <summary>
    /// The first row of step t's gates, in room that begins with step <paramref name="origin"/>. Where threads share the rows, one may be some
    /// steps ahead of another: in room that is used again every row then has a place of its own, however many rows have ended.
    /// </summary>
    readonly int GatesOf(in ScanShare share, int t, int origin) =>
        Keeps || Projected || share.HasRows(Layout.Batch) ? Layout.PlaceOf(t) - Layout.PlaceOf(origin) : (t - origin) * Layout.Batch;

    readonly void Step<V>(in ScanShare share, int i, int origin) where V : unmanaged, ILanes<V>
    {
        var t = Layout.StepAt(i);
        var live = Math.Min(share.RowEnd, Layout.LiveAt(t));
        var continuing = Layout.ContinuingAt(i);
        if (share.Row < Math.Min(live, continuing))
            Rows<V>(share, i, origin, share.Row, Math.Min(live, continuing), StatesAt(i - 1), EnteringAt(i - 1), TCell.HasMemory ? MemoryAt(i - 1) : null);
        if (Math.Max(share.Row, continuing) < live) Rows<V>(share, i, origin, Math.Max(share.Row, continuing), live, H0, Entering0, C0);
        if (Y != H)
            for (var p = Math.Max(share.Row, live); p < share.RowEnd; p++)
                new Span<Real>(Output(t, p) + share.Unit, share.UnitEnd - share.Unit).Clear();         // past its end
    }

    readonly void Rows<V>(in ScanShare share, int i, int origin, int lo, int hi, Real* hPrevious, Real* entering, Real* cPrevious)
        where V : unmanaged, ILanes<V>
    {
        int t = Layout.StepAt(i), size = Layout.Hidden, width = Layout.Width, rows = hi - lo, unit = share.Unit, units = share.UnitEnd - unit;
        var place = (nint)(GatesOf(share, t, origin) + lo) * width;
        Real* gates = Gates + place, recurrent = TCell.SplitsProducts ? Recurrent + (Records ? place : (nint)lo * width) : gates;
        if (TCell.SplitsProducts)
            Multiply<V>(share, entering == null ? null : entering + (nint)lo * size, entering == null ? 0 : size, WeightHh, RecurrentBias, 0, recurrent, rows,
                0, width);
        else if (entering != null) Multiply<V>(share, entering + (nint)lo * size, size, WeightHh, gates, width, gates, rows, 0, width);
        Real* h = StatesAt(i) + unit, c = TCell.HasMemory ? MemoryAt(i) + unit : null;
        for (var p = lo; p < hi; p++, gates += width, recurrent += width)
        {
            var row = (nint)p * size;
            TCell.Forward<V>(gates + unit, recurrent + unit, Peepholes + unit, hPrevious == null ? Zeros : hPrevious + row + unit,
                cPrevious == null ? Zeros : cPrevious + row + unit, h + row, c + row, size, units);
            if (Mask != null) Steps.Run<V, DropoutKernel.ApplyStep>(new(h + row, Mask + row + unit, EnteringAt(i) + row + unit, add: false), 0, units);
            if (Y != H) new ReadOnlySpan<Real>(h + row, units).CopyTo(new(Output(t, p) + unit, units));
        }
    }

    /// <summary>c = start + a·w for the given columns; where threads own units, for those columns of theirs, in every gate.</summary>
    readonly void Multiply<V>(in ScanShare share, Real* a, int k, Factor w, Real* start, nint startRow, Real* c, int rows, int column, int columns)
        where V : unmanaged, ILanes<V>
    {
        int size = Layout.Hidden, width = Layout.Width;
        if (!Layout.SplitsUnits)
        {
            Gemm.Block<V>(a, k, 1, w.From(0, column), start + column, startRow, c + column, width, rows, columns, k);
            return;
        }
        var apart = w.IsPacked ? Gemm.PaddedColumns(size) : size;                // each gate is packed by itself
        for (var gate = 0; gate < TCell.Gates; gate++)
        {
            column = gate * size + share.Unit;
            Gemm.Block<V>(a, k, 1, w.From(0, gate * apart + share.Unit), start + column, startRow, c + column, width, rows, share.UnitEnd - share.Unit, k);
        }
    }

    readonly Real* Output(int t, int p) => Y + ((nint)t * Layout.Batch + Layout.RowOf(p)) * YRow;

    /// <summary>Where the states of step i begin. Kept, or in two rooms in turn: some thread may still read the step before.</summary>
    public readonly Real* StatesAt(int i) =>
        H + (nint)(Keeps || Y == H ? Layout.PlaceOf(Layout.StepAt(i)) : (i & 1) * Layout.Batch) * Layout.Hidden;

    /// <summary>The same of h as it enters the gates of the step after.</summary>
    readonly Real* EnteringAt(int i) =>
        Mask == null ? StatesAt(i) : Entering + (nint)(Keeps ? Layout.PlaceOf(Layout.StepAt(i)) : (i & 1) * Layout.Batch) * Layout.Hidden;

    /// <summary>The same of the memory, which nobody reads but its owner: one room is enough.</summary>
    public readonly Real* MemoryAt(int i) => C + (nint)(Keeps ? Layout.PlaceOf(Layout.StepAt(i)) : 0) * Layout.Hidden;
}

/// <summary>Every step backward, for the rows and units that a thread owns: gradients of the pre-activations, and of the initial state.</summary>
internal unsafe struct ScanBackward<TCell> : IJointKernel where TCell : struct, IScanCell
{
    public ScanLayout Layout;
    public Factor WeightHh;
    public Real* Peepholes, Gates, Recurrent, H, C, H0, C0, DY, DH, DC, Zeros, Mask, DEntering;
    public Real* Gradients;      // ∂L/∂h of every step, all ways together; null where nobody wants it
    public nint DYRow;
    public bool NeedsInitial;

    public readonly void Run<V>(int part, int parts) where V : unmanaged, ILanes<V>
    {
        var share = Layout.ShareOf(part, parts);
        for (var i = Layout.Steps - 1; i >= 0; i--)
        {
            var t = Layout.StepAt(i);
            int live = Math.Min(share.RowEnd, Layout.LiveAt(t)), continuing = Layout.ContinuingAt(i);
            var before = i == 0 ? 0 : (nint)Layout.PlaceOf(Layout.StepAt(i - 1)) * Layout.Hidden;
            int lo = share.Row, middle = Math.Max(lo, Math.Min(live, continuing)), from = NeedsInitial ? live : middle;
            Rows<V>(share, t, lo, middle, H + before, TCell.HasMemory ? C + before : null);
            Rows<V>(share, t, middle, live, H0, C0);
            share.Meet();
            // The gradient of the state before, where somebody wants it.
            if (lo < from) Through<V>(share, t, lo, from);
        }
    }

    public readonly void Abandon(int part, int parts) => Layout.ShareOf(part, parts).Abandon();

    /// <summary>dh += mask ⊙ dgates·W_hh, for rows <paramref name="lo"/> to <paramref name="hi"/> of step t.</summary>
    readonly void Through<V>(in ScanShare share, int t, int lo, int hi) where V : unmanaged, ILanes<V>
    {
        int size = Layout.Hidden, units = share.UnitEnd - share.Unit;
        var place = (nint)lo * size + share.Unit;
        Real* gates = (TCell.SplitsProducts ? Recurrent : Gates) + (nint)(Layout.PlaceOf(t) + lo) * Layout.Width, to = Mask == null ? DH : DEntering;
        Gemm.Block<V>(gates, Layout.Width, 1, WeightHh.From(0, share.Unit), Mask == null ? DH + place : null, size, to + place, size, hi - lo, units, Layout.Width);
        if (Mask == null) return;
        for (var p = lo; p < hi; p++, place += size) Steps.Run<V, DropoutKernel.ApplyStep>(new(DEntering + place, Mask + place, DH + place, add: true), 0, units);
    }

    readonly void Rows<V>(in ScanShare share, int t, int lo, int hi, Real* hPrevious, Real* cPrevious) where V : unmanaged, ILanes<V>
    {
        int size = Layout.Hidden, width = Layout.Width, unit = share.Unit;
        for (var p = lo; p < hi; p++)
        {
            nint place = Layout.PlaceOf(t) + p, row = (nint)p * size + unit;
            Real* gates = Gates + place * width + unit, dy = DY + ((nint)t * Layout.Batch + Layout.RowOf(p)) * DYRow + unit;
            for (var j = 0; Gradients != null && j < share.UnitEnd - unit; j++) Gradients[place * size + unit + j] = dy[j] + DH[row + j];
            TCell.Backward<V>(gates, TCell.SplitsProducts ? Recurrent + place * width + unit : gates, Peepholes + unit,
                hPrevious == null ? Zeros : hPrevious + row, cPrevious == null ? Zeros : cPrevious + row,
                H + place * size + unit, TCell.HasMemory ? C + place * size + unit : null,
                dy, DH + row, TCell.HasMemory ? DC + row : null, size, share.UnitEnd - unit);
        }
    }
}

/// <summary>The gradients of the peephole weights from those of the pre-activations: dV_i = Σ di ⊙ c, dV_f = Σ df ⊙ c, dV_o = Σ do ⊙ c′ over steps and rows, in order of the steps.</summary>
internal unsafe struct PeepholeGradient : IKernel
{
    public ScanLayout Layout;
    public Real* Gates, C, C0, DV;       // gates hold gradients

    readonly struct AddStep(Real* gate, Real* c, Real* dv) : IStep
    {
        [MethodImpl(Jit.Inlined)]
        public void Step<V>(int j) where V : unmanaged, ILanes<V> => V.Fma(V.Load(gate + j), V.Load(c + j), V.Load(dv + j)).Store(dv + j);
    }

    /// <summary>For units <paramref name="from"/> to <paramref name="to"/>.</summary>
    public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        int size = Layout.Hidden, width = Layout.Width;
        for (var i = 0; i < Layout.Steps; i++)
        {
            int t = Layout.StepAt(i), continuing = Layout.ContinuingAt(i);
            for (var p = 0; p < Layout.LiveAt(t); p++)
            {
                var place = (nint)Layout.PlaceOf(t) + p;
                var gates = Gates + place * width;
                var before = p < continuing ? C + ((nint)Layout.PlaceOf(Layout.StepAt(i - 1)) + p) * size : C0 == null ? null : C0 + (nint)p * size;
                if (before != null)
                {
                    Steps.Run<V, AddStep>(new(gates, before, DV), from, to);
                    Steps.Run<V, AddStep>(new(gates + size, before, DV + size), from, to);
                }
                Steps.Run<V, AddStep>(new(gates + 3 * size, C + place * size, DV + 2 * size), from, to);
            }
        }
    }
}
