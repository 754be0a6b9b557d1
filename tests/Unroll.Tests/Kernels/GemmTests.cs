using System.Runtime.Intrinsics;
using Unroll.Kernels;
using Unroll.Tensors;
using Unroll.Tests.Contracts;

namespace Unroll.Tests.Kernels;

/// <summary>Products have the bits of the plain loop, at every width, for every shape and layout.</summary>
[Collection(nameof(ThreadTeam))]
public sealed unsafe class GemmTests : IDisposable
{
    const float Untouched = -12345.678f;

    readonly int _threads = ThreadTeam.Threads;

    public void Dispose() => ThreadTeam.Threads = _threads;

    public static IEnumerable<object[]> Shapes()
    {
        var rng = new Rng(1);
        for (var i = 0; i <= 33; i++) yield return [i, 33 - i, i % 7 + 1];
        for (var i = 0; i <= 33; i++) yield return [rng.Next(34), rng.Next(34), i];
        int[][] more = [[1, 300, 257], [1, 129, 3], [100, 257, 300], [97, 1, 600], [5, 64, 513], [300, 7, 100], [6, 32, 256], [12, 300, 512], [400, 40, 600]];
        foreach (var s in more) yield return [s[0], s[1], s[2]];
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Every_width_gives_the_bits_of_the_plain_loop(int m, int n, int k)
    {
        var trial = new Product(m, n, k);
        foreach (var packed in new[] { true, false })
        {
            trial.Check(Block<Lane1>(packed));
            trial.Check(Block<Lanes128>(packed));
            trial.Check(Block<Lanes256>(packed));
            if (Vector512.IsHardwareAccelerated) trial.Check(Block<Lanes512>(packed));
        }
    }

    [Theory, MemberData(nameof(Shapes))]
    public void The_product_on_the_team_gives_the_same(int m, int n, int k)
    {
        var trial = new Product(m, n, k);
        foreach (var threads in new[] { 1, 3 })
        {
            ThreadTeam.Threads = threads;
            trial.Check((a, aRow, aStep, b, bRow, bColumn, start, startRow, c, cRow) =>
            {
                var packed = new float[Math.Max(1, Gemm.PackedLength(k, n))];
                packed.AsSpan().Fill(float.NaN);
                fixed (float* p = packed)
                    Gemm.Multiply(a, aRow, aStep, Gemm.Pack(Factor.Raw(b, bRow, bColumn), k, n, p), start, startRow, c, cRow, m, n, k);
            });
            trial.Check((a, aRow, aStep, b, bRow, bColumn, start, startRow, c, cRow) =>
                Gemm.Multiply(a, aRow, aStep, Factor.Raw(b, bRow, bColumn), start, startRow, c, cRow, m, n, k));
        }
    }

    /// <summary>Every size to beyond two panels of the widest register, straight, transposed and with both strides apart.</summary>
    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(5), InlineData(16), InlineData(19), InlineData(67)]
    public void Packing_moves_every_number_to_its_place(int k)
    {
        for (var n = 1; n <= 70; n++)
        {
            var width = Gemm.PanelColumns;
            var expected = new float[Gemm.PackedLength(k, n)];
            for (var i = 0; i < k; i++)
                for (var j = 0; j < n; j++) expected[(j / width * k + i) * width + j % width] = i * 1000 + j + 1;
            (int Row, int Column)[] strides = [(n, 1), (n + 3, 1), (1, k), (1, k + 5), (3 * n, 3), (2, 2 * k)];
            foreach (var (row, column) in strides)
            {
                var b = new float[(k - 1) * row + (n - 1) * column + 1];
                b.AsSpan().Fill(Untouched);
                for (var i = 0; i < k; i++)
                    for (var j = 0; j < n; j++) b[i * row + j * column] = i * 1000 + j + 1;
                var packed = new float[expected.Length + 1];
                packed.AsSpan().Fill(Untouched);
                fixed (float* from = b, to = packed) Gemm.Pack(Factor.Raw(from, row, column), k, n, to);
                Same.Bits([.. expected, Untouched], packed, $"{k}×{n}, strides {row} and {column}");
            }
        }
    }

    /// <summary>A parameter hands out its matrix as it stands for one pass, and packed from then on, until it changes.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public void A_parameter_is_packed_when_it_is_read_again(bool transposed)
    {
        var weight = Weight(37, 70);
        Assert.False(weight.FactorFor(transposed, 1).IsPacked);
        Assert.True(weight.FactorFor(transposed, 1).IsPacked);
        Assert.True(weight.FactorFor(transposed, 0).IsPacked);
        Assert.False(weight.FactorFor(!transposed, 1).IsPacked);
        weight.Edit();
        Assert.False(weight.FactorFor(transposed, 1).IsPacked);
        weight.Edit();
        Assert.True(weight.FactorFor(transposed, 2).IsPacked);
    }

    /// <summary>The change from raw to packed is in the middle of it, with both threads at it.</summary>
    [Fact]
    public void Two_threads_on_one_parameter_get_the_same_bits()
    {
        var x = Tensor.Zeros(new(2, 70));
        new Rng(5).FillNormal(x.Values, 0, 1);
        for (var round = 0; round < 50; round++)
        {
            var weight = Weight(37, 70);
            var expected = new float[2 * 37];
            for (var i = 0; i < 2; i++)
                for (var j = 0; j < 37; j++)
                    for (var l = 0; l < 70; l++)
                        expected[i * 37 + j] = MathF.FusedMultiplyAdd(x.Values[i * 70 + l], weight.Values[j * 70 + l], expected[i * 37 + j]);
            Parallel.For(0, 2, _ =>
            {
                for (var pass = 0; pass < 3; pass++) Same.Bits(expected, Ops.Linear(x, weight, null).Values, $"round {round}, pass {pass}");
            });
        }
    }

    static Parameter Weight(int rows, int columns)
    {
        var weight = new Parameter(new(rows, columns));
        new Rng(3).FillNormal(weight.Edit(), 0, 1);
        return weight;
    }

    delegate void Multiply(float* a, nint aRow, nint aStep, float* b, nint bRow, nint bColumn, float* start, nint startRow, float* c, nint cRow);

    /// <summary>
    /// The right factor as it stands, or packed as <see cref="Gemm"/> says: panels of two registers' columns, row after row, zeros past
    /// the last column.
    /// </summary>
    static Func<int, int, int, Multiply> Block<V>(bool packed) where V : unmanaged, ILanes<V> => (m, n, k) =>
        (a, aRow, aStep, b, bRow, bColumn, start, startRow, c, cRow) =>
        {
            var width = 2 * V.Count;
            var panels = new float[(n + width - 1) / width * width * k + 1];
            for (var i = 0; i < k; i++)
                for (var j = 0; j < n; j++) panels[(j / width * k + i) * width + j % width] = b[i * bRow + j * bColumn];
            fixed (float* p = panels)
                Gemm.Block<V>(a, aRow, aStep, packed ? Factor.Packed(p, k, width) : Factor.Raw(b, bRow, bColumn), start, startRow, c, cRow, m, n, k);
        };

    enum Start { Zero, Bias, Accumulate }

    sealed class Product
    {
        readonly int _m, _n, _k;
        readonly float[] _a, _b, _bias, _c;
        readonly Dictionary<Start, float[]> _expected = [];

        public Product(int m, int n, int k)
        {
            (_m, _n, _k) = (m, n, k);
            var rng = new Rng((ulong)(m * 10007 + n * 101 + k));
            (_a, _b, _bias, _c) = (Numbers(m * k), Numbers(k * n), Numbers(n), Numbers(m * n));
            foreach (var start in Enum.GetValues<Start>())
            {
                var c = _expected[start] = new float[m * n];
                for (var i = 0; i < m; i++)
                    for (var j = 0; j < n; j++)
                    {
                        var sum = start == Start.Bias ? _bias[j] : start == Start.Accumulate ? _c[i * n + j] : 0;
                        for (var l = 0; l < k; l++) sum = MathF.FusedMultiplyAdd(_a[i * k + l], _b[l * n + j], sum);
                        c[i * n + j] = sum;
                    }
            }

            float[] Numbers(int count)
            {
                var values = new float[count];
                rng.FillNormal(values, 0, 1);
                return values;
            }
        }

        public void Check(Func<int, int, int, Multiply> multiply) => Check(multiply(_m, _n, _k));

        public void Check(Multiply multiply)
        {
            foreach (var start in Enum.GetValues<Start>())
                foreach (var left in new[] { false, true })
                    foreach (var right in new[] { false, true })
                        foreach (var gap in new[] { 0, 3 })
                            Check(multiply, start, left, right, gap);
        }

        void Check(Multiply multiply, Start start, bool left, bool right, int gap)
        {
            // Everything stands in memory with gaps between rows, and each factor as it is or transposed.
            var a = left ? Spread(Transposed(_a, _m, _k), _k, _m, gap) : Spread(_a, _m, _k, gap);
            var b = right ? Spread(Transposed(_b, _k, _n), _n, _k, gap) : Spread(_b, _k, _n, gap);
            var c = Spread(start == Start.Accumulate ? _c : new float[_m * _n], _m, _n, gap);
            fixed (float* pa = a, pb = b, pc = c, bias = _bias.Length == 0 ? [0] : _bias)
                multiply(pa, left ? 1 : _k + gap, left ? _m + gap : 1, pb, right ? 1 : _n + gap, right ? _k + gap : 1,
                    start switch { Start.Zero => null, Start.Bias => bias, _ => pc }, start == Start.Bias ? 0 : _n + gap, pc, _n + gap);
            Same.Bits(Spread(_expected[start], _m, _n, gap), c, $"{_m}×{_n}×{_k}, {start}, transposed: left {left}, right {right}, gap {gap}");
        }

        static float[] Spread(float[] values, int rows, int columns, int gap)
        {
            var spread = new float[rows * (columns + gap) + 16];
            spread.AsSpan().Fill(Untouched);
            for (var i = 0; i < rows; i++) values.AsSpan(i * columns, columns).CopyTo(spread.AsSpan(i * (columns + gap)));
            return spread;
        }

        static float[] Transposed(float[] values, int rows, int columns)
        {
            var t = new float[values.Length];
            for (var i = 0; i < rows; i++)
                for (var j = 0; j < columns; j++) t[j * rows + i] = values[i * columns + j];
            return t;
        }
    }
}
