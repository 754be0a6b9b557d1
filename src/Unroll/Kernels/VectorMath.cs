#if !REAL64
using System.Runtime.CompilerServices;
using static Unroll.Kernels.Jit;

namespace Unroll.Kernels;

/// <summary>
/// Elementary functions, one formula for every width. Not a number gives not a number; results too small for a normal number may be
/// flushed to 0. The largest errors, over all floats, stand with each function and in the tests.
/// </summary>
/// <remarks>
/// The argument is reduced as W. J. Cody and W. Waite do (Software Manual for the Elementary Functions, 1980); on the small
/// interval left a polynomial of least greatest error (Remez) takes over. tests/golden/fit_functions.py computes its coefficients.
/// </remarks>
internal static class VectorMath
{
    const float Log2E = 1.44269504f;
    const float Ln2High = 0.693147182f;                 // ln 2 = high + low
    const float Ln2Low = -1.90465421e-09f;
    const float NextToInteger = 1.5f * (1 << 23);       // adding it rounds to an integer, which stands in the low bits of the sum
    const float SmallestNormal = 1.17549435e-38f;

    /// <summary>eˣ, at most 1 ulp off; 0 where the result would be below 2⁻¹²⁶.</summary>
    [MethodImpl(Inlined)]
    public static V Exp<V>(V x) where V : unmanaged, ILanes<V>
    {
        var (r, q, scale) = ReducedExp(V.AtMost(x, V.Of(89)));      // at 89 the product below overflows to +∞
        var y = V.Fma(q, r, V.Of(2)) * V.AtLeast(scale, V.Of(SmallestNormal / 2));  // 0 is meant as the subnormal 2⁻¹²⁷ here
        return V.Select(x < V.Of(-87.33654f), V.Of(0), y);          // the first x with eˣ ≥ 2⁻¹²⁶
    }

    /// <summary>1 / (1 + e⁻ˣ), at most 2 ulp off, down to where eˣ underflows; never outside [0, 1].</summary>
    [MethodImpl(Inlined)]
    public static V Sigmoid<V>(V x) where V : unmanaged, ILanes<V>
    {
        var (r, q, scale) = ReducedExp(V.AtLeast(V.AtMost(-x, V.Of(89)), V.Of(-87.5f)));    // at the ends 2·scale is +∞ and 0
        return V.Of(1) / V.Fma(V.Of(2), scale, V.Fma(scale * r, q, V.Of(1)));   // the smaller terms first: one rounding that counts
    }

    /// <summary>log(1 + eˣ) = max(x, 0) + log(1 + e^−|x|), at most 3 ulp off for both signs; 0 where eˣ is below 2⁻¹²⁵·⁵.</summary>
    [MethodImpl(Inlined)]
    public static V Softplus<V>(V x) where V : unmanaged, ILanes<V>
    {
        var (r, q, scale) = ReducedExp(V.AtLeast(-V.Abs(x), V.Of(-87.5f)));
        var u = V.Fma(q, r, V.Of(2)) * scale;
        var w = u / (u + V.Of(2));                                  // log(1 + u) = 2·atanh(u / (2 + u))
        var z = w * w;
        var a = V.Fma(V.Fma(V.Fma(V.Of(0.280119866f), z, V.Of(0.280018061f)), z, V.Of(0.400215268f)), z, V.Of(0.666664183f));
        return V.Fma(z * w, a, w + w) + V.Select(x < V.Of(0), V.Of(0), x);
    }

    /// <summary>tanh x, at most 2.5 ulp off; odd, never outside [−1, 1], and ±1 from |x| = 9.02 on.</summary>
    /// <remarks>
    /// With x = n·ln2/2 + h, s = 2ⁿ and w = tanh h, |h| ≤ ln2/4, the sum rule tanh(a + h) = (tanh a + w) / (1 + w·tanh a) for
    /// tanh(n·ln2/2) = (s − 1) / (s + 1) reads ((s − 1) + (s + 1)·w) / ((s + 1) + (s − 1)·w): one division, and no cancellation near 0.
    /// </remarks>
    [MethodImpl(Inlined)]
    public static V Tanh<V>(V x) where V : unmanaged, ILanes<V>
    {
        x = V.AtLeast(V.AtMost(x, V.Of(9.1f)), V.Of(-9.1f));
        var t = V.Fma(x, V.Of(2 * Log2E), V.Of(NextToInteger + 127));
        var h = V.Fma(t - V.Of(NextToInteger + 127), V.Of(-Ln2High / 2), x);
        var z = h * h;
        var q = V.Fma(V.Fma(V.Of(-0.0527248308f), z, V.Of(0.133311763f)), z, V.Of(-0.333333224f));
        var w = V.Fma(z * h, q, h);
        var s = V.Pow2FromLowBits(t);
        var minus = s - V.Of(1);
        var plus = s + V.Of(1);
        return V.Fma(plus, w, minus) / V.Fma(minus, w, plus);
    }

    /// <summary>The natural logarithm, at most 1 ulp off; −∞ at 0, not a number below.</summary>
    [MethodImpl(Inlined)]
    public static V Log<V>(V x) where V : unmanaged, ILanes<V>
    {
        var subnormal = x < V.Of(SmallestNormal);
        var normal = V.Select(subnormal, x * V.Of(1 << 23), x);
        var e = V.Exponent(normal) - (subnormal & V.Of(23));
        var m = V.Significand(normal);
        var high = m > V.Of(1.41421356f);                           // x = m·2ᵉ with √½ ≤ m ≤ √2
        m = V.Select(high, m * V.Of(0.5f), m);
        e = e + (high & V.Of(1));

        var f = m - V.Of(1);                                        // log(1 + f) = f − f²/2 + f³·q(f)
        var z = f * f;
        var q = V.Fma(V.Of(-0.0763449892f), f, V.Of(0.12761578f));
        q = V.Fma(q, f, V.Of(-0.131601825f));
        q = V.Fma(q, f, V.Of(0.142017573f));
        q = V.Fma(q, f, V.Of(-0.166233569f));
        q = V.Fma(q, f, V.Of(0.200012267f));
        q = V.Fma(q, f, V.Of(-0.250008196f));
        q = V.Fma(q, f, V.Of(0.333333313f));
        var rest = V.Fma(z, V.Of(-0.5f), V.Fma(e, V.Of(Ln2Low), z * f * q));
        var y = V.Fma(e, V.Of(Ln2High), f + rest);
        y = V.Select(x < V.Of(float.PositiveInfinity), y, x);
        return V.Select(x > V.Of(0), y, V.Select(x >= V.Of(0), V.Of(float.NegativeInfinity), V.Of(float.NaN)));
    }

    /// <summary>
    /// eˣ = (2 + q·r)·scale for −87.5 ≤ x ≤ 89, where x = n·ln2 + r, q = 2(eʳ − 1)/r and scale = 2ⁿ⁻¹: half of 2ⁿ, so that the scale of
    /// the largest results is a normal number. That of the smallest, 2⁻¹²⁷, is not, and comes out as 0.
    /// </summary>
    [MethodImpl(Inlined)]
    static (V R, V Q, V Scale) ReducedExp<V>(V x) where V : unmanaged, ILanes<V>
    {
        var t = V.Fma(x, V.Of(Log2E), V.Of(NextToInteger + 126));
        var n = t - V.Of(NextToInteger + 126);
        var r = V.Fma(n, V.Of(-Ln2Low), V.Fma(n, V.Of(-Ln2High), x));
        var q = V.Fma(V.Of(2 * 0.00138144672f), r, V.Of(2 * 0.00836878084f));
        q = V.Fma(q, r, V.Of(2 * 0.0416683927f));
        q = V.Fma(q, r, V.Of(2 * 0.166665196f));
        q = V.Fma(q, r, V.Of(2 * 0.49999994f));
        return (r, V.Fma(q, r, V.Of(2)), V.Pow2FromLowBits(t));
    }
}
#endif
