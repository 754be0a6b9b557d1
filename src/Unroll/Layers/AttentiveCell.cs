using System.Runtime.InteropServices;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>One step of a decoder with attention, around the step of recurrent layers.</summary>
/// <remarks>
/// <code>
/// dot, general, concat (Luong 2015)                     additive (Bahdanau 2014)
///   s_t = layers(x_t [; h_{t−1}], s_{t−1})                 c_t = attention(top of s_{t−1})
///   c_t = attention(top of s_t)                            s_t = layers(x_t ; c_t [; h_{t−1}], s_{t−1})
///   h_t = tanh(W_c [c_t; top of s_t])                      h_t = tanh(W_c [c_t; top of s_t])
/// </code>
/// <para>In brackets: with input feeding. The readout h̃ of Luong is the output h here; Bahdanau's maxout of s, c and y is replaced by it.</para>
/// <para>
/// The memory comes in the state (<see cref="State.Memory"/>), since a cell keeps nothing, and so does the number of the memory's row that each
/// row reads: sorted, dropped or doubled rows, as in a ragged batch or a beam, still read what is theirs, and the memory is never copied. The
/// weights of the last step and their sum (coverage) are states too: they can be looked at, and gradients flow through them.
/// </para>
/// <para>
/// Where the context enters nothing (no additive attention, input feeding or coverage) the recurrent layers need not wait for it: the twin runs them over
/// the whole sequence, and then attends for all steps at once.
/// </para>
/// State: h [B, R], weights [B, S], coverage [B, S] where there is one, row [B, 1], then the states of the layers. Parameters: <c>rnn.…</c>,
/// <c>attention.…</c>, <c>combine.weight</c> [R, M + H].
/// Safe for use by several threads, as long as none of them trains or changes it.
/// </remarks>
public sealed class AttentiveCell : RecurrentCell, IWholeRun
{
    const int Weights = 1, Coverage = 2;

    readonly RecurrentLayer _layers;
    readonly Linear _combine;
    readonly string[] _names;
    readonly int _row, _layersAt, _top;
    readonly bool _contextFirst;

    /// <summary>A cell around <paramref name="layers"/>.</summary>
    /// <param name="inputSize">I, the size of x.</param>
    /// <param name="layers">Causal layers that take <see cref="LayersInput"/> numbers.</param>
    /// <param name="attention">Asked with the output of the layers.</param>
    /// <param name="outputSize">R, the size of the output.</param>
    /// <param name="inputFeeding">Whether the last output joins the input.</param>
    /// <param name="rng">Where the weights of W_c come from.</param>
    /// <exception cref="ArgumentException">The sizes do not go together.</exception>
    public AttentiveCell(int inputSize, RecurrentLayer layers, Attention attention, int outputSize, bool inputFeeding, Rng rng) : base(inputSize, outputSize)
    {
        var takes = LayersInput(inputSize, attention.Kind, attention.MemorySize, outputSize, inputFeeding);
        if (layers.InputSize != takes || layers.OutputSize != attention.QuerySize || !layers.IsCausal)
            Throw.AttentiveSizes(layers.InputSize, takes, layers.OutputSize, attention.QuerySize, layers.IsCausal);
        _layers = Add("rnn", layers);
        Attention = Add("attention", attention);
        _combine = Add("combine", new Linear(attention.MemorySize + layers.OutputSize, outputSize, rng, bias: false));
        (InputFeeding, _contextFirst) = (inputFeeding, attention.Kind == AttentionKind.Additive);
        _names = ["h", "weights", .. attention.HasCoverage ? ["coverage"] : Array.Empty<string>(), "row",
            .. layers.Cells.SelectMany((c, i) => c.StateNames.Select(n => $"layer{i}.{n}"))];
        _row = attention.HasCoverage ? 3 : 2;
        _layersAt = _row + 1;
        _top = _layersAt + layers.StateCount - layers.Cells.Last().StateNames.Count;
    }

    /// <summary>What the recurrent layers of a cell take: x, the context if it enters the step, the last output if it is fed.</summary>
    public static int LayersInput(int inputSize, AttentionKind kind, int memorySize, int outputSize, bool inputFeeding) =>
        inputSize + (kind == AttentionKind.Additive ? memorySize : 0) + (inputFeeding ? outputSize : 0);

    /// <summary>The attention.</summary>
    public Attention Attention { get; }

    /// <summary>Whether the last output joins the input.</summary>
    public bool InputFeeding { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> StateNames => _names;

    /// <inheritdoc/>
    public override int StateSize(int index) =>
        index == 0 ? HiddenSize : index < _row ? MemorySteps : index == _row ? 1 : _layers.StateSize(index - _layersAt);

    /// <summary>The state to start from: nothing attended to yet, each row reading its own of the memory.</summary>
    /// <param name="memory">Made by <see cref="Attention"/>.</param>
    /// <param name="layers">The state of the recurrent layers; zeros where none is given.</param>
    public State Start(AttentionMemory memory, State layers = default)
    {
        if (layers.IsZero) layers = _layers.ZeroState(memory.Rows);
        var room = State.Room(_names.Length);
        for (var i = 0; i < _row; i++) room[i] = Tensor.Zeros(new(memory.Rows, i == 0 ? HiddenSize : memory.Steps));
        room[_row] = Tensor.New(new(memory.Rows, 1));
        for (var b = 0; b < memory.Rows; b++) room[_row].Values[b] = b;
        for (var i = 0; i < layers.Count; i++) room[_layersAt + i] = layers[i];
        return State.In(room, memory, _names);
    }

    /// <summary>The weights of the last step in a state of this cell, [B, S].</summary>
    public static Tensor WeightsOf(State state) => state[Weights];

    /// <inheritdoc/>
    public override State Step(Tensor xg, State state)
    {
        var memory = state.Memory;
        if (memory.IsNone) Throw.NoMemory();
        var rows = RowsOf(state[_row]);
        var coverage = Attention.HasCoverage ? state[Coverage] : default;
        Tensor context = default, weights = default;
        if (_contextFirst) (context, weights) = Attend(state[_top], memory, rows, coverage);             // [B, M], [B, S]
        var (y, layers) = RunLayers(xg, (_contextFirst, InputFeeding) switch
        {
            (true, true) => Ops.ConcatColumns(context, state[0]),
            (true, false) => context,
            (false, true) => state[0],
            _ => default,
        }, state.Slice(_layersAt, _layers.StateCount));
        var top = y[0];                                                                                  // [B, H]
        if (!_contextFirst) (context, weights) = Attend(top, memory, rows, coverage);
        var room = State.Room(_names.Length);
        room[0] = Ops.Tanh(_combine.Forward(Ops.ConcatColumns(context, top)));                           // [B, R]
        room[Weights] = weights;
        if (Attention.HasCoverage) room[Coverage] = coverage + weights;
        room[_row] = state[_row];
        for (var i = 0; i < layers.Count; i++) room[_layersAt + i] = layers[i];
        return State.In(room, memory, _names);
    }

    /// <summary>The layers' step: what joins the input, <paramref name="more"/>, is the last part of the first layer's product, or of its input.</summary>
    (Tensor Output, State Final) RunLayers(Tensor xg, Tensor more, State state)
    {
        if (InParts) xg = Ops.Linear(more, _layers.First!.InputWeight, InputSize, xg);                   // [B, G]
        else if (!more.IsNone) xg = Ops.ConcatColumns(xg, more);
        var x = xg.Reshape(new(1, xg.Rows, xg.Columns));
        return InParts ? _layers.RunReady(x, state) : _layers.Run(x, state, null);
    }

    /// <summary>
    /// The words' part of the first layer's products, where more of its input is known only in the step and its scan takes products; else x. Equal rows
    /// of a table, words that a batch has several times, are multiplied once.
    /// </summary>
    public override Tensor Project(Tensor x)
    {
        if (!InParts) return x;
        var (weight, bias) = (_layers.First!.InputWeight, _layers.First.InputBias());
        var words = x.Data.Symbols;
        if (words.Count == 0) return Ops.Linear(x, weight, 0, bias);                                     // [T, B, G]
        if (Tape.IsRecording && x.NeedsGradient) words.GradientGoesToTable();
        var products = Ops.Linear(Ops.Gather(words.Table, words.Ids, new(words.Count)), weight, 0, bias);         // [D, G]
        return Ops.Gather(products, words.Places[..x.Rows], new(x.Shape[0], x.Shape[1]));
    }

    bool InParts => (_contextFirst || InputFeeding) && _layers.First is not null;

    (Tensor Context, Tensor Weights) Attend(Tensor query, AttentionMemory memory, ReadOnlySpan<int> rows, Tensor coverage)
    {
        if (!coverage.IsNone) coverage = coverage.Reshape(new(1, coverage.Rows, coverage.Columns));
        var (context, weights) = Attention.Forward(query.Reshape(new(1, query.Rows, query.Columns)), memory, rows, coverage: coverage);
        return (context[0], weights[0]);
    }

    internal override int OwnStates => 1;

    internal override IWholeRun? Whole => _contextFirst || InputFeeding || Attention.HasCoverage ? null : this;

    (Tensor Output, State Final) IWholeRun.Run(Tensor x, State initial, Lengths? lengths)
    {
        var memory = initial.Memory;
        if (memory.IsNone) Throw.NoMemory();
        if (x.Shape[0] == 0) return (Tensor.Zeros(new(0, x.Shape[1], HiddenSize)), initial);
        var (y, layers) = _layers.Run(x, initial.Slice(_layersAt, _layers.StateCount), lengths);         // [T, B, H]
        var (context, weights) = Attention.Forward(y, memory, RowsOf(initial[_row]), lengths);           // [T, B, M], [T, B, S]
        var h = Ops.Tanh(_combine.Forward(Ops.ConcatColumns(context, y)));                               // [T, B, R]; 0 where c and y are
        var room = State.Room(_names.Length);
        room[0] = AtEnds(h, initial[0], lengths);
        room[Weights] = AtEnds(weights, initial[Weights], lengths);
        room[_row] = initial[_row];
        for (var i = 0; i < layers.Count; i++) room[_layersAt + i] = layers[i];
        return (h, State.In(room, memory, _names));
    }

    /// <summary>What each row has at its last step; what it began with where it has none.</summary>
    static Tensor AtEnds(Tensor steps, Tensor initial, Lengths? lengths)
    {
        if (lengths is null) return steps[steps.Shape[0] - 1];
        var batch = lengths.Values.Length;
        var places = Symbols.Ints(batch).Integers[..batch];
        var some = MemoryMarshal.Cast<int, bool>(Symbols.Ints(batch).Integers)[..batch];
        for (var b = 0; b < batch; b++)
        {
            some[b] = lengths.Values[b] > 0;
            places[b] = some[b] ? (lengths.Values[b] - 1) * batch + b : -1;
        }
        var last = Ops.Gather(steps.Reshape(new(steps.Rows, steps.Columns)), places, new(batch));
        return some.Contains(false) ? Ops.Where(some, last, initial) : last;
    }

    /// <summary>The numbers of the memory's rows, as they are used.</summary>
    static ReadOnlySpan<int> RowsOf(Tensor row)
    {
        var rows = Symbols.Ints(row.Count).Integers[..row.Count];
        for (var n = 0; n < rows.Length; n++) rows[n] = (int)row.Values[n];
        return rows;
    }

    /// <summary>The layers inside number themselves; the cell itself is one of a kind.</summary>
    internal override void Collect(string prefix, string suffix, List<NamedParameter> into) => base.Collect(prefix, "", into);
}
