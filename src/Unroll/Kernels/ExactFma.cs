using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Unroll.Kernels.Jit;

namespace Unroll.Kernels;

/// <summary>a·b + c rounded once, for processors with vectors but without the instruction (x86 before 2013).</summary>
/// <remarks>
/// In double the product of two singles is exact. If their sum with c is rounded to odd, the second rounding, to single, gives what
/// one rounding of the exact value gives (S. Boldo and G. Melquiond, Emulation of a FMA and correctly rounded sums, 2008).
/// The runtime's own way, number by number through the C library, takes four times as long.
/// </remarks>
internal static class ExactFma
{
    [MethodImpl(Inlined)]
    public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c)
    {
        var (a0, a1) = Vector128.Widen(a);
        var (b0, b1) = Vector128.Widen(b);
        var (c0, c1) = Vector128.Widen(c);
        return Vector128.Narrow(AddToOdd(a0 * b0, c0), AddToOdd(a1 * b1, c1));
    }

    /// <summary>a + b, rounded to the neighbour whose last bit is set where the sum is not a double.</summary>
    [MethodImpl(Inlined)]
    static Vector128<double> AddToOdd(Vector128<double> a, Vector128<double> b)
    {
        var sum = a + b;
        var head = sum - a;
        var rest = (a - (sum - head)) + (b - head);             // a + b = sum + rest (D. Knuth's TwoSum); NaN beside infinities
        var bits = sum.AsInt64();
        var even = (bits & Vector128<long>.One) - Vector128<long>.One;
        var inexact = Vector128.GreaterThan(Vector128.Abs(rest), Vector128<double>.Zero).AsInt64();
        var inward = (Vector128.LessThan(rest, Vector128<double>.Zero) ^ Vector128.LessThan(sum, Vector128<double>.Zero)).AsInt64();
        return (bits + (even & inexact & (inward | Vector128<long>.One))).AsDouble();   // one step out, or −1: one step in
    }
}
