using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>Something that is summed over an index.</summary>
internal interface ITerm
{
    /// <summary>Terms <paramref name="i"/> to <paramref name="i"/> + V.Count.</summary>
    V At<V>(int i) where V : unmanaged, ILanes<V>;
}

/// <summary>
/// Sums over long arrays. Term i belongs to column i mod 16; each column is summed in order, then the columns in order: the same
/// sixteen sums whether a register holds 16, 8, 4 or 1 of them. Chunks of <see cref="Chunk"/> terms are added up in double precision.
/// </summary>
internal static unsafe class Reduce
{
    public const int Columns = 16;
    public const int Chunk = 4096;

    const int ChunksAtOnce = 512;       // whose sums wait in four kilobytes of the stack
    const int ChunkGrain = 4;           // chunks that make a hand-over to another thread worth it

    public static double Sum(ReadOnlySpan<Real> x)
    {
        fixed (Real* p = x) return Total(new Itself(p), x.Length);
    }

    /// <summary>Σ xᵢ²; the threads share the chunks, whose sums are added up in their order.</summary>
    /// <param name="marked">Where given, the chunks that may hold other numbers than zero.</param>
    public static double SumOfSquares(ReadOnlySpan<Real> numbers, ReadOnlySpan<bool> marked = default)
    {
        double total = 0;
        var sums = stackalloc double[ChunksAtOnce];
        fixed (Real* x = numbers)
        fixed (bool* marks = marked)
            for (int at = 0, chunk = 0; at < numbers.Length; at += ChunksAtOnce * Chunk, chunk += ChunksAtOnce)
            {
                var count = Math.Min(numbers.Length - at, ChunksAtOnce * Chunk);
                var chunks = (count + Chunk - 1) / Chunk;
                ThreadTeam.Run(new SquaresKernel { X = x + at, Count = count, Sums = sums, Marks = marks == null ? null : marks + chunk }, chunks, ChunkGrain);
                for (var i = 0; i < chunks; i++) total += sums[i];
            }
        return total;
    }

    public static double Dot(ReadOnlySpan<Real> x, ReadOnlySpan<Real> y)
    {
        fixed (Real* a = x, b = y) return Total(new Product(a, b), x.Length);
    }

    public static double Total<T>(T term, int n) where T : struct, ITerm => Simd.Bits switch
    {
        512 => Total<Lanes512, T>(term, n),
        256 => Total<Lanes256, T>(term, n),
        128 => Total<Lanes128, T>(term, n),
        _ => Total<Lane1, T>(term, n),
    };

    [MethodImpl(Jit.Hot)]
    public static double Total<V, T>(T term, int n) where V : unmanaged, ILanes<V> where T : struct, ITerm
    {
        double total = 0;
        var columns = stackalloc Real[Columns];
        for (var from = 0; from < n; from += Chunk)
        {
            SumColumns<V, T>(term, from, Math.Min(n, from + Chunk), columns);
            double chunk = 0;
            for (var j = 0; j < Columns; j++) chunk += columns[j];
            total += chunk;
        }
        return total;
    }

    [MethodImpl(Jit.Inlined)]
    static void SumColumns<V, T>(T term, int from, int to, Real* columns) where V : unmanaged, ILanes<V> where T : struct, ITerm
    {
        var w = V.Count;
        var i = from;
        if (4 * w < Columns)
        {
            new Span<Real>(columns, Columns).Clear();
            for (; i + Columns <= to; i += Columns)
                for (var j = 0; j < Columns; j += w) (V.Load(columns + j) + term.At<V>(i + j)).Store(columns + j);
        }
        else
        {
            V s0 = default, s1 = default, s2 = default, s3 = default;
            for (; i + Columns <= to; i += Columns)
            {
                s0 += term.At<V>(i);
                if (Columns > w) s1 += term.At<V>(i + w);
                if (Columns > 2 * w) s2 += term.At<V>(i + 2 * w);
                if (Columns > 2 * w) s3 += term.At<V>(i + 3 * w);
            }
            s0.Store(columns);
            if (Columns > w) s1.Store(columns + w);
            if (Columns > 2 * w)
            {
                s2.Store(columns + 2 * w);
                s3.Store(columns + 3 * w);
            }
        }
        for (var j = 0; i < to; i++, j++) (Lane1.Load(columns + j) + term.At<Lane1>(i)).Store(columns + j);
    }

    /// <summary>The largest number; not a number if one is not. −∞ for none.</summary>
    [MethodImpl(Jit.Hot)]
    public static Real Max<V>(Real* x, int n) where V : unmanaged, ILanes<V>
    {
        var largest = Real.NegativeInfinity;
        var i = 0;
        if (n >= V.Count)
        {
            V m = V.Load(x), m1 = m, m2 = m, m3 = m;             // four at once: one alone waits for itself
            for (i = V.Count; i <= n - 4 * V.Count; i += 4 * V.Count)
            {
                m = V.Max(m, V.Load(x + i));
                m1 = V.Max(m1, V.Load(x + i + V.Count));
                m2 = V.Max(m2, V.Load(x + i + 2 * V.Count));
                m3 = V.Max(m3, V.Load(x + i + 3 * V.Count));
            }
            m = V.Max(V.Max(m, m1), V.Max(m2, m3));
            for (; i <= n - V.Count; i += V.Count) m = V.Max(m, V.Load(x + i));
            var lanes = stackalloc Real[V.Count];
            m.Store(lanes);
            for (var j = 0; j < V.Count; j++) largest = RealMath.Max(largest, lanes[j]);
        }
        for (; i < n; i++) largest = RealMath.Max(largest, x[i]);
        return largest;
    }

    /// <summary>The sum of squares of every chunk.</summary>
    struct SquaresKernel : IKernel
    {
        public Real* X;
        public double* Sums;
        public bool* Marks;
        public int Count;

        public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
        {
            for (var i = from; i < to; i++)
            {
                var x = X + (nint)i * Chunk;
                Sums[i] = Marks == null || Marks[i] ? Total<V, Product>(new(x, x), Math.Min(Chunk, Count - i * Chunk)) : 0;
            }
        }
    }

    public readonly struct Itself(Real* x) : ITerm
    {
        [MethodImpl(Jit.Inlined)]
        public V At<V>(int i) where V : unmanaged, ILanes<V> => V.Load(x + i);
    }

    public readonly struct Product(Real* x, Real* y) : ITerm
    {
        [MethodImpl(Jit.Inlined)]
        public V At<V>(int i) where V : unmanaged, ILanes<V> => V.Load(x + i) * V.Load(y + i);
    }
}
