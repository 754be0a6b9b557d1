using Unroll.Kernels;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// A whole sequence through a cell of the shape gates = W_ih·x + b_ih + W_hh·h + b_hh, as one node of the tape.
/// </summary>
/// <remarks>
/// Threads share rows or hidden units (<see cref="ScanLayout"/>). On the way back the gradients of the pre-activations take the place of
/// the gates, and each weight's gradient is one product over all steps. A ragged batch is packed: only steps that count are kept, rows
/// from long to short.
/// </remarks>
internal sealed unsafe class FusedScan<TCell>(int inputSize, int hiddenSize, Parameter weightIh, Parameter weightHh, Parameter biasIh, Parameter biasHh)
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

    public void Begin(ref ScanPass pass, int threads)
    {
        var (x, initial, lengths) = (pass.X, pass.Initial, pass.Lengths);
        int steps = x.Shape[0], batch = x.Shape[1];
        var needed = x.NeedsGradient || weightIh.Trainable || weightHh.Trainable || biasIh.Trainable || biasHh.Trainable;
        for (var i = 0; i < initial.Count; i++) needed |= initial[i].NeedsGradient;
        pass.Records = Tape.Mark(pass.Output, needed);

        var layout = ScanLayout.Of(steps, batch, hiddenSize, TCell.Gates, pass.Ready ? 0 : inputSize, lengths, pass.Backward, threads);
        var rows = pass.Records ? layout.Total : Math.Min(steps, layout.Chunk) * batch;
        pass.Symbols = x.Data.Symbols;
        if (pass.Ready) pass.Symbols = default;
        var looksUp = pass.Symbols.Count > 0;
        var remembers = looksUp && !pass.Records && ProductTable.Holds(pass.Symbols.Table, Width);
        if (pass.Records) _table = null;
        pass.Xs = remembers ? default : looksUp ? pass.Symbols.Rows() : lengths is null ? x : ScanRows.Pack(x, lengths);          // [D, I] or [N, I]
        pass.H0 = initial.IsZero ? default : Sorted(initial[0], lengths);
        pass.C0 = TCell.HasMemory && !initial.IsZero ? Sorted(initial[1], lengths) : default;
        pass.Gates = Tensor.New(new(rows, Width));
        pass.Recurrent = TCell.SplitsProducts ? Tensor.New(new(rows, Width)) : pass.Gates;
        pass.H = lengths is null && pass.Output.Columns == hiddenSize ? pass.Output
            : Tensor.New(new(pass.Records ? layout.Total : 2 * batch, hiddenSize));
        pass.C = TCell.HasMemory ? Tensor.New(new(pass.Records ? layout.Total : batch, hiddenSize)) : default;
        (pass.Entering, pass.Entering0) = (pass.H, pass.H0);
        if (!pass.Mask.IsNone)
        {
            pass.Mask = Sorted(pass.Mask, lengths);
            pass.Entering = Tensor.New(new(pass.Records ? layout.Total : 2 * batch, hiddenSize));
            pass.Entering0 = pass.H0.IsNone ? default : Tensor.New(pass.H0.Shape);
            if (!pass.H0.IsNone) Team.Run(new BinaryKernel<Multiply>(pass.H0.Pointer, pass.Mask.Pointer, pass.Entering0.Pointer), pass.Mask.Count, pass.Mask.Count);
        }
        pass.Bias = biasIh.Tensor;
        if (!TCell.SplitsProducts && !pass.Ready)
        {
            pass.Bias = Tensor.New(new(Width));
            Team.Run(new BinaryKernel<Add>(biasIh.Tensor.Pointer, biasHh.Tensor.Pointer, pass.Bias.Pointer), Width, Width);
        }
        var inputs = remembers ? Remembered(pass.Symbols, pass.Bias) : looksUp ? Products(pass.Xs, pass.Bias) : pass.Xs;
        if (remembers) (pass.Xs, pass.Places) = (inputs, pass.Symbols.TableRows(x.Rows));                   // kept, whoever forgets the table meanwhile
        if (looksUp && lengths is not null) pass.Places = ScanRows.Pack(PlacesOf(pass), lengths);
        if (looksUp && pass.Records && x.NeedsGradient) pass.Symbols.GradientGoesToTable();
        pass.SetBarriers(ref layout);
        var groups = layout.SplitsUnits ? TCell.Gates : 1;
        var products = steps - (pass.H0.IsNone ? 1 : 0);                     // by W_hh, one a step
        pass.Job = pass.Place(new ScanForward<TCell>
        {
            Layout = layout, Inputs = inputSize, X = inputs.Pointer, Places = looksUp ? PlacesOf(pass) : null, Ready = pass.Ready,
            WeightIh = looksUp || pass.Ready ? default : weightIh.FactorFor(transposed: true, layout.InputPasses, groups),
            WeightHh = weightHh.FactorFor(transposed: true, products, groups), Bias = pass.Bias.Pointer, RecurrentBias = biasHh.Tensor.Pointer,
            Gates = pass.Gates.Pointer, Recurrent = pass.Recurrent.Pointer, H = pass.H.Pointer, C = PointerOf(pass.C), H0 = PointerOf(pass.H0),
            C0 = PointerOf(pass.C0), Mask = PointerOf(pass.Mask), Entering = pass.Entering.Pointer, Entering0 = PointerOf(pass.Entering0), Y = pass.Output.Pointer + pass.Column, YRow = pass.Output.Columns, Zeros = _zeros.Pointer, Keeps = pass.Records,
        }, layout);
    }

    /// <summary>W_ih·x + b of every symbol, [D, G·H].</summary>
    Tensor Products(Tensor symbols, Tensor bias)
    {
        var products = Tensor.New(new(symbols.Rows, Width));
        Gemm.Multiply(symbols.Pointer, inputSize, 1, weightIh.FactorFor(transposed: true, Gemm.Passes(symbols.Rows, inputSize)), bias.Pointer, 0, products.Pointer, Width,
            symbols.Rows, Width, inputSize);
        return products;
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

    public Tensor InputBias() => TCell.SplitsProducts ? biasIh.Tensor : biasIh.Tensor + biasHh.Tensor;

    static int* PlacesOf(in ScanPass pass) => pass.Places.IsNone ? pass.Symbols.Places : (int*)pass.Places.Pointer;

    public State End(ref ScanPass pass)
    {
        var kernel = (ScanForward<TCell>*)pass.Job.Kernel;
        int steps = kernel->Layout.Steps, batch = kernel->Layout.Batch;
        var room = State.Room(States);
        // h is a part of the outputs, which must not change with the state; the one room of c, where it was not kept for all steps, is nobody else's.
        var copiesMemory = TCell.HasMemory && (pass.Records || pass.Lengths is not null || steps == 0);
        room[0] = Tensor.New(new(batch, hiddenSize));
        if (TCell.HasMemory) room[1] = copiesMemory ? Tensor.New(new(batch, hiddenSize)) : pass.C;
        for (var p = 0; p < batch; p++)
        {
            var row = kernel->Layout.RowOf(p);
            var length = pass.Lengths?.Values[row] ?? steps;
            var last = pass.Backward ? steps - 1 : length - 1;                  // the step worked on last-th
            ScanRows.Copy(length > 0 ? kernel->StatesAt(last) : PointerOf(pass.H0), p, room[0].Pointer, row, hiddenSize);
            if (copiesMemory) ScanRows.Copy(length > 0 ? kernel->MemoryAt(last) : PointerOf(pass.C0), p, room[1].Pointer, row, hiddenSize);
        }
        if (pass.Records)
            for (var i = 0; i < States; i++) room[i].Data.NeedsGradient = true;
        return pass.Final = State.In(room);
    }

    static Real* PointerOf(Tensor t) => t.IsNone ? null : t.Pointer;

    /// <summary>[B, H] with rows in the batch's packed order.</summary>
    Tensor Sorted(Tensor rows, Lengths? lengths)
    {
        if (lengths is null) return rows;
        var sorted = Tensor.New(rows.Shape);
        for (var p = 0; p < lengths.Order.Length; p++) ScanRows.Copy(rows.Pointer, lengths.Order[p], sorted.Pointer, p, hiddenSize);
        return sorted;
    }

    public void BeginBackward(ref ScanPass pass, int threads)
    {
        int steps = pass.X.Shape[0], batch = pass.X.Shape[1];
        pass.DH = Carry(pass, 0);
        pass.DC = TCell.HasMemory ? Carry(pass, 1) : default;
        pass.DEntering = pass.Mask.IsNone ? default : Tensor.New(pass.Mask.Shape);
        var layout = ScanLayout.Of(steps, batch, hiddenSize, TCell.Gates, pass.Ready ? 0 : inputSize, pass.Lengths, pass.Backward, threads);
        pass.SetBarriers(ref layout);
        var needsInitial = !pass.Initial.IsZero && pass.Initial[0].NeedsGradient;
        pass.Job = pass.Place(new ScanBackward<TCell>
        {
            Layout = layout, Gates = pass.Gates.Pointer, Recurrent = pass.Recurrent.Pointer, H = pass.H.Pointer, C = PointerOf(pass.C),
            H0 = PointerOf(pass.H0), C0 = PointerOf(pass.C0), DY = pass.Output.Data.Gradient() + pass.Column, DYRow = pass.Output.Columns,
            DH = pass.DH.Pointer, DC = PointerOf(pass.DC), Mask = PointerOf(pass.Mask), DEntering = PointerOf(pass.DEntering), WeightHh = weightHh.FactorFor(transposed: false, needsInitial ? steps : steps - 1),
            Zeros = _zeros.Pointer, NeedsInitial = needsInitial,
        }, layout);
    }

    public void EndBackward(ref ScanPass pass)
    {
        for (var i = 0; i < pass.Initial.Count; i++)
            if (pass.Initial[i].NeedsGradient) AddToInitial(pass, i == 0 ? pass.DH : pass.DC, pass.Initial[i]);
        var rows = pass.Gates.Rows;
        if (rows == 0) return;                                               // the state went through untouched

        var dgates = pass.Symbols.Count > 0 ? SumBySymbol(pass) : pass.Gates; // [D, G·H] or [N, G·H]
        if (!pass.Ready) Tape.Current!.SumFor(weightIh, biasIh, TCell.SplitsProducts ? null : biasHh).Add(dgates.Pointer, pass.Xs.Pointer, dgates.Rows);
        AddRecurrentProducts(pass, Tape.Current!.SumFor(weightHh));
        if (TCell.SplitsProducts && biasHh.Trainable) Ops.AddRows(pass.Recurrent.Pointer, rows, Width, biasHh.Tensor.Data.Gradient(), fresh: false);
        if (pass.X.NeedsGradient) AddToInput(pass, dgates);
    }

    /// <summary>The gates' gradients, those of equal symbols added up.</summary>
    Tensor SumBySymbol(in ScanPass pass)
    {
        var sums = Tensor.Zeros(new(pass.Symbols.Count, Width));
        Ops.AddRowsByPlace(pass.Gates.Pointer, PlacesOf(pass), pass.Gates.Rows, Width, sums.Pointer);
        return sums;
    }

    /// <summary>The gradient that flows into the last states, rows in the batch's packed order.</summary>
    static Tensor Carry(in ScanPass pass, int i)
    {
        var final = pass.Final[i].Data;
        var carry = Tensor.New(final.Shape);
        if (final.GradientIsFresh) carry.Values.Clear();
        else
            for (var p = 0; p < carry.Rows; p++) ScanRows.Copy(final.Gradient(), pass.Lengths is null ? p : pass.Lengths.Order[p], carry.Pointer, p, carry.Columns);
        return carry;
    }

    static void AddToInitial(in ScanPass pass, Tensor carry, Tensor initial)
    {
        for (var p = 0; p < carry.Rows; p++)
        {
            var row = pass.Lengths is null ? p : pass.Lengths.Order[p];
            Ops.AddScaled(1, carry.Pointer + (nint)p * carry.Columns, initial.Data.Gradient() + (nint)row * carry.Columns, carry.Columns);
        }
    }

    /// <summary>dW_hh = Σ over steps of dgatesᵀ·h of the step before, as it entered the gates.</summary>
    void AddRecurrentProducts(in ScanPass pass, LinearSum sum)
    {
        int rows = pass.Gates.Rows, steps = pass.X.Shape[0], batch = pass.X.Shape[1];
        if (pass.Lengths is not null)
        {
            sum.Add(pass.Recurrent.Pointer, ScanRows.Previous(pass.Entering, pass.Entering0, pass.Lengths, pass.Backward).Pointer, rows);
            return;
        }
        // All rows go on from step to step, so the steps before are the outputs, moved by one step.
        var first = pass.Backward ? steps - 1 : 0;
        if (!pass.H0.IsNone) sum.Add(pass.Recurrent.Pointer + (nint)first * batch * Width, pass.Entering0.Pointer, batch);
        Real* later = pass.Recurrent.Pointer + (pass.Backward ? 0 : (nint)batch * Width), before = pass.Entering.Pointer + (pass.Backward ? (nint)batch * hiddenSize : 0);
        if (steps > 1) sum.Add(later, before, (steps - 1) * batch);
    }

    /// <summary>dx = dgates·W_ih, to the input, or straight to the table that it was looked up in; where the products were ready, dgates to them.</summary>
    void AddToInput(in ScanPass pass, Tensor dgates)
    {
        var rows = dgates.Rows;
        if (pass.Ready)
        {
            if (pass.Lengths is not null) ScanRows.Add(dgates, pass.X, pass.Lengths);
            else Team.Run(new AddScaledKernel(1, dgates.Pointer, pass.X.Data.GradientOrFresh(out var first), first), dgates.Count, Ops.PointwiseGrain);
            return;
        }
        var weight = weightIh.FactorFor(transposed: false, Gemm.Passes(rows, Width));
        if (pass.Lengths is null && pass.Symbols.Count == 0)
        {
            var dx = pass.X.Data.GradientOrFresh(out var fresh);
            Gemm.Multiply(dgates.Pointer, Width, 1, weight, fresh ? null : dx, inputSize, dx, inputSize, rows, inputSize, Width);
            return;
        }
        var packed = Tensor.New(new(rows, inputSize));
        Gemm.Multiply(dgates.Pointer, Width, 1, weight, null, 0, packed.Pointer, inputSize, rows, inputSize, Width);
        if (pass.Symbols.Count == 0) ScanRows.Add(packed, pass.X, pass.Lengths!);
        else Ops.AddRowsById(packed.Pointer, pass.Symbols.Table.Data.GradientOfRows(pass.Symbols.Ids), pass.Symbols.Ids, inputSize, toIds: true);
    }
}
