using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>One time step of a recurrent network: (x, state) → state.</summary>
/// <remarks>
/// A cell says what happens in one step and nothing of time, direction or lengths: that is <see cref="Recurrent"/>. To write one, see
/// docs/adding-a-cell.md.
/// Safe for use by several threads, as long as none of them trains or changes it.
/// </remarks>
public abstract class RecurrentCell : Module
{
    /// <summary>A cell of the given sizes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    protected RecurrentCell(int inputSize, int hiddenSize)
    {
        if (inputSize < 1) Throw.OutOfRange(nameof(inputSize), inputSize, "at least 1");
        if (hiddenSize < 1) Throw.OutOfRange(nameof(hiddenSize), hiddenSize, "at least 1");
        (InputSize, HiddenSize) = (inputSize, hiddenSize);
    }

    /// <summary>I, the size of the input x.</summary>
    public int InputSize { get; }

    /// <summary>H, the size of the output h.</summary>
    public int HiddenSize { get; }

    /// <summary>Names of the state tensors; the first is the output h. LSTM: h, c.</summary>
    public virtual IReadOnlyList<string> StateNames => HiddenOnly;

    /// <summary>The size of a state tensor that has one number for every step of the memory in <see cref="State.Memory"/>.</summary>
    public const int MemorySteps = -1;

    /// <summary>The size of state tensor <paramref name="index"/>; H unless a cell says otherwise, or <see cref="MemorySteps"/>.</summary>
    public virtual int StateSize(int index) => HiddenSize;

    /// <summary>The part of a step that needs no state: called once for all steps, [T, B, I] → [T, B, G].</summary>
    public virtual Tensor Project(Tensor x) => x;

    /// <summary>One step; <paramref name="xg"/> is a [B, G] slice of <see cref="Project"/>'s result.</summary>
    public abstract State Step(Tensor xg, State state);

    /// <summary>
    /// One step whose gates get <paramref name="h"/> in place of <c>state[0]</c>: the same with some units dropped, where a layer has recurrent
    /// dropout. What is carried on past the gates, such as z ⊙ h in a GRU, is still <c>state[0]</c>.
    /// </summary>
    /// <remarks>A cell that is to be run with recurrent dropout overrides it, and gives <c>Step(xg, state[0], state)</c> as its other step.</remarks>
    /// <exception cref="InvalidConfigurationException">The cell does not override it.</exception>
    public virtual State Step(Tensor xg, Tensor h, State state) => Throw.NoRecurrentDropout<State>(GetType().Name);

    /// <summary>Names of the gates that <see cref="Report"/> is told of, candidates among them; none unless a cell says otherwise. LSTM: i, f, g, o.</summary>
    /// <remarks>Each is [B, H]. A cell with a fused implementation keeps them in this order, which is that of the weights' rows.</remarks>
    public virtual IReadOnlyList<string> GateNames => [];

    /// <summary>How many state tensors, counted from the first, are the cell's own; layers inside a cell report theirs themselves.</summary>
    internal virtual int OwnStates => StateNames.Count;

    /// <summary>Tells a recording, where one is open, the gates of the step that is being made: after activation, in the order of <see cref="GateNames"/>.</summary>
    /// <param name="gates">[B, H] each.</param>
    protected static void Report(params ReadOnlySpan<Tensor> gates) => Recorder.Current?.KeepGates(gates);

    /// <summary>The fast twin, where the cell has one.</summary>
    internal virtual IFusedScan? Fused => null;

    /// <summary>Another fast twin, where the cell has one: all steps with what the cell is made of.</summary>
    internal virtual IWholeRun? Whole => null;

    /// <summary>The step as one operation with its derivative, for a cell that has neither twin; null where it has none.</summary>
    internal virtual IFusedStep? StepAtOnce => null;

    static readonly string[] HiddenOnly = ["h"];
}

/// <summary>A sequence through a cell by layers that work on all steps at once: the proved twin of its <see cref="RecurrentCell.Step(Tensor, State)"/>.</summary>
internal interface IWholeRun
{
    (Tensor Output, State Final) Run(Tensor x, State initial, Lengths? lengths);
}

/// <summary>One step of a cell as one operation: the proved twin of its <see cref="RecurrentCell.Step(Tensor, Tensor, State)"/>.</summary>
internal interface IFusedStep
{
    State Step(Tensor xg, Tensor h, State state);
}
