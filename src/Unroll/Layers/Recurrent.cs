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
/// runs as the loop over its <see cref="RecurrentCell.Step(Tensor, State)"/> that stands here.
/// <para>
/// Recurrent dropout (Gal and Ghahramani 2016) gives the gates m ⊙ h in place of h: h is what the step before gave, or the initial state,
/// and m is 0 with probability p and 1/(1 − p) otherwise, for every row and unit. One mask is drawn for each call of
/// <see cref="RecurrentLayer.Forward"/> and serves all of its steps, so each chunk of a sequence has its own. Outputs, the state that is carried
/// on, and what passes by the gates (c of an LSTM, z ⊙ h of a GRU) are not dropped.
/// </para>
/// Safe for use by several threads, as long as none of them trains or changes it.
/// </remarks>
public sealed class Recurrent : RecurrentLayer
{
    /// <summary>Runs <paramref name="cell"/> over time.</summary>
    /// <param name="cell">What happens in one step.</param>
    /// <param name="direction">Which way it reads.</param>
    /// <param name="recurrentDropout">Dropout on h where it enters the gates, with one mask for all steps in any case; none where null.</param>
    public Recurrent(RecurrentCell cell, Direction direction = Direction.Forward, Dropout? recurrentDropout = null) =>
        (Cell, Direction, RecurrentDropout) = (Add("", cell), direction, recurrentDropout);

    /// <summary>The cell.</summary>
    public RecurrentCell Cell { get; }

    /// <summary>The direction in which sequences are read.</summary>
    public Direction Direction { get; }

    /// <summary>Dropout on h where it enters the gates.</summary>
    public Dropout? RecurrentDropout { get; }

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

    /// <summary>Whether the loop over steps runs even where the cell has a fused implementation; it also does where gradients are followed.</summary>
    internal bool Composed
    {
        get => field || Recorder.Follower is not null;
        set;
    } = Settings.Composed;

    /// <summary>The cell's fused twin, where it is to run.</summary>
    internal IFusedScan? Fused => Composed ? null : Cell.Fused;

    internal override void Collect(string prefix, string suffix, List<NamedParameter> into) =>
        base.Collect(prefix, suffix.Length == 0 ? "_l0" : suffix, into);

    internal override (Tensor Output, State Final) Run(Tensor x, State initial, Lengths? lengths)
    {
        var batch = x.Shape[1];
        var mask = Mask(batch);
        if (Fused is not null) return Scan.Run(this, x, initial, mask, lengths);
        if (!Composed && Direction == Direction.Forward && mask.IsNone && Cell.Whole is { } whole) return Reported(whole.Run(x, initial, lengths), lengths);
        var state = initial.IsZero ? ZeroState(batch) : initial;
        return lengths is null ? Loop(x, state, mask) : LoopRagged(x, state, mask, lengths);
    }

    internal override IFusedScan? First => Fused is { HasShare: false } fused ? fused : null;

    internal override (Tensor Output, State Final) RunReady(Tensor products, State initial) =>
        Scan.Run(this, products, initial, Mask(products.Shape[1]), null, ready: true);

    /// <summary>Tells a recording, where one is open, the outputs of a run that the cell made as a whole.</summary>
    (Tensor Output, State Final) Reported((Tensor Output, State Final) run, Lengths? lengths)
    {
        Recorder.Current?.Of(this).AddSteps(run.Output.Shape[0], run.Output.Shape[1], lengths);
        Recorder.Report(this, Cell.StateNames[0], run.Output);
        return run;
    }

    /// <summary>What h is multiplied by where it enters the gates, for all steps; none for nothing.</summary>
    internal Tensor Mask(int batch) => RecurrentDropout?.Mask(new(batch, OutputSize)) ?? default;

    State Step(Tensor xg, State state, Tensor mask)
    {
        state = state.Named(StateNames);
        if (!Composed && Cell.StepAtOnce is { } fused) return fused.Step(xg, mask.IsNone ? state[0] : state[0] * mask, state);
        return mask.IsNone ? Cell.Step(xg, state) : Cell.Step(xg, state[0] * mask, state);
    }

    (Tensor Output, State Final) Loop(Tensor x, State state, Tensor mask)
    {
        var steps = x.Shape[0];
        if (steps == 0) return (Tensor.Zeros(new(0, x.Shape[1], OutputSize)), state);
        var xg = Cell.Project(x);                                                   // [T, B, G]
        var outputs = State.Room(steps);
        var report = StepRecorder.Of(this, steps, x.Shape[1], null);
        report?.Begin(state);
        for (var i = 0; i < steps; i++)
        {
            var t = Direction == Direction.Forward ? i : steps - 1 - i;
            state = Step(xg[t], state, mask);                                       // [B, H]
            report?.Add(t, xg[t], state);
            outputs[t] = state[0];
        }
        return (Ops.Stack(outputs.Items), state);                                         // [T, B, H]
    }

    /// <summary>
    /// Rows are sorted from long to short, so that those with a step t are always the first n(t): only they are computed, and the
    /// others carry their state on.
    /// </summary>
    (Tensor Output, State Final) LoopRagged(Tensor x, State state, Tensor mask, Lengths lengths)
    {
        int steps = x.Shape[0], batch = x.Shape[1];
        var unsort = lengths.Unsort();
        var xg = Cell.Project(Rows(x, lengths.SortSteps()).Reshape(x.Shape));       // [T, B, G], rows sorted
        state = Rows(state, lengths.Order);
        if (!mask.IsNone) mask = Rows(mask, lengths.Order);
        var outputs = State.Room(steps);
        var report = StepRecorder.Of(this, steps, batch, lengths);
        for (var i = 0; i < steps; i++)
        {
            var t = Direction == Direction.Forward ? i : steps - 1 - i;
            var live = lengths.LiveAt(t);
            if (live == batch)
            {
                state = Step(xg[t], state, mask);
                report?.Add(t, xg[t], state);
                outputs[t] = Rows(state[0], unsort);
                continue;
            }
            var rest = Tensor.Zeros(new(batch - live, OutputSize));
            if (live > 0)
            {
                var next = Step(xg[t][..live], FirstRows(state, live), mask.IsNone ? mask : mask[..live]);      // [n(t), H]
                report?.Add(t, xg[t], next);
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
