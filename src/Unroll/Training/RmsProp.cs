using Unroll.Kernels;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Training;

/// <summary>The gradient divided by the root of its running mean square (Tieleman and Hinton 2012).</summary>
/// <remarks>
/// <code>
/// g ← g + λ w
/// v ← α v + (1 − α) g²
/// m ← μ m + g / (√v + ε)
/// w ← w − η m
/// </code>
/// As <c>torch.optim.RMSprop</c>, not centred.
/// Not safe for use by several threads at once.
/// </remarks>
public sealed class RmsProp : Optimizer
{
    readonly double _alpha, _momentum, _epsilon;

    /// <summary>RMSprop on the given parameters.</summary>
    /// <param name="parameters">What is trained.</param>
    /// <param name="learningRate">η, at least 0; default 0.01.</param>
    /// <param name="alpha">α, from 0 to below 1; default 0.99.</param>
    /// <param name="epsilon">ε, from 0 to below 1; default 1e-8.</param>
    /// <param name="momentum">μ, from 0 to below 1; default 0, none.</param>
    /// <param name="weightDecay">λ, at least 0; default 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public RmsProp(
        IReadOnlyList<NamedParameter> parameters, double learningRate = 0.01, double alpha = 0.99, double epsilon = 1e-8,
        double momentum = 0, double weightDecay = 0)
        : base(parameters, learningRate, weightDecay, momentum == 0 ? ["square_avg"] : ["square_avg", "momentum_buffer"])
    {
        Check(alpha is >= 0 and < 1, nameof(alpha), alpha, "from 0 to below 1");
        Check(epsilon is >= 0 and < 1, nameof(epsilon), epsilon, "from 0 to below 1");
        Check(momentum is >= 0 and < 1, nameof(momentum), momentum, "from 0 to below 1");
        (_alpha, _momentum, _epsilon) = (alpha, momentum, epsilon);
    }

    /// <inheritdoc/>
    protected override void Update(Parameter parameter, ReadOnlySpan<Tensor> moments, long step, double decay, double scale) =>
        Run(
            new RmsPropRule(LearningRate, decay, _alpha, _momentum, _epsilon), parameter, scale,
            m: _momentum == 0 ? default : moments[1], v: moments[0]);
}
