using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>
/// Softmax of the first <c>lengths[r]</c> numbers of each row, the rest zero (−∞ for the logarithm). The maximum is subtracted first, so no
/// exponential overflows. A row of length 0 is all zeros.
/// </summary>
internal unsafe struct SoftmaxKernel : IKernel
{
    public Real* X, Y;
    public int* Lengths;            // null: whole rows
    public int Columns;
    public bool Logarithm;

    public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        for (var r = from; r < to; r++)
        {
            var n = Lengths == null ? Columns : Lengths[r];
            Real* x = X + (nint)r * Columns, y = Y + (nint)r * Columns;
            new Span<Real>(y + n, Columns - n).Fill(Logarithm ? Real.NegativeInfinity : 0);
            if (n == 0) continue;
            var max = Reduce.Max<V>(x, n);
            var sum = (Real)Reduce.Total<V, ShiftedExp>(new(x, Logarithm ? null : y, max), n);
            if (!Logarithm)
            {
                new AffineKernel(y, y, 1 / sum).Run<V>(0, n);
                continue;
            }
            Real log;
            VectorMath.Log(Lane1.Of(sum)).Store(&log);
            Steps.Run<V, ShiftStep>(new(x, y, max, log), 0, n);
        }
    }

    readonly struct ShiftStep(Real* x, Real* y, Real max, Real log) : IStep
    {
        [MethodImpl(Jit.Inlined)]
        public void Step<V>(int i) where V : unmanaged, ILanes<V> => (V.Load(x + i) - V.Of(max) - V.Of(log)).Store(y + i);
    }

    /// <summary>e^(x − shift), written to y too where there is one.</summary>
    public readonly struct ShiftedExp(Real* x, Real* y, Real shift) : ITerm
    {
        [MethodImpl(Jit.Inlined)]
        public V At<V>(int i) where V : unmanaged, ILanes<V>
        {
            var e = VectorMath.Exp(V.Load(x + i) - V.Of(shift));
            if (y != null) e.Store(y + i);
            return e;
        }
    }
}

/// <summary>dx += y ⊙ (dy − Σⱼ dyⱼ yⱼ) row by row; for the logarithm dx += dy − eʸ Σⱼ dyⱼ.</summary>
internal unsafe struct SoftmaxBackwardKernel : IKernel
{
    public Real* Y, DY, DX;
    public int* Lengths;
    public int Columns;
    public bool Logarithm;

    public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        for (var r = from; r < to; r++)
        {
            var at = (nint)r * Columns;
            var n = Lengths == null ? Columns : Lengths[r];
            var sum = (Real)(Logarithm ? Reduce.Total<V, Reduce.Itself>(new(DY + at), n) : Reduce.Total<V, Reduce.Product>(new(DY + at, Y + at), n));
            Steps.Run<V, BackwardStep>(new(Y + at, DY + at, DX + at, sum, Logarithm), 0, n);
        }
    }

    readonly struct BackwardStep(Real* y, Real* dy, Real* dx, Real sum, bool logarithm) : IStep
    {
        [MethodImpl(Jit.Inlined)]
        public void Step<V>(int i) where V : unmanaged, ILanes<V>
        {
            var d = logarithm
                ? V.Load(dy + i) - VectorMath.Exp(V.Load(y + i)) * V.Of(sum)
                : V.Load(y + i) * (V.Load(dy + i) - V.Of(sum));
            (V.Load(dx + i) + d).Store(dx + i);
        }
    }
}
