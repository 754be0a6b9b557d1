using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>The LSTM of a task in the Shared-Layer architecture (Liu, Qiu and Huang 2016, model III): its candidate gates its own state and that of the shared layer.</summary>
/// <remarks>
/// <code>
/// i = σ(W_ii x + b_ii + W_hi h + b_hi + V_i ⊙ c)      f = σ(W_if x + b_if + W_hf h + b_hf + V_f ⊙ c)
/// m = σ(W_im x + b_im + W_hm h + b_hm)                 g_s = σ(W_im x + b_im + U_g s)
/// g = tanh(W_ig x + b_ig + m ⊙ (W_hg h + b_hg) + g_s ⊙ U s)
/// c′ = f ⊙ c + i ⊙ g         o = σ(W_io x + b_io + W_ho h + b_ho + V_o ⊙ c′)         h′ = o ⊙ tanh c′
/// </code>
/// The input is x ⊕ s, of E + S numbers. <c>weight_ih</c> [5H, E], <c>weight_hh</c> [5H, H], <c>bias_ih</c> and <c>bias_hh</c> [5H], rows in the order i, f, g, o, m;
/// <c>weight_sh</c> [2H, S], rows U, U_g; <c>weight_ch</c> [3, H], the peepholes V_i, V_f, V_o, unless the cell has none; all drawn from U(−1/√H, 1/√H). The paper has
/// no biases. m is its g^(m), g_s its g^(s→m). With m kept at 1 and g_s at 0 this is <see cref="PeepholeLstmCell"/>, or <see cref="LstmCell"/>.
/// Safe for use by several threads, as long as none of them trains or changes it.
/// </remarks>
public sealed partial class SharedLstmCell : SharedLayerCell
{
    static readonly string[] Names = ["h", "c"], Gates = ["i", "f", "g", "o", "m"];

    readonly FusedScan<Scan> _fused;

    /// <summary>A cell with weights drawn from <paramref name="rng"/>.</summary>
    /// <param name="ownSize">E, the size of x; at least 1.</param>
    /// <param name="sharedSize">S, the size of s; at least 1.</param>
    /// <param name="hiddenSize">H, at least 1.</param>
    /// <param name="rng">Where weights come from.</param>
    /// <param name="peepholes">Whether the gates see the cell value.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public SharedLstmCell(int ownSize, int sharedSize, int hiddenSize, Rng rng, bool peepholes = true) : base(ownSize, sharedSize, hiddenSize)
    {
        WeightIh = Add("weight_ih", new Parameter(new(5 * hiddenSize, ownSize)));
        WeightHh = Add("weight_hh", new Parameter(new(5 * hiddenSize, hiddenSize)));
        BiasIh = Add("bias_ih", new Parameter(new(5 * hiddenSize), decays: false));
        BiasHh = Add("bias_hh", new Parameter(new(5 * hiddenSize), decays: false));
        Add("weight_sh", WeightSh);
        WeightCh = new Parameter(new(3, hiddenSize));                                // zeros see nothing
        if (peepholes) Add("weight_ch", WeightCh);
        else WeightCh.Trainable = false;
        Init.Recurrent(this, hiddenSize, rng);
        _fused = new(ownSize, hiddenSize, WeightIh, WeightHh, BiasIh, BiasHh, WeightCh, new(this, gates: 5, gate: 4, candidate: 2));
    }

    /// <summary>Weights of x, [5H, E].</summary>
    public Parameter WeightIh { get; }

    /// <summary>Recurrent weights, [5H, H].</summary>
    public Parameter WeightHh { get; }

    /// <summary>Bias of the product of x, [5H].</summary>
    public Parameter BiasIh { get; }

    /// <summary>Bias of the recurrent product, [5H].</summary>
    public Parameter BiasHh { get; }

    /// <summary>Peephole weights V_i, V_f and V_o, [3, H]; zeros that are not trained where the cell has none.</summary>
    public Parameter WeightCh { get; }

    /// <summary>The value that m is kept at, from 0 to 1; null where it is computed. Default null.</summary>
    public double? OwnGate { get; set; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> StateNames => Names;

    /// <inheritdoc/>
    public override IReadOnlyList<string> GateNames => Gates;

    /// <inheritdoc/>
    public override Tensor Project(Tensor x)
    {
        var (own, s) = Parts(x);
        var xg = Ops.Linear(own, WeightIh, BiasIh);                                  // [T, B, 5H]
        var (_, share) = Share(Ops.Part(xg, 4, 5), s);
        return Ops.ConcatColumns(Ops.Columns(xg, 0, 2 * HiddenSize), Ops.Part(xg, 2, 5) + share, Ops.Columns(xg, 3 * HiddenSize, 2 * HiddenSize));
    }

    /// <inheritdoc/>
    public override Tensor SharedGateOf(Tensor input)
    {
        var (own, s) = Parts(input);
        return Share(Ops.Part(Ops.Linear(own, WeightIh, BiasIh), 4, 5), s).Gate;
    }

    /// <inheritdoc/>
    public override State Step(Tensor xg, State state) => Step(xg, state[0], state);

    /// <inheritdoc/>
    public override State Step(Tensor xg, Tensor h, State state)
    {
        var hg = Ops.Linear(h, WeightHh, BiasHh);                                                               // [B, 5H]
        var i = Ops.Sigmoid(Ops.Part(xg, 0, 5) + Ops.Part(hg, 0, 5) + state[1] * WeightCh.Tensor[0]);           // [B, H]
        var f = Ops.Sigmoid(Ops.Part(xg, 1, 5) + Ops.Part(hg, 1, 5) + state[1] * WeightCh.Tensor[1]);
        var m = OwnGate is { } pinned ? Tensor.Full(i.Shape, pinned) : Ops.Sigmoid(Ops.Part(xg, 4, 5) + Ops.Part(hg, 4, 5));
        var g = Ops.Tanh(Ops.Part(xg, 2, 5) + m * Ops.Part(hg, 2, 5));
        var c = f * state[1] + i * g;
        var o = Ops.Sigmoid(Ops.Part(xg, 3, 5) + Ops.Part(hg, 3, 5) + c * WeightCh.Tensor[2]);
        Report(i, f, g, o, m);
        return State.Of(StateNames, o * Ops.Tanh(c), c);
    }

    internal override IFusedScan? Fused => OwnGate is null ? _fused : null;
}
