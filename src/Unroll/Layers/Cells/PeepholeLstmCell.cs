using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Long short-term memory whose gates see the cell value through peepholes (Gers and Schmidhuber 2000; as Graves 2013, equations 7 to 11, and Liu, Qiu and Huang 2016).
/// </summary>
/// <remarks>
/// <code>
/// i = σ(W_ii x + b_ii + W_hi h + b_hi + V_i ⊙ c)      f = σ(W_if x + b_if + W_hf h + b_hf + V_f ⊙ c)
/// g = tanh(W_ig x + b_ig + W_hg h + b_hg)             c′ = f ⊙ c + i ⊙ g
/// o = σ(W_io x + b_io + W_ho h + b_ho + V_o ⊙ c′)     h′ = o ⊙ tanh c′
/// </code>
/// <c>weight_ih</c> [4H, I], <c>weight_hh</c> [4H, H], <c>bias_ih</c> and <c>bias_hh</c> [4H], rows in the order i, f, g, o; <c>weight_ch</c> [3, H], rows V_i,
/// V_f, V_o; all drawn from U(−1/√H, 1/√H). PyTorch has no such cell. The peepholes are diagonal, a weight for each unit; o sees c′, not c. ONNX orders them i, o, f.
/// Safe for use by several threads, as long as none of them trains or changes it.
/// </remarks>
public sealed partial class PeepholeLstmCell : RecurrentCell
{
    static readonly string[] Names = ["h", "c"], Gates = ["i", "f", "g", "o"];

    /// <summary>A cell with weights drawn from <paramref name="rng"/>.</summary>
    public PeepholeLstmCell(int inputSize, int hiddenSize, Rng rng) : base(inputSize, hiddenSize)
    {
        WeightIh = Add("weight_ih", new Parameter(new(4 * hiddenSize, inputSize)));
        WeightHh = Add("weight_hh", new Parameter(new(4 * hiddenSize, hiddenSize)));
        BiasIh = Add("bias_ih", new Parameter(new(4 * hiddenSize), decays: false));
        BiasHh = Add("bias_hh", new Parameter(new(4 * hiddenSize), decays: false));
        WeightCh = Add("weight_ch", new Parameter(new(3, hiddenSize)));
        Init.Recurrent(this, hiddenSize, rng);
        Fused = new FusedScan<Scan>(inputSize, hiddenSize, WeightIh, WeightHh, BiasIh, BiasHh, WeightCh);
    }

    /// <summary>Weights of the input, [4H, I].</summary>
    public Parameter WeightIh { get; }

    /// <summary>Recurrent weights, [4H, H].</summary>
    public Parameter WeightHh { get; }

    /// <summary>Bias of the input's product, [4H].</summary>
    public Parameter BiasIh { get; }

    /// <summary>Bias of the recurrent product, [4H].</summary>
    public Parameter BiasHh { get; }

    /// <summary>Peephole weights V_i, V_f and V_o, [3, H].</summary>
    public Parameter WeightCh { get; }

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
        var i = Ops.Sigmoid(Ops.Part(gates, 0, 4) + state[1] * WeightCh.Tensor[0]);  // [B, H]
        var f = Ops.Sigmoid(Ops.Part(gates, 1, 4) + state[1] * WeightCh.Tensor[1]);
        var g = Ops.Tanh(Ops.Part(gates, 2, 4));
        var c = f * state[1] + i * g;
        var o = Ops.Sigmoid(Ops.Part(gates, 3, 4) + c * WeightCh.Tensor[2]);
        Report(i, f, g, o);
        return State.Of(StateNames, o * Ops.Tanh(c), c);
    }

    internal override IFusedScan Fused { get; }
}
