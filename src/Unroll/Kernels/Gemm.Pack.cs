using System.Runtime.CompilerServices;
#if !REAL64
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
#endif

namespace Unroll.Kernels;

internal static unsafe partial class Gemm
{
    const long PackOperations = 8;          // multiply-adds that take as long as packing a number
    const int PieceK = 16;                  // rows of a panel that are transposed together: a cache line of every column, 1–2 KiB of the panel

    const int LeftTile = LeftK * TileRows + 16;     // numbers of a packed tile, and a cache line, so that tiles do not meet in the same few places of a cache

    /// <summary>Packs b[k, n] into <see cref="PackedLength"/> numbers; columns past n are zero.</summary>
    public static Factor Pack(Factor b, int k, int n, Real* packed)
    {
        ThreadTeam.Run(new PackKernel { B = b, K = k, N = n, Packed = packed }, Panels(n), Grain(PackOperations * k * PanelColumns));
        return Factor.Packed(packed, k, PanelColumns);
    }

    struct PackKernel : IKernel
    {
        public Factor B;
        public Real* Packed;
        public int K, N;

        public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
        {
            var width = 2 * V.Count;
            for (var p = from; p < to; p++)
                PackPanel<V>(B.From(0, p * width).Pointer, B.Row, B.Column, K, Math.Min(width, N - p * width), Packed + (nint)p * K * width);
        }
    }

    /// <summary>A block of a transposed left factor, tile by tile, each tile's rows side by side for every step.</summary>
    /// <remarks>Where it stands the steps lie a row of the matrix apart, and widths like 1,024 put all of them in the same few places of a cache.</remarks>
    [MethodImpl(Jit.Hot)]
    static void PackLeft<V>(Real* a, nint aStep, int depth, Deal deal, int firstTile, int lastTile, Real* to) where V : unmanaged, ILanes<V>
    {
        for (var l = 0; l < depth; l++, a += aStep, to += TileRows)
        {
            var tile = to;
            for (var t = firstTile; t < lastTile; t++, tile += LeftTile)
            {
                var from = a + deal.RowOf(t);
                // Whole registers go over the tile's end, into the room of the next step or what keeps tiles apart; the last step must not read beyond the matrix.
                if (l + 1 < depth)
                    for (var r = 0; r < TileRows; r += V.Count) V.Load(from + r).Store(tile + r);
                else Copy(from, tile, deal.RowOf(t + 1) - deal.RowOf(t));
            }
        }
    }

    /// <summary>One panel: k rows of <paramref name="columns"/> numbers, filled up with zeros to two registers.</summary>
    [MethodImpl(Jit.Hot)]
    static void PackPanel<V>(Real* b, nint bRow, nint bColumn, int k, int columns, Real* to) where V : unmanaged, ILanes<V>
    {
        var width = 2 * V.Count;
        if (columns == width && bColumn == 1)
        {
            for (var end = to + (nint)k * width; to < end; b += bRow, to += width)
            {
                V.Load(b).Store(to);
                V.Load(b + V.Count).Store(to + V.Count);
            }
            return;
        }
        for (int depth; k > 0; k -= depth, b += depth * bRow, to += depth * width)
        {
            depth = Math.Min(PieceK, k);
            if (columns < width) new Span<Real>(to, depth * width).Clear();
            var column = 0;
            if (bRow == 1)
                for (; column + Quad <= columns; column += Quad) TransposeQuad(b + column * bColumn, bColumn, depth, to + column, width);
            if (bColumn == 1)
                for (; column + V.Count <= columns; column += V.Count)
                    for (var i = 0; i < depth; i++) V.Load(b + i * bRow + column).Store(to + i * width + column);
            for (var i = 0; i < depth; i++)
                for (var j = column; j < columns; j++) to[i * width + j] = b[i * bRow + j * bColumn];
        }
    }

    const int Quad = 4;

    /// <summary>Four columns of b that stand in memory as rows, four by four numbers at a time in registers.</summary>
    [MethodImpl(Jit.Inlined)]
    static void TransposeQuad(Real* b, nint bColumn, int depth, Real* to, int width)
    {
        var i = 0;
#if !REAL64
        if (Sse.IsSupported || AdvSimd.Arm64.IsSupported)
            for (; i + Quad <= depth; i += Quad, b += Quad, to += Quad * width)
            {
                Vector128<float> c0 = Vector128.Load(b), c1 = Vector128.Load(b + bColumn);
                Vector128<float> c2 = Vector128.Load(b + 2 * bColumn), c3 = Vector128.Load(b + 3 * bColumn);
                // Rows of columns 0 and 2, and of 1 and 3, side by side; then the two by two.
                Vector128<float> even = ZipLow(c0, c2), odd = ZipLow(c1, c3);
                Vector128.Store(ZipLow(even, odd), to);
                Vector128.Store(ZipHigh(even, odd), to + width);
                (even, odd) = (ZipHigh(c0, c2), ZipHigh(c1, c3));
                Vector128.Store(ZipLow(even, odd), to + 2 * width);
                Vector128.Store(ZipHigh(even, odd), to + 3 * width);
            }
#endif
        for (; i < depth; i++, b++, to += width)
            for (var j = 0; j < Quad; j++) to[j] = b[j * bColumn];
    }

#if !REAL64
    [MethodImpl(Jit.Inlined)]
    static Vector128<float> ZipLow(Vector128<float> a, Vector128<float> b) => Sse.IsSupported ? Sse.UnpackLow(a, b) : AdvSimd.Arm64.ZipLow(a, b);

    [MethodImpl(Jit.Inlined)]
    static Vector128<float> ZipHigh(Vector128<float> a, Vector128<float> b) => Sse.IsSupported ? Sse.UnpackHigh(a, b) : AdvSimd.Arm64.ZipHigh(a, b);
#endif
}
