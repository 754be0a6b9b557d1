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

/// <summary>What is done to number i, or to a register of numbers from i on, apart from all others.</summary>
internal interface IStep
{
    void Step<V>(int i) where V : unmanaged, ILanes<V>;
}

/// <summary>Steps over a range: as many as fill registers, then the tail in narrower ones.</summary>
internal static class Steps
{
    [MethodImpl(Hot)]
    public static void Run<V, TStep>(TStep step, int from, int to) where V : unmanaged, ILanes<V> where TStep : struct, IStep
    {
        var local = step;                       // its fields can stay in registers, where those of an argument are read again and again
        var i = from;
        for (; i <= to - V.Count; i += V.Count) local.Step<V>(i);
        if (i < to) Tail<V, TStep>(local, i, to);
    }

    /// <summary>What fills no register: with narrower ones, down to one number at a time. Apart, so that the loop stays small.</summary>
    [MethodImpl(Hot | MethodImplOptions.NoInlining)]
    static void Tail<V, TStep>(TStep step, int i, int to) where V : unmanaged, ILanes<V> where TStep : struct, IStep
    {
        if (V.Count > Lanes256.Count && i <= to - Lanes256.Count)
        {
            step.Step<Lanes256>(i);
            i += Lanes256.Count;
        }
        if (V.Count > Lanes128.Count && i <= to - Lanes128.Count)
        {
            step.Step<Lanes128>(i);
            i += Lanes128.Count;
        }
        for (; i < to; i++) step.Step<Lane1>(i);
    }
}

/// <summary>y[i] = f(x[i]); y may be x.</summary>
internal readonly unsafe struct UnaryKernel<TOp>(Real* x, Real* y) : IKernel, IStep where TOp : IUnary
{
    public void Run<V>(int from, int to) where V : unmanaged, ILanes<V> => Steps.Run<V, UnaryKernel<TOp>>(this, from, to);

    [MethodImpl(Inlined)]
    public void Step<V>(int i) where V : unmanaged, ILanes<V> => TOp.Forward(V.Load(x + i)).Store(y + i);
}

/// <summary>dx[i] += dy[i]·f′(x[i], y[i]); a fresh dx counts as zero.</summary>
internal readonly unsafe struct UnaryBackwardKernel<TOp>(Real* x, Real* y, Real* dy, Real* dx, bool fresh = false) : IKernel, IStep where TOp : IUnary
{
    public void Run<V>(int from, int to) where V : unmanaged, ILanes<V> => Steps.Run<V, UnaryBackwardKernel<TOp>>(this, from, to);

    [MethodImpl(Inlined)]
    public void Step<V>(int i) where V : unmanaged, ILanes<V> =>
        V.Fma(V.Load(dy + i), TOp.Derivative(V.Load(x + i), V.Load(y + i)), fresh ? default : V.Load(dx + i)).Store(dx + i);
}

/// <summary>y[i] = f(a[i], b[i]); y may be a or b.</summary>
internal readonly unsafe struct BinaryKernel<TOp>(Real* a, Real* b, Real* y) : IKernel, IStep where TOp : IBinary
{
    public void Run<V>(int from, int to) where V : unmanaged, ILanes<V> => Steps.Run<V, BinaryKernel<TOp>>(this, from, to);

    [MethodImpl(Inlined)]
    public void Step<V>(int i) where V : unmanaged, ILanes<V> => TOp.Forward(V.Load(a + i), V.Load(b + i)).Store(y + i);
}

/// <summary>
/// da[i] += dy[i]·∂f/∂a and db[i] += dy[i]·∂f/∂b; da or db may be null, where no gradient is wanted, and they may be the same. A fresh one
/// counts as zero.
/// </summary>
internal readonly unsafe struct BinaryBackwardKernel<TOp>(
    Real* a, Real* b, Real* y, Real* dy, Real* da, Real* db, bool freshA = false, bool freshB = false) : IKernel, IStep where TOp : IBinary
{
    public void Run<V>(int from, int to) where V : unmanaged, ILanes<V> => Steps.Run<V, BinaryBackwardKernel<TOp>>(this, from, to);

    [MethodImpl(Inlined)]
    public void Step<V>(int i) where V : unmanaged, ILanes<V>
    {
        V left = V.Load(a + i), right = V.Load(b + i), result = V.Load(y + i), slope = V.Load(dy + i);
        if (da != null) V.Fma(slope, TOp.DerivativeA(left, right, result), freshA ? default : V.Load(da + i)).Store(da + i);
        if (db != null) V.Fma(slope, TOp.DerivativeB(left, right, result), freshB ? default : V.Load(db + i)).Store(db + i);
    }
}

/// <summary>y[i] = f(a[i], b) for one number b; y may be a.</summary>
internal readonly unsafe struct ScalarKernel<TOp>(Real* a, Real b, Real* y) : IKernel, IStep where TOp : IBinary
{
    public void Run<V>(int from, int to) where V : unmanaged, ILanes<V> => Steps.Run<V, ScalarKernel<TOp>>(this, from, to);

    [MethodImpl(Inlined)]
    public void Step<V>(int i) where V : unmanaged, ILanes<V> => TOp.Forward(V.Load(a + i), V.Of(b)).Store(y + i);
}

/// <summary>da[i] += dy[i]·∂f/∂a for one number b; a fresh da counts as zero.</summary>
internal readonly unsafe struct ScalarBackwardKernel<TOp>(Real* a, Real b, Real* y, Real* dy, Real* da, bool fresh) : IKernel, IStep
    where TOp : IBinary
{
    public void Run<V>(int from, int to) where V : unmanaged, ILanes<V> => Steps.Run<V, ScalarBackwardKernel<TOp>>(this, from, to);

    [MethodImpl(Inlined)]
    public void Step<V>(int i) where V : unmanaged, ILanes<V>
    {
        var slope = TOp.DerivativeA(V.Load(a + i), V.Of(b), V.Load(y + i));
        V.Fma(V.Load(dy + i), slope, fresh ? default : V.Load(da + i)).Store(da + i);
    }
}

/// <summary>The terms dy[i]·∂f/∂b of the gradient of one number b.</summary>
internal readonly unsafe struct ScalarSlope<TOp>(Real* a, Real b, Real* y, Real* dy) : ITerm where TOp : IBinary
{
    [MethodImpl(Inlined)]
    public V At<V>(int i) where V : unmanaged, ILanes<V> => V.Load(dy + i) * TOp.DerivativeB(V.Load(a + i), V.Of(b), V.Load(y + i));
}

/// <summary>y[i] = scale·x[i] + shift; y may be x.</summary>
internal readonly unsafe struct AffineKernel(Real* x, Real* y, Real scale, Real shift = 0) : IKernel, IStep
{
    public void Run<V>(int from, int to) where V : unmanaged, ILanes<V> => Steps.Run<V, AffineKernel>(this, from, to);

    [MethodImpl(Inlined)]
    public void Step<V>(int i) where V : unmanaged, ILanes<V> => V.Fma(V.Load(x + i), V.Of(scale), V.Of(shift)).Store(y + i);
}

/// <summary>to[i] += scale·from[i]; a fresh target counts as zero.</summary>
internal readonly unsafe struct AddScaledKernel(Real scale, Real* from, Real* to, bool fresh = false) : IKernel, IStep
{
    public void Run<V>(int first, int last) where V : unmanaged, ILanes<V> => Steps.Run<V, AddScaledKernel>(this, first, last);

    [MethodImpl(Inlined)]
    public void Step<V>(int i) where V : unmanaged, ILanes<V> =>
        V.Fma(V.Of(scale), V.Load(from + i), fresh ? default : V.Load(to + i)).Store(to + i);
}

/// <summary>to[i] += value; a fresh target counts as zero.</summary>
internal readonly unsafe struct AddConstantKernel(Real* to, Real value, bool fresh) : IKernel, IStep
{
    public void Run<V>(int from, int last) where V : unmanaged, ILanes<V> => Steps.Run<V, AddConstantKernel>(this, from, last);

    [MethodImpl(Inlined)]
    public void Step<V>(int i) where V : unmanaged, ILanes<V> => (fresh ? V.Of(value) : V.Load(to + i) + V.Of(value)).Store(to + i);
}
