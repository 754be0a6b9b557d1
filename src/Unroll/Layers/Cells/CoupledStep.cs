using System.Runtime.CompilerServices;
using Unroll.Kernels;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>What a coupled cell computes of one unit: its own equations, around the sum over tasks that <see cref="CoupledStep{TCell}"/> takes.</summary>
internal unsafe interface ICoupledUnit
{
    /// <summary>Whether the state has a second tensor c.</summary>
    static abstract bool HasMemory { get; }

    /// <summary>Blocks of H numbers that are kept of a step, before the gates between tasks; all in the order of <see cref="RecurrentCell.GateNames"/>.</summary>
    static abstract int Kept { get; }

    /// <summary>Blocks of a task's own products that the equations read; the one behind them is the gate's.</summary>
    static abstract int OwnParts { get; }

    /// <summary>Blocks of the input: the candidate's, and the one of the gate between tasks.</summary>
    static abstract (int Candidate, int Gate) InputParts { get; }

    /// <summary>From the candidate before its tanh to the state.</summary>
    static abstract void Forward<V>(V candidate, in CoupledUnit at, int j) where V : unmanaged, ILanes<V>;

    /// <summary>The gradient of the candidate before its tanh; those of the equations' inputs are written or added on the way.</summary>
    static abstract V Backward<V>(in CoupledUnit at, int j) where V : unmanaged, ILanes<V>;
}

/// <summary>Where the units of one task in one row stand. Blocks of the input and of what is kept are H numbers apart, of a task's own products D.</summary>
internal unsafe struct CoupledUnit
{
    public Real* Input, Own, Kept, Peepholes, HPrevious, CPrevious, H, C;
    public Real* DInput, DH, DC, DHPrevious, DCPrevious;
    public int Stride, Size;

    /// <summary>Adds to a gradient.</summary>
    [MethodImpl(Jit.Inlined)]
    public static void AddTo<V>(Real* to, V d) where V : unmanaged, ILanes<V> => (V.Load(to) + d).Store(to);
}

/// <summary>One step of coupled cells as one node of the tape: the products of every task's state, and what the equations make of them.</summary>
/// <param name="cell">The cell; its gates must not be pinned.</param>
/// <param name="peepholes">Weights V_i, V_f, V_o, [3, H]; null where the cell has none.</param>
internal sealed unsafe class CoupledStep<TUnit>(CoupledCell cell, Parameter? peepholes) : IFusedStep where TUnit : struct, ICoupledUnit
{
    const int Grain = 2048;                      // gates that make a thread worth waking

    static bool HasMemory => TUnit.HasMemory;

    int Products => (TUnit.OwnParts + 1 + cell.Tasks) * cell.TaskSize;

    /// <summary>The state after a step whose products read <paramref name="h"/>, which is <c>state[0]</c> unless units of it were dropped.</summary>
    public State Step(Tensor xg, Tensor h, State state)
    {
        var batch = h.Rows;
        var pass = new Pass
        {
            Input = xg, Entering = h, HPrevious = state[0], CPrevious = HasMemory ? state[1] : default,
            H = Tensor.New(h.Shape), C = HasMemory ? Tensor.New(h.Shape) : default,
            States = Tensor.New(h.Shape),
            Products = Tensor.New(new(cell.Tasks * batch, Products)),                // [M, B, (P + M)·D], a task's rows together
            Kept = Tensor.New(new(batch, (TUnit.Kept + cell.Tasks) * cell.HiddenSize)),
        };
        fixed (Real* from = h, states = pass.States, products = pass.Products)
            for (var i = 0; i < cell.Tasks; i++)
            {
                Real* own = states + (nint)i * batch * cell.TaskSize, to = products + (nint)i * batch * Products;
                for (var b = 0; b < batch; b++) new ReadOnlySpan<Real>(from + (nint)b * cell.HiddenSize + i * cell.TaskSize, cell.TaskSize).CopyTo(new(own + (nint)b * cell.TaskSize, cell.TaskSize));
                var factor = cell.WeightHh[i].FactorFor(transposed: true, Gemm.Passes(batch, cell.TaskSize));
                fixed (Real* w = factor) Gemm.Multiply(own, cell.TaskSize, 1, factor.At(w), null, 0, to, Products, batch, Products, cell.TaskSize);
            }
        Run(pass, back: false);
        Report(pass.Kept);
        var needed = xg.NeedsGradient || h.NeedsGradient || state[0].NeedsGradient || (HasMemory && state[1].NeedsGradient) || peepholes is { Trainable: true };
        for (var i = 0; i < cell.Tasks; i++) needed |= cell.WeightHh[i].Trainable;
        if (Tape.Mark(pass.H, needed))
        {
            if (HasMemory) pass.C.Data.NeedsGradient = true;
            Tape.Push<Node>().Set(this, pass);
        }
        return HasMemory ? State.Of(cell.StateNames, pass.H, pass.C) : State.Of(cell.StateNames, pass.H);
    }

    /// <summary>Tells a recording, where one is open, the gates: they are kept in the order of their names.</summary>
    void Report(Tensor kept)
    {
        if (Recorder.Current is not { } recorder) return;
        var gates = State.Room(TUnit.Kept + cell.Tasks);
        for (var i = 0; i < gates.Count; i++) gates[i] = Ops.Columns(kept, i * cell.HiddenSize, cell.HiddenSize);
        recorder.KeepGates(gates.Items);
    }

    /// <summary>What a step works on.</summary>
    struct Pass
    {
        public Tensor Input, Entering, HPrevious, CPrevious, H, C, States, Products, Kept;
    }

    void Run(in Pass pass, bool back)
    {
        Tensor nobody = back ? Tensor.Zeros(pass.Input.Shape) : default;                // gradients that are not wanted go there
        fixed (Real* x = pass.Input, products = pass.Products, kept = pass.Kept, v = peepholes is null ? default : peepholes.Values, h0 = pass.HPrevious, c0 = pass.CPrevious, h = pass.H, c = pass.C,
            dx = GradientOf(pass.Input, back, nobody), dh = GradientOf(pass.H, back, nobody), dc = GradientOf(pass.C, back, nobody),
            dh0 = GradientOf(pass.HPrevious, back, nobody), dc0 = GradientOf(pass.CPrevious, back, nobody))
        {
            var at = new CoupledUnit
            {
                Input = x, Own = products, Kept = kept, Peepholes = v, HPrevious = h0, CPrevious = c0, H = h, C = c, DInput = dx, DH = dh, DC = dc, DHPrevious = dh0, DCPrevious = dc0,
                Stride = cell.HiddenSize, Size = cell.TaskSize,
            };
            var kernel = new Kernel { At = at, Tasks = cell.Tasks, Batch = pass.H.Rows, Inputs = pass.Input.Columns, Products = Products, Back = back };
            ThreadTeam.Run(kernel, pass.H.Rows, Math.Max(1, Grain / pass.Kept.Columns));
        }
    }

    static Span<Real> GradientOf(Tensor t, bool back, Tensor nobody) => !back || t.IsNone ? default : t.NeedsGradient ? t.Data.Gradient() : nobody.Values;

    sealed class Node : Tensors.Node
    {
        CoupledStep<TUnit> _step = null!;
        Pass _pass;

        public void Set(CoupledStep<TUnit> step, in Pass pass) => (_step, _pass) = (step, pass);

        public override void Backward() => _step.Backward(_pass);
    }

    void Backward(in Pass pass)
    {
        Run(pass, back: true);                                                       // the products become their gradients
        int batch = pass.H.Rows, size = cell.TaskSize;
        for (var i = 0; i < cell.Tasks; i++)
        {
            var (products, states) = (pass.Products.Data.Memory[(i * batch * Products)..], pass.States.Data.Memory[(i * batch * size)..]);
            Tape.Current!.SumFor(cell.WeightHh[i]).Add(products, states, batch);
            if (!pass.Entering.NeedsGradient) continue;
            var factor = cell.WeightHh[i].FactorFor(transposed: false, Gemm.Passes(batch, Products));
            fixed (Real* d = products.Span, w = factor, dh = pass.Entering.Data.Gradient())
                Gemm.Multiply(d, Products, 1, factor.At(w), dh + i * size, cell.HiddenSize, dh + i * size, cell.HiddenSize, batch, size, Products);
        }
        if (peepholes is { Trainable: true }) AddToPeepholes(pass);
    }

    /// <summary>dV_i = Σ di ⊙ c, dV_f = Σ df ⊙ c, dV_o = Σ do ⊙ c′ over the rows, in their order.</summary>
    void AddToPeepholes(in Pass pass)
    {
        int batch = pass.H.Rows, size = cell.TaskSize;
        fixed (Real* products = pass.Products, c0 = pass.CPrevious, c = pass.C, dv = peepholes!.Tensor.Data.Gradient())
            for (var m = 0; m < cell.Tasks; m++)
                for (var b = 0; b < batch; b++)
                    for (var part = 0; part < 3; part++)
                    {
                        Real* slope = products + ((nint)m * batch + b) * Products + part * size, memory = (part == 2 ? c : c0) + (nint)b * cell.HiddenSize + m * size, to = dv + (nint)part * cell.HiddenSize + m * size;
                        for (var j = 0; j < size; j++) to[j] += slope[j] * memory[j];
                    }
    }

    /// <summary>The pointwise part for a range of rows.</summary>
    struct Kernel : IKernel
    {
        public CoupledUnit At;
        public int Tasks, Batch, Inputs, Products;
        public bool Back;

        public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
        {
            int hidden = At.Stride, size = At.Size, kept = (TUnit.Kept + Tasks) * hidden;
            for (var b = from; b < to; b++)
                for (var m = 0; m < Tasks; m++)
                {
                    nint unit = (nint)b * hidden + m * size, input = (nint)b * Inputs + m * size;
                    var at = At;
                    at.Input += input;
                    at.Kept += (nint)b * kept + m * size;
                    at.Own += ((nint)m * Batch + b) * Products;
                    if (at.Peepholes != null) at.Peepholes += m * size;
                    at.HPrevious += unit;
                    at.CPrevious += unit;
                    at.H += unit;
                    at.C += unit;
                    if (Back)
                    {
                        at.DInput += input;
                        at.DH += unit;
                        at.DC += unit;
                        at.DHPrevious += unit;
                        at.DCPrevious += unit;
                        Steps.Run<V, BackwardStep>(new(at, At.Own + (nint)b * Products, (nint)Batch * Products, m, Tasks), 0, size);
                    }
                    else Steps.Run<V, ForwardStep>(new(at, At.Own + (nint)b * Products, (nint)Batch * Products, m, Tasks), 0, size);
                }
        }
    }

    /// <summary>candidate = x + Σ_i g⁽ⁱ→ᵐ⁾ ⊙ U⁽ⁱ→ᵐ⁾ h⁽ⁱ⁾ of task m.</summary>
    readonly struct ForwardStep(CoupledUnit at, Real* products, nint next, int task, int tasks) : IStep
    {
        [MethodImpl(Jit.Inlined)]
        public void Step<V>(int j) where V : unmanaged, ILanes<V>
        {
            var gate = V.Load(at.Input + TUnit.InputParts.Gate * at.Stride + j);
            var candidate = V.Load(at.Input + TUnit.InputParts.Candidate * at.Stride + j);
            for (var i = 0; i < tasks; i++)
            {
                var from = products + i * next + TUnit.OwnParts * at.Size + j;
                var g = VectorMath.Sigmoid(gate + V.Load(from));
                g.Store(at.Kept + (TUnit.Kept + i) * at.Stride + j);
                candidate = V.Fma(g, V.Load(from + (1 + task) * at.Size), candidate);
            }
            TUnit.Forward(candidate, at, j);
        }
    }

    readonly struct BackwardStep(CoupledUnit at, Real* products, nint next, int task, int tasks) : IStep
    {
        [MethodImpl(Jit.Inlined)]
        public void Step<V>(int j) where V : unmanaged, ILanes<V>
        {
            var d = TUnit.Backward<V>(at, j);
            var dGate = V.Of(0);
            for (var i = 0; i < tasks; i++)
            {
                var from = products + i * next + TUnit.OwnParts * at.Size + j;
                var u = from + (1 + task) * at.Size;
                var g = V.Load(at.Kept + (TUnit.Kept + i) * at.Stride + j);
                var slope = d * V.Load(u) * (g * (V.Of(1) - g));
                dGate += slope;
                (d * g).Store(u);
                (task == 0 ? slope : V.Load(from) + slope).Store(from);              // all tasks read this gate of task i
            }
            CoupledUnit.AddTo(at.DInput + TUnit.InputParts.Gate * at.Stride + j, dGate);
            CoupledUnit.AddTo(at.DInput + TUnit.InputParts.Candidate * at.Stride + j, d);
        }
    }
}
