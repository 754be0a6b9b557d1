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
                Scale<V>(y, n, 1 / sum);
                continue;
            }
            Real log;
            VectorMath.Log(Lane1.Of(sum)).Store(&log);
            Shift<V>(x, y, n, max, log);
        }
    }

    [MethodImpl(Jit.Hot)]
    static void Scale<V>(Real* y, int n, Real scale) where V : unmanaged, ILanes<V>
    {
        var i = 0;
        for (; i <= n - V.Count; i += V.Count) (V.Load(y + i) * V.Of(scale)).Store(y + i);
        for (; i < n; i++) y[i] *= scale;
    }

    [MethodImpl(Jit.Hot)]
    static void Shift<V>(Real* x, Real* y, int n, Real max, Real log) where V : unmanaged, ILanes<V>
    {
        var i = 0;
        for (; i <= n - V.Count; i += V.Count) (V.Load(x + i) - V.Of(max) - V.Of(log)).Store(y + i);
        for (; i < n; i++) y[i] = x[i] - max - log;
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
            Row<V>(Y + at, DY + at, DX + at, n, sum, Logarithm);
        }
    }

    [MethodImpl(Jit.Hot)]
    static void Row<V>(Real* y, Real* dy, Real* dx, int n, Real sum, bool logarithm) where V : unmanaged, ILanes<V>
    {
        var i = 0;
        for (; i <= n - V.Count; i += V.Count) Step<V>(y + i, dy + i, dx + i, sum, logarithm);
        for (; i < n; i++) Step<Lane1>(y + i, dy + i, dx + i, sum, logarithm);
    }

    [MethodImpl(Jit.Inlined)]
    static void Step<V>(Real* y, Real* dy, Real* dx, Real sum, bool logarithm) where V : unmanaged, ILanes<V>
    {
        var d = logarithm
            ? V.Load(dy) - VectorMath.Exp(V.Load(y)) * V.Of(sum)
            : V.Load(y) * (V.Load(dy) - V.Of(sum));
        (V.Load(dx) + d).Store(dx);
    }
}
