using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>The nonlinearity of an Elman network.</summary>
public enum RnnActivation
{
    /// <summary>tanh.</summary>
    Tanh,

    /// <summary>max(·, 0); with an identity for recurrent weights the IRNN of Le, Jaitly and Hinton 2015 (<see cref="Init.Identity"/>).</summary>
    Relu,
}

/// <summary>The simple recurrent network (Elman 1990).</summary>
/// <remarks>
/// <code>h′ = tanh(W_ih x + b_ih + W_hh h + b_hh)      or ReLU in place of tanh</code>
/// <c>weight_ih</c> [H, I], <c>weight_hh</c> [H, H], <c>bias_ih</c> and <c>bias_hh</c> [H]; all drawn from U(−1/√H, 1/√H). PyTorch's cell.
/// Safe for use by several threads, as long as none of them trains or changes it.
/// </remarks>
public sealed partial class RnnCell : RecurrentCell
{
    /// <summary>A cell with weights drawn from <paramref name="rng"/>.</summary>
    public RnnCell(int inputSize, int hiddenSize, Rng rng, RnnActivation activation = RnnActivation.Tanh) : base(inputSize, hiddenSize)
    {
        Activation = activation;
        WeightIh = Add("weight_ih", new Parameter(new(hiddenSize, inputSize)));
        WeightHh = Add("weight_hh", new Parameter(new(hiddenSize, hiddenSize)));
        BiasIh = Add("bias_ih", new Parameter(new(hiddenSize), decays: false));
        BiasHh = Add("bias_hh", new Parameter(new(hiddenSize), decays: false));
        Init.Recurrent(this, hiddenSize, rng);
        Fused = activation == RnnActivation.Tanh
            ? new FusedScan<TanhScan>(inputSize, hiddenSize, WeightIh, WeightHh, BiasIh, BiasHh)
            : new FusedScan<ReluScan>(inputSize, hiddenSize, WeightIh, WeightHh, BiasIh, BiasHh);
    }

    /// <summary>The nonlinearity.</summary>
    public RnnActivation Activation { get; }

    /// <summary>Weights of the input, [H, I].</summary>
    public Parameter WeightIh { get; }

    /// <summary>Recurrent weights, [H, H].</summary>
    public Parameter WeightHh { get; }

    /// <summary>Bias of the input's product, [H].</summary>
    public Parameter BiasIh { get; }

    /// <summary>Bias of the recurrent product, [H].</summary>
    public Parameter BiasHh { get; }

    /// <inheritdoc/>
    public override Tensor Project(Tensor x) => Ops.Linear(x, WeightIh, BiasIh);     // [T, B, H]

    /// <inheritdoc/>
    public override State Step(Tensor xg, State state) => Step(xg, state[0], state);

    /// <inheritdoc/>
    public override State Step(Tensor xg, Tensor h, State state)
    {
        var sum = xg + Ops.Linear(h, WeightHh, BiasHh);                       // [B, H]
        return State.Of(StateNames, Activation == RnnActivation.Tanh ? Ops.Tanh(sum) : Ops.Relu(sum));
    }

    internal override IFusedScan Fused { get; }
}
