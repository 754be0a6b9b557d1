using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>y = (x − μ)/√(σ² + ε) ⊙ gain + bias, with the mean μ and variance σ² of each row. Keeps μ and 1/√(σ² + ε).</summary>
internal unsafe struct LayerNormKernel : IKernel
{
    public Real* X, Y, Gain, Bias, Means, Scales;
    public int Columns;
    public double Epsilon;

    public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        for (var r = from; r < to; r++)
        {
            var x = X + (nint)r * Columns;
            var mean = (Real)(Reduce.Total<V, Reduce.Itself>(new(x), Columns) / Columns);
            var variance = Reduce.Total<V, SquaredDistance>(new(x, mean), Columns) / Columns;
            Means[r] = mean;
            Scales[r] = (Real)(1 / Math.Sqrt(variance + Epsilon));
            Steps.Run<V, NormalStep>(new(x, Gain, Bias, Y + (nint)r * Columns, mean, Scales[r]), 0, Columns);
        }
    }

    readonly struct NormalStep(Real* x, Real* gain, Real* bias, Real* y, Real mean, Real scale) : IStep
    {
        [MethodImpl(Jit.Inlined)]
        public void Step<V>(int i) where V : unmanaged, ILanes<V> =>
            V.Fma((V.Load(x + i) - V.Of(mean)) * V.Of(scale), V.Load(gain + i), V.Load(bias + i)).Store(y + i);
    }

    readonly struct SquaredDistance(Real* x, Real mean) : ITerm
    {
        [MethodImpl(Jit.Inlined)]
        public V At<V>(int i) where V : unmanaged, ILanes<V>
        {
            var d = V.Load(x + i) - V.Of(mean);
            return d * d;
        }
    }
}

/// <summary>
/// With x̂ = (x − μ)·s and g = dy ⊙ gain: dx += s·(g − mean(g) − x̂ ⊙ mean(g ⊙ x̂)).
/// </summary>
internal unsafe struct LayerNormBackwardKernel : IKernel
{
    public Real* X, DY, DX, Gain, Means, Scales;
    public int Columns;

    public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        for (var r = from; r < to; r++)
        {
            Real* x = X + (nint)r * Columns, dy = DY + (nint)r * Columns, dx = DX + (nint)r * Columns;
            Real mean = Means[r], scale = Scales[r];
            var g = (Real)(Reduce.Total<V, Reduce.Product>(new(dy, Gain), Columns) / Columns);
            var gx = (Real)(Reduce.Total<V, GainTimesNormal>(new(x, dy, Gain, mean, scale), Columns) / Columns);
            Steps.Run<V, BackwardStep>(new(x, dy, dx, Gain, mean, scale, g, gx), 0, Columns);
        }
    }

    readonly struct BackwardStep(Real* x, Real* dy, Real* dx, Real* gain, Real mean, Real scale, Real g, Real gx) : IStep
    {
        [MethodImpl(Jit.Inlined)]
        public void Step<V>(int i) where V : unmanaged, ILanes<V>
        {
            var normal = (V.Load(x + i) - V.Of(mean)) * V.Of(scale);
            var d = V.Load(dy + i) * V.Load(gain + i) - V.Of(g) - normal * V.Of(gx);
            V.Fma(V.Of(scale), d, V.Load(dx + i)).Store(dx + i);
        }
    }

    readonly struct GainTimesNormal(Real* x, Real* dy, Real* gain, Real mean, Real scale) : ITerm
    {
        [MethodImpl(Jit.Inlined)]
        public V At<V>(int i) where V : unmanaged, ILanes<V> =>
            V.Load(dy + i) * V.Load(gain + i) * ((V.Load(x + i) - V.Of(mean)) * V.Of(scale));
    }
}
