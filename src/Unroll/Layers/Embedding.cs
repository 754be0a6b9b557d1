using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>A vector for every symbol: row id of <c>weight</c> [V, E], from N(0, 1), PyTorch's default. Id −1 gives zeros.</summary>
/// <remarks>Safe for use by several threads, as long as none of them trains or changes it.</remarks>
public sealed class Embedding : Module
{
    /// <summary>A learned table.</summary>
    public Embedding(int size, int dimensions, Rng rng)
    {
        Weight = Add("weight", new Parameter(new(size, dimensions)));
        Init.Normal(Weight, 1, rng);
    }

    Embedding(int size)
    {
        Weight = new Parameter(new(size, size)) { Trainable = false };      // not added: nothing to learn or to save
        Init.Identity(Weight);
    }

    /// <summary>One-hot vectors of <paramref name="size"/> numbers: the identity, which is neither learned nor saved.</summary>
    public static Embedding OneHot(int size) => new(size);

    /// <summary>[V, E].</summary>
    public Parameter Weight { get; }

    /// <summary>E, the size of a vector.</summary>
    public int Dimensions => Weight.Shape[1];

    /// <summary>Ids [T, B] → [T, B, E].</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is not in the table.</exception>
    public Tensor Forward(TokenMatrix tokens) => Ops.Gather(Weight, tokens.Ids, tokens.Shape);
}
