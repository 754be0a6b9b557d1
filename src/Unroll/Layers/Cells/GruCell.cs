using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Gated recurrent unit (Cho et al. 2014), in the variant that resets after the recurrent product (as cuDNN and PyTorch do; v1 of the paper).
/// </summary>
/// <remarks>
/// <code>
/// r = σ(W_ir x + b_ir + W_hr h + b_hr)        z = σ(W_iz x + b_iz + W_hz h + b_hz)
/// n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn))
/// h′ = (1 − z) ⊙ n + z ⊙ h
/// </code>
/// <c>weight_ih</c> [3H, I], <c>weight_hh</c> [3H, H], <c>bias_ih</c> and <c>bias_hh</c> [3H], rows in the order r, z, n; all drawn from
/// U(−1/√H, 1/√H). PyTorch's cell. Keras orders z, r, h; ONNX resets before the product unless <c>linear_before_reset</c> is 1.
/// Safe for use by several threads, as long as none of them trains or changes it.
/// </remarks>
public sealed partial class GruCell : RecurrentCell
{
    static readonly string[] Gates = ["r", "z", "n"];

    /// <summary>A cell with weights drawn from <paramref name="rng"/>.</summary>
    public GruCell(int inputSize, int hiddenSize, Rng rng) : base(inputSize, hiddenSize)
    {
        WeightIh = Add("weight_ih", new Parameter(new(3 * hiddenSize, inputSize)));
        WeightHh = Add("weight_hh", new Parameter(new(3 * hiddenSize, hiddenSize)));
        BiasIh = Add("bias_ih", new Parameter(new(3 * hiddenSize), decays: false));
        BiasHh = Add("bias_hh", new Parameter(new(3 * hiddenSize), decays: false));
        Init.Recurrent(this, hiddenSize, rng);
        Fused = FusedWith(null);
    }

    /// <summary>Weights of the input, [3H, I].</summary>
    public Parameter WeightIh { get; }

    /// <summary>Recurrent weights, [3H, H].</summary>
    public Parameter WeightHh { get; }

    /// <summary>Bias of the input's product, [3H].</summary>
    public Parameter BiasIh { get; }

    /// <summary>Bias of the recurrent product, [3H].</summary>
    public Parameter BiasHh { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> GateNames => Gates;

    /// <inheritdoc/>
    public override Tensor Project(Tensor x) => Ops.Linear(x, WeightIh, BiasIh);     // [T, B, 3H]

    /// <inheritdoc/>
    public override State Step(Tensor xg, State state) => Step(xg, state[0], state);

    /// <inheritdoc/>
    public override State Step(Tensor xg, Tensor h, State state)
    {
        var hg = Ops.Linear(h, WeightHh, BiasHh);                                    // [B, 3H]
        var r = Ops.Sigmoid(Ops.Part(xg, 0, 3) + Ops.Part(hg, 0, 3));                // [B, H]
        var z = Ops.Sigmoid(Ops.Part(xg, 1, 3) + Ops.Part(hg, 1, 3));
        var n = Ops.Tanh(Ops.Part(xg, 2, 3) + r * Ops.Part(hg, 2, 3));
        Report(r, z, n);
        return State.Of(StateNames, (1 - z) * n + z * state[0]);
    }

    internal override IFusedScan Fused { get; }

    /// <summary>The fused implementation, whose candidate gets a share of a shared layer besides.</summary>
    internal FusedScan<Scan> FusedWith(SharedTerm? share) => new(InputSize, HiddenSize, WeightIh, WeightHh, BiasIh, BiasHh, share: share);
}
