using System.Runtime.CompilerServices;
using static Unroll.Kernels.Jit;

namespace Unroll.Kernels;

/// <summary>A function y = f(x) of one number, and its derivative.</summary>
internal interface IUnary
{
    static abstract V Forward<V>(V x) where V : unmanaged, ILanes<V>;

    /// <summary>dy/dx, from the input and the output.</summary>
    static abstract V Derivative<V>(V x, V y) where V : unmanaged, ILanes<V>;
}

/// <summary>A function y = f(a, b) of two numbers, and its derivatives.</summary>
internal interface IBinary
{
    static abstract V Forward<V>(V a, V b) where V : unmanaged, ILanes<V>;

    /// <summary>∂y/∂a, from the inputs and the output.</summary>
    static abstract V DerivativeA<V>(V a, V b, V y) where V : unmanaged, ILanes<V>;

    /// <summary>∂y/∂b, from the inputs and the output.</summary>
    static abstract V DerivativeB<V>(V a, V b, V y) where V : unmanaged, ILanes<V>;
}

/// <summary>y[i] = f(x[i]); y may be x.</summary>
internal readonly unsafe struct UnaryKernel<TOp>(Real* x, Real* y) : IKernel where TOp : IUnary
{
    [MethodImpl(Hot)]
    public void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        var i = from;
        for (; i <= to - V.Count; i += V.Count) Step<V>(i);
        for (; i < to; i++) Step<Lane1>(i);
    }

    [MethodImpl(Inlined)]
    void Step<V>(int i) where V : unmanaged, ILanes<V> => TOp.Forward(V.Load(x + i)).Store(y + i);
}

/// <summary>dx[i] += dy[i]·f′(x[i], y[i]).</summary>
internal readonly unsafe struct UnaryBackwardKernel<TOp>(Real* x, Real* y, Real* dy, Real* dx) : IKernel where TOp : IUnary
{
    [MethodImpl(Hot)]
    public void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        var i = from;
        for (; i <= to - V.Count; i += V.Count) Step<V>(i);
        for (; i < to; i++) Step<Lane1>(i);
    }

    [MethodImpl(Inlined)]
    void Step<V>(int i) where V : unmanaged, ILanes<V> =>
        V.Fma(V.Load(dy + i), TOp.Derivative(V.Load(x + i), V.Load(y + i)), V.Load(dx + i)).Store(dx + i);
}

/// <summary>y[i] = f(a[i], b[i]); y may be a or b.</summary>
internal readonly unsafe struct BinaryKernel<TOp>(Real* a, Real* b, Real* y) : IKernel where TOp : IBinary
{
    [MethodImpl(Hot)]
    public void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        var i = from;
        for (; i <= to - V.Count; i += V.Count) Step<V>(i);
        for (; i < to; i++) Step<Lane1>(i);
    }

    [MethodImpl(Inlined)]
    void Step<V>(int i) where V : unmanaged, ILanes<V> => TOp.Forward(V.Load(a + i), V.Load(b + i)).Store(y + i);
}

/// <summary>
/// da[i] += dy[i]·∂f/∂a and db[i] += dy[i]·∂f/∂b; da or db may be null, where no gradient is wanted, and they may be the same.
/// </summary>
internal readonly unsafe struct BinaryBackwardKernel<TOp>(Real* a, Real* b, Real* y, Real* dy, Real* da, Real* db) : IKernel
    where TOp : IBinary
{
    [MethodImpl(Hot)]
    public void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        var i = from;
        for (; i <= to - V.Count; i += V.Count) Step<V>(i);
        for (; i < to; i++) Step<Lane1>(i);
    }

    [MethodImpl(Inlined)]
    void Step<V>(int i) where V : unmanaged, ILanes<V>
    {
        V left = V.Load(a + i), right = V.Load(b + i), result = V.Load(y + i), slope = V.Load(dy + i);
        if (da != null) V.Fma(slope, TOp.DerivativeA(left, right, result), V.Load(da + i)).Store(da + i);
        if (db != null) V.Fma(slope, TOp.DerivativeB(left, right, result), V.Load(db + i)).Store(db + i);
    }
}
