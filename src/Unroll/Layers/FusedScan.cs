using Unroll.Kernels;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// A whole sequence through a cell of the shape gates = W_ih·x + b_ih + W_hh·h + b_hh, as one node of the tape. The gates may get the share of a shared layer besides,
/// whose states are then the last part of the input.
/// </summary>
/// <remarks>
/// Threads share rows or hidden units (<see cref="ScanLayout"/>). On the way back the gradients of the pre-activations take the place of
/// the gates, and each weight's gradient is one product over all steps. A ragged batch is packed: only steps that count are kept, rows
/// from long to short.
/// </remarks>
internal sealed unsafe class FusedScan<TCell>(
    int inputSize, int hiddenSize, Parameter weightIh, Parameter weightHh, Parameter biasIh, Parameter biasHh, Parameter? peepholes = null, SharedTerm? share = null)
    : IFusedScan where TCell : struct, IScanCell
{
    readonly Tensor _zeros = Zero(hiddenSize);
    ProductTable? _table;                        // while nothing is recorded; a training changes the weights with every step

    static Tensor Zero(int size)
    {
        var zeros = Tensor.Free(new(size));          // no tape's: the cell keeps it
        zeros.Values.Clear();
        return zeros;
    }

    static int States => TCell.HasMemory ? 2 : 1;
    int Width => TCell.Gates * hiddenSize;

    public void Forward(ref ScanPass pass, int threads, ScanCompany company)
    {
        var (x, initial, lengths) = (pass.X, pass.Initial, pass.Lengths);
        int steps = x.Shape[0], batch = x.Shape[1];
        var needed = x.NeedsGradient || weightIh.Trainable || weightHh.Trainable || biasIh.Trainable || biasHh.Trainable || peepholes is { Trainable: true } || share is { Weight.Trainable: true };
        for (var i = 0; i < initial.Count; i++) needed |= initial[i].NeedsGradient;
        pass.Records = Tape.Mark(pass.Output, needed);

        var layout = ScanLayout.Of(steps, batch, hiddenSize, TCell.Gates, pass.Ready || share is not null ? 0 : inputSize, lengths, pass.Backward, threads);
        var rows = pass.Keeps ? layout.Total : Math.Min(steps, layout.Chunk) * batch;
        pass.Symbols = pass.Ready || share is not null ? default : x.Data.Symbols;
        var looksUp = pass.Symbols.Count > 0;
        var remembers = looksUp && !pass.Records && ProductTable.Holds(pass.Symbols.Table, Width);
        if (pass.Records) _table = null;
        pass.Xs = remembers || share is not null ? default : looksUp ? pass.Symbols.Rows() : lengths is null ? x : ScanRows.Pack(x, lengths);          // [D, I] or [N, I]
        pass.H0 = initial.IsZero ? default : Sorted(initial[0], lengths);
        pass.C0 = TCell.HasMemory && !initial.IsZero ? Sorted(initial[1], lengths) : default;
        if (share is not null) (pass.Xs, pass.Shared) = (ScanRows.Pack(x, lengths, 0, inputSize), ScanRows.Pack(x, lengths, inputSize, share.Size));
        pass.Gates = pass.Room(new(share is null ? rows : layout.Total, Width));
        pass.Recurrent = TCell.SplitsProducts ? Tensor.New(new(pass.Records ? rows : batch, Width)) : pass.Gates;
        pass.H = lengths is null && pass.Output.Columns == hiddenSize ? pass.Output
            : Tensor.New(new(pass.Keeps ? layout.Total : 2 * batch, hiddenSize));
        pass.C = TCell.HasMemory ? pass.Room(new(pass.Keeps ? layout.Total : batch, hiddenSize)) : default;
        (pass.Entering, pass.Entering0) = (pass.H, pass.H0);
        if (!pass.Mask.IsNone)
        {
            pass.Mask = Sorted(pass.Mask, lengths);
            pass.Entering = Tensor.New(new(pass.Keeps ? layout.Total : 2 * batch, hiddenSize));
            if (!pass.H0.IsNone) pass.Entering0 = Combine<Multiply>(pass.H0, pass.Mask);
        }
        var bias = TCell.SplitsProducts || pass.Ready ? biasIh.Tensor : Combine<Add>(biasIh, biasHh);
        var inputs = remembers ? Remembered(pass.Symbols, bias) : looksUp ? Products(pass.Xs, bias) : pass.Xs;
        if (remembers) (pass.Xs, pass.Places) = (inputs, pass.Symbols.TableRows(x.Rows));                   // kept, whoever forgets the table meanwhile
        if (share is not null)
        {
            Products(pass.Xs, bias, pass.Gates);
            pass.Shares = share.Forward(pass.Shared, pass.Gates);
        }
        if (looksUp && lengths is not null) pass.Places = ScanRows.Pack(PlacesOf(pass), lengths);
        if (looksUp && pass.Records && x.NeedsGradient) pass.Symbols.GradientGoesToTable();
        Run(ref pass, layout, inputs, looksUp, bias, company);
    }

    /// <summary>Fixes what the scan works on, and runs it.</summary>
    void Run(ref ScanPass pass, ScanLayout layout, Tensor inputs, bool looksUp, Tensor bias, ScanCompany company)
    {
        var groups = layout.SplitsUnits ? TCell.Gates : 1;
        var factorIh = looksUp || pass.Ready || share is not null ? default : weightIh.FactorFor(transposed: true, layout.InputPasses, groups);
        var factorHh = weightHh.FactorFor(transposed: true, layout.Steps - (pass.H0.IsNone ? 1 : 0), groups);       // one product a step
        var barriers = BarriersOf(layout);
        fixed (int* lengths = ValuesOf(pass.Lengths), order = OrderOf(pass.Lengths), live = LiveOf(pass.Lengths), place = PlaceOf(pass.Lengths),
            places = looksUp ? PlacesOf(pass) : default)
        fixed (Real* meet = barriers, x = inputs, wih = factorIh, whh = factorHh, b = bias, bhh = biasHh, peep = PeepholeValues, gates = pass.Gates, recurrent = pass.Recurrent,
            h = pass.H, c = pass.C, h0 = pass.H0, c0 = pass.C0, mask = pass.Mask, entering = pass.Entering, entering0 = pass.Entering0,
            y = pass.Output, zeros = _zeros)
        {
            var kernel = new ScanForward<TCell>
            {
                Layout = layout.At(lengths, order, live, place, meet), Inputs = inputSize, X = x, Places = places, Ready = pass.Ready,
                WeightIh = factorIh.At(wih), WeightHh = factorHh.At(whh), Bias = b, RecurrentBias = bhh, Peepholes = peep, Gates = gates, Recurrent = recurrent,
                H = h, C = c, H0 = h0, C0 = c0, Mask = mask, Entering = entering, Entering0 = entering0,
                Y = y + pass.Column, YRow = pass.Output.Columns, Zeros = zeros, Keeps = pass.Keeps, Records = pass.Records, Projected = share is not null,
            };
            company.Run(ThreadTeam.Job.Of(&kernel, layout.Parts, layout.Operations, layout.SplitsUnits));
            pass.Final = Last(pass, kernel);
        }
    }

    /// <summary>f(a, b) of two tensors of as many numbers.</summary>
    static Tensor Combine<TOp>(Tensor a, Tensor b) where TOp : unmanaged, IBinary
    {
        var y = Tensor.New(a.Shape);
        fixed (Real* pa = a, pb = b, py = y) ThreadTeam.Run(new BinaryKernel<TOp>(pa, pb, py), y.Count, y.Count);
        return y;
    }

    static Tensor BarriersOf(in ScanLayout layout) => layout.BarrierLength == 0 ? default : Tensor.Zeros(new(layout.BarrierLength));

    static ReadOnlySpan<int> ValuesOf(Lengths? lengths) => lengths is null ? default : lengths.Values;
    static ReadOnlySpan<int> OrderOf(Lengths? lengths) => lengths is null ? default : lengths.Order;
    static ReadOnlySpan<int> LiveOf(Lengths? lengths) => lengths is null ? default : lengths.Live;
    static ReadOnlySpan<int> PlaceOf(Lengths? lengths) => lengths is null ? default : lengths.Places;

    /// <summary>W_ih·x + b of every symbol, [D, G·H].</summary>
    Tensor Products(Tensor symbols, Tensor bias)
    {
        var products = Tensor.New(new(symbols.Rows, Width));
        Products(symbols, bias, products);
        return products;
    }

    void Products(Tensor rows, Tensor bias, Tensor products)
    {
        var factor = weightIh.FactorFor(transposed: true, Gemm.Passes(rows.Rows, inputSize));
        fixed (Real* x = rows, w = factor, b = bias, y = products) Gemm.Multiply(x, inputSize, 1, factor.At(w), b, 0, y, Width, rows.Rows, Width, inputSize);
    }

    /// <summary>The same of every row of their table that was ever asked for: [V + 1, G·H], the first that of a row of zeros.</summary>
    Tensor Remembered(in Symbols symbols, Tensor bias)
    {
        var table = ProductTable.Of(ref _table, symbols.Table, Width, (weightIh.Version, biasIh.Version, biasHh.Version));
        var unknown = table.Unknown(symbols);
        if (unknown.Count > 0) table.Add(unknown, Products(unknown.Rows(), bias));
        return table.Products;
    }

    public Parameter InputWeight => weightIh;

    public bool HasShare => share is not null;

    public Tensor InputBias() => TCell.SplitsProducts ? biasIh.Tensor : biasIh.Tensor + biasHh.Tensor;

    static ReadOnlySpan<int> PlacesOf(in ScanPass pass) => pass.Places.IsNone ? pass.Symbols.Places : pass.Places.Integers;

    /// <summary>The state after the last step of each row.</summary>
    State Last(in ScanPass pass, in ScanForward<TCell> kernel)
    {
        int steps = kernel.Layout.Steps, batch = kernel.Layout.Batch;
        var room = State.Room(States);
        // h is a part of the outputs, which must not change with the state; the one room of c, where it was not kept for all steps, is nobody else's.
        var copiesMemory = TCell.HasMemory && (pass.Keeps || pass.Lengths is not null || steps == 0);
        room[0] = Tensor.New(new(batch, hiddenSize));
        if (TCell.HasMemory) room[1] = copiesMemory ? Tensor.New(new(batch, hiddenSize)) : pass.C;
        fixed (Real* h = room[0], c = TCell.HasMemory ? room[1] : default)
            for (var p = 0; p < batch; p++)
            {
                var row = kernel.Layout.RowOf(p);
                var length = pass.Lengths?.Values[row] ?? steps;
                var last = pass.Backward ? steps - 1 : length - 1;                  // the step worked on last-th
                ScanRows.Copy(length > 0 ? kernel.StatesAt(last) : kernel.H0, p, h, row, hiddenSize);
                if (copiesMemory) ScanRows.Copy(length > 0 ? kernel.MemoryAt(last) : kernel.C0, p, c, row, hiddenSize);
            }
        if (pass.Records)
            for (var i = 0; i < States; i++) room[i].Data.NeedsGradient = true;
        return State.In(room);
    }

    /// <summary>[B, H] with rows in the batch's packed order.</summary>
    static Tensor Sorted(Tensor rows, Lengths? lengths)
    {
        if (lengths is null) return rows;
        var sorted = Tensor.New(rows.Shape);
        for (var p = 0; p < lengths.Order.Length; p++) Row(rows.Values, lengths.Order[p], rows.Columns).CopyTo(Row(sorted.Values, p, rows.Columns));
        return sorted;
    }

    static Span<Real> Row(Span<Real> rows, int row, int width) => rows.Slice(row * width, width);

    public void Backward(ref ScanPass pass, int threads, ScanCompany company)
    {
        int steps = pass.X.Shape[0], batch = pass.X.Shape[1];
        Tensor dh = Carry(pass, 0), dc = TCell.HasMemory ? Carry(pass, 1) : default, dEntering = pass.Mask.IsNone ? default : Tensor.New(pass.Mask.Shape),
            gradients = pass.Gradients is null ? default : Tensor.New(new(pass.Gates.Rows, hiddenSize));
        var layout = ScanLayout.Of(steps, batch, hiddenSize, TCell.Gates, pass.Ready || share is not null ? 0 : inputSize, pass.Lengths, pass.Backward, threads);
        var needsInitial = !pass.Initial.IsZero && pass.Initial[0].NeedsGradient;
        var factor = weightHh.FactorFor(transposed: false, needsInitial ? steps : steps - 1);
        var barriers = BarriersOf(layout);
        fixed (int* lengths = ValuesOf(pass.Lengths), order = OrderOf(pass.Lengths), live = LiveOf(pass.Lengths), place = PlaceOf(pass.Lengths))
        fixed (Real* meet = barriers, w = factor, peep = PeepholeValues, gates = pass.Gates, recurrent = pass.Recurrent, h = pass.H, c = pass.C, h0 = pass.H0, c0 = pass.C0,
            dy = pass.Output.Data.Gradient(), carriedH = dh, carriedC = dc, mask = pass.Mask, entering = dEntering, zeros = _zeros, total = gradients)
        {
            var kernel = new ScanBackward<TCell>
            {
                Layout = layout.At(lengths, order, live, place, meet), WeightHh = factor.At(w), Peepholes = peep, Gates = gates, Recurrent = recurrent, H = h, C = c,
                H0 = h0, C0 = c0, DY = dy + pass.Column, DYRow = pass.Output.Columns, DH = carriedH, DC = carriedC, Mask = mask, DEntering = entering,
                Zeros = zeros, NeedsInitial = needsInitial, Gradients = total,
            };
            company.Run(ThreadTeam.Job.Of(&kernel, layout.Parts, layout.Operations, layout.SplitsUnits));
            if (peepholes is { Trainable: true }) AddToPeepholes(kernel);
            for (var t = 0; t < steps && total != null; t++)
                pass.Gradients!.AddGradient(t, gradients.Values.Slice(kernel.Layout.PlaceOf(t) * hiddenSize, kernel.Layout.LiveAt(t) * hiddenSize));
        }
        if (!pass.Initial.IsZero) AddToInitial(pass, dh, pass.Initial[0]);
        if (TCell.HasMemory && !pass.Initial.IsZero) AddToInitial(pass, dc, pass.Initial[1]);
        if (pass.Gates.Rows > 0) AddToWeightsAndInput(pass);                 // else the state went through untouched
    }

    ReadOnlySpan<Real> PeepholeValues => peepholes is null ? default : peepholes.Values;

    void AddToPeepholes(in ScanBackward<TCell> kernel)
    {
        var sums = Tensor.Zeros(peepholes!.Shape);
        fixed (Real* dv = sums)
            ThreadTeam.Run(new PeepholeGradient { Layout = kernel.Layout, Gates = kernel.Gates, C = kernel.C, C0 = kernel.C0, DV = dv }, hiddenSize, Math.Max(Gemm.PanelColumns, Grain / Math.Max(1, kernel.Layout.Total)));
        Ops.AddScaled(1, sums.Values, peepholes.Tensor.Data.GradientOrFresh(out var fresh), fresh);
    }

    const int Grain = 65_536;                    // products that make a thread worth waking

    void AddToWeightsAndInput(in ScanPass pass)
    {
        var rows = pass.Gates.Rows;
        var dgates = pass.Symbols.Count > 0 ? SumBySymbol(pass) : pass.Gates; // [D, G·H] or [N, G·H]
        if (share is not null) share.Backward(pass, inputSize);
        if (!pass.Ready) Tape.Current!.SumFor(weightIh, biasIh, TCell.SplitsProducts ? null : biasHh).Add(dgates.Data.Memory, pass.Xs.Data.Memory, dgates.Rows);
        AddRecurrentProducts(pass, Tape.Current!.SumFor(weightHh));
        if (TCell.SplitsProducts && biasHh.Trainable) Ops.AddRows(pass.Recurrent.Values, rows, biasHh.Tensor.Data.Gradient(), fresh: false);
        if (pass.X.NeedsGradient) AddToInput(pass, dgates);
    }

    /// <summary>The gates' gradients, those of equal symbols added up.</summary>
    Tensor SumBySymbol(in ScanPass pass)
    {
        var sums = Tensor.Zeros(new(pass.Symbols.Count, Width));
        Ops.AddRowsByPlace(pass.Gates, PlacesOf(pass), sums);
        return sums;
    }

    /// <summary>The gradient that flows into the last states, rows in the batch's packed order.</summary>
    static Tensor Carry(in ScanPass pass, int i)
    {
        var final = pass.Final[i].Data;
        var carry = Tensor.New(final.Shape);
        if (final.GradientIsFresh) carry.Values.Clear();
        else
            for (var p = 0; p < carry.Rows; p++) Row(final.Gradient(), RowOf(pass, p), carry.Columns).CopyTo(Row(carry.Values, p, carry.Columns));
        return carry;
    }

    static int RowOf(in ScanPass pass, int p) => pass.Lengths is null ? p : pass.Lengths.Order[p];

    static void AddToInitial(in ScanPass pass, Tensor carry, Tensor initial)
    {
        if (!initial.NeedsGradient) return;
        for (var p = 0; p < carry.Rows; p++)
            Ops.AddScaled(1, Row(carry.Values, p, carry.Columns), Row(initial.Data.Gradient(), RowOf(pass, p), carry.Columns));
    }

    /// <summary>dW_hh = Σ over steps of dgatesᵀ·h of the step before, as it entered the gates.</summary>
    void AddRecurrentProducts(in ScanPass pass, LinearSum sum)
    {
        int rows = pass.Gates.Rows, steps = pass.X.Shape[0], batch = pass.X.Shape[1];
        var dgates = pass.Recurrent.Data.Memory;
        if (pass.Lengths is not null)
        {
            sum.Add(dgates, ScanRows.Previous(pass.Entering, pass.Entering0, pass.Lengths, pass.Backward).Data.Memory, rows);
            return;
        }
        // All rows go on from step to step, so the steps before are the outputs, moved by one step.
        var first = pass.Backward ? steps - 1 : 0;
        if (!pass.H0.IsNone) sum.Add(dgates[(first * batch * Width)..], pass.Entering0.Data.Memory, batch);
        if (steps == 1) return;
        sum.Add(pass.Backward ? dgates : dgates[(batch * Width)..], pass.Backward ? pass.Entering.Data.Memory[(batch * hiddenSize)..] : pass.Entering.Data.Memory, (steps - 1) * batch);
    }

    /// <summary>dx = dgates·W_ih, to the input, or straight to the table that it was looked up in; where the products were ready, dgates to them.</summary>
    void AddToInput(in ScanPass pass, Tensor dgates)
    {
        if (pass.Ready)
        {
            Ops.AddScaled(1, dgates.Values, pass.X.Data.GradientOrFresh(out var first), first);
            return;
        }
        var factor = weightIh.FactorFor(transposed: false, Gemm.Passes(dgates.Rows, Width));
        fixed (Real* w = factor)
        {
            if (pass.Lengths is null && pass.Symbols.Count == 0 && share is null)
            {
                Ops.AddProduct(dgates.Values, Width, factor.At(w), pass.X, inputSize);
                return;
            }
            var packed = Tensor.New(new(dgates.Rows, inputSize));
            fixed (Real* d = dgates, dx = packed) Gemm.Multiply(d, Width, 1, factor.At(w), null, 0, dx, inputSize, dgates.Rows, inputSize, Width);
            if (pass.Symbols.Count == 0) ScanRows.Add(packed, pass.X, pass.Lengths);
            else Ops.AddRowsById(packed.Values, pass.Symbols.Table.Data.GradientOfRows(pass.Symbols.Ids), pass.Symbols.Ids, inputSize, toIds: true);
        }
    }
}
