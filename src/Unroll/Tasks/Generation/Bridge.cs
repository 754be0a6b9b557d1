using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>From what an encoder ends with to what a decoder starts with: s₀ = tanh(W v + b) for each tensor of the decoder's state, or v itself.</summary>
internal sealed class Bridge : Module
{
    readonly Linear?[] _dense;
    readonly int _perCell;

    /// <param name="config">Which bridge.</param>
    /// <param name="size">M, the size of each v.</param>
    /// <param name="layers">Whose first state it makes.</param>
    /// <param name="rng">Where weights come from.</param>
    public Bridge(DecoderConfig config, int size, RecurrentLayer layers, Rng rng)
    {
        _dense = new Linear?[layers.StateCount];
        _perCell = layers.Cells.First().StateNames.Count;
        for (var i = 0; config.Bridge == "dense" && i < _dense.Length; i++) _dense[i] = Add($"{i}", new Linear(size, layers.StateSize(i), rng));
    }

    /// <summary>From the last state of an encoder with as many layers of the same cell: its directions side by side.</summary>
    /// <param name="final">The encoder's last state.</param>
    public State Cross(State final)
    {
        var directions = final.Count / _dense.Length;
        var room = State.Room(_dense.Length);
        for (var i = 0; i < room.Count; i++)
        {
            var at = i / _perCell * directions * _perCell + i % _perCell;
            room[i] = Cross(directions == 2 ? Ops.ConcatColumns(final[at], final[at + _perCell]) : final[at], i);
        }
        return State.In(room);
    }

    /// <summary>From one vector [B, M] for all tensors.</summary>
    public State Cross(Tensor vector)
    {
        var room = State.Room(_dense.Length);
        for (var i = 0; i < room.Count; i++) room[i] = Cross(vector, i);
        return State.In(room);
    }

    Tensor Cross(Tensor v, int i) => _dense[i] is { } dense ? Ops.Tanh(dense.Forward(v)) : v;
}
