namespace Unroll.Tasks;

/// <summary>Linear regressions of several outputs on the same features, with a penalty on the squares of the weights: <see cref="NormalEquations"/> with many right sides.</summary>
/// <param name="columns">P, the number of features.</param>
/// <param name="outputs">O, the number of outputs.</param>
sealed class RidgeSums(int columns, int outputs)
{
    readonly double[] _products = new double[columns * (columns + 1) / 2], _right = new double[outputs * columns], _sums = new double[columns + outputs];

    public long Rows { get; private set; }

    /// <summary>Adds rows.</summary>
    /// <param name="block">[P + O, stride]: column by column.</param>
    public void Add(ReadOnlySpan<double> block, int stride, int rows)
    {
        for (int i = 0, product = 0; i < columns; i++)
        {
            var column = block.Slice(i * stride, rows);
            for (var j = 0; j <= i; j++) _products[product++] += NormalEquations.Dot(column, block.Slice(j * stride, rows));
            for (var o = 0; o < outputs; o++) _right[o * columns + i] += NormalEquations.Dot(column, block.Slice((columns + o) * stride, rows));
        }
        for (var i = 0; i < columns + outputs; i++)
            foreach (var value in block.Slice(i * stride, rows)) _sums[i] += value;
        Rows += rows;
    }

    /// <summary>The weights and the intercept of each output, [O, P + 1]: (XᵀX / n + λI) w = Xᵀy / n of standardised columns.</summary>
    public double[] Solve(double penalty)
    {
        var (mean, scale, used) = (new double[columns], new double[columns], new List<int>());
        for (var i = 0; i < columns; i++)
        {
            mean[i] = _sums[i] / Rows;
            var square = _products[i * (i + 1) / 2 + i] / Rows;
            var variance = square - mean[i] * mean[i];
            scale[i] = variance > 1e-9 * square ? Math.Sqrt(variance) : 0;
            if (scale[i] > 0) used.Add(i);
        }
        var n = used.Count;
        var l = new double[n][];
        for (var a = 0; a < n; a++)
        {
            l[a] = new double[a + 1];
            for (var b = 0; b <= a; b++)
            {
                var (i, j) = (used[a], used[b]);
                var correlation = (_products[i * (i + 1) / 2 + j] / Rows - mean[i] * mean[j]) / (scale[i] * scale[j]);
                var sum = correlation + (a == b ? penalty : 0) - NormalEquations.Dot(l[a].AsSpan(0, b), l[b].AsSpan(0, b));
                l[a][b] = a == b ? Math.Sqrt(Math.Max(sum, 1e-12)) : sum / l[b][b];
            }
        }
        var (weights, w) = (new double[outputs * (columns + 1)], new double[n]);
        for (var o = 0; o < outputs; o++)
        {
            var row = weights.AsSpan(o * (columns + 1), columns + 1);
            var intercept = _sums[columns + o] / Rows;
            for (var a = 0; a < n; a++)
            {
                var right = (_right[o * columns + used[a]] / Rows - mean[used[a]] * intercept) / scale[used[a]];
                w[a] = (right - NormalEquations.Dot(l[a].AsSpan(0, a), w.AsSpan(0, a))) / l[a][a];
            }
            for (var a = n - 1; a >= 0; a--)
            {
                w[a] /= l[a][a];
                for (var k = 0; k < a; k++) w[k] -= l[a][k] * w[a];
            }
            for (var a = 0; a < n; a++)
            {
                row[used[a]] = w[a] / scale[used[a]];
                intercept -= row[used[a]] * mean[used[a]];
            }
            row[columns] = intercept;
        }
        return weights;
    }
}
