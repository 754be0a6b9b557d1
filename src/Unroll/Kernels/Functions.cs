using System.Runtime.CompilerServices;
using static Unroll.Kernels.Jit;

namespace Unroll.Kernels;

/// <summary>y = tanh x; dy/dx = 1 − y².</summary>
internal readonly struct Tanh : IUnary
{
    [MethodImpl(Inlined)] public static V Forward<V>(V x) where V : unmanaged, ILanes<V> => VectorMath.Tanh(x);
    [MethodImpl(Inlined)] public static V Derivative<V>(V x, V y) where V : unmanaged, ILanes<V> => V.Fma(-y, y, V.Of(1));
}

/// <summary>y = 1 / (1 + e⁻ˣ); dy/dx = y·(1 − y).</summary>
internal readonly struct Sigmoid : IUnary
{
    [MethodImpl(Inlined)] public static V Forward<V>(V x) where V : unmanaged, ILanes<V> => VectorMath.Sigmoid(x);
    [MethodImpl(Inlined)] public static V Derivative<V>(V x, V y) where V : unmanaged, ILanes<V> => V.Fma(-y, y, y);
}

/// <summary>y = max(x, 0); dy/dx = 1 for x &gt; 0, 0 elsewhere.</summary>
internal readonly struct Relu : IUnary
{
    [MethodImpl(Inlined)] public static V Forward<V>(V x) where V : unmanaged, ILanes<V> => V.Select(x < V.Of(0), V.Of(0), x);
    [MethodImpl(Inlined)] public static V Derivative<V>(V x, V y) where V : unmanaged, ILanes<V> => V.Of(1) & (x > V.Of(0));
}

/// <summary>y = eˣ; dy/dx = y.</summary>
internal readonly struct Exp : IUnary
{
    [MethodImpl(Inlined)] public static V Forward<V>(V x) where V : unmanaged, ILanes<V> => VectorMath.Exp(x);
    [MethodImpl(Inlined)] public static V Derivative<V>(V x, V y) where V : unmanaged, ILanes<V> => y;
}

/// <summary>y = log x; dy/dx = 1/x.</summary>
internal readonly struct Log : IUnary
{
    [MethodImpl(Inlined)] public static V Forward<V>(V x) where V : unmanaged, ILanes<V> => VectorMath.Log(x);
    [MethodImpl(Inlined)] public static V Derivative<V>(V x, V y) where V : unmanaged, ILanes<V> => V.Of(1) / x;
}

/// <summary>y = √x; dy/dx = 1/(2y).</summary>
internal readonly struct Sqrt : IUnary
{
    [MethodImpl(Inlined)] public static V Forward<V>(V x) where V : unmanaged, ILanes<V> => V.Sqrt(x);
    [MethodImpl(Inlined)] public static V Derivative<V>(V x, V y) where V : unmanaged, ILanes<V> => V.Of((Real)0.5) / y;
}

/// <summary>y = x²; dy/dx = 2x.</summary>
internal readonly struct Square : IUnary
{
    [MethodImpl(Inlined)] public static V Forward<V>(V x) where V : unmanaged, ILanes<V> => x * x;
    [MethodImpl(Inlined)] public static V Derivative<V>(V x, V y) where V : unmanaged, ILanes<V> => x + x;
}

/// <summary>y = |x|; dy/dx = −1, 0 or 1, the sign of x.</summary>
internal readonly struct Abs : IUnary
{
    [MethodImpl(Inlined)] public static V Forward<V>(V x) where V : unmanaged, ILanes<V> => V.Abs(x);
    [MethodImpl(Inlined)]
    public static V Derivative<V>(V x, V y) where V : unmanaged, ILanes<V> => (V.Of(1) & (x > V.Of(0))) - (V.Of(1) & (x < V.Of(0)));
}

/// <summary>y = −x; dy/dx = −1.</summary>
internal readonly struct Negate : IUnary
{
    [MethodImpl(Inlined)] public static V Forward<V>(V x) where V : unmanaged, ILanes<V> => -x;
    [MethodImpl(Inlined)] public static V Derivative<V>(V x, V y) where V : unmanaged, ILanes<V> => V.Of(-1);
}

/// <summary>y = 1/x; dy/dx = −y².</summary>
internal readonly struct Reciprocal : IUnary
{
    [MethodImpl(Inlined)] public static V Forward<V>(V x) where V : unmanaged, ILanes<V> => V.Of(1) / x;
    [MethodImpl(Inlined)] public static V Derivative<V>(V x, V y) where V : unmanaged, ILanes<V> => -y * y;
}

/// <summary>y = log(1 + eˣ); dy/dx = 1 / (1 + e⁻ˣ).</summary>
internal readonly struct Softplus : IUnary
{
    [MethodImpl(Inlined)] public static V Forward<V>(V x) where V : unmanaged, ILanes<V> => VectorMath.Softplus(x);
    [MethodImpl(Inlined)] public static V Derivative<V>(V x, V y) where V : unmanaged, ILanes<V> => VectorMath.Sigmoid(x);
}

/// <summary>y = log(1 / (1 + e⁻ˣ)) = −softplus(−x); dy/dx = 1 / (1 + eˣ).</summary>
internal readonly struct LogSigmoid : IUnary
{
    [MethodImpl(Inlined)] public static V Forward<V>(V x) where V : unmanaged, ILanes<V> => -VectorMath.Softplus(-x);
    [MethodImpl(Inlined)] public static V Derivative<V>(V x, V y) where V : unmanaged, ILanes<V> => VectorMath.Sigmoid(-x);
}

/// <summary>y = a + b; ∂y/∂a = ∂y/∂b = 1.</summary>
internal readonly struct Add : IBinary
{
    [MethodImpl(Inlined)] public static V Forward<V>(V a, V b) where V : unmanaged, ILanes<V> => a + b;
    [MethodImpl(Inlined)] public static V DerivativeA<V>(V a, V b, V y) where V : unmanaged, ILanes<V> => V.Of(1);
    [MethodImpl(Inlined)] public static V DerivativeB<V>(V a, V b, V y) where V : unmanaged, ILanes<V> => V.Of(1);
}

/// <summary>y = a − b; ∂y/∂a = 1, ∂y/∂b = −1.</summary>
internal readonly struct Subtract : IBinary
{
    [MethodImpl(Inlined)] public static V Forward<V>(V a, V b) where V : unmanaged, ILanes<V> => a - b;
    [MethodImpl(Inlined)] public static V DerivativeA<V>(V a, V b, V y) where V : unmanaged, ILanes<V> => V.Of(1);
    [MethodImpl(Inlined)] public static V DerivativeB<V>(V a, V b, V y) where V : unmanaged, ILanes<V> => V.Of(-1);
}

/// <summary>y = a·b; ∂y/∂a = b, ∂y/∂b = a.</summary>
internal readonly struct Multiply : IBinary
{
    [MethodImpl(Inlined)] public static V Forward<V>(V a, V b) where V : unmanaged, ILanes<V> => a * b;
    [MethodImpl(Inlined)] public static V DerivativeA<V>(V a, V b, V y) where V : unmanaged, ILanes<V> => b;
    [MethodImpl(Inlined)] public static V DerivativeB<V>(V a, V b, V y) where V : unmanaged, ILanes<V> => a;
}

/// <summary>y = a/b; ∂y/∂a = 1/b, ∂y/∂b = −y/b.</summary>
internal readonly struct Divide : IBinary
{
    [MethodImpl(Inlined)] public static V Forward<V>(V a, V b) where V : unmanaged, ILanes<V> => a / b;
    [MethodImpl(Inlined)] public static V DerivativeA<V>(V a, V b, V y) where V : unmanaged, ILanes<V> => V.Of(1) / b;
    [MethodImpl(Inlined)] public static V DerivativeB<V>(V a, V b, V y) where V : unmanaged, ILanes<V> => -y / b;
}

/// <summary>y = max(a, b), not a number where either is not; the larger has derivative 1, the smaller 0, equal ones ½ each.</summary>
internal readonly struct Maximum : IBinary
{
    [MethodImpl(Inlined)] public static V Forward<V>(V a, V b) where V : unmanaged, ILanes<V> => V.Max(a, b);
    [MethodImpl(Inlined)] public static V DerivativeA<V>(V a, V b, V y) where V : unmanaged, ILanes<V> => Slope.Greater(a, b);
    [MethodImpl(Inlined)] public static V DerivativeB<V>(V a, V b, V y) where V : unmanaged, ILanes<V> => Slope.Greater(b, a);
}

/// <summary>y = min(a, b), not a number where either is not; the smaller has derivative 1, the larger 0, equal ones ½ each.</summary>
internal readonly struct Minimum : IBinary
{
    [MethodImpl(Inlined)] public static V Forward<V>(V a, V b) where V : unmanaged, ILanes<V> => V.Min(a, b);
    [MethodImpl(Inlined)] public static V DerivativeA<V>(V a, V b, V y) where V : unmanaged, ILanes<V> => Slope.Greater(b, a);
    [MethodImpl(Inlined)] public static V DerivativeB<V>(V a, V b, V y) where V : unmanaged, ILanes<V> => Slope.Greater(a, b);
}

file static class Slope
{
    /// <summary>1 where a &gt; b, 0 where a &lt; b, ½ elsewhere.</summary>
    [MethodImpl(Inlined)]
    public static V Greater<V>(V a, V b) where V : unmanaged, ILanes<V> =>
        V.Select(a > b, V.Of(1), V.Select(a < b, V.Of(0), V.Of((Real)0.5)));
}
