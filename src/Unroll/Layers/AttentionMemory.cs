using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// What a decoder attends to: S values for each row of a batch, such as an encoder's outputs, and the keys that queries are compared with.
/// <c>default</c> is none.
/// </summary>
/// <remarks>
/// Nothing writes to it. It travels in a <see cref="State"/> (<see cref="State.With"/>), whose rows say which of its rows they read, so
/// that rows can be sorted, dropped or doubled without a copy of the memory.
/// </remarks>
public readonly struct AttentionMemory
{
    internal AttentionMemory(Tensor values, Tensor keys, Lengths? lengths) => (Values, Keys, Lengths) = (values, keys, lengths);

    /// <summary>The values [S, B, M].</summary>
    public Tensor Values { get; }

    /// <summary>The keys [S, B, A].</summary>
    public Tensor Keys { get; }

    /// <summary>How many values of each row count; all where null.</summary>
    public Lengths? Lengths { get; }

    /// <summary>Whether there is no memory.</summary>
    public bool IsNone => Values.IsNone;

    /// <summary>S, the values of the longest row.</summary>
    public int Steps => Values.Shape[0];

    /// <summary>B, the number of rows.</summary>
    public int Rows => Values.Shape[1];

    /// <summary>How many values row <paramref name="row"/> has.</summary>
    public int LengthOf(int row) => Lengths?.Values[row] ?? Steps;
}
