using System.Diagnostics;
using System.Text;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// What a recurrent network remembers between steps: one tensor [B, H] for each name in <see cref="RecurrentCell.StateNames"/>, and for
/// stacked and bidirectional layers those of all cells, one after the other. A value: it goes into a step and another comes out.
/// <c>default</c> is the zero state of any layer.
/// </summary>
/// <remarks>
/// States that a layer or a cell of the library gives, and those that a layer hands to a cell's step, know the names of their tensors: <c>state["c"]</c>.
/// </remarks>
[DebuggerDisplay("{ToString(),nq}")]
public readonly struct State
{
    readonly TensorList? _tensors;
    readonly int _start, _generation;
    readonly IReadOnlyList<string>? _names;

    State(TensorList? tensors, int start, int count, int generation, AttentionMemory memory, IReadOnlyList<string>? names) =>
        (_tensors, _start, Count, _generation, Memory, _names) = (tensors, start, count, generation, memory, names);

    /// <summary>How many tensors it has; 0 for the zero state.</summary>
    public int Count { get; }

    /// <summary>What the steps read besides, the same for all of them; none for most layers.</summary>
    public AttentionMemory Memory { get; }

    /// <summary>Whether this is the zero state that fits any layer.</summary>
    public bool IsZero => _tensors is null;

    /// <summary>Tensor <paramref name="index"/>, [B, H]. The first is the output h.</summary>
    public Tensor this[int index]
    {
        get
        {
            if ((uint)index >= (uint)Count) Throw.OutOfRange(nameof(index), index, $"below the {Count} tensors of the state");
            if (_tensors!.Generation != _generation) Throw.NoTensor(none: false);
            return _tensors[_start + index];
        }
    }

    /// <summary>The tensor of that name, [B, H]: <c>h</c> and <c>c</c> of an LSTM. Of layers with several cells <c>cell0.h</c>, <c>cell0.c</c>, <c>cell1.h</c>, …, as
    /// <see cref="RecurrentLayer.StateNames"/> has them.</summary>
    /// <exception cref="ArgumentException">There is no such tensor, or the tensors have no names.</exception>
    public Tensor this[string name]
    {
        get
        {
            var names = Names;
            for (var i = 0; i < names.Count; i++)
                if (names[i] == name) return this[i];
            Throw.NoSuchStateName(name, names, IsZero);
            return default;
        }
    }

    /// <summary>The output h of the one cell that the state is of, [B, H]: the tensor named <c>h</c>, the first where tensors have no names.</summary>
    /// <exception cref="ArgumentException">The state is of several cells, or is the zero state.</exception>
    public Tensor H => _names is null && !IsZero ? this[0] : this["h"];

    /// <summary>The names of the tensors, in their order; empty where nobody gave any.</summary>
    public IReadOnlyList<string> Names => _names ?? [];

    /// <summary>A state of the given tensors, without names.</summary>
    public static State Of(params ReadOnlySpan<Tensor> tensors)
    {
        var room = Room(tensors.Length);
        for (var i = 0; i < tensors.Length; i++) room[i] = tensors[i];
        return In(room);
    }

    /// <summary>A state of the given tensors and their names, such as a cell's step gives: <c>State.Of(StateNames, h, c)</c>.</summary>
    /// <param name="names">One for each tensor. Kept, not copied.</param>
    /// <param name="tensors">The tensors, the output h first.</param>
    /// <exception cref="ArgumentException">There are more or fewer names than tensors.</exception>
    public static State Of(IReadOnlyList<string> names, params ReadOnlySpan<Tensor> tensors)
    {
        if (names.Count != tensors.Length) Throw.StateNames(names.Count, tensors.Length);
        return Of(tensors).Named(names);
    }

    /// <summary>The same state, with a memory for the steps to read.</summary>
    public State With(AttentionMemory memory) => new(_tensors, _start, Count, _generation, memory, _names);

    /// <summary>The same state, with names for its tensors. Nothing is copied.</summary>
    internal State Named(IReadOnlyList<string> names) => new(_tensors, _start, Count, _generation, Memory, names);

    /// <summary>The tensors of one state, then those of another; the memory of the first.</summary>
    internal static State Concat(State a, State b)
    {
        var room = Room(a.Count + b.Count);
        for (var i = 0; i < a.Count; i++) room[i] = a[i];
        for (var i = 0; i < b.Count; i++) room[a.Count + i] = b[i];
        return In(room, a.Memory);
    }

    /// <summary>Room for tensors: the open tape's, which is used again after it, or new.</summary>
    internal static TensorList Room(int count) => TensorList.Of(count);

    /// <summary>A state that is the given room.</summary>
    internal static State In(TensorList room, AttentionMemory memory = default, IReadOnlyList<string>? names = null) => new(room, 0, room.Count, room.Generation, memory, names);

    /// <summary>The part of a state that belongs to one of several layers.</summary>
    internal State Slice(int start, int count) => IsZero ? default : new(_tensors, _start + start, count, _generation, Memory, null);

    /// <summary>A copy that no tape owns and no gradient flows through: truncated backpropagation cuts here. The memory is not copied.</summary>
    public State Detach()
    {
        if (IsZero) return default;
        var room = new TensorList(Count);
        for (var i = 0; i < Count; i++) room[i] = this[i].Detach();
        return In(room, Memory, _names);
    }

    /// <summary>
    /// The same state in tensors of the tape that records: whoever carries a state on may write the next one over it before the way back,
    /// which needs this one. Gradients flow on to this one.
    /// </summary>
    internal State OnTape()
    {
        if (IsZero || !Tape.IsRecording) return this;
        var room = Room(Count);
        for (var i = 0; i < Count; i++) room[i] = Ops.Concat(this[i]);
        return In(room, Memory, _names);
    }

    /// <summary>Copies the numbers of <paramref name="other"/> into the tensors of this one, which then starts another chunk of the sequence.</summary>
    /// <exception cref="ArgumentException">The states are of different layers or batches.</exception>
    public void CopyFrom(State other)
    {
        if (other.Count != Count) Throw.StateDoesNotFit(other.Count, Count);
        for (var i = 0; i < Count; i++)
        {
            if (other[i].Shape != this[i].Shape) Throw.ShapesDiffer(nameof(CopyFrom), this[i].Shape, other[i].Shape, "equal shapes");
            other[i].Values.CopyTo(this[i].Values);
        }
    }

    /// <summary>Sets row <paramref name="row"/> of every tensor to zero: another sequence starts there.</summary>
    public void ResetRow(int row)
    {
        for (var i = 0; i < Count; i++) this[i][row].Values.Clear();
    }

    /// <summary>Sets every tensor to zero.</summary>
    public void Reset()
    {
        for (var i = 0; i < Count; i++) this[i].Values.Clear();
    }

    /// <summary>Names and shapes of the tensors, for people: <c>h [32, 256], c [32, 256]</c>.</summary>
    public override string ToString()
    {
        if (_tensors is null) return "the zero state";
        if (_tensors.Generation != _generation) return "a state of a closed tape";
        var text = new StringBuilder();
        for (var i = 0; i < Count; i++)
            text.Append(i > 0 ? ", " : "").Append(i < Names.Count ? Names[i] + " " : "").Append(_tensors[_start + i].IsNone ? "no tensor" : _tensors[_start + i].Shape.ToString());
        return text.ToString();
    }
}
