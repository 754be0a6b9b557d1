using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// The cells of several tasks that step together, each reading the states of all (the Coupled-Layer architecture of Liu, Qiu and Huang 2016, for any number of tasks).
/// </summary>
/// <remarks>
/// The state holds those of all tasks side by side: h is h⁽¹⁾ ⊕ … ⊕ h⁽ᴹ⁾, of H = M·D numbers. What task m reads of task i is g⁽ⁱ→ᵐ⁾ ⊙ U⁽ⁱ→ᵐ⁾ h⁽ⁱ⁾, with a gate that depends on the input
/// and on the state that is read. Safe for use by several threads, as long as none of them trains or changes it.
/// </remarks>
public abstract class CoupledCell : RecurrentCell
{
    readonly Parameter[] _weights;
    readonly int _ownParts;

    private protected CoupledCell(int inputSize, int taskSize, int tasks, int gates, int ownParts) : base(inputSize, checked(tasks * taskSize))
    {
        if (tasks < 1) Throw.OutOfRange(nameof(tasks), tasks, "at least 1");
        (Tasks, TaskSize, _ownParts) = (tasks, taskSize, ownParts);
        WeightIh = Add("weight_ih", new Parameter(new(gates * HiddenSize, inputSize)));
        Bias = Add("bias_ih", new Parameter(new(gates * HiddenSize), decays: false));
        _weights = [.. Enumerable.Range(0, tasks).Select(i => Add($"weight_hh_from{i}", new Parameter(new((ownParts + tasks) * taskSize, taskSize))))];
    }

    /// <summary>M, the number of tasks.</summary>
    public int Tasks { get; }

    /// <summary>D, the size of each task's state.</summary>
    public int TaskSize { get; }

    /// <summary>Weights of the input, a block of H rows for each gate, the tasks' units side by side.</summary>
    public Parameter WeightIh { get; }

    /// <summary>Bias of each gate; the coupled cells have one.</summary>
    public Parameter Bias { get; }

    /// <summary>Weights of each task's state: blocks of D rows for the task's own gates, the last for g, then for the candidates of tasks 1 to M.</summary>
    public IReadOnlyList<Parameter> WeightHh => _weights;

    /// <summary>The value that g⁽ᵐ→ᵐ⁾, from a task to itself, is kept at; null where it is computed. Default null.</summary>
    public double? OwnGate { get; set; }

    /// <summary>The value that g⁽ⁱ→ᵐ⁾, from a task to another, is kept at; null where it is computed. At 0 the tasks do not see each other. Default null.</summary>
    public double? OtherGates { get; set; }

    /// <inheritdoc/>
    public override Tensor Project(Tensor x) => Ops.Linear(x, WeightIh, Bias);       // [T, B, G·H]

    /// <summary>Whether gates between tasks are kept at a value.</summary>
    private protected bool IsPinned => OwnGate is not null || OtherGates is not null;

    /// <summary>The products of each task's state, [B, (P + M)·D].</summary>
    private protected TensorList Products(Tensor h)
    {
        var products = State.Room(Tasks);
        for (var i = 0; i < Tasks; i++) products[i] = Ops.Linear(Ops.Columns(h, i * TaskSize, TaskSize), _weights[i], null);
        return products;
    }

    /// <summary>One of the tasks' own products, side by side, [B, H].</summary>
    private protected Tensor Own(TensorList products, int part)
    {
        var own = State.Room(Tasks);
        for (var i = 0; i < Tasks; i++) own[i] = Ops.Columns(products[i], part * TaskSize, TaskSize);
        return Ops.ConcatColumns(own.Items);
    }

    /// <summary>Σ_i g⁽ⁱ→ᵐ⁾ ⊙ U⁽ⁱ→ᵐ⁾ h⁽ⁱ⁾ of all tasks m side by side added to <paramref name="candidate"/>, [B, H]; <paramref name="gates"/> gets the gates from each i.</summary>
    private protected Tensor Couple(Tensor candidate, Tensor gate, TensorList products, TensorList gates, int first)
    {
        var same = State.Room(Tasks);
        for (var i = 0; i < Tasks; i++)
        {
            var part = Ops.Columns(products[i], (_ownParts - 1) * TaskSize, TaskSize);
            for (var m = 0; m < Tasks; m++) same[m] = part;
            gates[first + i] = Pinned(Ops.Sigmoid(gate + Ops.ConcatColumns(same.Items)), i);                    // from i to all
            candidate += gates[first + i] * Ops.Columns(products[i], _ownParts * TaskSize, HiddenSize);
        }
        return candidate;
    }

    Tensor Pinned(Tensor gate, int from)
    {
        if (!IsPinned) return gate;
        var parts = State.Room(Tasks);
        for (var m = 0; m < Tasks; m++)
        {
            var part = Ops.Columns(gate, m * TaskSize, TaskSize);
            parts[m] = (m == from ? OwnGate : OtherGates) is { } pinned ? Tensor.Full(part.Shape, pinned) : part;
        }
        return Ops.ConcatColumns(parts.Items);
    }
}

/// <summary>Coupled LSTMs (Liu, Qiu and Huang 2016, model II).</summary>
/// <remarks>
/// <code>
/// i⁽ᵐ⁾ = σ(W_i⁽ᵐ⁾ x + b + U_i⁽ᵐ⁾ h⁽ᵐ⁾ + V_i⁽ᵐ⁾ ⊙ c⁽ᵐ⁾)     f⁽ᵐ⁾ = σ(W_f⁽ᵐ⁾ x + b + U_f⁽ᵐ⁾ h⁽ᵐ⁾ + V_f⁽ᵐ⁾ ⊙ c⁽ᵐ⁾)
/// g⁽ⁱ→ᵐ⁾ = σ(W_g⁽ᵐ⁾ x + b + U_g⁽ⁱ⁾ h⁽ⁱ⁾)                   c̃⁽ᵐ⁾ = tanh(W_c⁽ᵐ⁾ x + b + Σ_i g⁽ⁱ→ᵐ⁾ ⊙ U⁽ⁱ→ᵐ⁾ h⁽ⁱ⁾)
/// c⁽ᵐ⁾′ = f⁽ᵐ⁾ ⊙ c⁽ᵐ⁾ + i⁽ᵐ⁾ ⊙ c̃⁽ᵐ⁾        o⁽ᵐ⁾ = σ(W_o⁽ᵐ⁾ x + b + U_o⁽ᵐ⁾ h⁽ᵐ⁾ + V_o⁽ᵐ⁾ ⊙ c⁽ᵐ⁾′)        h⁽ᵐ⁾′ = o⁽ᵐ⁾ ⊙ tanh c⁽ᵐ⁾′
/// </code>
/// <c>weight_ih</c> [5H, I] and <c>bias_ih</c> [5H], rows in the order i, f, c̃, o, g; <c>weight_hh_from0</c>, … [(4 + M)·D, D], rows in the order i, f, o, g, then U⁽ⁱ→¹⁾ to U⁽ⁱ→ᴹ⁾;
/// <c>weight_ch</c> [3, H], the peepholes V_i, V_f, V_o, unless the cell has none; all drawn from U(−1/√D, 1/√D). The paper has no biases. With g⁽ᵐ→ᵐ⁾ kept at 1 and the others at 0 these are
/// M cells <see cref="PeepholeLstmCell"/>, or <see cref="LstmCell"/>, over the same input.
/// Safe for use by several threads, as long as none of them trains or changes it.
/// </remarks>
public sealed partial class CoupledLstmCell : CoupledCell
{
    static readonly string[] Names = ["h", "c"];

    readonly string[] _gates;
    readonly CoupledStep<Unit> _fused;

    /// <summary>A cell with weights drawn from <paramref name="rng"/>.</summary>
    /// <param name="inputSize">I, at least 1.</param>
    /// <param name="taskSize">D, at least 1.</param>
    /// <param name="tasks">M, at least 1.</param>
    /// <param name="rng">Where weights come from.</param>
    /// <param name="peepholes">Whether the gates see the cell value.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public CoupledLstmCell(int inputSize, int taskSize, int tasks, Rng rng, bool peepholes = true) : base(inputSize, taskSize, tasks, gates: 5, ownParts: 4)
    {
        WeightCh = new Parameter(new(3, HiddenSize));                                // zeros see nothing
        if (peepholes) Add("weight_ch", WeightCh);
        else WeightCh.Trainable = false;
        _gates = ["i", "f", "g", "o", .. Enumerable.Range(0, tasks).Select(i => $"from{i}")];
        Init.Recurrent(this, taskSize, rng);
        _fused = new(this, WeightCh);
    }

    /// <summary>Peephole weights V_i, V_f and V_o, [3, H]; zeros that are not trained where the cell has none.</summary>
    public Parameter WeightCh { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> StateNames => Names;

    /// <inheritdoc/>
    public override IReadOnlyList<string> GateNames => _gates;

    /// <inheritdoc/>
    public override State Step(Tensor xg, State state) => Step(xg, state[0], state);

    /// <inheritdoc/>
    public override State Step(Tensor xg, Tensor h, State state)
    {
        var (c, p) = (state[1], Products(h));
        var reported = State.Room(4 + Tasks);
        var i = Ops.Sigmoid(Ops.Part(xg, 0, 5) + Own(p, 0) + c * WeightCh.Tensor[0]);                           // [B, H]
        var f = Ops.Sigmoid(Ops.Part(xg, 1, 5) + Own(p, 1) + c * WeightCh.Tensor[1]);
        var g = Ops.Tanh(Couple(Ops.Part(xg, 2, 5), Ops.Part(xg, 4, 5), p, reported, 4));
        c = f * c + i * g;
        var o = Ops.Sigmoid(Ops.Part(xg, 3, 5) + Own(p, 2) + c * WeightCh.Tensor[2]);
        (reported[0], reported[1], reported[2], reported[3]) = (i, f, g, o);
        Report(reported.Items);
        return State.Of(StateNames, o * Ops.Tanh(c), c);
    }

    internal override IFusedStep? StepAtOnce => IsPinned ? null : _fused;
}

/// <summary>Coupled gated recurrent units: the Coupled-Layer architecture (Liu, Qiu and Huang 2016) with the reset gate in the place of its gate g.</summary>
/// <remarks>
/// <code>
/// z⁽ᵐ⁾ = σ(W_z⁽ᵐ⁾ x + b + U_z⁽ᵐ⁾ h⁽ᵐ⁾)                      r⁽ⁱ→ᵐ⁾ = σ(W_r⁽ᵐ⁾ x + b + U_r⁽ⁱ⁾ h⁽ⁱ⁾)
/// n⁽ᵐ⁾ = tanh(W_n⁽ᵐ⁾ x + b + Σ_i r⁽ⁱ→ᵐ⁾ ⊙ U⁽ⁱ→ᵐ⁾ h⁽ⁱ⁾)     h⁽ᵐ⁾′ = (1 − z⁽ᵐ⁾) ⊙ n⁽ᵐ⁾ + z⁽ᵐ⁾ ⊙ h⁽ᵐ⁾
/// </code>
/// <c>weight_ih</c> [3H, I] and <c>bias_ih</c> [3H], rows in the order r, z, n; <c>weight_hh_from0</c>, … [(2 + M)·D, D], rows in the order z, r, then U⁽ⁱ→¹⁾ to U⁽ⁱ→ᴹ⁾; all drawn from
/// U(−1/√D, 1/√D). With the gates between tasks kept at 0 these are M cells <see cref="GruCell"/> without recurrent biases.
/// Safe for use by several threads, as long as none of them trains or changes it.
/// </remarks>
public sealed partial class CoupledGruCell : CoupledCell
{
    readonly string[] _gates;
    readonly CoupledStep<Unit> _fused;

    /// <summary>A cell with weights drawn from <paramref name="rng"/>.</summary>
    /// <param name="inputSize">I, at least 1.</param>
    /// <param name="taskSize">D, at least 1.</param>
    /// <param name="tasks">M, at least 1.</param>
    /// <param name="rng">Where weights come from.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public CoupledGruCell(int inputSize, int taskSize, int tasks, Rng rng) : base(inputSize, taskSize, tasks, gates: 3, ownParts: 2)
    {
        _gates = ["z", "n", .. Enumerable.Range(0, tasks).Select(i => $"from{i}")];
        Init.Recurrent(this, taskSize, rng);
        _fused = new(this, null);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> GateNames => _gates;

    /// <inheritdoc/>
    public override State Step(Tensor xg, State state) => Step(xg, state[0], state);

    /// <inheritdoc/>
    public override State Step(Tensor xg, Tensor h, State state)
    {
        var p = Products(h);
        var reported = State.Room(2 + Tasks);
        var z = Ops.Sigmoid(Ops.Part(xg, 1, 3) + Own(p, 0));                                                    // [B, H]
        var n = Ops.Tanh(Couple(Ops.Part(xg, 2, 3), Ops.Part(xg, 0, 3), p, reported, 2));
        (reported[0], reported[1]) = (z, n);
        Report(reported.Items);
        return State.Of(StateNames, (1 - z) * n + z * state[0]);
    }

    internal override IFusedStep? StepAtOnce => IsPinned ? null : _fused;
}
