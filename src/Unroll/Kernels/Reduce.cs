using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>
/// Sums over long arrays. Number i belongs to column i mod 16; each column is summed in order, then the columns in order: the same
/// sixteen sums whether a register holds 16, 8, 4 or 1 of them. Chunks of <see cref="Chunk"/> numbers are added up in double precision.
/// </summary>
internal static unsafe class Reduce
{
    const int Columns = 16;
    const int Chunk = 4096;

    internal interface ITerm { static abstract V Of<V>(V x, V y) where V : unmanaged, ILanes<V>; }
    internal readonly struct Itself : ITerm { public static V Of<V>(V x, V y) where V : unmanaged, ILanes<V> => x; }
    internal readonly struct Squared : ITerm { public static V Of<V>(V x, V y) where V : unmanaged, ILanes<V> => x * x; }
    internal readonly struct Product : ITerm { public static V Of<V>(V x, V y) where V : unmanaged, ILanes<V> => x * y; }

    public static double Sum(Real* x, int n) => Total<Itself>(x, x, n);
    public static double SumOfSquares(Real* x, int n) => Total<Squared>(x, x, n);
    public static double Dot(Real* x, Real* y, int n) => Total<Product>(x, y, n);

    static double Total<T>(Real* x, Real* y, int n) where T : struct, ITerm => Simd.Bits switch
    {
        512 => Total<Lanes512, T>(x, y, n),
        256 => Total<Lanes256, T>(x, y, n),
        128 => Total<Lanes128, T>(x, y, n),
        _ => Total<Lane1, T>(x, y, n),
    };

    [MethodImpl(Jit.Hot)]
    internal static double Total<V, T>(Real* x, Real* y, int n) where V : unmanaged, ILanes<V> where T : struct, ITerm
    {
        double total = 0;
        var columns = stackalloc Real[Columns];
        for (var at = 0; at < n; at += Chunk)
        {
            SumColumns<V, T>(x + at, y + at, Math.Min(Chunk, n - at), columns);
            double chunk = 0;
            for (var j = 0; j < Columns; j++) chunk += columns[j];
            total += chunk;
        }
        return total;
    }

    [MethodImpl(Jit.Inlined)]
    static void SumColumns<V, T>(Real* x, Real* y, int n, Real* columns) where V : unmanaged, ILanes<V> where T : struct, ITerm
    {
        var w = V.Count;
        var i = 0;
        if (w * 4 < Columns)
        {
            new Span<Real>(columns, Columns).Clear();
            for (; i + Columns <= n; i += Columns)
                for (var j = 0; j < Columns; j += w) (V.Load(columns + j) + T.Of(V.Load(x + i + j), V.Load(y + i + j))).Store(columns + j);
        }
        else
        {
            V s0 = default, s1 = default, s2 = default, s3 = default;
            for (; i + Columns <= n; i += Columns)
            {
                s0 += T.Of(V.Load(x + i), V.Load(y + i));
                if (Columns > w) s1 += T.Of(V.Load(x + i + w), V.Load(y + i + w));
                if (Columns > 2 * w) s2 += T.Of(V.Load(x + i + 2 * w), V.Load(y + i + 2 * w));
                if (Columns > 2 * w) s3 += T.Of(V.Load(x + i + 3 * w), V.Load(y + i + 3 * w));
            }
            s0.Store(columns);
            if (Columns > w) s1.Store(columns + w);
            if (Columns > 2 * w) { s2.Store(columns + 2 * w); s3.Store(columns + 3 * w); }
        }
        for (var j = 0; i < n; i++, j++) (Lane1.Load(columns + j) + T.Of(Lane1.Load(x + i), Lane1.Load(y + i))).Store(columns + j);
    }
}
