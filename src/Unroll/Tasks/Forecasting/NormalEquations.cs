using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Unroll.Tasks;

/// <summary>Linear regression with a penalty on the squares of the weights (ridge), from sums of products: rows need not be kept.</summary>
/// <remarks>
/// With the columns of X and y centred and X standardised: (XᵀX / n + λI) w = Xᵀy / n, by Cholesky's decomposition, in double. It is ours since the core library
/// has no dependencies; a few hundred columns are solved in milliseconds. Columns that are constant get the weight 0. Products are summed in an order
/// that only the rows decide, in four lanes, so the bits are those of every processor.
/// </remarks>
/// <param name="columns">The number of features; the target is one more column behind them.</param>
sealed class NormalEquations(int columns)
{
    readonly double[] _products = new double[(columns + 1) * (columns + 2) / 2], _sums = new double[columns + 1];

    public long Rows { get; private set; }

    /// <summary>Adds rows.</summary>
    /// <param name="block">[columns + 1, stride]: column by column.</param>
    public void Add(ReadOnlySpan<double> block, int stride, int rows)
    {
        for (int i = 0, product = 0; i <= columns; i++)
        {
            var column = block.Slice(i * stride, rows);
            for (var j = 0; j <= i; j++) _products[product++] += Dot(column, block.Slice(j * stride, rows));
            foreach (var value in column) _sums[i] += value;
        }
        Rows += rows;
    }

    public void Add(NormalEquations other)
    {
        for (var i = 0; i < _products.Length; i++) _products[i] += other._products[i];
        for (var i = 0; i < _sums.Length; i++) _sums[i] += other._sums[i];
        Rows += other.Rows;
    }

    /// <summary>The weights of the features and the intercept behind them, for each penalty.</summary>
    public double[][] Solve(ReadOnlySpan<double> penalties)
    {
        var mean = new double[columns + 1];
        for (var i = 0; i <= columns; i++) mean[i] = _sums[i] / Rows;
        var (scale, used) = (new double[columns + 1], new List<int>());
        for (var i = 0; i <= columns; i++)
        {
            var (square, variance) = (Product(i, i) / Rows, Covariance(i, i));
            scale[i] = variance > 1e-10 * square ? Math.Sqrt(variance) : 0;
            if (i < columns && scale[i] > 0) used.Add(i);
        }
        var (n, correlations, right) = (used.Count, new double[used.Count, used.Count], new double[used.Count]);
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++) correlations[i, j] = Covariance(used[i], used[j]) / (scale[used[i]] * scale[used[j]]);
            right[i] = Covariance(columns, used[i]) / scale[used[i]];
        }
        var solutions = new double[penalties.Length][];
        for (var p = 0; p < penalties.Length; p++)
        {
            var (solved, weights) = (Cholesky(correlations, penalties[p], right), new double[columns + 1]);
            weights[columns] = mean[columns];
            for (var i = 0; i < n; i++)
            {
                weights[used[i]] = solved[i] / scale[used[i]];
                weights[columns] -= weights[used[i]] * mean[used[i]];
            }
            solutions[p] = weights;
        }
        return solutions;

        double Covariance(int i, int j) => Product(i, j) / Rows - mean[i] * mean[j];
    }

    /// <summary>The mean squared error of weights on these rows.</summary>
    public double Error(double[] weights)
    {
        var intercept = weights[columns];
        var sum = Product(columns, columns) - 2 * intercept * _sums[columns] + Rows * intercept * intercept;
        for (var i = 0; i < columns; i++)
        {
            if (weights[i] == 0) continue;
            var inner = -2 * Product(columns, i) + 2 * intercept * _sums[i] + weights[i] * Product(i, i);
            for (var j = 0; j < i; j++) inner += 2 * weights[j] * Product(i, j);
            sum += weights[i] * inner;
        }
        return Math.Max(0, sum / Rows);
    }

    double Product(int i, int j) => i >= j ? _products[i * (i + 1) / 2 + j] : _products[j * (j + 1) / 2 + i];

    /// <summary>Solves (A + λI) w = b, A symmetric with its lower half given.</summary>
    static double[] Cholesky(double[,] a, double penalty, double[] b)
    {
        var n = b.Length;
        var (l, w) = (new double[n][], new double[n]);
        for (var i = 0; i < n; i++)
        {
            l[i] = new double[i + 1];
            for (var j = 0; j <= i; j++)
            {
                var sum = a[i, j] + (i == j ? penalty : 0) - Dot(l[i].AsSpan(0, j), l[j].AsSpan(0, j));
                l[i][j] = i == j ? Math.Sqrt(Math.Max(sum, 1e-12)) : sum / l[j][j];
            }
            w[i] = (b[i] - Dot(l[i].AsSpan(0, i), w.AsSpan(0, i))) / l[i][i];
        }
        for (var i = n - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < n; k++) w[i] -= l[k][i] * w[k];
            w[i] /= l[i][i];
        }
        return w;
    }

    internal static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var (first, second) = (Vector256<double>.Zero, Vector256<double>.Zero);
        ref var x = ref MemoryMarshal.GetReference(a);
        ref var y = ref MemoryMarshal.GetReference(b);
        var i = 0;
        for (; i + 8 <= a.Length; i += 8)
        {
            first += Vector256.LoadUnsafe(ref x, (nuint)i) * Vector256.LoadUnsafe(ref y, (nuint)i);
            second += Vector256.LoadUnsafe(ref x, (nuint)i + 4) * Vector256.LoadUnsafe(ref y, (nuint)i + 4);
        }
        first += second;
        var sum = first[0] + first[1] + (first[2] + first[3]);
        for (; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }
}
