using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Unroll.Kernels;

internal static unsafe partial class Gemm
{
    /// <summary>Rows of a tile. Twelve sums (6 rows of 2 registers) hide the latency of the fused multiply-add and fit in 16 registers.</summary>
    public const int TileRows = 6;

    const int StepsInARow = 4;          // of k, between two changes of an address

    interface ICount { static abstract int N { get; } }
    readonly struct One : ICount { public static int N => 1; }
    readonly struct Two : ICount { public static int N => 2; }
    readonly struct Three : ICount { public static int N => 3; }
    readonly struct Four : ICount { public static int N => 4; }
    readonly struct Five : ICount { public static int N => 5; }
    readonly struct Six : ICount { public static int N => 6; }

    /// <summary>How far apart a tile finds the numbers that it reads: what is known when the method is compiled becomes part of an instruction.</summary>
    interface IOrder
    {
        /// <summary>Whether most distances are known, so that several steps in a row pay.</summary>
        static abstract bool IsKnown { get; }
        static abstract nint Row(nint given);
        static abstract nint Step(nint given);
        static abstract nint Panel(nint given, nint width);
    }

    /// <summary>Rows of a lie in order, b is packed.</summary>
    readonly struct InOrder : IOrder
    {
        public static bool IsKnown => true;
        [MethodImpl(Jit.Inlined)] public static nint Row(nint given) => given;
        [MethodImpl(Jit.Inlined)] public static nint Step(nint given) => 1;
        [MethodImpl(Jit.Inlined)] public static nint Panel(nint given, nint width) => width;
    }

    /// <summary>A packed block of a, b packed too.</summary>
    readonly struct BothPacked : IOrder
    {
        public static bool IsKnown => true;
        [MethodImpl(Jit.Inlined)] public static nint Row(nint given) => 1;
        [MethodImpl(Jit.Inlined)] public static nint Step(nint given) => TileRows;
        [MethodImpl(Jit.Inlined)] public static nint Panel(nint given, nint width) => width;
    }

    /// <summary>Anything else.</summary>
    readonly struct AnyOrder : IOrder
    {
        public static bool IsKnown => false;
        [MethodImpl(Jit.Inlined)] public static nint Row(nint given) => given;
        [MethodImpl(Jit.Inlined)] public static nint Step(nint given) => given;
        [MethodImpl(Jit.Inlined)] public static nint Panel(nint given, nint width) => given;
    }

    /// <summary>
    /// c[r, 0..W·V) = from[r, 0..W·V) + Σₖ a[r, k]·b[k, 0..W·V), summed in order of k, for R rows and W registers of columns: two, or one
    /// where a panel has no more.
    /// </summary>
    /// <remarks>
    /// The sums stay in registers for the whole of k. Each step loads two registers of b, broadcasts one number of a for every row
    /// and adds their product: 2R fused multiply-adds for R + 2 loads. <c>R.N &gt; …</c> and <c>W.N &gt; 1</c> are known when the method is
    /// compiled, so every size gets straight code from this one source, and so does every <typeparamref name="O"/>.
    /// </remarks>
    /// <param name="coming">How far ahead of b a cache line stands that is asked for with every few steps; 0 for b's own, which costs nothing.</param>
    [MethodImpl(Jit.Hot)]
    static void Tile<V, R, W, O>(Real* a, nint aRow, nint aStep, Real* b, nint bRow, nint coming, int k, Real* from, nint fromRow, Real* c, nint cRow)
        where V : unmanaged, ILanes<V>
        where R : struct, ICount
        where W : struct, ICount
        where O : struct, IOrder
    {
        var w = V.Count;
        V c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default;
        V c30 = default, c31 = default, c40 = default, c41 = default, c50 = default, c51 = default;
        if (from != null)
        {
            c00 = V.Load(from);
            if (R.N > 1) c10 = V.Load(from + fromRow);
            if (R.N > 2) c20 = V.Load(from + 2 * fromRow);
            if (R.N > 3) c30 = V.Load(from + 3 * fromRow);
            if (R.N > 4) c40 = V.Load(from + 4 * fromRow);
            if (R.N > 5) c50 = V.Load(from + 5 * fromRow);
            if (W.N > 1)
            {
                c01 = V.Load(from + w);
                if (R.N > 1) c11 = V.Load(from + fromRow + w);
                if (R.N > 2) c21 = V.Load(from + 2 * fromRow + w);
                if (R.N > 3) c31 = V.Load(from + 3 * fromRow + w);
                if (R.N > 4) c41 = V.Load(from + 4 * fromRow + w);
                if (R.N > 5) c51 = V.Load(from + 5 * fromRow + w);
            }
        }
        // Counted in bytes, so that nothing is left to compute in the loop.
        nint row = O.Row(aRow) * sizeof(Real), row2 = 2 * row, row3 = 3 * row, row4 = 4 * row, row5 = 5 * row;
        nint step = O.Step(aStep) * sizeof(Real), panel = O.Panel(bRow, 2 * w);
        var x = (byte*)a;
        if (O.IsKnown)
            for (; k >= StepsInARow; k -= StepsInARow, b += StepsInARow * panel, x += StepsInARow * step)
            {
                if (Sse.IsSupported) Sse.Prefetch1(b + coming);
                Add(0);
                Add(1);
                Add(2);
                Add(3);
            }
        for (; k > 0; k--, b += panel, x += step) Add(0);
        c00.Store(c);
        if (R.N > 1) c10.Store(c + cRow);
        if (R.N > 2) c20.Store(c + 2 * cRow);
        if (R.N > 3) c30.Store(c + 3 * cRow);
        if (R.N > 4) c40.Store(c + 4 * cRow);
        if (R.N > 5) c50.Store(c + 5 * cRow);
        if (W.N == 1) return;
        c01.Store(c + w);
        if (R.N > 1) c11.Store(c + cRow + w);
        if (R.N > 2) c21.Store(c + 2 * cRow + w);
        if (R.N > 3) c31.Store(c + 3 * cRow + w);
        if (R.N > 4) c41.Store(c + 4 * cRow + w);
        if (R.N > 5) c51.Store(c + 5 * cRow + w);

        [MethodImpl(Jit.Inlined)]
        void Add(int i)
        {
            V b0 = V.Load(b + i * panel), b1 = W.N > 1 ? V.Load(b + i * panel + w) : default;
            var y = V.Of(*(Real*)(x + i * step));
            c00.AddProduct(y, b0); if (W.N > 1) c01.AddProduct(y, b1);
            if (R.N > 1) { y = V.Of(*(Real*)(x + row + i * step)); c10.AddProduct(y, b0); if (W.N > 1) c11.AddProduct(y, b1); }
            if (R.N > 2) { y = V.Of(*(Real*)(x + row2 + i * step)); c20.AddProduct(y, b0); if (W.N > 1) c21.AddProduct(y, b1); }
            if (R.N > 3) { y = V.Of(*(Real*)(x + row3 + i * step)); c30.AddProduct(y, b0); if (W.N > 1) c31.AddProduct(y, b1); }
            if (R.N > 4) { y = V.Of(*(Real*)(x + row4 + i * step)); c40.AddProduct(y, b0); if (W.N > 1) c41.AddProduct(y, b1); }
            if (R.N > 5) { y = V.Of(*(Real*)(x + row5 + i * step)); c50.AddProduct(y, b0); if (W.N > 1) c51.AddProduct(y, b1); }
        }
    }

    /// <summary>
    /// One row over four panels at a time: eight sums in flight where <see cref="Tile{V, R, W}"/> with one row would have two.
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
            c0.AddProduct(x, V.Load(b)); c1.AddProduct(x, V.Load(b + w));
            c2.AddProduct(x, V.Load(b + panel)); c3.AddProduct(x, V.Load(b + panel + w));
            c4.AddProduct(x, V.Load(b + 2 * panel)); c5.AddProduct(x, V.Load(b + 2 * panel + w));
            c6.AddProduct(x, V.Load(b3)); c7.AddProduct(x, V.Load(b3 + w));
        }
        c0.Store(c); c1.Store(c + w); c2.Store(c + 2 * w); c3.Store(c + 3 * w);
        c4.Store(c + 4 * w); c5.Store(c + 5 * w); c6.Store(c + 6 * w); c7.Store(c + 7 * w);
    }

    [MethodImpl(Jit.Inlined)]
    static void Tile<V, W>(int rows, Real* a, nint aRow, nint aStep, Real* b, nint bRow, nint coming, int k, Real* from, nint fromRow, Real* c, nint cRow)
        where V : unmanaged, ILanes<V>
        where W : struct, ICount
    {
        if (aStep == 1 && bRow == 2 * V.Count) Tile<V, W, InOrder>(rows, a, aRow, aStep, b, bRow, coming, k, from, fromRow, c, cRow);
        else if (aRow == 1 && aStep == TileRows && bRow == 2 * V.Count) Tile<V, W, BothPacked>(rows, a, aRow, aStep, b, bRow, coming, k, from, fromRow, c, cRow);
        else Tile<V, W, AnyOrder>(rows, a, aRow, aStep, b, bRow, coming, k, from, fromRow, c, cRow);
    }

    [MethodImpl(Jit.Inlined)]
    static void Tile<V, W, O>(int rows, Real* a, nint aRow, nint aStep, Real* b, nint bRow, nint coming, int k, Real* from, nint fromRow, Real* c, nint cRow)
        where V : unmanaged, ILanes<V>
        where W : struct, ICount
        where O : struct, IOrder
    {
        switch (rows)
        {
            case 1: Tile<V, One, W, O>(a, aRow, aStep, b, bRow, coming, k, from, fromRow, c, cRow); break;
            case 2: Tile<V, Two, W, O>(a, aRow, aStep, b, bRow, coming, k, from, fromRow, c, cRow); break;
            case 3: Tile<V, Three, W, O>(a, aRow, aStep, b, bRow, coming, k, from, fromRow, c, cRow); break;
            case 4: Tile<V, Four, W, O>(a, aRow, aStep, b, bRow, coming, k, from, fromRow, c, cRow); break;
            case 5: Tile<V, Five, W, O>(a, aRow, aStep, b, bRow, coming, k, from, fromRow, c, cRow); break;
            default: Tile<V, Six, W, O>(a, aRow, aStep, b, bRow, coming, k, from, fromRow, c, cRow); break;
        }
    }
}
