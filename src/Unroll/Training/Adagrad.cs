using Unroll.Kernels;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Training;

/// <summary>The gradient divided by the root of the sum of all its squares (Duchi, Hazan and Singer 2011).</summary>
/// <remarks>
/// <code>
/// g ← g + λ w
/// v ← v + g²
/// w ← w − η g / (√v + ε)
/// </code>
/// As <c>torch.optim.Adagrad</c>; its decay of the learning rate is a <see cref="Schedule"/> here.
/// Not safe for use by several threads at once.
/// </remarks>
public sealed class Adagrad : Optimizer
{
    readonly double _epsilon;

    /// <summary>Adagrad on the given parameters.</summary>
    /// <param name="parameters">What is trained.</param>
    /// <param name="learningRate">η, at least 0; default 0.01.</param>
    /// <param name="epsilon">ε, from 0 to below 1; default 1e-10.</param>
    /// <param name="weightDecay">λ, at least 0; default 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public Adagrad(IReadOnlyList<NamedParameter> parameters, double learningRate = 0.01, double epsilon = 1e-10, double weightDecay = 0)
        : base(parameters, learningRate, weightDecay, "sum")
    {
        Check(epsilon is >= 0 and < 1, nameof(epsilon), epsilon, "from 0 to below 1");
        _epsilon = epsilon;
    }

    /// <inheritdoc/>
    protected override void Update(Parameter parameter, ReadOnlySpan<Tensor> moments, long step, double decay, double scale) =>
        Run(new AdagradRule(LearningRate, decay, _epsilon), parameter, scale, default, moments[0]);
}
