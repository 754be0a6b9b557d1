using Unroll.Kernels;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// A whole sequence through a cell of the shape gates = W_ih·x + b_ih + W_hh·h + b_hh, as one node of the tape.
/// </summary>
/// <remarks>
/// The input's product is taken for all steps at once; each thread then runs all steps of its own rows. On the way back the gradients of the
/// pre-activations take the place of the gates, and each weight's gradient is one product over all steps. A ragged batch is packed: only
/// steps that count are kept, rows from long to short.
/// </remarks>
internal sealed unsafe class FusedScan<TCell>(int inputSize, int hiddenSize, Parameter weightIh, Parameter weightHh, Parameter biasIh, Parameter biasHh)
    : IFusedScan where TCell : struct, IScanCell
{
    int InputSize => inputSize;
    int HiddenSize => hiddenSize;
    Parameter WeightIh => weightIh;
    Parameter WeightHh => weightHh;
    Parameter BiasIh => biasIh;
    Parameter BiasHh => biasHh;

    readonly Tensor _zeros = Zero(hiddenSize);

    static Tensor Zero(int size)
    {
        var zeros = Tensor.Free(new(size));          // no tape's: the cell keeps it
        zeros.Values.Clear();
        return zeros;
    }

    static int States => TCell.HasMemory ? 2 : 1;

    public (Tensor Output, State Final) Run(Tensor x, State initial, Lengths? lengths, bool backward)
    {
        int steps = x.Shape[0], batch = x.Shape[1], width = TCell.Gates * hiddenSize;
        var rows = lengths?.Total ?? steps * batch;
        var xs = lengths is null ? x : PackSteps(x, lengths);                                            // [N, I]
        Tensor h0 = Initial(initial, 0, lengths), c0 = TCell.HasMemory ? Initial(initial, 1, lengths) : default;
        var gates = Tensor.New(new(rows, width));
        var recurrent = TCell.SplitsProducts ? Tensor.New(new(rows, width)) : gates;
        var h = Tensor.New(lengths is null ? new(steps, batch, hiddenSize) : new(rows, hiddenSize));
        var c = TCell.HasMemory ? Tensor.New(new(rows, hiddenSize)) : default;

        var bias = biasIh.Tensor;
        if (!TCell.SplitsProducts)
        {
            bias = Tensor.New(new(width));
            Team.Run(new BinaryKernel<Add>(biasIh.Tensor.Pointer, biasHh.Tensor.Pointer, bias.Pointer), width, width);
        }
        Gemm.Multiply(xs.Pointer, inputSize, 1, weightIh.FactorFor(transposed: true, Gemm.Passes(rows)), bias.Pointer, 0, gates.Pointer, width, rows, width, inputSize);

        var kernel = new ScanForward<TCell>
        {
            Layout = ScanLayout.Of(steps, batch, hiddenSize, TCell.Gates, lengths, backward),
            Gates = gates.Pointer, Recurrent = recurrent.Pointer, H = h.Pointer, C = PointerOf(c), H0 = PointerOf(h0), C0 = PointerOf(c0),
            Weight = weightHh.FactorFor(transposed: true, (long)steps * Gemm.Passes(batch)), RecurrentBias = biasHh.Tensor.Pointer, Zeros = _zeros.Pointer,
        };
        kernel.Layout.Run(kernel, Grain(steps));

        var output = lengths is null ? h : UnpackSteps(h, lengths, steps);
        var room = State.Room(States);
        room[0] = Final(h, h0, lengths, steps, batch, backward);
        if (TCell.HasMemory) room[1] = Final(c, c0, lengths, steps, batch, backward);
        var final = State.In(room);
        var needed = x.NeedsGradient || weightIh.Trainable || weightHh.Trainable || biasIh.Trainable || biasHh.Trainable;
        for (var i = 0; i < initial.Count; i++) needed |= initial[i].NeedsGradient;
        if (Tape.Mark(output, needed))
        {
            for (var i = 0; i < States; i++) final[i].Data.NeedsGradient = true;
            var node = Tape.Push<ScanNode>();
            node.Set(this, lengths, backward, x, xs, initial, h0, c0, gates, recurrent, h, c, output, final);
        }
        return (output, final);
    }

    /// <summary>Steps that make a hand-over to another thread worth it; a thread owns whole rows.</summary>
    int Grain(int steps) => Math.Max(steps, (int)(500_000 / (2L * TCell.Gates * hiddenSize * hiddenSize)) + 1);

    static Real* PointerOf(Tensor t) => t.IsNone ? null : t.Pointer;

    /// <summary>Initial state tensor i with rows in the batch's packed order; none for zeros.</summary>
    Tensor Initial(State initial, int i, Lengths? lengths)
    {
        if (initial.IsZero || lengths is null) return initial.IsZero ? default : initial[i];
        var sorted = Tensor.New(initial[i].Shape);
        for (var p = 0; p < lengths.Order.Length; p++) CopyRow(initial[i].Pointer, lengths.Order[p], sorted.Pointer, p, hiddenSize);
        return sorted;
    }

    /// <summary>Each row's h or c after its last step; the initial one where it has none.</summary>
    Tensor Final(Tensor values, Tensor initial, Lengths? lengths, int steps, int batch, bool backward)
    {
        var final = Tensor.New(new(batch, hiddenSize));
        for (var p = 0; p < batch; p++)
        {
            var (row, length) = lengths is null ? (p, steps) : (lengths.Order[p], lengths.Values[lengths.Order[p]]);
            var last = backward ? 0 : length - 1;
            if (length > 0) CopyRow(values.Pointer, (lengths?.PlaceOf(last) ?? last * batch) + p, final.Pointer, row, hiddenSize);
            else CopyRow(initial.IsNone ? _zeros.Pointer : initial.Pointer, initial.IsNone ? 0 : p, final.Pointer, row, hiddenSize);
        }
        return final;
    }

    /// <summary>The steps that count, step by step, rows from long to short: [T, B, F] → [N, F].</summary>
    static Tensor PackSteps(Tensor x, Lengths lengths) => PackSteps(x.Pointer, x.Columns, lengths);

    static Tensor PackSteps(Real* x, int width, Lengths lengths)
    {
        var packed = Tensor.New(new(lengths.Total, width));
        for (var t = 0; t < lengths.Steps; t++)
            for (var p = 0; p < lengths.LiveAt(t); p++)
                CopyRow(x, t * lengths.Order.Length + lengths.Order[p], packed.Pointer, lengths.PlaceOf(t) + p, width);
        return packed;
    }

    /// <summary>The opposite, zero where no step counts: [N, F] → [T, B, F].</summary>
    static Tensor UnpackSteps(Tensor packed, Lengths lengths, int steps)
    {
        var x = Tensor.Zeros(new(steps, lengths.Order.Length, packed.Columns));
        for (var t = 0; t < steps; t++)
            for (var p = 0; p < lengths.LiveAt(t); p++)
                CopyRow(packed.Pointer, lengths.PlaceOf(t) + p, x.Pointer, t * lengths.Order.Length + lengths.Order[p], packed.Columns);
        return x;
    }

    static void CopyRow(Real* from, int fromRow, Real* to, int toRow, int width) =>
        new ReadOnlySpan<Real>(from + (nint)fromRow * width, width).CopyTo(new Span<Real>(to + (nint)toRow * width, width));

    sealed class ScanNode : Node
    {
        FusedScan<TCell> _scan = null!;
        Lengths? _lengths;
        int _version;
        bool _backward;
        Tensor _x, _xs, _h0, _c0, _gates, _recurrent, _h, _c, _output;
        State _initial, _final;

        public void Set(FusedScan<TCell> scan, Lengths? lengths, bool backward, Tensor x, Tensor xs, State initial, Tensor h0, Tensor c0,
            Tensor gates, Tensor recurrent, Tensor h, Tensor c, Tensor output, State final)
        {
            (_scan, _lengths, _backward, _x, _xs, _initial, _h0, _c0) = (scan, lengths, backward, x, xs, initial, h0, c0);
            (_gates, _recurrent, _h, _c, _output, _final) = (gates, recurrent, h, c, output, final);
            _version = lengths?.Version ?? 0;
        }

        public override void Backward()
        {
            if (_lengths is not null && _lengths.Version != _version) Throw.LengthsChanged();
            var scan = _scan;
            int steps = _x.Shape[0], batch = _x.Shape[1], hidden = scan.HiddenSize, inputs = scan.InputSize;
            int width = TCell.Gates * hidden, rows = _gates.Shape[0];
            Tensor dh = Carry(0), dc = TCell.HasMemory ? Carry(1) : default;
            var dy = _lengths is null ? _output.Data.Gradient() : PackSteps(_output.Data.Gradient(), hidden, _lengths).Pointer;
            var kernel = new ScanBackward<TCell>
            {
                Layout = ScanLayout.Of(steps, batch, hidden, TCell.Gates, _lengths, _backward),
                Gates = _gates.Pointer, Recurrent = _recurrent.Pointer, H = _h.Pointer, C = PointerOf(_c), H0 = PointerOf(_h0), C0 = PointerOf(_c0),
                DY = dy, DH = dh.Pointer, DC = PointerOf(dc), Zeros = scan._zeros.Pointer,
                NeedsInitial = !_initial.IsZero && _initial[0].NeedsGradient,
            };
            var products = kernel.NeedsInitial ? steps : steps - 1;
            if (products > 0) kernel.Weight = scan.WeightHh.FactorFor(transposed: false, (long)products * Gemm.Passes(batch));
            kernel.Layout.Run(kernel, scan.Grain(steps));
            for (var i = 0; i < _initial.Count; i++)
                if (_initial[i].NeedsGradient) AddToInitial(i == 0 ? dh : dc, _initial[i]);
            if (rows == 0) return;                                               // the state went through untouched

            if (scan.WeightIh.Trainable) Ops.AddTransposedProduct(_gates.Pointer, _xs.Pointer, rows, width, inputs, scan.WeightIh.Tensor.Data);
            if (scan.WeightHh.Trainable) AddRecurrentProducts(scan, rows, steps, batch, width);
            AddBiases(scan, width);
            if (_x.NeedsGradient) AddToInput(scan, rows, width, inputs);
        }

        /// <summary>The gradient that flows into the last states, rows in the batch's packed order.</summary>
        Tensor Carry(int i)
        {
            var final = _final[i].Data;
            var carry = Tensor.New(final.Shape);
            if (final.GradientIsFresh) carry.Values.Clear();
            else
                for (var p = 0; p < carry.Rows; p++) CopyRow(final.Gradient(), _lengths is null ? p : _lengths.Order[p], carry.Pointer, p, carry.Columns);
            return carry;
        }

        void AddToInitial(Tensor carry, Tensor initial)
        {
            for (var p = 0; p < carry.Rows; p++)
            {
                var row = _lengths is null ? p : _lengths.Order[p];
                Ops.AddScaled(1, carry.Pointer + (nint)p * carry.Columns, initial.Data.Gradient() + (nint)row * carry.Columns, carry.Columns);
            }
        }

        /// <summary>The gradients of both biases: sums over all steps, one and the same unless the products are split.</summary>
        void AddBiases(FusedScan<TCell> scan, int width)
        {
            var sum = Tensor.New(new(width));
            Ops.AddRows(_gates.Pointer, _gates.Rows, width, sum.Pointer, fresh: true);
            if (scan.BiasIh.Trainable) Ops.AddScaled(1, sum.Pointer, scan.BiasIh.Tensor.Data.Gradient(), width);
            if (TCell.SplitsProducts) Ops.AddRows(_recurrent.Pointer, _recurrent.Rows, width, sum.Pointer, fresh: true);
            if (scan.BiasHh.Trainable) Ops.AddScaled(1, sum.Pointer, scan.BiasHh.Tensor.Data.Gradient(), width);
        }

        /// <summary>dW_hh = Σ over steps of dgatesᵀ·h of the step before.</summary>
        void AddRecurrentProducts(FusedScan<TCell> scan, int rows, int steps, int batch, int width)
        {
            var dw = scan.WeightHh.Tensor.Data;
            var hidden = scan.HiddenSize;
            if (_lengths is not null)
            {
                var previous = Previous(_lengths, rows, batch, hidden);
                Ops.AddTransposedProduct(_recurrent.Pointer, previous.Pointer, rows, width, hidden, dw);
                return;
            }
            // All rows go on from step to step, so the steps before are the outputs, moved by one step.
            var first = _backward ? steps - 1 : 0;
            if (!_h0.IsNone) Ops.AddTransposedProduct(_recurrent.Pointer + (nint)first * batch * width, _h0.Pointer, batch, width, hidden, dw);
            Real* later = _recurrent.Pointer + (_backward ? 0 : (nint)batch * width), before = _h.Pointer + (_backward ? (nint)batch * hidden : 0);
            Ops.AddTransposedProduct(later, before, (steps - 1) * batch, width, hidden, dw);
        }

        Tensor Previous(Lengths lengths, int rows, int batch, int hidden)
        {
            var previous = Tensor.New(new(rows, hidden));
            for (var i = 0; i < lengths.Steps; i++)
            {
                var t = _backward ? lengths.Steps - 1 - i : i;
                var before = _backward ? t + 1 : t - 1;
                var continuing = i == 0 ? 0 : lengths.LiveAt(before);
                for (var p = 0; p < lengths.LiveAt(t); p++)
                {
                    if (p < continuing) CopyRow(_h.Pointer, lengths.PlaceOf(before) + p, previous.Pointer, lengths.PlaceOf(t) + p, hidden);
                    else CopyRow(_h0.IsNone ? _scan._zeros.Pointer : _h0.Pointer, _h0.IsNone ? 0 : p, previous.Pointer, lengths.PlaceOf(t) + p, hidden);
                }
            }
            return previous;
        }

        void AddToInput(FusedScan<TCell> scan, int rows, int width, int inputs)
        {
            var weight = scan.WeightIh.FactorFor(transposed: false, Gemm.Passes(rows));
            if (_lengths is null)
            {
                var dx = _x.Data.GradientOrFresh(out var fresh);
                Gemm.Multiply(_gates.Pointer, width, 1, weight, fresh ? null : dx, inputs, dx, inputs, rows, inputs, width);
                return;
            }
            var packed = Tensor.New(new(rows, inputs));
            Gemm.Multiply(_gates.Pointer, width, 1, weight, null, 0, packed.Pointer, inputs, rows, inputs, width);
            var target = _x.Data.Gradient();
            for (var t = 0; t < _lengths.Steps; t++)
                for (var p = 0; p < _lengths.LiveAt(t); p++)
                    Ops.AddScaled(1, packed.Pointer + (nint)(_lengths.PlaceOf(t) + p) * inputs,
                        target + (nint)(t * _lengths.Order.Length + _lengths.Order[p]) * inputs, inputs);
        }
    }
}
