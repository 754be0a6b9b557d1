using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Unroll.Kernels.Jit;

namespace Unroll.Kernels;

/// <summary>
/// A register of <see cref="Count"/> numbers that are worked on together. Every kernel is written once over this interface and
/// compiled by the runtime for each width: 512, 256 and 128 bits, and <see cref="Lane1"/>, a register of one number.
/// </summary>
/// <remarks>
/// Each operation is rounded as IEEE 754 says, lane by lane, so a kernel gives the same bits at every width. The end of an array
/// that does not fill a register (the tail) runs the same formula with <see cref="Lane1"/>: there is no second version to drift.
/// Comparisons give masks: all bits set in the lanes where they hold, none elsewhere; <see cref="Select"/> picks by mask.
/// </remarks>
internal unsafe interface ILanes<TSelf> where TSelf : unmanaged, ILanes<TSelf>
{
    static abstract int Count { get; }
    static abstract TSelf Load(Real* p);
    static abstract TSelf Of(Real value);
    void Store(Real* p);
    static abstract TSelf operator +(TSelf a, TSelf b);
    static abstract TSelf operator -(TSelf a, TSelf b);
    static abstract TSelf operator *(TSelf a, TSelf b);
    static abstract TSelf operator /(TSelf a, TSelf b);
    static abstract TSelf operator -(TSelf a);
    static abstract TSelf operator &(TSelf a, TSelf b);
    static abstract TSelf operator |(TSelf a, TSelf b);
    static abstract TSelf operator >(TSelf a, TSelf b);
    static abstract TSelf operator <(TSelf a, TSelf b);
    static abstract TSelf operator >=(TSelf a, TSelf b);
    static abstract TSelf operator <=(TSelf a, TSelf b);

    /// <summary>a·b + c, rounded once.</summary>
    static abstract TSelf Fma(TSelf a, TSelf b, TSelf c);

    /// <summary>Becomes a·b + itself, rounded once: for a sum that stays in its register, which <see cref="Fma"/> would move to another and back.</summary>
    void AddProduct(TSelf a, TSelf b);

    /// <summary>The larger of each pair; not a number where either is not a number.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>The smaller of each pair; not a number where either is not a number.</summary>
    static abstract TSelf Min(TSelf a, TSelf b);
    static abstract TSelf Abs(TSelf a);
    static abstract TSelf Sqrt(TSelf a);

    /// <summary>Nearest integer, ties to even.</summary>
    static abstract TSelf Round(TSelf a);

    /// <summary>a where the mask is set, b elsewhere.</summary>
    static abstract TSelf Select(TSelf mask, TSelf a, TSelf b);

    /// <summary>The larger of x and a bound that is a number other than zero: one instruction. Not a number stays so.</summary>
    static abstract TSelf AtLeast(TSelf x, TSelf bound);

    /// <summary>The smaller of x and a bound that is a number other than zero: one instruction. Not a number stays so.</summary>
    static abstract TSelf AtMost(TSelf x, TSelf bound);

    /// <summary>Random numbers from [0, 1): lane j holds number first + j of the stream with the given key (<see cref="Rng.At"/>).</summary>
    static abstract TSelf Random(ulong key, ulong first);
#if !REAL64
    /// <summary>The lowest bits of x moved into the exponent: 2ᵏ⁻¹²⁷ for an integer 0 &lt; k &lt; 255 in the lowest 9 bits, 0 for k = 0.</summary>
    static abstract TSelf Pow2FromLowBits(TSelf x);

    /// <summary>The exponent e of a positive normal number x = m·2ᵉ, 1 ≤ m &lt; 2, as a number.</summary>
    static abstract TSelf Exponent(TSelf x);

    /// <summary>The significand m of a positive normal number x = m·2ᵉ, 1 ≤ m &lt; 2.</summary>
    static abstract TSelf Significand(TSelf x);
#endif
}

/// <summary>A register of 512 bits.</summary>
internal unsafe struct Lanes512(Vector512<Real> v) : ILanes<Lanes512>
{
    Vector512<Real> _v = v;

    public static int Count => Vector512<Real>.Count;
    [MethodImpl(Inlined)] public static Lanes512 Load(Real* p) => new(Vector512.Load(p));
    [MethodImpl(Inlined)] public static Lanes512 Of(Real value) => new(Vector512.Create(value));
    [MethodImpl(Inlined)] public readonly void Store(Real* p) => Vector512.Store(_v, p);
    [MethodImpl(Inlined)] public static Lanes512 operator +(Lanes512 a, Lanes512 b) => new(a._v + b._v);
    [MethodImpl(Inlined)] public static Lanes512 operator -(Lanes512 a, Lanes512 b) => new(a._v - b._v);
    [MethodImpl(Inlined)] public static Lanes512 operator *(Lanes512 a, Lanes512 b) => new(a._v * b._v);
    [MethodImpl(Inlined)] public static Lanes512 operator /(Lanes512 a, Lanes512 b) => new(a._v / b._v);
    [MethodImpl(Inlined)] public static Lanes512 operator -(Lanes512 a) => new(-a._v);
    [MethodImpl(Inlined)] public static Lanes512 operator &(Lanes512 a, Lanes512 b) => new(a._v & b._v);
    [MethodImpl(Inlined)] public static Lanes512 operator |(Lanes512 a, Lanes512 b) => new(a._v | b._v);
    [MethodImpl(Inlined)] public static Lanes512 operator >(Lanes512 a, Lanes512 b) => new(Vector512.GreaterThan(a._v, b._v));
    [MethodImpl(Inlined)] public static Lanes512 operator <(Lanes512 a, Lanes512 b) => new(Vector512.LessThan(a._v, b._v));
    [MethodImpl(Inlined)] public static Lanes512 operator >=(Lanes512 a, Lanes512 b) => new(Vector512.GreaterThanOrEqual(a._v, b._v));
    [MethodImpl(Inlined)] public static Lanes512 operator <=(Lanes512 a, Lanes512 b) => new(Vector512.LessThanOrEqual(a._v, b._v));
    [MethodImpl(Inlined)] public static Lanes512 Fma(Lanes512 a, Lanes512 b, Lanes512 c) => new(Vector512.FusedMultiplyAdd(a._v, b._v, c._v));
    [MethodImpl(Inlined)] public void AddProduct(Lanes512 a, Lanes512 b) => _v = Vector512.FusedMultiplyAdd(a._v, b._v, _v);
    [MethodImpl(Inlined)] public static Lanes512 Max(Lanes512 a, Lanes512 b) => new(Vector512.Max(a._v, b._v));
    [MethodImpl(Inlined)] public static Lanes512 Min(Lanes512 a, Lanes512 b) => new(Vector512.Min(a._v, b._v));
    [MethodImpl(Inlined)] public static Lanes512 Abs(Lanes512 a) => new(Vector512.Abs(a._v));
    [MethodImpl(Inlined)] public static Lanes512 Sqrt(Lanes512 a) => new(Vector512.Sqrt(a._v));
    [MethodImpl(Inlined)] public static Lanes512 Round(Lanes512 a) => new(Vector512.Round(a._v));
    [MethodImpl(Inlined)] public static Lanes512 Select(Lanes512 mask, Lanes512 a, Lanes512 b) => new(Vector512.ConditionalSelect(mask._v, a._v, b._v));
    [MethodImpl(Inlined)] public static Lanes512 AtLeast(Lanes512 x, Lanes512 bound) => new(Vector512.MaxNative(bound._v, x._v));
    [MethodImpl(Inlined)] public static Lanes512 AtMost(Lanes512 x, Lanes512 bound) => new(Vector512.MinNative(bound._v, x._v));
    [MethodImpl(Inlined)] public static Lanes512 Random(ulong key, ulong first) => new(RandomLanes.Next512(key, first));
#if !REAL64
    [MethodImpl(Inlined)] public static Lanes512 Pow2FromLowBits(Lanes512 x) => new((x._v.AsInt32() << 23).AsSingle());
    [MethodImpl(Inlined)] public static Lanes512 Exponent(Lanes512 x) => new(Vector512.ConvertToSingle((x._v.AsInt32() >>> 23) - Vector512.Create(127)));
    [MethodImpl(Inlined)]
    public static Lanes512 Significand(Lanes512 x) => new(((x._v.AsInt32() & Vector512.Create(0x007F_FFFF)) | Vector512.Create(0x3F80_0000)).AsSingle());
#endif
}

/// <summary>A register of 256 bits.</summary>
internal unsafe struct Lanes256(Vector256<Real> v) : ILanes<Lanes256>
{
    Vector256<Real> _v = v;

    public static int Count => Vector256<Real>.Count;
    [MethodImpl(Inlined)] public static Lanes256 Load(Real* p) => new(Vector256.Load(p));
    [MethodImpl(Inlined)] public static Lanes256 Of(Real value) => new(Vector256.Create(value));
    [MethodImpl(Inlined)] public readonly void Store(Real* p) => Vector256.Store(_v, p);
    [MethodImpl(Inlined)] public static Lanes256 operator +(Lanes256 a, Lanes256 b) => new(a._v + b._v);
    [MethodImpl(Inlined)] public static Lanes256 operator -(Lanes256 a, Lanes256 b) => new(a._v - b._v);
    [MethodImpl(Inlined)] public static Lanes256 operator *(Lanes256 a, Lanes256 b) => new(a._v * b._v);
    [MethodImpl(Inlined)] public static Lanes256 operator /(Lanes256 a, Lanes256 b) => new(a._v / b._v);
    [MethodImpl(Inlined)] public static Lanes256 operator -(Lanes256 a) => new(-a._v);
    [MethodImpl(Inlined)] public static Lanes256 operator &(Lanes256 a, Lanes256 b) => new(a._v & b._v);
    [MethodImpl(Inlined)] public static Lanes256 operator |(Lanes256 a, Lanes256 b) => new(a._v | b._v);
    [MethodImpl(Inlined)] public static Lanes256 operator >(Lanes256 a, Lanes256 b) => new(Vector256.GreaterThan(a._v, b._v));
    [MethodImpl(Inlined)] public static Lanes256 operator <(Lanes256 a, Lanes256 b) => new(Vector256.LessThan(a._v, b._v));
    [MethodImpl(Inlined)] public static Lanes256 operator >=(Lanes256 a, Lanes256 b) => new(Vector256.GreaterThanOrEqual(a._v, b._v));
    [MethodImpl(Inlined)] public static Lanes256 operator <=(Lanes256 a, Lanes256 b) => new(Vector256.LessThanOrEqual(a._v, b._v));
    [MethodImpl(Inlined)] public static Lanes256 Fma(Lanes256 a, Lanes256 b, Lanes256 c) => new(Vector256.FusedMultiplyAdd(a._v, b._v, c._v));
    [MethodImpl(Inlined)] public void AddProduct(Lanes256 a, Lanes256 b) => _v = Vector256.FusedMultiplyAdd(a._v, b._v, _v);
    [MethodImpl(Inlined)] public static Lanes256 Max(Lanes256 a, Lanes256 b) => new(Vector256.Max(a._v, b._v));
    [MethodImpl(Inlined)] public static Lanes256 Min(Lanes256 a, Lanes256 b) => new(Vector256.Min(a._v, b._v));
    [MethodImpl(Inlined)] public static Lanes256 Abs(Lanes256 a) => new(Vector256.Abs(a._v));
    [MethodImpl(Inlined)] public static Lanes256 Sqrt(Lanes256 a) => new(Vector256.Sqrt(a._v));
    [MethodImpl(Inlined)] public static Lanes256 Round(Lanes256 a) => new(Vector256.Round(a._v));
    [MethodImpl(Inlined)] public static Lanes256 Select(Lanes256 mask, Lanes256 a, Lanes256 b) => new(Vector256.ConditionalSelect(mask._v, a._v, b._v));
    [MethodImpl(Inlined)] public static Lanes256 AtLeast(Lanes256 x, Lanes256 bound) => new(Vector256.MaxNative(bound._v, x._v));
    [MethodImpl(Inlined)] public static Lanes256 AtMost(Lanes256 x, Lanes256 bound) => new(Vector256.MinNative(bound._v, x._v));
    [MethodImpl(Inlined)] public static Lanes256 Random(ulong key, ulong first) => new(RandomLanes.Next256(key, first));
#if !REAL64
    [MethodImpl(Inlined)] public static Lanes256 Pow2FromLowBits(Lanes256 x) => new((x._v.AsInt32() << 23).AsSingle());
    [MethodImpl(Inlined)] public static Lanes256 Exponent(Lanes256 x) => new(Vector256.ConvertToSingle((x._v.AsInt32() >>> 23) - Vector256.Create(127)));
    [MethodImpl(Inlined)]
    public static Lanes256 Significand(Lanes256 x) => new(((x._v.AsInt32() & Vector256.Create(0x007F_FFFF)) | Vector256.Create(0x3F80_0000)).AsSingle());
#endif
}

/// <summary>A register of 128 bits.</summary>
internal unsafe struct Lanes128(Vector128<Real> v) : ILanes<Lanes128>
{
    Vector128<Real> _v = v;

    public static int Count => Vector128<Real>.Count;
    [MethodImpl(Inlined)] public static Lanes128 Load(Real* p) => new(Vector128.Load(p));
    [MethodImpl(Inlined)] public static Lanes128 Of(Real value) => new(Vector128.Create(value));
    [MethodImpl(Inlined)] public readonly void Store(Real* p) => Vector128.Store(_v, p);
    [MethodImpl(Inlined)] public static Lanes128 operator +(Lanes128 a, Lanes128 b) => new(a._v + b._v);
    [MethodImpl(Inlined)] public static Lanes128 operator -(Lanes128 a, Lanes128 b) => new(a._v - b._v);
    [MethodImpl(Inlined)] public static Lanes128 operator *(Lanes128 a, Lanes128 b) => new(a._v * b._v);
    [MethodImpl(Inlined)] public static Lanes128 operator /(Lanes128 a, Lanes128 b) => new(a._v / b._v);
    [MethodImpl(Inlined)] public static Lanes128 operator -(Lanes128 a) => new(-a._v);
    [MethodImpl(Inlined)] public static Lanes128 operator &(Lanes128 a, Lanes128 b) => new(a._v & b._v);
    [MethodImpl(Inlined)] public static Lanes128 operator |(Lanes128 a, Lanes128 b) => new(a._v | b._v);
    [MethodImpl(Inlined)] public static Lanes128 operator >(Lanes128 a, Lanes128 b) => new(Vector128.GreaterThan(a._v, b._v));
    [MethodImpl(Inlined)] public static Lanes128 operator <(Lanes128 a, Lanes128 b) => new(Vector128.LessThan(a._v, b._v));
    [MethodImpl(Inlined)] public static Lanes128 operator >=(Lanes128 a, Lanes128 b) => new(Vector128.GreaterThanOrEqual(a._v, b._v));
    [MethodImpl(Inlined)] public static Lanes128 operator <=(Lanes128 a, Lanes128 b) => new(Vector128.LessThanOrEqual(a._v, b._v));
#if REAL64
    [MethodImpl(Inlined)] public static Lanes128 Fma(Lanes128 a, Lanes128 b, Lanes128 c) => new(Vector128.FusedMultiplyAdd(a._v, b._v, c._v));
    [MethodImpl(Inlined)] public void AddProduct(Lanes128 a, Lanes128 b) => _v = Vector128.FusedMultiplyAdd(a._v, b._v, _v);
#else
    [MethodImpl(Inlined)]
    public static Lanes128 Fma(Lanes128 a, Lanes128 b, Lanes128 c) =>
        // Spelt out here: behind a property the unused branch eats up the inliner's budget.
        System.Runtime.Intrinsics.X86.Fma.IsSupported || System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported || !Vector128.IsHardwareAccelerated
            ? new(Vector128.FusedMultiplyAdd(a._v, b._v, c._v))
            : new(ExactFma.MultiplyAdd(a._v, b._v, c._v));

    [MethodImpl(Inlined)]
    public void AddProduct(Lanes128 a, Lanes128 b)
    {
        // Two statements: with one, this register's address would be kept while the condition is looked at, and the register would be in memory from then on.
        if (System.Runtime.Intrinsics.X86.Fma.IsSupported || System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported || !Vector128.IsHardwareAccelerated)
            _v = Vector128.FusedMultiplyAdd(a._v, b._v, _v);
        else _v = ExactFma.MultiplyAdd(a._v, b._v, _v);
    }
#endif
    [MethodImpl(Inlined)] public static Lanes128 Max(Lanes128 a, Lanes128 b) => new(Vector128.Max(a._v, b._v));
    [MethodImpl(Inlined)] public static Lanes128 Min(Lanes128 a, Lanes128 b) => new(Vector128.Min(a._v, b._v));
    [MethodImpl(Inlined)] public static Lanes128 Abs(Lanes128 a) => new(Vector128.Abs(a._v));
    [MethodImpl(Inlined)] public static Lanes128 Sqrt(Lanes128 a) => new(Vector128.Sqrt(a._v));
    [MethodImpl(Inlined)] public static Lanes128 Round(Lanes128 a) => new(Vector128.Round(a._v));
    [MethodImpl(Inlined)] public static Lanes128 Select(Lanes128 mask, Lanes128 a, Lanes128 b) => new(Vector128.ConditionalSelect(mask._v, a._v, b._v));
    [MethodImpl(Inlined)] public static Lanes128 AtLeast(Lanes128 x, Lanes128 bound) => new(Vector128.MaxNative(bound._v, x._v));
    [MethodImpl(Inlined)] public static Lanes128 AtMost(Lanes128 x, Lanes128 bound) => new(Vector128.MinNative(bound._v, x._v));
    [MethodImpl(Inlined)] public static Lanes128 Random(ulong key, ulong first) => new(RandomLanes.Next128(key, first));
#if !REAL64
    [MethodImpl(Inlined)] public static Lanes128 Pow2FromLowBits(Lanes128 x) => new((x._v.AsInt32() << 23).AsSingle());
    [MethodImpl(Inlined)] public static Lanes128 Exponent(Lanes128 x) => new(Vector128.ConvertToSingle((x._v.AsInt32() >>> 23) - Vector128.Create(127)));
    [MethodImpl(Inlined)]
    public static Lanes128 Significand(Lanes128 x) => new(((x._v.AsInt32() & Vector128.Create(0x007F_FFFF)) | Vector128.Create(0x3F80_0000)).AsSingle());
#endif
}

/// <summary>A register of one number: the plain reading of every kernel, and the tail of the wide ones.</summary>
internal unsafe struct Lane1(Real v) : ILanes<Lane1>
{
    Real _v = v;

    public Real Value => _v;
    public static int Count => 1;
    [MethodImpl(Inlined)] public static Lane1 Load(Real* p) => new(*p);
    [MethodImpl(Inlined)] public static Lane1 Of(Real value) => new(value);
    [MethodImpl(Inlined)] public readonly void Store(Real* p) => *p = _v;
    [MethodImpl(Inlined)] public static Lane1 operator +(Lane1 a, Lane1 b) => new(a._v + b._v);
    [MethodImpl(Inlined)] public static Lane1 operator -(Lane1 a, Lane1 b) => new(a._v - b._v);
    [MethodImpl(Inlined)] public static Lane1 operator *(Lane1 a, Lane1 b) => new(a._v * b._v);
    [MethodImpl(Inlined)] public static Lane1 operator /(Lane1 a, Lane1 b) => new(a._v / b._v);
    [MethodImpl(Inlined)] public static Lane1 operator -(Lane1 a) => new(-a._v);
    [MethodImpl(Inlined)] public static Lane1 operator &(Lane1 a, Lane1 b) => new(FromBits(Bits(a._v) & Bits(b._v)));
    [MethodImpl(Inlined)] public static Lane1 operator |(Lane1 a, Lane1 b) => new(FromBits(Bits(a._v) | Bits(b._v)));
    [MethodImpl(Inlined)] public static Lane1 operator >(Lane1 a, Lane1 b) => Mask(a._v > b._v);
    [MethodImpl(Inlined)] public static Lane1 operator <(Lane1 a, Lane1 b) => Mask(a._v < b._v);
    [MethodImpl(Inlined)] public static Lane1 operator >=(Lane1 a, Lane1 b) => Mask(a._v >= b._v);
    [MethodImpl(Inlined)] public static Lane1 operator <=(Lane1 a, Lane1 b) => Mask(a._v <= b._v);
    [MethodImpl(Inlined)] public static Lane1 Fma(Lane1 a, Lane1 b, Lane1 c) => new(RealMath.FusedMultiplyAdd(a._v, b._v, c._v));
    [MethodImpl(Inlined)] public void AddProduct(Lane1 a, Lane1 b) => _v = RealMath.FusedMultiplyAdd(a._v, b._v, _v);
    [MethodImpl(Inlined)] public static Lane1 Max(Lane1 a, Lane1 b) => new(RealMath.Max(a._v, b._v));
    [MethodImpl(Inlined)] public static Lane1 Min(Lane1 a, Lane1 b) => new(RealMath.Min(a._v, b._v));
    [MethodImpl(Inlined)] public static Lane1 Abs(Lane1 a) => new(RealMath.Abs(a._v));
    [MethodImpl(Inlined)] public static Lane1 Sqrt(Lane1 a) => new(RealMath.Sqrt(a._v));
    [MethodImpl(Inlined)] public static Lane1 Round(Lane1 a) => new(RealMath.Round(a._v));
    [MethodImpl(Inlined)] public static Lane1 Select(Lane1 mask, Lane1 a, Lane1 b) => Bits(mask._v) != 0 ? a : b;
    [MethodImpl(Inlined)] public static Lane1 AtLeast(Lane1 x, Lane1 bound) => x._v < bound._v ? bound : x;
    [MethodImpl(Inlined)] public static Lane1 AtMost(Lane1 x, Lane1 bound) => x._v > bound._v ? bound : x;
    [MethodImpl(Inlined)] public static Lane1 Random(ulong key, ulong first) => new(Rng.ToReal(Rng.At(key, first)));
#if REAL64
    [MethodImpl(Inlined)] static long Bits(double x) => BitConverter.DoubleToInt64Bits(x);
    [MethodImpl(Inlined)] static double FromBits(long bits) => BitConverter.Int64BitsToDouble(bits);
#else
    [MethodImpl(Inlined)] public static Lane1 Pow2FromLowBits(Lane1 x) => new(FromBits(Bits(x._v) << 23));
    [MethodImpl(Inlined)] public static Lane1 Exponent(Lane1 x) => new((Bits(x._v) >>> 23) - 127);
    [MethodImpl(Inlined)] public static Lane1 Significand(Lane1 x) => new(FromBits((Bits(x._v) & 0x007F_FFFF) | 0x3F80_0000));
    [MethodImpl(Inlined)] static int Bits(float x) => BitConverter.SingleToInt32Bits(x);
    [MethodImpl(Inlined)] static float FromBits(int bits) => BitConverter.Int32BitsToSingle(bits);
#endif
    [MethodImpl(Inlined)] static Lane1 Mask(bool set) => new(FromBits(set ? -1 : 0));
}

/// <summary>What the kernels ask of the compiler.</summary>
internal static class Jit
{
    public const MethodImplOptions Inlined = MethodImplOptions.AggressiveInlining;

    /// <summary>Compiled fully at once, with no slow first tier: a kernel's first call is as fast as its last.</summary>
    public const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization;
}
