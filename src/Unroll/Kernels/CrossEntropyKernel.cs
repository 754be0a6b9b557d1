using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>
/// For each row the logarithm of Σⱼ eˣʲ, and the loss of its target with label smoothing ε and class weights w:
/// (1 − ε)·w_t·(lse − x_t) + ε/V·Σⱼ wⱼ (lse − xⱼ). Then, where wanted, the row's gradient, while the row is still in cache.
/// </summary>
internal unsafe struct CrossEntropyKernel : IKernel
{
    public Real* X, ClassWeights, LogSums, Losses;
    public int* Targets;
    public int Columns, Ignored;
    public double Smoothing, WeightSum;
    public CrossEntropyBackwardKernel Then;
    public bool HasThen;

    public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        for (var r = from; r < to; r++)
        {
            Row<V>(r);
            if (HasThen) Then.Run<V>(r, r + 1);
        }
    }

    readonly void Row<V>(int r) where V : unmanaged, ILanes<V>
    {
        var target = Targets[r];
        if (target == Ignored)
        {
            Losses[r] = LogSums[r] = 0;
            return;
        }
        var x = X + (nint)r * Columns;
        var max = Reduce.Max<V>(x, Columns);
        Real log;
        VectorMath.Log(Lane1.Of((Real)Reduce.Total<V, SoftmaxKernel.ShiftedExp>(new(x, null, max), Columns))).Store(&log);
        var logSum = LogSums[r] = max + log;
        double loss = (log - (x[target] - max)) * (ClassWeights == null ? 1 : ClassWeights[target]);
        if (Smoothing > 0)
        {
            var mean = ClassWeights == null
                ? Columns * (double)logSum - Reduce.Total<V, Reduce.Itself>(new(x), Columns)
                : WeightSum * logSum - Reduce.Total<V, Reduce.Product>(new(x, ClassWeights), Columns);
            loss = (1 - Smoothing) * loss + Smoothing * mean / Columns;
        }
        Losses[r] = (Real)loss;
    }
}

/// <summary>
/// dxⱼ = s·[((1 − ε)·w_t + ε/V·Σ w)·e^(xⱼ − lse) − (1 − ε)·w_t·[j = t] − ε/V·wⱼ]: the exponentials are taken again rather than kept,
/// because a second look at memory costs more.
/// </summary>
internal unsafe struct CrossEntropyBackwardKernel : IKernel
{
    public Real* X, ClassWeights, LogSums, DX;
    public int* Targets;
    public int Columns, Ignored;
    public double Smoothing, WeightSum, Scale;
    public bool Fresh;

    public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        for (var r = from; r < to; r++)
        {
            var target = Targets[r];
            var dx = DX + (nint)r * Columns;
            if (target == Ignored)
            {
                if (Fresh) new Span<Real>(dx, Columns).Clear();
                continue;
            }
            var own = (1 - Smoothing) * (ClassWeights == null ? 1 : ClassWeights[target]);
            var every = Smoothing / Columns;
            Row<V>(X + (nint)r * Columns, dx, LogSums[r], (Real)(Scale * (own + every * WeightSum)), (Real)(-Scale * every));
            dx[target] -= (Real)(Scale * own);
        }
    }

    [MethodImpl(Jit.Hot)]
    readonly void Row<V>(Real* x, Real* dx, Real logSum, Real share, Real every) where V : unmanaged, ILanes<V>
    {
        var i = 0;
        for (; i <= Columns - V.Count; i += V.Count) Step<V>(x, dx, i, logSum, share, every);
        for (; i < Columns; i++) Step<Lane1>(x, dx, i, logSum, share, every);
    }

    [MethodImpl(Jit.Inlined)]
    readonly void Step<V>(Real* x, Real* dx, int i, Real logSum, Real share, Real every) where V : unmanaged, ILanes<V>
    {
        var d = V.Of(share) * VectorMath.Exp(V.Load(x + i) - V.Of(logSum));
        if (every != 0) d = V.Fma(V.Of(every), ClassWeights == null ? V.Of(1) : V.Load(ClassWeights + i), d);
        (Fresh ? d : V.Load(dx + i) + d).Store(dx + i);
    }
}
