using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>
/// Matrix products. The right factor is packed: cut into panels of two registers' columns, each panel stored row after row, so the
/// inner loop reads it straight through. Every element is <c>fma(aₖ, bₖ, …fma(a₀, b₀, start))</c> in order of k whatever the
/// register width, the blocks or the threads: results have the same bits.
/// </summary>
internal static unsafe partial class Gemm
{
    const int BlockK = 256;                 // a panel of 256 rows is 16–32 KiB: it stays in the first-level cache while rows pass by
    const int DirectPanels = 8;             // up to so many panels, copying a transposed factor costs more than it saves
    const int BlockRows = 96;               // 96 × 256 numbers of a: 96 KiB, in the second-level cache

    /// <summary>Columns of a panel on this machine.</summary>
    public static int PanelColumns => 2 * Simd.Lanes;

    /// <summary>Numbers that a packed matrix of this size takes.</summary>
    public static int PackedLength(int k, int n) => checked(k * Panels(n) * PanelColumns);

    /// <summary>Columns of a packed matrix with n of them: whole panels.</summary>
    public static int PaddedColumns(int n) => Panels(n) * PanelColumns;

    static int Panels(int n) => (n + PanelColumns - 1) / PanelColumns;

    /// <summary>Packs b[k, n], element (i, j) at <c>b[i·bRow + j·bColumn]</c>; columns past n are zero.</summary>
    public static void Pack(Real* b, nint bRow, nint bColumn, int k, int n, Real* packed) =>
        Team.Run(new PackKernel { B = b, BRow = bRow, BColumn = bColumn, K = k, N = n, Packed = packed }, Panels(n), Grain((long)k * PanelColumns));

    /// <summary>
    /// c[m, n] = start + a[m, k]·b[k, n], b packed. Element (i, l) of a stands at <c>a[i·aRow + l·aStep]</c>.
    /// </summary>
    /// <param name="start">Where each sum starts: c itself to add to it, a row with <paramref name="startRow"/> 0 for a bias, or null for zero.</param>
    public static void Multiply(Real* a, nint aRow, nint aStep, Real* packed, Real* start, nint startRow, Real* c, nint cRow, int m, int n, int k)
    {
        if (m == 0 || n == 0) return;
        var kernel = new ProductKernel
        {
            A = a, ARow = aRow, AStep = aStep, B = packed, Start = start, StartRow = startRow, C = c, CRow = cRow, M = m, N = n, K = k,
            SplitRows = (m + TileRows - 1) / TileRows >= Panels(n),
        };
        // Rows are handed out by tiles and columns by panels; each thread's share is then as fast as the whole.
        if (kernel.SplitRows) Team.Run(kernel, (m + TileRows - 1) / TileRows, Grain(2L * TileRows * k * n));
        else Team.Run(kernel, Panels(n), PanelGrain(m, k));
    }

    /// <summary>Panels that make a hand-over worth it. Below four rows the time goes into reading b, not into the sums.</summary>
    static int PanelGrain(int m, int k) => Grain(2L * Math.Max(m, 4) * k * PanelColumns);

    /// <summary>Outputs that make a hand-over to another thread worth it: some 5 µs of work.</summary>
    static int Grain(long operations) => (int)Math.Max(1, 250_000 / Math.Max(1, operations));

    struct PackKernel : IKernel
    {
        public Real* B, Packed;
        public nint BRow, BColumn;
        public int K, N;

        public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
        {
            var width = 2 * V.Count;
            for (var p = from; p < to; p++)
                PackPanel<V>(B + (nint)p * width * BColumn, BRow, BColumn, K, Math.Min(width, N - p * width), Packed + (nint)p * K * width);
        }

        [MethodImpl(Jit.Hot)]
        static void PackPanel<V>(Real* b, nint bRow, nint bColumn, int k, int columns, Real* to) where V : unmanaged, ILanes<V>
        {
            var width = 2 * V.Count;
            for (var i = 0; i < k; i++, b += bRow, to += width)
            {
                if (bColumn == 1 && columns == width)
                {
                    V.Load(b).Store(to);
                    V.Load(b + V.Count).Store(to + V.Count);
                    continue;
                }
                for (var j = 0; j < columns; j++) to[j] = b[j * bColumn];
                for (var j = columns; j < width; j++) to[j] = 0;
            }
        }
    }

    struct ProductKernel : IKernel
    {
        public Real* A, B, Start, C;
        public nint ARow, AStep, StartRow, CRow;
        public int M, N, K;
        public bool SplitRows;

        public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
        {
            int row = 0, rows = M, column = 0, columns = N;
            if (SplitRows)
            {
                row = from * TileRows;
                rows = Math.Min(M, to * TileRows) - row;
            }
            else
            {
                column = from * 2 * V.Count;
                columns = Math.Min(N, to * 2 * V.Count) - column;
            }
            Block<V>(A + row * ARow, ARow, AStep, B + (nint)column * K, Start == null ? null : Start + row * StartRow + column, StartRow,
                C + row * CRow + column, CRow, rows, columns, K);
        }
    }

    /// <summary>The product on the calling thread alone; <paramref name="n"/> counts from a panel's first column.</summary>
    [SkipLocalsInit]
    public static void Block<V>(Real* a, nint aRow, nint aStep, Real* packed, Real* start, nint startRow, Real* c, nint cRow, int m, int n, int k)
        where V : unmanaged, ILanes<V>
    {
        if (k == 0)
        {
            for (var i = 0; i < m; i++)
                for (var j = 0; j < n; j++) c[i * cRow + j] = start == null ? 0 : start[i * startRow + j];
            return;
        }
        var width = 2 * V.Count;
        // A transposed left factor that many panels will read is copied tile by tile first, so that its numbers too lie in order.
        var copied = aStep != 1 && (aRow != 1 || n > DirectPanels * width);
        var copy = stackalloc Real[copied ? BlockRows * BlockK : 0];
        var tiles = (m + TileRows - 1) / TileRows;
        for (var firstTile = 0; firstTile < tiles; firstTile += BlockRows / TileRows)
        {
            var lastTile = Math.Min(tiles, firstTile + BlockRows / TileRows);
            for (var k0 = 0; k0 < k; k0 += BlockK)
            {
                var depth = Math.Min(BlockK, k - k0);
                if (copied) CopyTiles(a + k0 * aStep, aRow, aStep, firstTile, lastTile, tiles, m, depth, copy);
                Panel<V>(copied ? copy : a + k0 * aStep, copied ? 0 : aRow, aStep, packed + (nint)k0 * width, k, depth,
                    k0 == 0 ? start : c, k0 == 0 ? startRow : cRow, c, cRow, firstTile, lastTile, tiles, m, n);
            }
        }
    }

    /// <summary>Rows are dealt out evenly: 16 rows become tiles of 5, 5 and 6, not of 6, 6 and 4.</summary>
    static int RowOf(int tile, int tiles, int m) => (int)((long)m * tile / tiles);

    /// <summary>Tiles of a transposed factor: the numbers of a tile's rows next to each other, step after step.</summary>
    [MethodImpl(Jit.Hot)]
    static void CopyTiles(Real* a, nint aRow, nint aStep, int firstTile, int lastTile, int tiles, int m, int depth, Real* copy)
    {
        var quad = Lanes128.Count;
        var overlaps = quad == 4 && aRow == 1;
        var count = lastTile - firstTile;
        var bounds = stackalloc int[BlockRows / TileRows + 1];
        for (var t = 0; t <= count; t++) bounds[t] = RowOf(firstTile + t, tiles, m);
        // Steps outside, tiles inside: each step's numbers lie together in memory and are read once.
        for (var l = 0; l < depth; l++, a += aStep)
            for (var t = 0; t < count; t++)
            {
                int row = bounds[t], next = bounds[t + 1], rows = next - row;
                var to = copy + t * TileRows * BlockK + l * rows;
                if (overlaps && rows >= quad)
                {
                    Lanes128.Load(a + row).Store(to);                       // the last four overlap the first four
                    Lanes128.Load(a + next - quad).Store(to + rows - quad);
                }
                else for (var r = 0; r < rows; r++) to[r] = a[(row + r) * aRow];
            }
    }

    /// <summary>One block of k: every panel against the tiles of the block. With <paramref name="aRow"/> 0, a is copied tiles.</summary>
    [MethodImpl(Jit.Hot)]
    static void Panel<V>(Real* a, nint aRow, nint aStep, Real* b, int packedK, int depth, Real* start, nint startRow, Real* c, nint cRow,
        int firstTile, int lastTile, int tiles, int m, int n) where V : unmanaged, ILanes<V>
    {
        var width = 2 * V.Count;
        var panel = (nint)packedK * width;
        var edge = stackalloc Real[TileRows * width];
        var column = 0;
        if (m == 1)                              // its copy, if it was copied, is a row as well
            for (; column + 4 * width <= n; column += 4 * width, b += 4 * panel)
                RowOfPanels<V>(a, aRow == 0 ? 1 : aStep, b, panel, depth, start == null ? null : start + column, c + column);
        for (; column < n; column += width, b += panel)
        {
            var columns = Math.Min(width, n - column);
            for (var tile = firstTile; tile < lastTile; tile++)
            {
                int row = RowOf(tile, tiles, m), rows = RowOf(tile + 1, tiles, m) - row;
                var copied = aRow == 0;
                var from = copied ? a + (tile - firstTile) * TileRows * BlockK : a + row * aRow;
                nint fromRow = copied ? 1 : aRow, fromStep = copied ? rows : aStep;
                var s = start == null ? null : start + row * startRow + column;
                var to = c + row * cRow + column;
                if (columns == width)
                {
                    Tile<V>(rows, from, fromRow, fromStep, b, depth, s, startRow, to, cRow);
                    continue;
                }
                // The last panel sticks out over the matrix: it is worked on beside it.
                if (s != null)
                    for (var r = 0; r < rows; r++) Copy(s + r * startRow, edge + r * width, columns);
                Tile<V>(rows, from, fromRow, fromStep, b, depth, s == null ? null : edge, width, edge, width);
                for (var r = 0; r < rows; r++) Copy(edge + r * width, to + r * cRow, columns);
            }
        }
    }

    static void Copy(Real* from, Real* to, int count) => new ReadOnlySpan<Real>(from, count).CopyTo(new Span<Real>(to, count));
}
