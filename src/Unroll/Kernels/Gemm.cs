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
    const int TransposedK = 512;            // a transposed left factor that is read where it stands
    const int LeftK = 256;                  // one that is packed on the way: a panel of 16–32 KiB, in the first-level cache
    const int RawK = 256;                   // a right factor that is packed on the way: the same
    const int BlockRows = 96;               // at least, of a deep left factor; of a transposed one that is read where it stands
    const int LeftRows = 192;               // of one that is packed: 192 KiB

    const int CacheLine = 64;               // bytes

    /// <summary>
    /// Whether a transposed left factor is packed on the way. Where it stands each step is a cache line of its own, which twice as many sums
    /// in registers of 512 bits leave time to fetch.
    /// </summary>
    static bool PacksLeft => Simd.Bits <= 256;

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
            SplitRows = Deal.Tiles(m) >= Panels(n) * (b.IsPacked ? 1 : ThreadTeam.Threads),
        };
        // Rows are handed out by tiles and columns by panels; each thread's share is then as fast as the whole.
        if (kernel.SplitRows) ThreadTeam.Run(kernel, Deal.Tiles(m), Grain(2L * TileRows * k * n));
        else ThreadTeam.Run(kernel, Panels(n), PanelGrain(m, k));
    }

    /// <summary>How many times a product of so many rows and steps reads its right factor.</summary>
    public static int Passes(int m, int k, bool transposed = false) => (m - 1) / RowsOf(Math.Min(k, DeepK), transposed) + 1;

    /// <summary>Rows of a block of the left factor: what fits in three eighths of the second-level cache, and of a transposed one half as much.</summary>
    static int RowsOf(int depth, bool transposed) =>
        transposed ? PacksLeft ? LeftRows : BlockRows
        : Math.Max(BlockRows, Caches.Second / 8 * 3 / sizeof(Real) / Math.Max(1, depth) / TileRows * TileRows);

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
        var packsLeft = PacksLeft && aRow == 1 && aStep != 1 && m > TileRows && n > width;
        var piece = stackalloc Real[b.IsPacked ? 0 : RawK * width];
        var deepest = !b.IsPacked ? RawK : aStep == 1 ? DeepK : packsLeft ? LeftK : TransposedK;
        var group = RowsOf(Math.Min(k, deepest), transposed: aStep != 1) / TileRows;
        var left = stackalloc Real[packsLeft ? Math.Min(Deal.Tiles(m), group) * LeftTile : 0];
        var deal = new Deal(m);
        var tiles = Deal.Tiles(m);
        for (var firstTile = 0; firstTile < tiles; firstTile += group)
        {
            var lastTile = Math.Min(tiles, firstTile + group);
            for (var k0 = 0; k0 < k; k0 += deepest)
            {
                var depth = Math.Min(deepest, k - k0);
                int row = deal.RowOf(firstTile), rows = deal.RowOf(lastTile) - row;
                if (sums != null)
                    new ColumnSums { From = a + k0 * aStep, To = sums, Rows = depth, Columns = (int)aStep }.Run<V>(row, row + rows);
                if (packsLeft) PackLeft<V>(a + k0 * aStep, aStep, depth, deal, firstTile, lastTile, left);
                var next = default(Coming);
                if (aStep != 1 && aRow == 1)
                {
                    var (tile, from) = k0 + deepest < k ? (firstTile, k0 + deepest) : (lastTile, 0);
                    if (tile < tiles)
                    {
                        int first = deal.RowOf(tile), end = deal.RowOf(Math.Min(tiles, tile + group));
                        next = new(a + first + from * aStep, aStep, end - first, Math.Min(deepest, k - from), (lastTile - firstTile) * ((n + width - 1) / width));
                    }
                }
                var block = packsLeft ? Left.Packed(left, firstTile) : Left.Raw(a + k0 * aStep, aRow, aStep);
                Panel<V>(block, b.From(k0, 0), piece, depth, k0 == 0 ? start : c, k0 == 0 ? startRow : cRow, c, cRow, deal, firstTile, lastTile, m, n, next);
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

    /// <summary>A block of the left factor: as it stands in memory, or packed tile by tile, the numbers of each step side by side.</summary>
    readonly struct Left
    {
        readonly Real* _first;
        readonly nint _tile, _row;

        /// <summary>From a row of a tile to the next, and from a step to the next.</summary>
        public readonly nint Row, Step;

        Left(Real* first, nint tile, nint row, nint rowOfTile, nint step)
        {
            _first = first;
            (_tile, _row, Row, Step) = (tile, row, rowOfTile, step);
        }

        public static Left Raw(Real* first, nint row, nint step) => new(first, 0, row, row, step);

        public static Left Packed(Real* room, int firstTile) => new(room - (nint)firstTile * LeftTile, LeftTile, 0, 1, TileRows);

        /// <summary>Where a tile begins, whose first row is known.</summary>
        [MethodImpl(Jit.Inlined)]
        public Real* Tile(int tile, int row) => _first + tile * _tile + row * _row;
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
                for (var r = 0; r < rows; r += CacheLine / sizeof(Real)) Sse.Prefetch1(at + l * step + r);
        }
    }

    /// <summary>One block of k: every panel against the tiles of the block.</summary>
    [MethodImpl(Jit.Hot)]
    static void Panel<V>(Left a, Factor b, Real* piece, int depth, Real* start, nint startRow, Real* c, nint cRow,
        Deal deal, int firstTile, int lastTile, int m, int n, Coming next) where V : unmanaged, ILanes<V>
    {
        var width = 2 * V.Count;
        var worked = 0;
        var edge = stackalloc Real[TileRows * width];
        var column = 0;
        if (m == 1 && (b.IsPacked || b.Column == 1))
            for (; column + 4 * width <= n; column += 4 * width)
                RowOfPanels<V>(a.Tile(0, 0), a.Step, b.From(0, column).Pointer, width * b.Column, b.Row, depth,
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
            // What lies beyond the second-level cache is there in time if it is asked for while the panel before it is worked on: of the cache lines
            // that a few steps would read, each tile asks for one.
            nint coming = b.IsPacked && column + width < n ? (nint)(b.From(0, column + width).Pointer - panel) : 0;
            int line = CacheLine / sizeof(Real), lines = Math.Max(1, StepsInARow * width / line);
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
                if (columns > V.Count) Tile<V, Two>(rows, a.Tile(tile, row), a.Row, a.Step, panel, panelRow, coming + tile % lines * line, depth, s, sRow, to, toRow);
                else Tile<V, One>(rows, a.Tile(tile, row), a.Row, a.Step, panel, panelRow, coming + tile % lines * line, depth, s, sRow, to, toRow);
                for (var r = 0; !whole && r < rows; r++) Copy(edge + r * width, c + (row + r) * cRow + column, columns);
            }
        }
    }

    static void Copy(Real* from, Real* to, int count) => new ReadOnlySpan<Real>(from, count).CopyTo(new Span<Real>(to, count));
}
