using System.Runtime.CompilerServices;
using Unroll.Kernels;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>What a cell of one task takes from a shared layer, for all steps at once: candidate += g_s ⊙ U s, with the gate g_s = σ(a + U_g s), where a is what the gates get of x for it.</summary>
/// <param name="cell">Whose weights and shared gate these are.</param>
/// <param name="gates">Blocks of H numbers in a row of gates.</param>
/// <param name="gate">The block that is a.</param>
/// <param name="candidate">The block that the share is added to.</param>
internal sealed unsafe class SharedTerm(SharedLayerCell cell, int gates, int gate, int candidate)
{
    readonly int _units = cell.HiddenSize;

    /// <summary>S.</summary>
    public int Size => cell.SharedSize;

    /// <summary>U, then U_g, [2H, S].</summary>
    public Parameter Weight => cell.WeightSh;

    /// <summary>Adds the share of s, [N, S], to the gates, [N, G·H]; gives U s and g_s, [N, 2H].</summary>
    public Tensor Forward(Tensor s, Tensor gates)
    {
        var products = Tensor.New(new(s.Rows, 2 * _units));
        var factor = Weight.FactorFor(transposed: true, Gemm.Passes(s.Rows, Size));
        fixed (Real* from = s, w = factor, to = products, g = gates)
        {
            Gemm.Multiply(from, Size, 1, factor.At(w), null, 0, to, 2 * _units, s.Rows, 2 * _units, Size);
            Run(new() { Gates = g, Products = to }, s.Rows);
        }
        return products;
    }

    /// <summary>From the gradients of the gates those of a, of the weights and of s, which is the part of the input from column <paramref name="column"/> on.</summary>
    public void Backward(in ScanPass pass, int column)
    {
        var rows = pass.Shares.Rows;
        fixed (Real* g = pass.Gates, products = pass.Shares) Run(new() { Gates = g, Products = products, Back = true }, rows);
        Tape.Current!.SumFor(Weight).Add(pass.Shares.Data.Memory, pass.Shared.Data.Memory, rows);
        if (!pass.X.NeedsGradient) return;
        var factor = Weight.FactorFor(transposed: false, Gemm.Passes(rows, 2 * _units));
        var ds = Tensor.New(new(rows, Size));
        fixed (Real* d = pass.Shares, w = factor, to = ds) Gemm.Multiply(d, 2 * _units, 1, factor.At(w), null, 0, to, Size, rows, Size, 2 * _units);
        ScanRows.Add(ds, pass.X, pass.Lengths, column);
    }

    void Run(Kernel kernel, int rows)
    {
        (kernel.Units, kernel.Width, kernel.Gate, kernel.Candidate) = (_units, gates * _units, gate * _units, candidate * _units);
        (kernel.IsPinned, kernel.Pinned) = cell.SharedGate is { } pinned ? (true, (Real)pinned) : (false, 0);
        ThreadTeam.Run(kernel, rows, Math.Max(1, Grain / _units));
    }

    const int Grain = 8192;                      // units that make a thread worth waking

    /// <summary>The pointwise part for a range of rows: products become U s and g_s; on the way back their gradients.</summary>
    struct Kernel : IKernel
    {
        public Real* Gates, Products;
        public int Units, Width, Gate, Candidate;
        public bool Back, IsPinned;
        public Real Pinned;

        public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
        {
            for (var r = from; r < to; r++)
            {
                Real* gates = Gates + (nint)r * Width, products = Products + (nint)r * 2 * Units;
                if (Back) Steps.Run<V, BackwardStep>(new(gates + Gate, gates + Candidate, products, Units, IsPinned), 0, Units);
                else Steps.Run<V, ForwardStep>(new(gates + Gate, gates + Candidate, products, Units, IsPinned, Pinned), 0, Units);
            }
        }
    }

    readonly struct ForwardStep(Real* gate, Real* candidate, Real* products, int units, bool isPinned, Real pinned) : IStep
    {
        [MethodImpl(Jit.Inlined)]
        public void Step<V>(int j) where V : unmanaged, ILanes<V>
        {
            var g = isPinned ? V.Of(pinned) : VectorMath.Sigmoid(V.Load(gate + j) + V.Load(products + units + j));
            (V.Load(candidate + j) + g * V.Load(products + j)).Store(candidate + j);
            g.Store(products + units + j);
        }
    }

    readonly struct BackwardStep(Real* gate, Real* candidate, Real* products, int units, bool isPinned) : IStep
    {
        [MethodImpl(Jit.Inlined)]
        public void Step<V>(int j) where V : unmanaged, ILanes<V>
        {
            V d = V.Load(candidate + j), g = V.Load(products + units + j);
            var dGate = isPinned ? V.Of(0) : d * V.Load(products + j) * (g * (V.Of(1) - g));
            (d * g).Store(products + j);
            dGate.Store(products + units + j);
            (V.Load(gate + j) + dGate).Store(gate + j);
        }
    }
}
