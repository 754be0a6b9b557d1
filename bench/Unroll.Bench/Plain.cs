using System.Runtime.CompilerServices;

namespace Unroll.Bench;

/// <summary>
/// What each kernel computes, as the shortest loop that is obviously right: the baseline of its speed, and the check of its result. Compiled fully
/// at once, as the kernels are.
/// </summary>
static class Plain
{
    const MethodImplOptions Full = MethodImplOptions.AggressiveOptimization;

    /// <summary>c[m, n] = a[m, k]·b[k, n]; element (i, l) of a stands at i·aRow + l·aStep.</summary>
    [MethodImpl(Full)]
    public static void Product(ReadOnlySpan<float> a, int aRow, int aStep, ReadOnlySpan<float> b, Span<float> c, int m, int n, int k)
    {
        c.Clear();
        for (var i = 0; i < m; i++)
            for (var l = 0; l < k; l++)
                for (var j = 0; j < n; j++) c[i * n + j] = MathF.FusedMultiplyAdd(a[i * aRow + l * aStep], b[l * n + j], c[i * n + j]);
    }

    /// <summary>b[k, n] cut into panels of a width, each panel row after row; element (i, j) of b stands at i·bRow + j·bColumn.</summary>
    [MethodImpl(Full)]
    public static void Pack(ReadOnlySpan<float> b, int bRow, int bColumn, Span<float> packed, int k, int n, int width)
    {
        for (var j = 0; j < n; j++)
            for (var i = 0; i < k; i++) packed[j / width * k * width + i * width + j % width] = b[i * bRow + j * bColumn];
    }

    [MethodImpl(Full)]
    public static void Tanh(ReadOnlySpan<float> x, Span<float> y)
    {
        for (var i = 0; i < x.Length; i++) y[i] = MathF.Tanh(x[i]);
    }

    [MethodImpl(Full)]
    public static void Sigmoid(ReadOnlySpan<float> x, Span<float> y)
    {
        for (var i = 0; i < x.Length; i++) y[i] = 1 / (1 + MathF.Exp(-x[i]));
    }

    [MethodImpl(Full)]
    public static void Exp(ReadOnlySpan<float> x, Span<float> y)
    {
        for (var i = 0; i < x.Length; i++) y[i] = MathF.Exp(x[i]);
    }

    /// <summary>The gradient of the mean over rows of −ln softmax(x)_t.</summary>
    [MethodImpl(Full)]
    public static void CrossEntropy(ReadOnlySpan<float> x, ReadOnlySpan<int> targets, Span<float> dx, int classes)
    {
        for (var r = 0; r < targets.Length; r++)
        {
            var row = x.Slice(r * classes, classes);
            var max = float.NegativeInfinity;
            for (var j = 0; j < classes; j++) max = MathF.Max(max, row[j]);
            double sum = 0;
            for (var j = 0; j < classes; j++) sum += MathF.Exp(row[j] - max);
            for (var j = 0; j < classes; j++)
                dx[r * classes + j] = (MathF.Exp(row[j] - max) / (float)sum - (j == targets[r] ? 1 : 0)) / targets.Length;
        }
    }

    /// <summary>y = x̂ ⊙ gain + bias with x̂ = (x − μ)/σ, and the gradient of the sum of y: dx = (gain − mean(gain) − x̂ ⊙ mean(gain ⊙ x̂))/σ.</summary>
    [MethodImpl(Full)]
    public static void LayerNorm(ReadOnlySpan<float> x, ReadOnlySpan<float> gain, ReadOnlySpan<float> bias, Span<float> y, Span<float> dx, Span<float> dGain, Span<float> dBias)
    {
        var n = gain.Length;
        dGain.Clear();
        dBias.Clear();
        for (var row = 0; row < x.Length; row += n)
        {
            double mean = 0, variance = 0, g = 0, gx = 0;
            for (var j = 0; j < n; j++) mean += x[row + j] / (double)n;
            for (var j = 0; j < n; j++) variance += (x[row + j] - mean) * (x[row + j] - mean) / n;
            var scale = 1 / Math.Sqrt(variance + 1e-5);
            for (var j = 0; j < n; j++)
            {
                var normal = (x[row + j] - mean) * scale;
                y[row + j] = (float)(normal * gain[j] + bias[j]);
                dGain[j] += (float)normal;
                dBias[j] += 1;
                g += gain[j] / (double)n;
                gx += gain[j] * normal / n;
            }
            for (var j = 0; j < n; j++) dx[row + j] = (float)(scale * (gain[j] - g - (x[row + j] - mean) * scale * gx));
        }
    }

    /// <summary>Step t of Adam with its usual β₁ = 0.9, β₂ = 0.999, ε = 1e-8.</summary>
    [MethodImpl(Full)]
    public static void Adam(Span<float> w, ReadOnlySpan<float> g, Span<float> m, Span<float> v, float rate, int t)
    {
        float c1 = 1 - MathF.Pow(0.9f, t), c2 = 1 - MathF.Pow(0.999f, t);
        for (var i = 0; i < w.Length; i++)
        {
            m[i] = 0.9f * m[i] + 0.1f * g[i];
            v[i] = 0.999f * v[i] + 0.001f * g[i] * g[i];
            w[i] -= rate * (m[i] / c1) / (MathF.Sqrt(v[i] / c2) + 1e-8f);
        }
    }

    [MethodImpl(Full)]
    public static double Norm(ReadOnlySpan<float> g)
    {
        double sum = 0;
        for (var i = 0; i < g.Length; i++) sum += (double)g[i] * g[i];
        return Math.Sqrt(sum);
    }

    [MethodImpl(Full)]
    public static void Clip(Span<float> g, double max)
    {
        var factor = (float)Math.Min(1, max / (Norm(g) + 1e-6));
        for (var i = 0; i < g.Length; i++) g[i] *= factor;
    }

    [MethodImpl(Full)]
    public static void Gather(ReadOnlySpan<float> table, ReadOnlySpan<int> ids, Span<float> y, int width)
    {
        for (var i = 0; i < ids.Length; i++)
            for (var j = 0; j < width; j++) y[i * width + j] = table[ids[i] * width + j];
    }

    /// <summary>The gradient of the sum of what <see cref="Gather"/> gives.</summary>
    [MethodImpl(Full)]
    public static void GatherBackward(ReadOnlySpan<int> ids, Span<float> dTable, int width)
    {
        dTable.Clear();
        for (var i = 0; i < ids.Length; i++)
            for (var j = 0; j < width; j++) dTable[ids[i] * width + j] += 1;
    }

    /// <summary>Number i is kept where random number i of the stream is at least p.</summary>
    [MethodImpl(Full)]
    public static void Dropout(ReadOnlySpan<float> x, Span<float> y, RngState mask, float p)
    {
        for (var i = 0; i < x.Length; i++) y[i] = Rng.ToReal(Rng.At(mask.Key, mask.Count + (ulong)i)) >= p ? x[i] / (1 - p) : 0;
    }
}
