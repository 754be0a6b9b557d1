using System.Runtime.CompilerServices;
using static Unroll.Kernels.Jit;

namespace Unroll.Kernels;

/// <summary>How an optimizer changes one weight w: from its gradient g and up to two numbers m and v that it remembers.</summary>
internal interface IUpdateRule
{
    /// <summary>Whether a weight with a gradient of zero stays as it is, to the bit, and so need not be visited.</summary>
    bool LeavesZeros { get; }

    void Apply<V>(ref V w, V g, ref V m, ref V v) where V : unmanaged, ILanes<V>;
}

/// <summary>Applies a rule to every weight, with its gradient times a scale; m and v may be null, where the rule remembers less.</summary>
internal readonly unsafe struct UpdateKernel<TRule>(TRule rule, Real* w, Real* g, Real scale, Real* m, Real* v) : IKernel
    where TRule : unmanaged, IUpdateRule
{
    readonly TRule _rule = rule;

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
        V weight = V.Load(w + i), first = default, second = default;
        if (m != null) first = V.Load(m + i);
        if (v != null) second = V.Load(v + i);
        _rule.Apply(ref weight, V.Load(g + i) * V.Of(scale), ref first, ref second);
        weight.Store(w + i);
        if (m != null) first.Store(m + i);
        if (v != null) second.Store(v + i);
    }
}

/// <summary>The same for the marked blocks of <see cref="Reduce.Chunk"/> weights alone.</summary>
internal readonly unsafe struct UpdateMarkedKernel<TRule>(UpdateKernel<TRule> update, bool* marks, int count) : IKernel
    where TRule : unmanaged, IUpdateRule
{
    public void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        for (var i = from; i < to; i++)
            if (marks[i]) update.Run<V>(i * Reduce.Chunk, i * Reduce.Chunk + Math.Min(Reduce.Chunk, count - i * Reduce.Chunk));
    }
}

/// <summary>w ← w − η (g + λ w).</summary>
internal readonly struct SgdRule(double rate, double decay) : IUpdateRule
{
    readonly Real _rate = (Real)rate, _decay = (Real)decay;

    public bool LeavesZeros => _decay == 0;

    [MethodImpl(Inlined)]
    public void Apply<V>(ref V w, V g, ref V m, ref V v) where V : unmanaged, ILanes<V>
    {
        g = V.Fma(V.Of(_decay), w, g);
        w = V.Fma(V.Of(-_rate), g, w);
    }
}

/// <summary>g ← g + λ w, m ← μ m + g, w ← w − η m; with Nesterov's look ahead w ← w − η (g + μ m).</summary>
internal readonly struct MomentumRule(double rate, double decay, double momentum, bool nesterov) : IUpdateRule
{
    readonly Real _rate = (Real)rate, _decay = (Real)decay, _momentum = (Real)momentum;
    readonly bool _nesterov = nesterov;

    public bool LeavesZeros => false;

    [MethodImpl(Inlined)]
    public void Apply<V>(ref V w, V g, ref V m, ref V v) where V : unmanaged, ILanes<V>
    {
        g = V.Fma(V.Of(_decay), w, g);
        m = V.Fma(V.Of(_momentum), m, g);
        w = V.Fma(V.Of(-_rate), _nesterov ? V.Fma(V.Of(_momentum), m, g) : m, w);
    }
}

/// <summary>
/// g ← g + λ w, m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², w ← s w − η/c₁ · m / (√v/√c₂ + ε), with c the bias corrections and s the
/// decoupled shrinking.
/// </summary>
internal readonly struct AdamRule(
    double step, double decay, double shrink, double beta1, double beta2, double rootCorrection, double epsilon) : IUpdateRule
{
    readonly Real _step = (Real)step, _decay = (Real)decay, _shrink = (Real)shrink;
    readonly Real _root = (Real)(1 / rootCorrection), _epsilon = (Real)epsilon;
    readonly Real _beta1 = (Real)beta1, _beta2 = (Real)beta2, _rest1 = (Real)(1 - beta1), _rest2 = (Real)(1 - beta2);

    public bool LeavesZeros => false;

    [MethodImpl(Inlined)]
    public void Apply<V>(ref V w, V g, ref V m, ref V v) where V : unmanaged, ILanes<V>
    {
        g = V.Fma(V.Of(_decay), w, g);
        m = V.Fma(V.Of(_beta1), m, V.Of(_rest1) * g);
        v = V.Fma(V.Of(_beta2), v, V.Of(_rest2) * g * g);
        var denominator = V.Fma(V.Sqrt(v), V.Of(_root), V.Of(_epsilon));
        w = V.Fma(V.Of(-_step), m / denominator, w * V.Of(_shrink));
    }
}

/// <summary>g ← g + λ w, v ← α v + (1 − α) g², m ← μ m + g / (√v + ε), w ← w − η m. Without momentum μ is 0 and m is not kept.</summary>
internal readonly struct RmsPropRule(double rate, double decay, double alpha, double momentum, double epsilon) : IUpdateRule
{
    readonly Real _rate = (Real)rate, _decay = (Real)decay, _momentum = (Real)momentum, _epsilon = (Real)epsilon;
    readonly Real _alpha = (Real)alpha, _rest = (Real)(1 - alpha);

    public bool LeavesZeros => false;

    [MethodImpl(Inlined)]
    public void Apply<V>(ref V w, V g, ref V m, ref V v) where V : unmanaged, ILanes<V>
    {
        g = V.Fma(V.Of(_decay), w, g);
        v = V.Fma(V.Of(_alpha), v, V.Of(_rest) * g * g);
        m = V.Fma(V.Of(_momentum), m, g / (V.Sqrt(v) + V.Of(_epsilon)));
        w = V.Fma(V.Of(-_rate), m, w);
    }
}

/// <summary>g ← g + λ w, v ← v + g², w ← w − η g / (√v + ε).</summary>
internal readonly struct AdagradRule(double rate, double decay, double epsilon) : IUpdateRule
{
    readonly Real _rate = (Real)rate, _decay = (Real)decay, _epsilon = (Real)epsilon;

    public bool LeavesZeros => false;

    [MethodImpl(Inlined)]
    public void Apply<V>(ref V w, V g, ref V m, ref V v) where V : unmanaged, ILanes<V>
    {
        g = V.Fma(V.Of(_decay), w, g);
        v = V.Fma(g, g, v);
        w = V.Fma(V.Of(-_rate), g / (V.Sqrt(v) + V.Of(_epsilon)), w);
    }
}

/// <summary>mean[i] ← mean[i] + rest·(w[i] − mean[i]).</summary>
internal readonly unsafe struct BlendKernel(Real* w, Real* mean, Real rest) : IKernel, IStep
{
    public void Run<V>(int from, int to) where V : unmanaged, ILanes<V> => Steps.Run<V, BlendKernel>(this, from, to);

    [MethodImpl(Inlined)]
    public void Step<V>(int i) where V : unmanaged, ILanes<V>
    {
        var before = V.Load(mean + i);
        V.Fma(V.Of(rest), V.Load(w + i) - before, before).Store(mean + i);
    }
}

/// <summary>x[i] ← c x[i].</summary>
internal readonly unsafe struct ScaleKernel(Real* x, Real factor) : IKernel
{
    [MethodImpl(Hot)]
    public void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        var i = from;
        for (; i <= to - V.Count; i += V.Count) (V.Load(x + i) * V.Of(factor)).Store(x + i);
        for (; i < to; i++) x[i] *= factor;
    }
}

/// <summary>x[i] ← x[i] kept within [−limit, limit], limit above 0. Not a number stays so.</summary>
internal readonly unsafe struct ClampKernel(Real* x, Real limit) : IKernel
{
    [MethodImpl(Hot)]
    public void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        var i = from;
        for (; i <= to - V.Count; i += V.Count) Step<V>(i);
        for (; i < to; i++) Step<Lane1>(i);
    }

    [MethodImpl(Inlined)]
    void Step<V>(int i) where V : unmanaged, ILanes<V> => V.AtLeast(V.AtMost(V.Load(x + i), V.Of(limit)), V.Of(-limit)).Store(x + i);
}
