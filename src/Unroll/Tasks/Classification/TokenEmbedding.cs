using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>Vectors of tokens, <c>embedding.weight</c> [V, E]; while a model learns, some tokens are read as unknown, and some lose their vectors.</summary>
internal sealed class TokenEmbedding : Module
{
    // N(0, 1), the default of embeddings, drowns what a few occurrences of a word can teach.
    const double Deviation = 0.1;

    readonly Embedding _embedding;
    readonly double _wordDropout, _embeddingDropout;
    readonly int _unknown;
    readonly Rng _dropoutRng;
    int[] _ids = [];

    /// <summary>Vectors from N(0, 0.1²).</summary>
    /// <param name="vocabulary">V.</param>
    /// <param name="size">E.</param>
    /// <param name="unknown">The token that dropped words become.</param>
    /// <param name="wordDropout">The probability that a token is read as the unknown one.</param>
    /// <param name="embeddingDropout">The probability that a token's vector is zeros throughout a batch.</param>
    /// <param name="rng">Where vectors come from.</param>
    /// <param name="dropoutRng">Where masks come from.</param>
    public TokenEmbedding(int vocabulary, int size, int unknown, double wordDropout, double embeddingDropout, Rng rng, Rng dropoutRng)
    {
        (_unknown, _wordDropout, _embeddingDropout, _dropoutRng) = (unknown, wordDropout, embeddingDropout, dropoutRng);
        _embedding = Add("embedding", new Embedding(vocabulary, size, rng));
        Init.Normal(_embedding.Weight, Deviation, rng);
    }

    /// <summary>[V, E].</summary>
    public Parameter Weight => _embedding.Weight;

    /// <summary>E.</summary>
    public int Dimensions => _embedding.Dimensions;

    /// <summary>Ids [T, B] → [T, B, E], as they are.</summary>
    public Tensor Read(TokenMatrix tokens) => _embedding.Forward(tokens);

    /// <summary>Ids [T, B] → [T, B, E].</summary>
    public Tensor Forward(TokenMatrix tokens)
    {
        var ids = Tape.Drops && (_wordDropout > 0 || _embeddingDropout > 0) ? Drop(tokens.Ids) : tokens.Ids;
        var x = Ops.Gather(_embedding.Weight, ids, tokens.Shape);
        if (Tape.Drops && _embeddingDropout > 0) x *= 1 / (1 - _embeddingDropout);
        return x;
    }

    /// <summary>Some tokens become unknown, each by itself; some lose their vectors, every occurrence in the batch.</summary>
    ReadOnlySpan<int> Drop(ReadOnlySpan<int> ids)
    {
        if (_ids.Length < ids.Length) _ids = new int[ids.Length];
        var (each, types) = (_dropoutRng.Skip(ids.Length), _dropoutRng.Skip(_embedding.Weight.Shape[0]));
        for (var i = 0; i < ids.Length; i++)
        {
            var id = ids[i];
            if (id >= 0 && Rng.ToReal(Rng.At(each.Key, each.Count + (ulong)i)) < _wordDropout) id = _unknown;
            if (id >= 0 && Rng.ToReal(Rng.At(types.Key, types.Count + (ulong)id)) < _embeddingDropout) id = -1;
            _ids[i] = id;
        }
        return _ids.AsSpan(0, ids.Length);
    }
}
