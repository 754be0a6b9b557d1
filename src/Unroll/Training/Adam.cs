using Unroll.Kernels;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Training;

/// <summary>
/// Steps of a size of their own for every weight, from running means of the gradient and of its square (Kingma and Ba 2015).
/// </summary>
/// <remarks>
/// <code>
/// g ← g + λ w
/// m ← β₁ m + (1 − β₁) g
/// v ← β₂ v + (1 − β₂) g²
/// w ← w − η m̂ / (√v̂ + ε),   m̂ = m / (1 − β₁ᵗ),  v̂ = v / (1 − β₂ᵗ)
/// </code>
/// As <c>torch.optim.Adam</c>: weight decay goes through the moments. <see cref="AdamW"/> keeps it apart.
/// Not safe for use by several threads at once.
/// </remarks>
public sealed class Adam : Optimizer
{
    readonly AdamOptions _options;

    /// <summary>Adam on the given parameters.</summary>
    /// <param name="parameters">What is trained.</param>
    /// <param name="learningRate">η, at least 0; default 0.001.</param>
    /// <param name="beta1">β₁, from 0 to below 1; default 0.9.</param>
    /// <param name="beta2">β₂, from 0 to below 1; default 0.999.</param>
    /// <param name="epsilon">ε, from 0 to below 1; default 1e-8.</param>
    /// <param name="weightDecay">λ, at least 0; default 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public Adam(
        IReadOnlyList<NamedParameter> parameters, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999,
        double epsilon = 1e-8, double weightDecay = 0)
        : base(parameters, learningRate, weightDecay, "exp_avg", "exp_avg_sq") => _options = new(beta1, beta2, epsilon);

    /// <inheritdoc/>
    protected override void Update(Parameter parameter, ReadOnlySpan<Tensor> moments, long step, double decay, double scale) =>
        Run(_options.Rule(LearningRate, step, decay, shrink: 1), parameter, scale, moments[0], moments[1]);
}

/// <summary>Adam whose weight decay is a shrinking of its own, w ← (1 − η λ) w before the step (Loshchilov and Hutter 2019).</summary>
/// <remarks>As <c>torch.optim.AdamW</c>; formulas at <see cref="Adam"/>, without its first. Not safe for use by several threads at once.</remarks>
public sealed class AdamW : Optimizer
{
    readonly AdamOptions _options;

    /// <summary>AdamW on the given parameters.</summary>
    /// <param name="parameters">What is trained.</param>
    /// <param name="learningRate">η, at least 0; default 0.001.</param>
    /// <param name="beta1">β₁, from 0 to below 1; default 0.9.</param>
    /// <param name="beta2">β₂, from 0 to below 1; default 0.999.</param>
    /// <param name="epsilon">ε, from 0 to below 1; default 1e-8.</param>
    /// <param name="weightDecay">λ, at least 0; default 0.01.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public AdamW(
        IReadOnlyList<NamedParameter> parameters, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999,
        double epsilon = 1e-8, double weightDecay = 0.01)
        : base(parameters, learningRate, weightDecay, "exp_avg", "exp_avg_sq") => _options = new(beta1, beta2, epsilon);

    /// <inheritdoc/>
    protected override void Update(Parameter parameter, ReadOnlySpan<Tensor> moments, long step, double decay, double scale) =>
        Run(_options.Rule(LearningRate, step, decay: 0, shrink: 1 - LearningRate * decay), parameter, scale, moments[0], moments[1]);
}

/// <summary>What Adam and AdamW share.</summary>
internal readonly record struct AdamOptions
{
    readonly double _beta1, _beta2, _epsilon;

    public AdamOptions(double beta1, double beta2, double epsilon)
    {
        if (beta1 is not (>= 0 and < 1)) Throw.OutOfRange(nameof(beta1), beta1, "from 0 to below 1");
        if (beta2 is not (>= 0 and < 1)) Throw.OutOfRange(nameof(beta2), beta2, "from 0 to below 1");
        if (epsilon is not (>= 0 and < 1)) Throw.OutOfRange(nameof(epsilon), epsilon, "from 0 to below 1");
        (_beta1, _beta2, _epsilon) = (beta1, beta2, epsilon);
    }

    public AdamRule Rule(double rate, long step, double decay, double shrink) => new(
        rate / (1 - Math.Pow(_beta1, step)), decay, shrink, _beta1, _beta2, Math.Sqrt(1 - Math.Pow(_beta2, step)), _epsilon);
}
