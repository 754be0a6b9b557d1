using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>
/// Matrix products. The right factor is packed, before or on the way: cut into panels of two registers' columns, each panel stored row after row, so the
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

    /// <summary>
    /// c[m, n] = start + a[m, k]·b[k, n]. Element (i, l) of a stands at <c>a[i·aRow + l·aStep]</c>.
    /// </summary>
    /// <param name="start">Where each sum starts: c itself to add to it, a row with <paramref name="startRow"/> 0 for a bias, or null for zero.</param>
    public static void Multiply(Real* a, nint aRow, nint aStep, Factor b, Real* start, nint startRow, Real* c, nint cRow, int m, int n, int k)
    {
        if (m == 0 || n == 0) return;
        var kernel = new ProductKernel
        {
            A = a, ARow = aRow, AStep = aStep, B = b, Start = start, StartRow = startRow, C = c, CRow = cRow, M = m, N = n, K = k,
            SplitRows = Deal.Tiles(m) >= Panels(n),
        };
        // Rows are handed out by tiles and columns by panels; each thread's share is then as fast as the whole.
        if (kernel.SplitRows) Team.Run(kernel, Deal.Tiles(m), Grain(2L * TileRows * k * n));
        else Team.Run(kernel, Panels(n), PanelGrain(m, k));
    }

    /// <summary>How many times a product with so many rows reads its right factor.</summary>
    public static int Passes(int m) => (m + BlockRows - 1) / BlockRows;

    /// <summary>Panels that make a hand-over worth it. Below four rows the time goes into reading b, not into the sums.</summary>
    static int PanelGrain(int m, int k) => Grain(2L * Math.Max(m, 4) * k * PanelColumns);

    /// <summary>Outputs that make a hand-over to another thread worth it: some 5 µs of work.</summary>
    static int Grain(long operations) => (int)Math.Max(1, 250_000 / Math.Max(1, operations));

    struct ProductKernel : IKernel
    {
        public Real* A, Start, C;
        public Factor B;
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
            Block<V>(A + row * ARow, ARow, AStep, B.From(0, column), Start == null ? null : Start + row * StartRow + column, StartRow,
                C + row * CRow + column, CRow, rows, columns, K);
        }
    }

    /// <summary>The product on the calling thread alone; <paramref name="n"/> counts from a panel's first column.</summary>
    [SkipLocalsInit]
    public static void Block<V>(Real* a, nint aRow, nint aStep, Factor b, Real* start, nint startRow, Real* c, nint cRow, int m, int n, int k)
        where V : unmanaged, ILanes<V>
    {
        if (m == 0) return;
        if (k == 0)
        {
            for (var i = 0; i < m && start != c; i++)
                if (start == null) new Span<Real>(c + i * cRow, n).Clear();
                else Copy(start + i * startRow, c + i * cRow, n);
            return;
        }
        var width = 2 * V.Count;
        // A transposed left factor that many panels will read is copied tile by tile first, so that its numbers too lie in order.
        var copied = aStep != 1 && (aRow != 1 || n > DirectPanels * width);
        var copy = stackalloc Real[copied ? BlockRows * BlockK : 0];
        var piece = stackalloc Real[b.IsPacked ? 0 : BlockK * width];
        var deal = new Deal(m);
        var tiles = Deal.Tiles(m);
        for (var firstTile = 0; firstTile < tiles; firstTile += BlockRows / TileRows)
        {
            var lastTile = Math.Min(tiles, firstTile + BlockRows / TileRows);
            for (var k0 = 0; k0 < k; k0 += BlockK)
            {
                var depth = Math.Min(BlockK, k - k0);
                if (copied) CopyTiles(a + k0 * aStep, aRow, aStep, deal, firstTile, lastTile, depth, copy);
                Panel<V>(copied ? copy : a + k0 * aStep, copied ? 0 : aRow, aStep, b.From(k0, 0), piece, depth,
                    k0 == 0 ? start : c, k0 == 0 ? startRow : cRow, c, cRow, deal, firstTile, lastTile, m, n);
            }
        }
    }

    /// <summary>Rows are dealt out evenly: 16 rows become tiles of 6, 5 and 5, not of 6, 6 and 4.</summary>
    readonly struct Deal(int m)
    {
        readonly int _rows = m / Tiles(m), _longer = m % Tiles(m);

        public static int Tiles(int m) => (m + TileRows - 1) / TileRows;

        public int RowOf(int tile) => tile * _rows + Math.Min(tile, _longer);
    }

    /// <summary>Tiles of a transposed factor: the numbers of a tile's rows next to each other, step after step.</summary>
    [MethodImpl(Jit.Hot)]
    static void CopyTiles(Real* a, nint aRow, nint aStep, Deal deal, int firstTile, int lastTile, int depth, Real* copy)
    {
        var quad = Lanes128.Count;
        var overlaps = quad == 4 && aRow == 1;
        var count = lastTile - firstTile;
        var bounds = stackalloc int[BlockRows / TileRows + 1];
        for (var t = 0; t <= count; t++) bounds[t] = deal.RowOf(firstTile + t);
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
    static void Panel<V>(Real* a, nint aRow, nint aStep, Factor b, Real* piece, int depth, Real* start, nint startRow, Real* c, nint cRow,
        Deal deal, int firstTile, int lastTile, int m, int n) where V : unmanaged, ILanes<V>
    {
        var width = 2 * V.Count;
        var edge = stackalloc Real[TileRows * width];
        var column = 0;
        if (m == 1 && (b.IsPacked || b.Column == 1))     // its copy, if it was copied, is a row as well
            for (; column + 4 * width <= n; column += 4 * width)
                RowOfPanels<V>(a, aRow == 0 ? 1 : aStep, b.From(0, column).Pointer, width * b.Column, b.Row, depth,
                    start == null ? null : start + column, c + column);
        for (; column < n; column += width)
        {
            var columns = Math.Min(width, n - column);
            var whole = columns == width || columns == V.Count;
            var panel = b.From(0, column).Pointer;
            var panelRow = b.Row;
            if (!b.IsPacked && (b.Column != 1 || !whole || m > TileRows))
            {
                PackPanel<V>(panel, b.Row, b.Column, depth, columns, piece);
                panel = piece;
                panelRow = width;
            }
            for (var tile = firstTile; tile < lastTile; tile++)
            {
                int row = deal.RowOf(tile), rows = deal.RowOf(tile + 1) - row;
                var copied = aRow == 0;
                var from = copied ? a + (tile - firstTile) * TileRows * BlockK : a + row * aRow;
                nint fromRow = copied ? 1 : aRow, fromStep = copied ? rows : aStep;
                Real* s = start == null ? null : start + row * startRow + column, to = c + row * cRow + column;
                nint sRow = startRow, toRow = cRow;
                if (!whole)
                {
                    // The last panel sticks out over the matrix: it is worked on beside it.
                    for (var r = 0; s != null && r < rows; r++) Copy(s + r * startRow, edge + r * width, columns);
                    s = s == null ? null : edge;
                    to = edge;
                    sRow = toRow = width;
                }
                if (columns > V.Count) Tile<V, Two>(rows, from, fromRow, fromStep, panel, panelRow, depth, s, sRow, to, toRow);
                else Tile<V, One>(rows, from, fromRow, fromStep, panel, panelRow, depth, s, sRow, to, toRow);
                for (var r = 0; !whole && r < rows; r++) Copy(edge + r * width, c + (row + r) * cRow + column, columns);
            }
        }
    }

    static void Copy(Real* from, Real* to, int count) => new ReadOnlySpan<Real>(from, count).CopyTo(new Span<Real>(to, count));
}
