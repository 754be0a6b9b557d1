using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>y = W x + b. <c>weight</c> [O, I] and <c>bias</c> [O], both from U(−1/√I, 1/√I), PyTorch's default.</summary>
/// <remarks>Safe for use by several threads, as long as none of them trains or changes it.</remarks>
public sealed class Linear : Module
{
    /// <summary>A layer with weights of its own.</summary>
    public Linear(int inputs, int outputs, Rng rng, bool bias = true) : this(new Parameter(new(outputs, inputs)), inputs, outputs, rng, bias) =>
        Init.Uniform(Weight, 1 / Math.Sqrt(inputs), rng);

    /// <summary>A layer that shares the weight [O, I] of another, such as the embedding of the same vocabulary.</summary>
    public Linear(Parameter shared, Rng rng, bool bias = true) : this(shared, shared.Shape[1], shared.Shape[0], rng, bias) { }

    Linear(Parameter weight, int inputs, int outputs, Rng rng, bool bias)
    {
        Weight = Add("weight", weight);
        if (!bias) return;
        Bias = Add("bias", new Parameter(new(outputs), decays: false));
        Init.Uniform(Bias, 1 / Math.Sqrt(inputs), rng);
    }

    /// <summary>[O, I].</summary>
    public Parameter Weight { get; }

    /// <summary>[O], or null.</summary>
    public Parameter? Bias { get; }

    /// <summary>[…, I] → […, O].</summary>
    /// <exception cref="ArgumentException">The last dimension is not I.</exception>
    public Tensor Forward(Tensor x) => Ops.Linear(x, Weight, Bias);
}
