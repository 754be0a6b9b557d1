using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Long short-term memory (Hochreiter and Schmidhuber 1997; with forget gates, Gers, Schmidhuber and Cummins 2000; no peepholes).
/// </summary>
/// <remarks>
/// <code>
/// i = σ(W_ii x + b_ii + W_hi h + b_hi)        f = σ(W_if x + b_if + W_hf h + b_hf)
/// g = tanh(W_ig x + b_ig + W_hg h + b_hg)     o = σ(W_io x + b_io + W_ho h + b_ho)
/// c′ = f ⊙ c + i ⊙ g                          h′ = o ⊙ tanh c′
/// </code>
/// <c>weight_ih</c> [4H, I], <c>weight_hh</c> [4H, H], <c>bias_ih</c> and <c>bias_hh</c> [4H], rows in the order i, f, g, o; all drawn from
/// U(−1/√H, 1/√H). This is PyTorch's cell to the letter. Keras has one bias and starts its forget part at 1: <see cref="Init.ForgetBias"/>.
/// Safe for use by several threads, as long as none of them trains or changes it.
/// </remarks>
public sealed partial class LstmCell : RecurrentCell
{
    static readonly string[] Names = ["h", "c"], Gates = ["i", "f", "g", "o"];

    /// <summary>A cell with weights drawn from <paramref name="rng"/>.</summary>
    public LstmCell(int inputSize, int hiddenSize, Rng rng) : base(inputSize, hiddenSize)
    {
        WeightIh = Add("weight_ih", new Parameter(new(4 * hiddenSize, inputSize)));
        WeightHh = Add("weight_hh", new Parameter(new(4 * hiddenSize, hiddenSize)));
        BiasIh = Add("bias_ih", new Parameter(new(4 * hiddenSize), decays: false));
        BiasHh = Add("bias_hh", new Parameter(new(4 * hiddenSize), decays: false));
        Init.Recurrent(this, hiddenSize, rng);
        Fused = new FusedScan<Scan>(inputSize, hiddenSize, WeightIh, WeightHh, BiasIh, BiasHh);
    }

    /// <summary>Weights of the input, [4H, I].</summary>
    public Parameter WeightIh { get; }

    /// <summary>Recurrent weights, [4H, H].</summary>
    public Parameter WeightHh { get; }

    /// <summary>Bias of the input's product, [4H].</summary>
    public Parameter BiasIh { get; }

    /// <summary>Bias of the recurrent product, [4H].</summary>
    public Parameter BiasHh { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> StateNames => Names;

    /// <inheritdoc/>
    public override IReadOnlyList<string> GateNames => Gates;

    /// <inheritdoc/>
    public override Tensor Project(Tensor x) => Ops.Linear(x, WeightIh, BiasIh);     // [T, B, 4H]

    /// <inheritdoc/>
    public override State Step(Tensor xg, State state) => Step(xg, state[0], state);

    /// <inheritdoc/>
    public override State Step(Tensor xg, Tensor h, State state)
    {
        var gates = xg + Ops.Linear(h, WeightHh, BiasHh);                            // [B, 4H]
        var i = Ops.Sigmoid(Ops.Part(gates, 0, 4));                                  // [B, H]
        var f = Ops.Sigmoid(Ops.Part(gates, 1, 4));
        var g = Ops.Tanh(Ops.Part(gates, 2, 4));
        var o = Ops.Sigmoid(Ops.Part(gates, 3, 4));
        var c = f * state[1] + i * g;
        Report(i, f, g, o);
        return State.Of(StateNames, o * Ops.Tanh(c), c);
    }

    internal override IFusedScan Fused { get; }
}
