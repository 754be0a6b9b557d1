using System.Runtime.Intrinsics;
using Unroll.Kernels;
using Unroll.Tests.Contracts;

namespace Unroll.Tests.Kernels;

/// <summary>Sums, softmax and layer normalisation have the same bits at every width.</summary>
public unsafe class ReduceTests
{
    static readonly int[] Lengths = [.. Enumerable.Range(0, 131), 2048, 4095, 4096, 4097, 4115, 10_000];

    [Fact]
    public void A_sum_is_sixteen_columns_in_chunks_at_every_width()
    {
        foreach (var n in Lengths)
        {
            float[] x = Numbers(n, 1), y = Numbers(n, 2);
            fixed (float* p = x, q = y)
            {
                double sum = Plain(n, i => x[i]), dot = Plain(n, i => x[i] * y[i]);
                Assert.Equal(sum, Reduce.Sum(new(p, n)));
                Assert.Equal(dot, Reduce.Dot(new(p, n), new(q, n)));
                Assert.Equal(Plain(n, i => x[i] * x[i]), Reduce.SumOfSquares(new(p, n)));
                Widths<Lane1>(p, q, n);
                Widths<Lanes128>(p, q, n);
                Widths<Lanes256>(p, q, n);
                if (Vector512.IsHardwareAccelerated) Widths<Lanes512>(p, q, n);

                void Widths<V>(float* p, float* q, int n) where V : unmanaged, ILanes<V>
                {
                    Assert.Equal(sum, Reduce.Total<V, Reduce.Itself>(new(p), n));
                    Assert.Equal(dot, Reduce.Total<V, Reduce.Product>(new(p, q), n));
                    Assert.Equal(n == 0 ? float.NegativeInfinity : x.Max(), Reduce.Max<V>(p, n));
                    if (n == 0) return;
                    p[n / 2] = float.NaN;
                    Assert.True(float.IsNaN(Reduce.Max<V>(p, n)));
                    Assert.True(double.IsNaN(Reduce.Total<V, Reduce.Itself>(new(p), n)));
                    p[n / 2] = Numbers(n, 1)[n / 2];
                }
            }
        }
    }

    [Fact]
    public void A_sum_of_squares_that_threads_share_is_the_sum_of_one()
    {
        const int Blocks = 520, N = Blocks * Reduce.Chunk + 5;
        var x = Numbers(N, 1);
        var marks = Enumerable.Range(0, Blocks + 1).Select(i => i % 3 != 1).ToArray();
        fixed (float* p = x)
        {
            Assert.Equal(Reduce.Total<Lane1, Reduce.Product>(new(p, p), N), Reduce.SumOfSquares(new(p, N)));
            for (var i = 0; i <= Blocks; i++)
                if (!marks[i]) x.AsSpan(i * Reduce.Chunk, Math.Min(Reduce.Chunk, N - i * Reduce.Chunk)).Clear();
            Assert.Equal(Reduce.SumOfSquares(new(p, N)), Reduce.SumOfSquares(new(p, N), marks));
        }
    }

    [Fact]
    public void Softmax_and_layer_norm_have_the_same_bits_at_every_width()
    {
        foreach (var columns in new[] { 1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 64, 100, 129 })
        {
            var expected = Rows<Lane1>(columns);
            Same.Bits(expected, Rows<Lanes128>(columns), $"128 bits, {columns} columns");
            Same.Bits(expected, Rows<Lanes256>(columns), $"256 bits, {columns} columns");
            if (Vector512.IsHardwareAccelerated) Same.Bits(expected, Rows<Lanes512>(columns), $"512 bits, {columns} columns");
        }
    }

    /// <summary>All results of three rows, one after the other.</summary>
    static float[] Rows<V>(int columns) where V : unmanaged, ILanes<V>
    {
        const int Count = 3;
        var n = Count * columns;
        var results = new float[8 * n + 2 * Count];
        float[] x = Numbers(n, 3), dy = Numbers(n, 4), gain = Numbers(columns, 5), bias = Numbers(columns, 6);
        int[] lengths = [columns, 0, (columns + 1) / 2];
        fixed (float* r = results, px = x, pdy = dy, pg = gain, pb = bias)
        fixed (int* l = lengths)
        {
            new SoftmaxKernel { X = px, Y = r, Columns = columns }.Run<V>(0, Count);
            new SoftmaxKernel { X = px, Y = r + n, Columns = columns, Lengths = l }.Run<V>(0, Count);
            new SoftmaxKernel { X = px, Y = r + 2 * n, Columns = columns, Logarithm = true }.Run<V>(0, Count);
            new SoftmaxBackwardKernel { Y = r, DY = pdy, DX = r + 3 * n, Columns = columns }.Run<V>(0, Count);
            new SoftmaxBackwardKernel { Y = r + n, DY = pdy, DX = r + 4 * n, Columns = columns, Lengths = l }.Run<V>(0, Count);
            new SoftmaxBackwardKernel { Y = r + 2 * n, DY = pdy, DX = r + 5 * n, Columns = columns, Logarithm = true }.Run<V>(0, Count);
            float* means = r + 8 * n, scales = means + Count;
            new LayerNormKernel { X = px, Y = r + 6 * n, Gain = pg, Bias = pb, Means = means, Scales = scales, Columns = columns, Epsilon = 1e-5 }.Run<V>(0, Count);
            new LayerNormBackwardKernel { X = px, DY = pdy, DX = r + 7 * n, Gain = pg, Means = means, Scales = scales, Columns = columns }.Run<V>(0, Count);
        }
        return results;
    }

    static double Plain(int n, Func<int, float> term)
    {
        double total = 0;
        for (var from = 0; from < n; from += Reduce.Chunk)
        {
            var columns = new float[Reduce.Columns];
            for (var i = from; i < Math.Min(n, from + Reduce.Chunk); i++) columns[(i - from) % Reduce.Columns] += term(i);
            double chunk = 0;
            foreach (var c in columns) chunk += c;
            total += chunk;
        }
        return total;
    }

    static float[] Numbers(int count, ulong seed)
    {
        var values = new float[count];
        new Rng(seed).FillNormal(values, 0.5, 2);
        return values;
    }
}
