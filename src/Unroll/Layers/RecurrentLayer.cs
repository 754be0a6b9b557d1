using System.Diagnostics;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>A recurrent network over whole sequences: [T, B, I] → [T, B, O]. Layers are put together from <see cref="Recurrent"/>,
/// <see cref="Bidirectional"/> and <see cref="Stacked"/>.</summary>
/// <remarks>Safe for use by several threads, as long as none of them trains or changes it.</remarks>
public abstract class RecurrentLayer : Module
{
    /// <summary>I, the size of each input.</summary>
    public abstract int InputSize { get; }

    /// <summary>O, the size of each output.</summary>
    public abstract int OutputSize { get; }

    /// <summary>How many tensors its state has.</summary>
    public abstract int StateCount { get; }

    IReadOnlyList<string>? _stateNames;

    /// <summary>Names of the state's tensors: those of the cell, such as h and c; of several cells <c>cell0.h</c>, <c>cell0.c</c>, <c>cell1.h</c>, …, in the order of <see cref="Cells"/>.</summary>
    public IReadOnlyList<string> StateNames => _stateNames ??= [.. Cells.ToArray() is [var only]
        ? only.StateNames : Cells.SelectMany((c, i) => c.StateNames.Select(n => $"cell{i}.{n}"))];

    /// <summary>The size H of state tensor <paramref name="index"/>, which is [B, H].</summary>
    public abstract int StateSize(int index);

    /// <summary>Every cell, in the order of the state.</summary>
    public abstract IEnumerable<RecurrentCell> Cells { get; }

    /// <summary>Whether each output depends on past inputs alone, so that the layer can be run step by step.</summary>
    public abstract bool IsCausal { get; }

    /// <summary>Runs a batch of sequences.</summary>
    /// <param name="x">[T, B, I].</param>
    /// <param name="initial">The state to start from; zeros where none is given. It may be written over as soon as the next is known.</param>
    /// <param name="lengths">How many steps of each row count; all where none are given.</param>
    /// <returns>The outputs [T, B, O], zero past each row's length, and the state after each row's last step.</returns>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    public (Tensor Output, State Final) Forward(Tensor x, State initial = default, Lengths? lengths = null)
    {
        var shape = x.Shape;
        if (shape.Rank != 3 || shape[2] != InputSize) Throw.WrongShape(GetType().Name, nameof(x), shape, $"[T, B, {InputSize}]");
        if (lengths is not null && (lengths.Values.Length != shape[1] || lengths.Steps != shape[0]))
            Throw.LengthsDoNotFit(lengths.Values.Length, lengths.Steps, shape);
        if (!initial.IsZero)
        {
            if (initial.Count != StateCount) Throw.StateDoesNotFit(initial.Count, StateCount);
            for (var i = 0; i < StateCount; i++)
            {
                var size = StateSize(i) == RecurrentCell.MemorySteps ? initial.Memory.Steps : StateSize(i);
                if (initial[i].Shape != new Shape(shape[1], size)) Throw.WrongShape(GetType().Name, $"state tensor {i}", initial[i].Shape, $"[{shape[1]}, {size}]");
            }
        }
        var (output, final) = Run(x, initial.OnTape(), lengths is { AreFull: false } ? lengths : null);
        return (output, final.Named(StateNames));
    }

    /// <summary>A state of zeros for a batch, to be carried from chunk to chunk with <see cref="State.CopyFrom"/>.</summary>
    /// <exception cref="InvalidOperationException">The layer reads a memory: its states begin with that.</exception>
    public State ZeroState(int batch)
    {
        var tensors = State.Room(StateCount);
        for (var i = 0; i < tensors.Count; i++)
        {
            if (StateSize(i) == RecurrentCell.MemorySteps) Throw.NoMemory();
            tensors[i] = Tensor.Zeros(new(batch, StateSize(i)));
        }
        return State.In(tensors, names: StateNames);
    }

    /// <summary>The fused scan that reads the input, where there is one: whoever has the input's products may give it those (<see cref="RunReady"/>).</summary>
    internal virtual IFusedScan? First => null;

    /// <summary>The same for one step or more from the products of <see cref="First"/>, [T, B, G·H], in place of the inputs.</summary>
    internal virtual (Tensor Output, State Final) RunReady(Tensor products, State initial) => throw new UnreachableException();

    /// <summary>What the layer does; shapes have been checked, and lengths are given only where some row is short.</summary>
    internal abstract (Tensor Output, State Final) Run(Tensor x, State initial, Lengths? lengths);
}
