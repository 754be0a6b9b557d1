using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>The Shared-Layer architecture (Liu, Qiu and Huang 2016) with a gated recurrent unit: its candidate reads the states of the shared layer too.</summary>
/// <remarks>
/// <code>
/// r = σ(W_ir x + b_ir + W_hr h + b_hr)        z = σ(W_iz x + b_iz + W_hz h + b_hz)        g_s = σ(W_ir x + b_ir + U_g s)
/// n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn) + g_s ⊙ U s)
/// h′ = (1 − z) ⊙ n + z ⊙ h
/// </code>
/// The reset gate r does what the paper's g^(m) does in an LSTM. The input is x ⊕ s, of E + S numbers. Parameters are those of <see cref="GruCell"/> for inputs of size
/// E, and <c>weight_sh</c> [2H, S], rows U, U_g; all drawn from U(−1/√H, 1/√H). With g_s kept at 0 this is <see cref="GruCell"/>.
/// Safe for use by several threads, as long as none of them trains or changes it.
/// </remarks>
public sealed class SharedGruCell : SharedLayerCell
{
    readonly GruCell _gru;

    /// <summary>A cell with weights drawn from <paramref name="rng"/>.</summary>
    /// <param name="ownSize">E, the size of x; at least 1.</param>
    /// <param name="sharedSize">S, the size of s; at least 1.</param>
    /// <param name="hiddenSize">H, at least 1.</param>
    /// <param name="rng">Where weights come from.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public SharedGruCell(int ownSize, int sharedSize, int hiddenSize, Rng rng) : base(ownSize, sharedSize, hiddenSize)
    {
        _gru = Add("", new GruCell(ownSize, hiddenSize, rng));
        Init.Uniform(Add("weight_sh", WeightSh), 1 / Math.Sqrt(hiddenSize), rng);
        Fused = _gru.FusedWith(new(this, gates: 3, gate: 0, candidate: 2));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> GateNames => _gru.GateNames;

    /// <inheritdoc/>
    public override Tensor Project(Tensor x)
    {
        var (own, s) = Parts(x);
        var xg = _gru.Project(own);                                                  // [T, B, 3H]
        var (_, share) = Share(Ops.Part(xg, 0, 3), s);
        return Ops.ConcatColumns(Ops.Columns(xg, 0, 2 * HiddenSize), Ops.Part(xg, 2, 3) + share);
    }

    /// <inheritdoc/>
    public override Tensor SharedGateOf(Tensor input)
    {
        var (own, s) = Parts(input);
        return Share(Ops.Part(_gru.Project(own), 0, 3), s).Gate;
    }

    /// <inheritdoc/>
    public override State Step(Tensor xg, State state) => _gru.Step(xg, state);

    /// <inheritdoc/>
    public override State Step(Tensor xg, Tensor h, State state) => _gru.Step(xg, h, state);

    internal override IFusedScan Fused { get; }
}
