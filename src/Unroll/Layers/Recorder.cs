using Unroll.Kernels;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// What layers report on this thread while a recording is open: gates, states, attention weights and logits. Nothing is reported, and nothing is spent, where none is.
/// </summary>
/// <remarks>Numbers are copied out of the computation and never into it, so that results keep their bits.</remarks>
internal sealed class Recorder
{
    /// <summary>The name that logits have.</summary>
    public const string Logits = "logits";

    /// <summary>The name that attention weights have.</summary>
    public const string Weights = "weights";

    [ThreadStatic] static Recorder? _current;

    readonly List<RecordedSource> _sources = [];
    readonly List<Tensor> _gates = [];

    /// <summary>The recorder in force on this thread.</summary>
    public static Recorder? Current => _current;

    /// <summary>The recorder in force, where it follows gradients: layers then run step by step, and every state of the tape is kept.</summary>
    public static Recorder? Follower => _current is { Follows: true } follower ? follower : null;

    /// <summary>Whether states are kept as tensors of the tape (<see cref="RecordedSource.States"/>), so that gradients can be read from them.</summary>
    public bool Follows { get; init; }

    /// <summary>Whether ‖∂L/∂h‖ of each step is wanted too, on the way back through what runs now.</summary>
    public bool WantsGradients { get; init; }

    /// <summary>Where the gradients of a layer's h go; null where no recording wants them.</summary>
    public static RecordedSource? GradientsOf(Recurrent layer) => _current is { WantsGradients: true } recorder ? recorder.Of(layer) : null;

    /// <summary>What reported something, in the order of its first report.</summary>
    public IReadOnlyList<RecordedSource> Sources => _sources;

    /// <summary>Puts a recorder in force; gives back the one before.</summary>
    public static Recorder? Exchange(Recorder? recorder)
    {
        var before = _current;
        _current = recorder;
        return before;
    }

    /// <summary>What the names of a cell's parameters have around them: <c>rnn.weight_ih_l0_reverse</c> is of <c>rnn.l0_reverse</c>.</summary>
    public static string? NameOf(Recurrent layer, Module? model)
    {
        var own = layer.Cell.Parameters;
        if (model is null || own.Count == 0) return null;
        foreach (var (name, parameter) in model.Parameters)
        {
            if (parameter != own[0].Parameter) continue;
            var at = name.LastIndexOf(own[0].Name, StringComparison.Ordinal);
            return at < 0 ? name : (name[..at] + name[(at + own[0].Name.Length)..].TrimStart('_')).TrimEnd('.');
        }
        return null;
    }

    /// <summary>Reports all of a tensor, by parts of its outermost dimension.</summary>
    /// <returns>The same tensor.</returns>
    public static Tensor Report(Module source, string name, Tensor values)
    {
        _current?.Of(source).Add(name, new(values.Detach(), 0, values.Shape, null));
        return values;
    }

    /// <summary>What a module has reported; the room for it where it reports for the first time.</summary>
    public RecordedSource Of(Module source)
    {
        foreach (var known in _sources)
            if (known.Module == source) return known;
        _sources.Add(new(source));
        return _sources[^1];
    }

    /// <summary>Keeps the gates of the step that is being made; <see cref="TakeGates"/> is their end.</summary>
    public void KeepGates(ReadOnlySpan<Tensor> gates)
    {
        _gates.Clear();
        _gates.AddRange(gates);
    }

    /// <summary>The gates of the step that was made; those of another cell must not be taken for them.</summary>
    public void TakeGates(List<Tensor> into)
    {
        into.Clear();
        into.AddRange(_gates);
        _gates.Clear();
    }

    /// <summary>Whether a recording wants more of a cell than its outputs.</summary>
    public static bool Wants(RecurrentCell cell) => _current is not null && cell.GateNames.Count + cell.StateNames.Count > 1;

    /// <summary>Reports a whole sequence of a fused scan: the gates that it kept, and its states.</summary>
    public void ReportScan(Recurrent layer, in ScanPass pass)
    {
        var (cell, source) = (layer.Cell, Of(layer));
        int steps = pass.X.Shape[0], batch = pass.X.Shape[1], size = cell.HiddenSize;
        source.AddSteps(steps, batch, pass.Lengths);
        var lengths = pass.Lengths is null ? null : new Lengths(pass.Lengths.Values, steps);
        if (cell.GateNames.Count > 0)
        {
            var gates = Kept(pass.Gates, pass);
            for (var g = 0; g < cell.GateNames.Count; g++) source.Add(cell.GateNames[g], new(gates, g * size, new(steps, batch, size), lengths));
        }
        source.Add(cell.StateNames[0], new(pass.Output.Detach(), pass.Column, new(steps, batch, size), null));
        if (!pass.C.IsNone) source.Add(cell.StateNames[1], new(Kept(pass.C, pass), 0, new(steps, batch, size), lengths));
    }

    /// <summary>What a scan kept, which on the way back is written over.</summary>
    static Tensor Kept(Tensor kept, in ScanPass pass) => pass.Records ? kept.Detach() : kept;
}

/// <summary>Has a recorder in force until it is disposed of; does nothing where there is none to be put in force.</summary>
internal readonly struct RecorderScope : IDisposable
{
    readonly Recorder? _recorder, _before;

    public RecorderScope(Recorder? recorder) => (_recorder, _before) = (recorder, recorder is null ? null : Recorder.Exchange(recorder));

    public void Dispose()
    {
        if (_recorder is not null) Recorder.Exchange(_before);
    }
}

/// <summary>Reads a row of what was recorded.</summary>
internal delegate void RowVisitor(ReadOnlySpan<Real> row);

/// <summary>A part of what was recorded by one name.</summary>
/// <param name="Kept">No tape's: rows as the computation had them.</param>
/// <param name="Column">The first column that belongs to the name.</param>
/// <param name="Shape">What the part is: [T, B, H] of a layer.</param>
/// <param name="Lengths">Where only steps that count were kept, packed: which those are.</param>
internal readonly record struct RecordedPart(Tensor Kept, int Column, Shape Shape, Lengths? Lengths)
{
    /// <summary>Shows the rows that count to a visitor.</summary>
    /// <param name="lengths">Where rows of a batch stand as they are: how many steps of each count; all where null.</param>
    /// <param name="visit">Is shown [H] of each.</param>
    public void Visit(int[]? lengths, RowVisitor visit)
    {
        var batch = Shape[1];
        for (var r = 0; r < Kept.Rows; r++)
            if (Lengths is not null || lengths is null || r / batch < lengths[r % batch]) visit(Kept.Values.Slice(r * Kept.Columns + Column, Shape.Columns));
    }

    /// <summary>Writes the part by itself; what stands there must be zeros where steps do not count.</summary>
    public void CopyTo(Span<Real> to)
    {
        ReadOnlySpan<Real> from = Kept.Values;
        int width = Kept.Columns, size = Shape.Columns;
        if (Lengths is null)
            for (var r = 0; r < Shape.Rows; r++) from.Slice(r * width + Column, size).CopyTo(to[(r * size)..]);
        else
            for (var t = 0; t < Lengths.Steps; t++)
                for (var p = 0; p < Lengths.LiveAt(t); p++)
                    from.Slice((Lengths.PlaceOf(t) + p) * width + Column, size).CopyTo(to[((t * Lengths.Order.Length + Lengths.Order[p]) * size)..]);
    }
}

/// <summary>What one module reported while a recording was open.</summary>
internal sealed class RecordedSource(Module module)
{
    readonly Dictionary<string, List<RecordedPart>> _parts = [];
    readonly List<(int Steps, int Batch, int[]? Lengths)> _runs = [];

    /// <summary>What reported.</summary>
    public Module Module => module;

    /// <summary>The steps of each run of a recurrent layer, and the length of each row where they differ.</summary>
    public IReadOnlyList<(int Steps, int Batch, int[]? Lengths)> Runs => _runs;

    /// <summary>Where gradients are followed: the state after each step in the order in which steps are made, the initial one first; and what entered the step.</summary>
    public List<(int Step, Tensor Input, State State)> States { get; } = [];

    /// <summary>Σ of the squares of ∂L/∂h at each step, over rows and units and all runs.</summary>
    public List<double> GradientSquares { get; } = [];

    /// <summary>The states h that a tape keeps, each with its step: where layers run step by step and gradients are wanted.</summary>
    public List<(int Step, Tensor H)> Waiting { get; } = [];

    /// <summary>Adds ∂L/∂h of some rows at a step.</summary>
    public void AddGradient(int step, ReadOnlySpan<Real> gradient)
    {
        while (GradientSquares.Count <= step) GradientSquares.Add(0);
        GradientSquares[step] += Reduce.SumOfSquares(gradient);
    }

    /// <summary>Takes the gradients of what waits for them, while the tape is there.</summary>
    public void TakeGradients()
    {
        foreach (var (step, h) in Waiting)
            if (h.NeedsGradient) AddGradient(step, h.Gradient);
        Waiting.Clear();
    }

    public void AddSteps(int steps, int batch, Lengths? lengths) => _runs.Add((steps, batch, lengths?.Values.ToArray()));

    /// <summary>Adds a part behind all that was reported by that name.</summary>
    public void Add(string name, RecordedPart part)
    {
        if (!_parts.TryGetValue(name, out var parts)) _parts[name] = parts = [];
        parts.Add(part);
    }

    /// <summary>Zeros behind all that was reported by that name, to be written to.</summary>
    public Tensor Room(string name, Shape shape)
    {
        var room = Tensor.Free(shape);
        room.Values.Clear();
        Add(name, new(room, 0, shape, null));
        return room;
    }

    /// <summary>Whether something was reported by that name.</summary>
    public bool Has(string name) => _parts.ContainsKey(name);

    /// <summary>H, the size of what was reported by that name.</summary>
    public int SizeOf(string name) => _parts[name][0].Shape.Columns;

    /// <summary>Shows a visitor what was reported by that name at every step that counts, whatever the batches.</summary>
    public void Visit(string name, RowVisitor visit)
    {
        for (var i = 0; i < _runs.Count; i++) _parts[name][i].Visit(_runs[i].Lengths, visit);
    }

    /// <summary>All that was reported by that name, one after the other along the outermost dimension.</summary>
    /// <exception cref="InvalidOperationException">The parts are of different shapes besides.</exception>
    public Tensor All(string name)
    {
        var parts = _parts[name];
        var rest = parts[0].Shape.WithoutFirst();
        foreach (var part in parts)
            if (part.Shape.WithoutFirst() != rest) Throw.RecordedShapesDiffer(name, rest, part.Shape.WithoutFirst());
        var all = Tensor.Free(parts[0].Shape.WithFirst(parts.Sum(p => p.Shape[0])));
        all.Values.Clear();
        var at = 0;
        foreach (var part in parts)
        {
            part.CopyTo(all.Values[at..]);
            at += part.Shape.Count;
        }
        return all;
    }
}

/// <summary>Reports the steps of a layer that runs as a loop over its cell's steps.</summary>
internal sealed class StepRecorder
{
    readonly Recorder _recorder;
    readonly RecurrentCell _cell;
    readonly RecordedSource _source;
    readonly Lengths? _lengths;
    readonly int _batch;
    readonly Tensor[] _rooms;                    // of the gates, then of the states
    readonly List<Tensor> _gates = [];

    StepRecorder(Recorder recorder, Recurrent layer, int steps, int batch, Lengths? lengths)
    {
        (_recorder, _cell, _source, _batch, _lengths) = (recorder, layer.Cell, recorder.Of(layer), batch, lengths);
        _source.AddSteps(steps, batch, lengths);
        _rooms = new Tensor[_cell.GateNames.Count + _cell.OwnStates];
        for (var g = 0; g < _cell.GateNames.Count; g++) _rooms[g] = _source.Room(_cell.GateNames[g], new(steps, batch, _cell.HiddenSize));
        for (var i = 0; i < _cell.OwnStates; i++) _rooms[_cell.GateNames.Count + i] = _source.Room(_cell.StateNames[i], new(steps, batch, _cell.StateSize(i)));
    }

    /// <summary>A report of the steps to come; null where nothing is recorded.</summary>
    public static StepRecorder? Of(Recurrent layer, int steps, int batch, Lengths? lengths) => Recorder.Current is { } recorder ? new(recorder, layer, steps, batch, lengths) : null;

    /// <summary>Reports the state before the first step, where gradients are followed; it gets one too.</summary>
    public void Begin(State state)
    {
        if (!_recorder.Follows || _lengths is not null) return;
        for (var i = 0; i < state.Count; i++) state[i].WithGradient();
        _source.States.Add((-1, default, state));
    }

    /// <summary>Reports step <paramref name="t"/>, which was made last: its gates, and the state after it, of the rows that have such a step.</summary>
    public void Add(int t, Tensor input, State state)
    {
        _recorder.TakeGates(_gates);
        for (var g = 0; g < _cell.GateNames.Count && g < _gates.Count; g++) Copy(_gates[g], t, _rooms[g]);
        for (var i = 0; i < _cell.OwnStates; i++) Copy(state[i], t, _rooms[_cell.GateNames.Count + i]);
        if (_recorder.Follows && _lengths is null) _source.States.Add((t, input, state));
        if (_recorder.WantsGradients) _source.Waiting.Add((t, state[0]));
    }

    void Copy(Tensor rows, int t, Tensor to)
    {
        ReadOnlySpan<Real> x = rows.Values;
        Span<Real> y = to.Values;
        var size = to.Columns;
        for (var p = 0; p < rows.Rows; p++) x.Slice(p * size, size).CopyTo(y.Slice((t * _batch + (_lengths is null ? p : _lengths.Order[p])) * size, size));
    }
}
