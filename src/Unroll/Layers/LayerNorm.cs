using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>Layer normalisation of the last dimension (<see cref="Ops.LayerNorm"/>): <c>weight</c> [F] starts at 1, <c>bias</c> [F] at 0.</summary>
/// <remarks>Safe for use by several threads, as long as none of them trains or changes it.</remarks>
public sealed class LayerNorm : Module
{
    /// <summary>Normalises vectors of <paramref name="size"/> numbers.</summary>
    public LayerNorm(int size, double epsilon = 1e-5)
    {
        Epsilon = epsilon > 0 ? epsilon : Throw.OutOfRange<double>(nameof(epsilon), epsilon, "above 0");
        Weight = Add("weight", new Parameter(new(size), decays: false));
        Bias = Add("bias", new Parameter(new(size), decays: false));
        Weight.Edit().Fill(1);
    }

    /// <summary>The gain, [F].</summary>
    public Parameter Weight { get; }

    /// <summary>The bias, [F].</summary>
    public Parameter Bias { get; }

    /// <summary>What is added to the variance.</summary>
    public double Epsilon { get; }

    /// <summary>[…, F] → […, F].</summary>
    public Tensor Forward(Tensor x) => Ops.LayerNorm(x, Weight, Bias, Epsilon);
}
