using Unroll.Kernels;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Training;

/// <summary>Gradient descent, on batches: stochastic.</summary>
/// <remarks>
/// <code>
/// g ← g + λ w
/// m ← μ m + g                         (momentum μ; m starts as 0)
/// w ← w − η m                         Nesterov: w ← w − η (g + μ m)
/// </code>
/// As <c>torch.optim.SGD</c>, without dampening.
/// Not safe for use by several threads at once.
/// </remarks>
public sealed class Sgd : Optimizer
{
    readonly double _momentum;
    readonly bool _nesterov;

    /// <summary>Gradient descent on the given parameters.</summary>
    /// <param name="parameters">What is trained.</param>
    /// <param name="learningRate">η, at least 0; default 0.001.</param>
    /// <param name="momentum">μ, from 0 to below 1; default 0, none.</param>
    /// <param name="nesterov">Whether the step is taken from where the momentum leads; needs momentum.</param>
    /// <param name="weightDecay">λ, at least 0; default 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public Sgd(
        IReadOnlyList<NamedParameter> parameters, double learningRate = 1e-3, double momentum = 0, bool nesterov = false,
        double weightDecay = 0)
        : base(parameters, learningRate, weightDecay, momentum == 0 ? [] : ["momentum_buffer"])
    {
        Check(momentum is >= 0 and < 1, nameof(momentum), momentum, "from 0 to below 1");
        Check(momentum > 0 || !nesterov, nameof(momentum), momentum, "above 0 for Nesterov's method");
        (_momentum, _nesterov) = (momentum, nesterov);
    }

    /// <inheritdoc/>
    protected override void Update(Parameter parameter, ReadOnlySpan<Tensor> moments, long step, double decay, double scale)
    {
        if (_momentum == 0) Run(new SgdRule(LearningRate, decay), parameter, scale, default, default);
        else Run(new MomentumRule(LearningRate, decay, _momentum, _nesterov), parameter, scale, moments[0], default);
    }
}
