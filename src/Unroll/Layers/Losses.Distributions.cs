using Unroll.Tensors;

namespace Unroll.Layers;

public static unsafe partial class Losses
{
    const double HalfLogTwoPi = 0.91893853320467274;

    /// <summary>
    /// The mean of −ln N(y; μ, σ²) = ln σ + u²/2 + ln √(2π), u = (y − μ)/σ, in nats. dμ = −u/(σn), dσ = (1 − u²)/(σn).
    /// </summary>
    /// <param name="parameters">[…, 2]: μ and σ, which is above 0.</param>
    /// <param name="targets">A number y a row; one that is NaN does not count.</param>
    /// <exception cref="ArgumentException">There are not two parameters a row, or not one target.</exception>
    public static Tensor Gaussian(Tensor parameters, Tensor targets) => MeanOfRows<GaussianTerm>(parameters, targets, [], 2, nameof(Gaussian));

    /// <summary>
    /// The mean of −ln t(y; μ, σ, ν) = ln σ + ½ ln(πν) + ln Γ(ν/2) − ln Γ((ν + 1)/2) + (ν + 1)/2 · ln(1 + u²/ν), u = (y − μ)/σ, in nats. With
    /// w = (ν + 1)/(ν + u²): dμ = −wu/(σn), dσ = (1 − wu²)/(σn), dν = ½(1/ν + ψ(ν/2) − ψ((ν + 1)/2) + ln(1 + u²/ν) − wu²/ν)/n.
    /// </summary>
    /// <param name="parameters">[…, 3]: μ, and σ and ν, which are above 0.</param>
    /// <param name="targets">A number y a row; one that is NaN does not count.</param>
    /// <exception cref="ArgumentException">There are not three parameters a row, or not one target.</exception>
    public static Tensor StudentT(Tensor parameters, Tensor targets) => MeanOfRows<StudentTerm>(parameters, targets, [], 3, nameof(StudentT));

    /// <summary>
    /// The mean of −ln NB(y; μ, α), with r = 1/α: ln Γ(r) + ln Γ(y + 1) − ln Γ(y + r) + (r + y) ln(1 + αμ) − y ln(αμ), in nats; its mean is μ, its variance
    /// μ + αμ². dμ = (μ − y)/(μ(1 + αμ)n), dα = (r²(ψ(y + r) − ψ(r) − ln(1 + αμ)) + (μ − y)/(α(1 + αμ)))/n.
    /// </summary>
    /// <param name="parameters">[…, 2]: μ and α, which are above 0.</param>
    /// <param name="targets">A count y a row; one that is NaN does not count.</param>
    /// <exception cref="ArgumentException">There are not two parameters a row, or not one target.</exception>
    public static Tensor NegativeBinomial(Tensor parameters, Tensor targets) => MeanOfRows<NegativeBinomialTerm>(parameters, targets, [], 2, nameof(NegativeBinomial));

    /// <summary>
    /// The mean over rows and levels τ of max(τ(y − q), (τ − 1)(y − q)) (pinball; Koenker and Bassett 1978). dq = ((y &lt; q) − τ)/(n·Q), 0 where they are equal.
    /// </summary>
    /// <param name="quantiles">[…, Q]: q of each level.</param>
    /// <param name="targets">A number y a row; one that is NaN does not count.</param>
    /// <param name="levels">Q levels between 0 and 1.</param>
    /// <exception cref="ArgumentException">There is not one quantile a level, or not one target a row.</exception>
    public static Tensor Pinball(Tensor quantiles, Tensor targets, ReadOnlySpan<double> levels) => MeanOfRows<PinballTerm>(quantiles, targets, levels, levels.Length, nameof(Pinball));

    /// <summary>A loss of the numbers of a row, with its derivatives beside it.</summary>
    interface IRowTerm
    {
        static abstract double Loss(ReadOnlySpan<Real> x, double y, ReadOnlySpan<double> constants, Span<Real> dx);
    }

    readonly struct GaussianTerm : IRowTerm
    {
        public static double Loss(ReadOnlySpan<Real> x, double y, ReadOnlySpan<double> constants, Span<Real> dx)
        {
            double deviation = x[1], u = (y - x[0]) / deviation;
            (dx[0], dx[1]) = ((Real)(-u / deviation), (Real)((1 - u * u) / deviation));
            return Math.Log(deviation) + u * u / 2 + HalfLogTwoPi;
        }
    }

    readonly struct StudentTerm : IRowTerm
    {
        public static double Loss(ReadOnlySpan<Real> x, double y, ReadOnlySpan<double> constants, Span<Real> dx)
        {
            double scale = x[1], freedom = x[2], u = (y - x[0]) / scale, w = (freedom + 1) / (freedom + u * u), log = Math.Log(1 + u * u / freedom);
            (dx[0], dx[1]) = ((Real)(-w * u / scale), (Real)((1 - w * u * u) / scale));
            dx[2] = (Real)(0.5 * (1 / freedom + GammaFunction.Digamma(freedom / 2) - GammaFunction.Digamma((freedom + 1) / 2) + log - w * u * u / freedom));
            return Math.Log(scale) + 0.5 * Math.Log(Math.PI * freedom) + GammaFunction.Log(freedom / 2) - GammaFunction.Log((freedom + 1) / 2) + (freedom + 1) / 2 * log;
        }
    }

    readonly struct NegativeBinomialTerm : IRowTerm
    {
        public static double Loss(ReadOnlySpan<Real> x, double y, ReadOnlySpan<double> constants, Span<Real> dx)
        {
            double mean = x[0], alpha = x[1], r = 1 / alpha, product = alpha * mean, log = Math.Log(1 + product);
            dx[0] = (Real)((mean - y) / (mean * (1 + product)));
            dx[1] = (Real)(r * r * (GammaFunction.Digamma(y + r) - GammaFunction.Digamma(r) - log) + (mean - y) / (alpha * (1 + product)));
            return GammaFunction.Log(r) + GammaFunction.Log(y + 1) - GammaFunction.Log(y + r) + (r + y) * log - (y > 0 ? y * Math.Log(product) : 0);
        }
    }

    readonly struct PinballTerm : IRowTerm
    {
        public static double Loss(ReadOnlySpan<Real> x, double y, ReadOnlySpan<double> constants, Span<Real> dx)
        {
            double sum = 0;
            for (var k = 0; k < x.Length; k++)
            {
                var (error, level) = (y - x[k], constants[k]);
                sum += error >= 0 ? level * error : (level - 1) * error;
                dx[k] = (Real)((error > 0 ? -level : error < 0 ? 1 - level : 0) / x.Length);
            }
            return sum / x.Length;
        }
    }

    static Tensor MeanOfRows<T>(Tensor x, Tensor targets, ReadOnlySpan<double> constants, int width, string name) where T : IRowTerm
    {
        if (x.Columns != width) Throw.WrongShape(name, nameof(x), x.Shape, $"[…, {width}]");
        if (targets.Count != x.Rows) Throw.ShapesDiffer(name, x.Shape, targets.Shape, "one target for each row");
        Tensor slopes = Tensor.New(x.Shape), loss = Tensor.New(new());
        ReadOnlySpan<Real> values = x.Values, y = targets.Values;
        var dx = slopes.Values;
        var (sum, count) = (0.0, 0);
        for (var r = 0; r < y.Length; r++)
        {
            var row = dx.Slice(r * width, width);
            if (Real.IsNaN(y[r])) row.Clear();
            else (sum, count) = (sum + T.Loss(values.Slice(r * width, width), y[r], constants, row), count + 1);
        }
        loss.Values[0] = count > 0 ? (Real)(sum / count) : 0;
        if (Tape.Records(loss, x)) Tape.Push<RowsNode>().Set(x, slopes, loss, count);
        return loss;
    }

    sealed class RowsNode : Node
    {
        Tensor _x, _slopes, _loss;
        int _count;

        public void Set(Tensor x, Tensor slopes, Tensor loss, int count) => (_x, _slopes, _loss, _count) = (x, slopes, loss, count);

        public override void Backward()
        {
            var dx = _x.Data.GradientOrFresh(out var fresh);
            Ops.AddScaled(_loss.Data.Gradient()[0] / Math.Max(1, _count), _slopes.Values, dx, fresh);
        }
    }
}
