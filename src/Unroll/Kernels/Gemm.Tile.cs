using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

internal static unsafe partial class Gemm
{
    /// <summary>Rows of a tile. Twelve sums (6 rows of 2 registers) hide the latency of the fused multiply-add and fit in 16 registers.</summary>
    public const int TileRows = 6;

    interface IRows { static abstract int N { get; } }
    readonly struct Rows1 : IRows { public static int N => 1; }
    readonly struct Rows2 : IRows { public static int N => 2; }
    readonly struct Rows3 : IRows { public static int N => 3; }
    readonly struct Rows4 : IRows { public static int N => 4; }
    readonly struct Rows5 : IRows { public static int N => 5; }
    readonly struct Rows6 : IRows { public static int N => 6; }

    /// <summary>
    /// c[r, 0..2V) = from[r, 0..2V) + Σₖ a[r, k]·b[k, 0..2V), summed in order of k, for R rows.
    /// </summary>
    /// <remarks>
    /// The sums stay in registers for the whole of k. Each step loads two registers of b, broadcasts one number of a for every row
    /// and adds their product: 2R fused multiply-adds for R + 2 loads. <c>R.N &gt; …</c> is known when the method is compiled, so
    /// every number of rows gets straight code from this one source.
    /// </remarks>
    [MethodImpl(Jit.Hot)]
    static void Tile<V, R>(Real* a, nint aRow, nint aStep, Real* b, nint bRow, int k, Real* from, nint fromRow, Real* c, nint cRow)
        where V : unmanaged, ILanes<V>
        where R : struct, IRows
    {
        var w = V.Count;
        V c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default;
        V c30 = default, c31 = default, c40 = default, c41 = default, c50 = default, c51 = default;
        if (from != null)
        {
            c00 = V.Load(from);
            c01 = V.Load(from + w);
            if (R.N > 1) { c10 = V.Load(from + fromRow); c11 = V.Load(from + fromRow + w); }
            if (R.N > 2) { c20 = V.Load(from + 2 * fromRow); c21 = V.Load(from + 2 * fromRow + w); }
            if (R.N > 3) { c30 = V.Load(from + 3 * fromRow); c31 = V.Load(from + 3 * fromRow + w); }
            if (R.N > 4) { c40 = V.Load(from + 4 * fromRow); c41 = V.Load(from + 4 * fromRow + w); }
            if (R.N > 5) { c50 = V.Load(from + 5 * fromRow); c51 = V.Load(from + 5 * fromRow + w); }
        }
        var a3 = a + 3 * aRow;                     // two bases with offsets 0, 1 and 2 rows: six rows from three registers
        for (var end = b + k * bRow; b != end; b += bRow, a += aStep, a3 += aStep)
        {
            V b0 = V.Load(b), b1 = V.Load(b + w);
            var x = V.Of(a[0]);
            c00 = V.Fma(x, b0, c00); c01 = V.Fma(x, b1, c01);
            if (R.N > 1) { x = V.Of(a[aRow]); c10 = V.Fma(x, b0, c10); c11 = V.Fma(x, b1, c11); }
            if (R.N > 2) { x = V.Of(a[2 * aRow]); c20 = V.Fma(x, b0, c20); c21 = V.Fma(x, b1, c21); }
            if (R.N > 3) { x = V.Of(a3[0]); c30 = V.Fma(x, b0, c30); c31 = V.Fma(x, b1, c31); }
            if (R.N > 4) { x = V.Of(a3[aRow]); c40 = V.Fma(x, b0, c40); c41 = V.Fma(x, b1, c41); }
            if (R.N > 5) { x = V.Of(a3[2 * aRow]); c50 = V.Fma(x, b0, c50); c51 = V.Fma(x, b1, c51); }
        }
        c00.Store(c);
        c01.Store(c + w);
        if (R.N > 1) { c10.Store(c + cRow); c11.Store(c + cRow + w); }
        if (R.N > 2) { c20.Store(c + 2 * cRow); c21.Store(c + 2 * cRow + w); }
        if (R.N > 3) { c30.Store(c + 3 * cRow); c31.Store(c + 3 * cRow + w); }
        if (R.N > 4) { c40.Store(c + 4 * cRow); c41.Store(c + 4 * cRow + w); }
        if (R.N > 5) { c50.Store(c + 5 * cRow); c51.Store(c + 5 * cRow + w); }
    }

    /// <summary>
    /// One row over four panels at a time: eight sums in flight where <see cref="Tile{V, R}"/> with one row would have two.
    /// </summary>
    [MethodImpl(Jit.Hot)]
    static void RowOfPanels<V>(Real* a, nint aStep, Real* b, nint panel, nint bRow, int k, Real* from, Real* c) where V : unmanaged, ILanes<V>
    {
        var w = V.Count;
        V c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default, c6 = default, c7 = default;
        if (from != null)
        {
            c0 = V.Load(from); c1 = V.Load(from + w); c2 = V.Load(from + 2 * w); c3 = V.Load(from + 3 * w);
            c4 = V.Load(from + 4 * w); c5 = V.Load(from + 5 * w); c6 = V.Load(from + 6 * w); c7 = V.Load(from + 7 * w);
        }
        var b3 = b + 3 * panel;
        for (var end = b + k * bRow; b != end; b += bRow, b3 += bRow, a += aStep)
        {
            var x = V.Of(a[0]);
            c0 = V.Fma(x, V.Load(b), c0); c1 = V.Fma(x, V.Load(b + w), c1);
            c2 = V.Fma(x, V.Load(b + panel), c2); c3 = V.Fma(x, V.Load(b + panel + w), c3);
            c4 = V.Fma(x, V.Load(b + 2 * panel), c4); c5 = V.Fma(x, V.Load(b + 2 * panel + w), c5);
            c6 = V.Fma(x, V.Load(b3), c6); c7 = V.Fma(x, V.Load(b3 + w), c7);
        }
        c0.Store(c); c1.Store(c + w); c2.Store(c + 2 * w); c3.Store(c + 3 * w);
        c4.Store(c + 4 * w); c5.Store(c + 5 * w); c6.Store(c + 6 * w); c7.Store(c + 7 * w);
    }

    [MethodImpl(Jit.Inlined)]
    static void Tile<V>(int rows, Real* a, nint aRow, nint aStep, Real* b, nint bRow, int k, Real* from, nint fromRow, Real* c, nint cRow)
        where V : unmanaged, ILanes<V>
    {
        switch (rows)
        {
            case 1: Tile<V, Rows1>(a, aRow, aStep, b, bRow, k, from, fromRow, c, cRow); break;
            case 2: Tile<V, Rows2>(a, aRow, aStep, b, bRow, k, from, fromRow, c, cRow); break;
            case 3: Tile<V, Rows3>(a, aRow, aStep, b, bRow, k, from, fromRow, c, cRow); break;
            case 4: Tile<V, Rows4>(a, aRow, aStep, b, bRow, k, from, fromRow, c, cRow); break;
            case 5: Tile<V, Rows5>(a, aRow, aStep, b, bRow, k, from, fromRow, c, cRow); break;
            default: Tile<V, Rows6>(a, aRow, aStep, b, bRow, k, from, fromRow, c, cRow); break;
        }
    }
}
