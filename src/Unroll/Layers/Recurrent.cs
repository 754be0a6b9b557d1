using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>Which way a layer reads a sequence.</summary>
public enum Direction
{
    /// <summary>From the first step to the last.</summary>
    Forward,

    /// <summary>From each row's last step to the first; outputs stand at the step that they belong to.</summary>
    Backward,
}

/// <summary>A cell run over time: the one place where the loop over time is.</summary>
/// <remarks>
/// A cell with a fused twin runs that; the environment variable <c>UNROLL_FORCE=composed</c> switches all twins off, so that every cell
/// runs as the loop over its <see cref="RecurrentCell.Step"/> that stands here.
/// </remarks>
public sealed class Recurrent : RecurrentLayer
{
    /// <summary>Runs <paramref name="cell"/> over time.</summary>
    public Recurrent(RecurrentCell cell, Direction direction = Direction.Forward) => (Cell, Direction) = (Add("", cell), direction);

    /// <summary>The cell.</summary>
    public RecurrentCell Cell { get; }

    /// <summary>The direction in which sequences are read.</summary>
    public Direction Direction { get; }

    /// <inheritdoc/>
    public override int InputSize => Cell.InputSize;

    /// <inheritdoc/>
    public override int OutputSize => Cell.HiddenSize;

    /// <inheritdoc/>
    public override int StateCount => Cell.StateNames.Count;

    /// <inheritdoc/>
    public override int StateSize(int index) => Cell.StateSize(index);

    /// <inheritdoc/>
    public override IEnumerable<RecurrentCell> Cells => [Cell];

    /// <inheritdoc/>
    public override bool IsCausal => Direction == Direction.Forward;

    /// <summary>Whether the loop over steps runs even where the cell has a fused twin.</summary>
    internal bool Composed { get; set; } = Settings.Composed;

    /// <summary>The cell's fused twin, where it is to run.</summary>
    internal IFusedScan? Fused => Composed ? null : Cell.Fused;

    internal override void Collect(string prefix, string suffix, List<NamedParameter> into) =>
        base.Collect(prefix, suffix.Length == 0 ? "_l0" : suffix, into);

    internal override (Tensor Output, State Final) Run(Tensor x, State initial, Lengths? lengths) =>
        Fused is { } fused ? Scan.Run(fused, x, initial, lengths, Direction == Direction.Backward, OutputSize)
        : !Composed && Direction == Direction.Forward && Cell.Whole is { } whole ? whole.Run(x, initial, lengths)
        : lengths is null ? Loop(x, initial.IsZero ? ZeroState(x.Shape[1]) : initial)
        : LoopRagged(x, initial.IsZero ? ZeroState(x.Shape[1]) : initial, lengths);

    (Tensor Output, State Final) Loop(Tensor x, State state)
    {
        var steps = x.Shape[0];
        if (steps == 0) return (Tensor.Zeros(new(0, x.Shape[1], OutputSize)), state);
        var xg = Cell.Project(x);                                                   // [T, B, G]
        var outputs = State.Room(steps);
        for (var i = 0; i < steps; i++)
        {
            var t = Direction == Direction.Forward ? i : steps - 1 - i;
            state = Cell.Step(xg[t], state);                                        // [B, H]
            outputs[t] = state[0];
        }
        return (Ops.Stack(outputs.Items), state);                                         // [T, B, H]
    }

    /// <summary>
    /// Rows are sorted from long to short, so that those with a step t are always the first n(t): only they are computed, and the
    /// others carry their state on.
    /// </summary>
    (Tensor Output, State Final) LoopRagged(Tensor x, State state, Lengths lengths)
    {
        int steps = x.Shape[0], batch = x.Shape[1];
        var unsort = lengths.Unsort();
        var xg = Cell.Project(Rows(x, lengths.SortSteps()).Reshape(x.Shape));       // [T, B, G], rows sorted
        state = Rows(state, lengths.Order);
        var outputs = State.Room(steps);
        for (var i = 0; i < steps; i++)
        {
            var t = Direction == Direction.Forward ? i : steps - 1 - i;
            var live = lengths.LiveAt(t);
            if (live == batch)
            {
                state = Cell.Step(xg[t], state);
                outputs[t] = Rows(state[0], unsort);
                continue;
            }
            var rest = Tensor.Zeros(new(batch - live, OutputSize));
            if (live > 0)
            {
                var next = Cell.Step(xg[t][..live], FirstRows(state, live));        // [n(t), H]
                rest = Ops.Concat(next[0], rest);
                state = WithFirstRows(state, next, live);                           // [B, H]
            }
            outputs[t] = Rows(rest, unsort);
        }
        return (Ops.Stack(outputs.Items), Rows(state, unsort));
    }

    static Tensor Rows(Tensor x, ReadOnlySpan<int> ids) => Ops.Gather(x.Reshape(new(x.Rows, x.Columns)), ids, new(ids.Length));

    internal static State Rows(State state, ReadOnlySpan<int> ids)
    {
        var tensors = State.Room(state.Count);
        for (var i = 0; i < tensors.Count; i++) tensors[i] = Rows(state[i], ids);
        return State.In(tensors, state.Memory);
    }

    static State FirstRows(State state, int count)
    {
        var tensors = State.Room(state.Count);
        for (var i = 0; i < tensors.Count; i++) tensors[i] = state[i][..count];
        return State.In(tensors, state.Memory);
    }

    static State WithFirstRows(State state, State first, int count)
    {
        var tensors = State.Room(state.Count);
        for (var i = 0; i < tensors.Count; i++) tensors[i] = Ops.Concat(first[i], state[i][count..]);
        return State.In(tensors, state.Memory);
    }
}
