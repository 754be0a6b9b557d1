using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>From the outputs o of a forecaster's network to what is said of a value, its loss, and its quantiles. b is the linear forecast, s the spread of its residuals.</summary>
/// <remarks>
/// <code>
/// squared, absolute, huber   y = b + s·o
/// gaussian                   μ = b + s·o₀,  σ = s·softplus(o₁)
/// student                    μ, σ as before,  ν = 2 + softplus(o₂)
/// negative-binomial          μ = softplus(softplus⁻¹(b) + o₀),  α = softplus(o₁), of counts over their mean a: of counts μ·a and α
/// quantile                   q₁ = b + s·o₀,  qₖ₊₁ = qₖ + s·softplus(oₖ)        never crossing
/// </code>
/// At the beginning o is such that the forecast is the linear one with normal residuals of spread s.
/// </remarks>
sealed class ForecastHead
{
    const double LeastMean = 1e-3, InitialFreedom = 8;

    static readonly double[] LevelArray = [.. QuantileForecast.DefaultLevels], NormalLevels = [.. QuantileForecast.DefaultLevels.Select(Distributions.NormalQuantile)];

    readonly string _kind;
    readonly Tensor _sums;

    public ForecastHead(string kind)
    {
        _kind = kind;
        Count = kind switch { "quantile" => Levels.Count, "gaussian" or "negative-binomial" => 2, "student" => 3, _ => 1 };
        _sums = Tensor.Free(new(Levels.Count, Levels.Count));
        for (var j = 0; j < Levels.Count; j++)
            for (var k = 0; k < Levels.Count; k++) _sums.Values[j * Levels.Count + k] = k >= j ? 1 : 0;
    }

    public static IReadOnlyList<double> Levels => QuantileForecast.DefaultLevels;

    /// <summary>C, how many numbers there are for a value.</summary>
    public int Count { get; }

    /// <summary>Whether the loss is of counts, not of scaled values.</summary>
    public bool Counts => _kind == "negative-binomial";

    /// <summary>Writes the biases of the outputs of all targets.</summary>
    public void Initialise(Span<Real> bias)
    {
        for (var i = 0; i < bias.Length; i++)
        {
            var c = i % Count;
            bias[i] = (Real)(_kind switch
            {
                "quantile" when c == 0 => NormalLevels[0],
                "quantile" => InverseSoftplus(NormalLevels[c] - NormalLevels[c - 1]),
                "gaussian" or "student" when c == 1 => InverseSoftplus(1),
                "student" when c == 2 => InverseSoftplus(InitialFreedom - 2),
                "negative-binomial" when c == 1 => InverseSoftplus(0.5),
                _ => 0,
            });
        }
    }

    static double InverseSoftplus(double y) => Math.Log(Math.Exp(y) - 1);

    /// <summary>The parameters [N, C] of scaled values.</summary>
    /// <param name="o">[N, C].</param>
    /// <param name="b">[N, 1].</param>
    /// <param name="spread">[N]: s.</param>
    public Tensor Parameters(Tensor o, Tensor b, Tensor spread)
    {
        if (Counts)
        {
            var start = Tensor.New(b.Shape);
            for (var i = 0; i < start.Count; i++) start.Values[i] = (Real)InverseSoftplus(Math.Max(b.Values[i], LeastMean));
            return Ops.Softplus(Ops.ConcatColumns(Ops.Columns(o, 0, 1) + start, Ops.Columns(o, 1, 1)));
        }
        if (Count == 1) return Ops.ScaleRows(o, spread) + b;
        var first = Ops.Columns(o, 0, 1);
        if (_kind == "quantile") return Ops.ScaleRows(Ops.MatMul(Ops.ConcatColumns(first, Ops.Softplus(Ops.Columns(o, 1, Count - 1))), _sums), spread) + (b.NeedsGradient ? Ops.ConcatColumns([.. Enumerable.Repeat(b, Count)]) : Repeated(b));
        var location = Ops.ScaleRows(Ops.ConcatColumns(first, Ops.Softplus(Ops.Columns(o, 1, 1))), spread);
        var mean = Ops.Columns(location, 0, 1) + b;
        var deviation = Ops.Columns(location, 1, 1) + 1e-6;
        return _kind == "gaussian" ? Ops.ConcatColumns(mean, deviation) : Ops.ConcatColumns(mean, deviation, Ops.Softplus(Ops.Columns(o, 2, 1)) + 2);
    }

    /// <summary>b in every column.</summary>
    Tensor Repeated(Tensor b)
    {
        var all = Tensor.New(new(b.Count, Count));
        for (var i = 0; i < b.Count; i++) all.Values.Slice(i * Count, Count).Fill(b.Values[i]);
        return all;
    }

    /// <summary>The mean loss over the values that are known.</summary>
    /// <param name="p">[N, C]: <see cref="Parameters"/>.</param>
    /// <param name="batch">The windows.</param>
    public Tensor Loss(Tensor p, ForecastBatch batch, int targets)
    {
        var truth = Tensor.From(batch.Truth, new(p.Rows));
        switch (_kind)
        {
            case "quantile": return Losses.Pinball(p, truth, LevelArray);
            case "gaussian": return Losses.Gaussian(p, truth);
            case "student": return Losses.StudentT(p, truth);
            case "negative-binomial":
                var sizes = Tensor.New(new(p.Rows));
                for (var i = 0; i < p.Rows; i++)
                {
                    sizes.Values[i] = (Real)batch.ScaleOf(i / targets % batch.Count, i % targets).Scale;
                    truth.Values[i] *= sizes.Values[i];
                }
                return Losses.NegativeBinomial(Ops.ConcatColumns(Ops.ScaleRows(Ops.Columns(p, 0, 1), sizes), Ops.Columns(p, 1, 1)), truth);
        }
        truth = truth.Reshape(p.Shape);
        if (batch.KnownCount < p.Rows)
        {
            for (var i = 0; i < p.Rows; i++)
                if (!batch.Known[i]) truth.Values[i] = 0;
            p = Ops.Where(batch.Known, p, truth);
        }
        var loss = _kind switch { "squared" => Losses.MeanSquared(p, truth), "absolute" => Losses.MeanAbsolute(p, truth), _ => Losses.Huber(p, truth) };
        return batch.KnownCount == p.Rows ? loss : loss * ((double)p.Rows / Math.Max(1, batch.KnownCount));
    }

    /// <summary>A value drawn from what is said of it, before its scaling is undone; of counts a count over a.</summary>
    /// <param name="p">[C].</param>
    /// <param name="residuals">[Q]: as for <see cref="Describe"/>.</param>
    /// <param name="scale">a and b of the value.</param>
    /// <param name="rng">Draws.</param>
    public double Sample(ReadOnlySpan<Real> p, ReadOnlySpan<Real> residuals, ValueScale scale, Rng rng)
    {
        Span<double> quantiles = stackalloc double[LevelArray.Length];
        switch (_kind)
        {
            case "gaussian": return p[0] + p[1] * rng.NextNormal();
            case "student": return p[0] + p[1] * rng.NextNormal() / Math.Sqrt(2 * Distributions.NextGamma(p[2] / 2, rng) / p[2]);
            case "negative-binomial": return Distributions.NegativeBinomialQuantile(rng.NextDouble(), p[0] * scale.Scale, p[1]) / scale.Scale;
            default:
                Describe(p, residuals, scale, quantiles);
                return QuantileForecast.At(LevelArray, quantiles, rng.NextDouble());
        }
    }

    /// <summary>The quantiles of a value before its scaling is undone, and its mean; of counts they are counts over a.</summary>
    /// <param name="p">[C].</param>
    /// <param name="residuals">[Q]: quantiles of the residuals of the linear forecast, for heads that say a value alone.</param>
    /// <param name="scale">a and b of the value.</param>
    /// <param name="quantiles">[Q].</param>
    /// <returns>The mean.</returns>
    public double Describe(ReadOnlySpan<Real> p, ReadOnlySpan<Real> residuals, ValueScale scale, Span<double> quantiles)
    {
        for (var k = 0; k < quantiles.Length; k++)
            quantiles[k] = _kind switch
            {
                "quantile" => p[k],
                "gaussian" => p[0] + p[1] * NormalLevels[k],
                "student" => p[0] + p[1] * Distributions.StudentQuantile(Levels[k], p[2]),
                "negative-binomial" => Distributions.NegativeBinomialQuantile(Levels[k], p[0] * scale.Scale, p[1]) / scale.Scale,
                _ => p[0] + residuals[k] - residuals[Levels.Count / 2],
            };
        return _kind == "quantile" ? MeanOf(quantiles) : p[0];
    }

    /// <summary>The mean of what has these quantiles: each stands for the levels that are nearest to it.</summary>
    public static double MeanOf(ReadOnlySpan<double> quantiles)
    {
        double sum = 0;
        for (var k = 0; k < quantiles.Length; k++)
            sum += quantiles[k] * ((k + 1 < Levels.Count ? (Levels[k] + Levels[k + 1]) / 2 : 1) - (k > 0 ? (Levels[k - 1] + Levels[k]) / 2 : 0));
        return sum;
    }
}
