using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>What an encoder starts from where series have static columns: s₀ = tanh(W v + c) for each tensor of its state, v an embedding of each category and the scaled numbers.</summary>
/// <remarks>A category that training has not seen, and a missing one, has an embedding of zeros. Parameters: <c>embedding_i.weight</c> [V, E], E = √V up to 16; <c>state_i.…</c>.</remarks>
sealed class ForecastStatic : Module
{
    const int MostDimensions = 16;

    readonly Embedding?[] _embeddings;
    readonly Linear[] _states;

    public ForecastStatic(IReadOnlyList<ForecastColumn> columns, RecurrentLayer layers, Rng rng)
    {
        _embeddings = [.. columns.Select((c, i) => c.Categories.Count == 0 ? null
            : Add($"embedding_{i}", new Embedding(c.Categories.Count, Math.Min(MostDimensions, (int)Math.Ceiling(Math.Sqrt(c.Categories.Count))), rng)))];
        var width = columns.Count + _embeddings.Sum(e => e?.Dimensions ?? 0);
        _states = [.. Enumerable.Range(0, layers.StateCount).Select(i => Add($"state_{i}", new Linear(width, layers.StateSize(i), rng)))];
    }

    public State Start(ForecastBatch batch)
    {
        var v = Tensor.From(batch.Numbers, new(batch.Count, _embeddings.Length));                    // 0 for categories
        for (var c = 0; c < _embeddings.Length; c++)
            if (_embeddings[c] is { } embedding) v = Ops.ConcatColumns(v, Ops.Gather(embedding.Weight, batch.Ids(c), new(batch.Count)));
        var room = State.Room(_states.Length);
        for (var i = 0; i < _states.Length; i++) room[i] = Ops.Tanh(_states[i].Forward(v));
        return State.In(room);
    }
}
