using Unroll.Layers;

namespace Unroll.Training;

/// <summary>Keeps the best weights of a training in memory, where no folder is written: <see cref="PutBack"/> them when it has ended.</summary>
/// <remarks>Not safe for use by several threads at once.</remarks>
/// <param name="model">The model that is trained.</param>
public sealed class BestWeights(Module model) : ICheckpointStore
{
    Real[][]? _best;

    /// <inheritdoc/>
    public void SaveLast(CheckpointState snapshot) { }

    /// <inheritdoc/>
    public void SaveBest(CheckpointState snapshot) => _best = [.. model.Parameters.Select(p => p.Parameter.Values.ToArray())];

    /// <summary>Gives the model its best weights; leaves it as it is where it was never validated.</summary>
    public void PutBack()
    {
        if (_best is null) return;
        var parameters = model.Parameters;
        for (var i = 0; i < parameters.Count; i++) _best[i].CopyTo(parameters[i].Parameter.Edit());
    }
}
