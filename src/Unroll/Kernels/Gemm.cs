using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Unroll.Kernels;

/// <summary>
/// Matrix products. The right factor is packed, before or on the way: cut into panels of two registers' columns, each panel stored row after row, so the
/// inner loop reads it straight through. Every element is <c>fma(aₖ, bₖ, …fma(a₀, b₀, start))</c> in order of k whatever the
/// register width, the blocks or the threads: results have the same bits.
/// </summary>
internal static unsafe partial class Gemm
{
    // Steps of k for which sums stay in registers: as many as the second-level cache holds of what is read again.
    const int DeepK = 1024;                 // both factors lie in order: a panel of 64–128 KiB
    const int TransposedK = 512;            // of a transposed left factor a block of BlockRows columns: 192 KiB, and as much that comes next
    const int RawK = 256;                   // a panel that is packed on the way: 16–32 KiB, in the first-level cache
    const int BlockRows = 96;               // of a deep left factor, or a transposed one; of a shallow one as many as make the same block

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
    /// <param name="sums">Where a is transposed: sums[i] += Σₖ a[i, k], in order, taken while its blocks pass by; or null.</param>
    public static void Multiply(Real* a, nint aRow, nint aStep, Factor b, Real* start, nint startRow, Real* c, nint cRow, int m, int n, int k,
        Real* sums = null)
    {
        if (m == 0 || n == 0) return;
        var kernel = new ProductKernel
        {
            A = a, ARow = aRow, AStep = aStep, B = b, Start = start, StartRow = startRow, C = c, CRow = cRow, Sums = sums, M = m, N = n, K = k,
            // Threads that share the columns of a factor that is not packed each pack their own.
            SplitRows = Deal.Tiles(m) >= Panels(n) * (b.IsPacked ? 1 : Team.Threads),
        };
        // Rows are handed out by tiles and columns by panels; each thread's share is then as fast as the whole.
        if (kernel.SplitRows) Team.Run(kernel, Deal.Tiles(m), Grain(2L * TileRows * k * n));
        else Team.Run(kernel, Panels(n), PanelGrain(m, k));
    }

    /// <summary>How many times a product of so many rows and steps reads its right factor.</summary>
    public static int Passes(int m, int k, bool transposed = false) => (m - 1) / RowsOf(Math.Min(k, DeepK), transposed) + 1;

    /// <summary>Rows of a block of the left factor: 384 KiB of it, and of a transposed one 192.</summary>
    static int RowsOf(int depth, bool transposed) =>
        transposed ? BlockRows : Math.Max(BlockRows, BlockRows * DeepK / Math.Max(1, depth) / TileRows * TileRows);

    /// <summary>Panels that make a hand-over worth it. Below four rows the time goes into reading b, not into the sums.</summary>
    static int PanelGrain(int m, int k) => Grain(2L * Math.Max(m, 4) * k * PanelColumns);

    /// <summary>Outputs that make a hand-over to another thread worth it: some 5 µs of work.</summary>
    static int Grain(long operations) => (int)Math.Max(1, 250_000 / Math.Max(1, operations));

    struct ProductKernel : IKernel
    {
        public Real* A, Start, C, Sums;
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
                C + row * CRow + column, CRow, rows, columns, K, column == 0 && Sums != null ? Sums + row : null);
        }
    }

    /// <summary>The product on the calling thread alone; <paramref name="n"/> counts from a panel's first column.</summary>
    [SkipLocalsInit]
    public static void Block<V>(Real* a, nint aRow, nint aStep, Factor b, Real* start, nint startRow, Real* c, nint cRow, int m, int n, int k,
        Real* sums = null) where V : unmanaged, ILanes<V>
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
        var piece = stackalloc Real[b.IsPacked ? 0 : RawK * width];
        var block = !b.IsPacked ? RawK : aStep == 1 ? DeepK : TransposedK;
        var group = RowsOf(Math.Min(k, block), transposed: aStep != 1) / TileRows;
        var deal = new Deal(m);
        var tiles = Deal.Tiles(m);
        for (var firstTile = 0; firstTile < tiles; firstTile += group)
        {
            var lastTile = Math.Min(tiles, firstTile + group);
            for (var k0 = 0; k0 < k; k0 += block)
            {
                var depth = Math.Min(block, k - k0);
                int row = deal.RowOf(firstTile), rows = deal.RowOf(lastTile) - row;
                if (sums != null)
                    new ColumnSums { From = a + k0 * aStep, To = sums, Rows = depth, Columns = (int)aStep }.Run<V>(row, row + rows);
                var next = default(Coming);
                if (aStep != 1 && aRow == 1)
                {
                    var (tile, from) = k0 + block < k ? (firstTile, k0 + block) : (lastTile, 0);
                    if (tile < tiles)
                    {
                        int first = deal.RowOf(tile), end = deal.RowOf(Math.Min(tiles, tile + group));
                        next = new(a + first + from * aStep, aStep, end - first, Math.Min(block, k - from), (lastTile - firstTile) * ((n + width - 1) / width));
                    }
                }
                Panel<V>(a + k0 * aStep, aRow, aStep, b.From(k0, 0), piece, depth, k0 == 0 ? start : c, k0 == 0 ? startRow : cRow, c, cRow, deal, firstTile, lastTile, m, n, next);
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

    /// <summary>
    /// The block of a transposed factor that is worked on next. Its steps lie far apart, which no processor foresees: they are asked for
    /// beforehand, some with every tile.
    /// </summary>
    readonly struct Coming(Real* at, nint step, int rows, int depth, int tiles)
    {
        readonly int _steps = (depth + tiles - 1) / tiles;

        /// <summary>Asks for the share of tile <paramref name="i"/> of those that are worked on meanwhile.</summary>
        [MethodImpl(Jit.Inlined)]
        public void Ask(int i)
        {
            if (!Sse.IsSupported) return;
            for (int l = i * _steps, end = Math.Min(depth, l + _steps); l < end; l++)
                for (var r = 0; r < rows; r += 64 / sizeof(Real)) Sse.Prefetch1(at + l * step + r);
        }
    }

    /// <summary>One block of k: every panel against the tiles of the block.</summary>
    [MethodImpl(Jit.Hot)]
    static void Panel<V>(Real* a, nint aRow, nint aStep, Factor b, Real* piece, int depth, Real* start, nint startRow, Real* c, nint cRow,
        Deal deal, int firstTile, int lastTile, int m, int n, Coming next) where V : unmanaged, ILanes<V>
    {
        var width = 2 * V.Count;
        var worked = 0;
        var edge = stackalloc Real[TileRows * width];
        var column = 0;
        if (m == 1 && (b.IsPacked || b.Column == 1))
            for (; column + 4 * width <= n; column += 4 * width)
                RowOfPanels<V>(a, aStep, b.From(0, column).Pointer, width * b.Column, b.Row, depth,
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
                next.Ask(worked++);
                int row = deal.RowOf(tile), rows = deal.RowOf(tile + 1) - row;
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
                if (columns > V.Count) Tile<V, Two>(rows, a + row * aRow, aRow, aStep, panel, panelRow, depth, s, sRow, to, toRow);
                else Tile<V, One>(rows, a + row * aRow, aRow, aStep, panel, panelRow, depth, s, sRow, to, toRow);
                for (var r = 0; !whole && r < rows; r++) Copy(edge + r * width, c + (row + r) * cRow + column, columns);
            }
        }
    }

    static void Copy(Real* from, Real* to, int count) => new ReadOnlySpan<Real>(from, count).CopyTo(new Span<Real>(to, count));
}
