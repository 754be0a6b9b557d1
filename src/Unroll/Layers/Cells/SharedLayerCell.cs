using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// A cell of one task that reads, besides its input x, the states s of a layer that tasks share (the Shared-Layer architecture of Liu, Qiu and Huang 2016).
/// </summary>
/// <remarks>
/// Its input is x ⊕ s. What it takes from s needs no state of its own: g_s ⊙ U s, with the gate g_s = σ(W_g x + b_g + U_g s). So it is computed for all steps at once.
/// Safe for use by several threads, as long as none of them trains or changes it.
/// </remarks>
public abstract class SharedLayerCell : RecurrentCell
{
    private protected SharedLayerCell(int ownSize, int sharedSize, int hiddenSize) : base(ownSize + sharedSize, hiddenSize)
    {
        if (ownSize < 1) Throw.OutOfRange(nameof(ownSize), ownSize, "at least 1");
        if (sharedSize < 1) Throw.OutOfRange(nameof(sharedSize), sharedSize, "at least 1");
        SharedSize = sharedSize;
        WeightSh = new Parameter(new(2 * hiddenSize, sharedSize));
    }

    /// <summary>S, the size of s, which is the last part of the input.</summary>
    public int SharedSize { get; }

    /// <summary>Weights of s, [2H, S]: U of the candidate, then U_g of the gate. A cell adds it after its own.</summary>
    public Parameter WeightSh { get; }

    /// <summary>The value that g_s is kept at, from 0 to 1; null where it is computed. At 0 nothing comes from the shared layer. Default null.</summary>
    public double? SharedGate { get; set; }

    /// <summary>x and s of the input.</summary>
    private protected (Tensor X, Tensor S) Parts(Tensor input) => (Ops.Columns(input, 0, InputSize - SharedSize), Ops.Columns(input, InputSize - SharedSize, SharedSize));

    /// <summary>g_s and g_s ⊙ U s; <paramref name="gate"/> is W_g x + b_g.</summary>
    private protected (Tensor Gate, Tensor Share) Share(Tensor gate, Tensor s)
    {
        var products = Ops.Linear(s, WeightSh, null);                                // [T, B, 2H]
        var g = SharedGate is { } pinned ? Tensor.Full(gate.Shape, pinned) : Ops.Sigmoid(gate + Ops.Part(products, 1, 2));
        return (g, g * Ops.Part(products, 0, 2));
    }

    /// <summary>g_s of every step and unit, [T, B, H], for inputs x ⊕ s, [T, B, I].</summary>
    public abstract Tensor SharedGateOf(Tensor input);
}
