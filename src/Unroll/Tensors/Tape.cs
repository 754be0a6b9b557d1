namespace Unroll.Tensors;

/// <summary>
/// What was computed on this thread since it was opened, and the memory it took. <c>using var tape = Tape.Record();</c> records
/// operations so that <see cref="Backward"/> can walk back through them; <see cref="Inspect"/> does so without dropout and for inputs alone;
/// <c>using var scope = Tape.Scratch();</c> records nothing and only gives memory back at its end, for inference.
/// </summary>
/// <remarks>
/// Tapes nest: the innermost is in force. Closing a tape makes its tensors unusable and keeps their memory for the next one on this thread,
/// so that a training step allocates nothing after the first. What must outlive the tape is copied out with <see cref="Tensor.Detach"/>: a span taken from
/// <see cref="Tensor.Values"/> is no copy. A tape serves the thread that opened it.
/// </remarks>
public sealed class Tape : IDisposable
{
    [ThreadStatic] static Tape? _current;
    static long _opened;
    [ThreadStatic] static Tape? _free;      // closed tapes with their pools, linked through _outer

    readonly BufferPool _buffers = new();
    readonly List<TensorData> _tensors = [];
    readonly List<Node> _nodes = [];
    readonly Dictionary<Type, Stack<Node>> _freeNodes = [];
    readonly List<TensorList> _lists = [];
    readonly Dictionary<int, Stack<TensorList>> _freeLists = [];
    readonly List<LinearSum> _sums = [];
    int _tensorsUsed, _sumsUsed;
    Tape? _outer;
    bool _recording, _inspects, _open, _walked;

    Tape() { }

    /// <summary>The tape in force on this thread.</summary>
    internal static Tape? Current => _current;

    /// <summary>Tells one opening from all others.</summary>
    internal long Number { get; private set; }

    /// <summary>Whether operations are being recorded on this thread, for training (<see cref="Record"/>) or to inspect a model (<see cref="Inspect"/>).</summary>
    public static bool IsRecording => _current is { _recording: true };

    /// <summary>Whether dropout works on this thread.</summary>
    internal static bool Drops => _current is { _recording: true, _inspects: false };

    /// <summary>Whether the tape in force was opened by <see cref="Inspect"/>.</summary>
    internal static bool Inspects => _current is { _inspects: true };

    /// <summary>Opens a tape that records for training: dropout works, and parameters get gradients.</summary>
    public static Tape Record() => Open(recording: true);

    /// <summary>
    /// Opens a tape that records for gradients with respect to inputs, of a model as it predicts: dropout does nothing, and parameters get no gradient,
    /// only tensors for which <see cref="Tensor.WithGradient"/> asks. For saliency, attributions and adversarial examples.
    /// </summary>
    /// <remarks>
    /// <see cref="Parameter.Gradient"/> and <see cref="Parameter.HasNoGradient"/> are left as they are, so that a model can be inspected between the
    /// batches of a training. While this tape is in force, <see cref="Parameter.Trainable"/> is false for every parameter.
    /// <code>
    /// using var tape = Tape.Inspect();
    /// var x = Tensor.From(values, shape).WithGradient();       // [T, B, I]
    /// tape.Backward(Ops.Sum(model.Forward(x)));
    /// x.Gradient                                               // ∂y/∂x
    /// </code>
    /// </remarks>
    public static Tape Inspect() => Open(recording: true, inspects: true);

    /// <summary>Opens a tape that records nothing and owns the tensors made until it is closed.</summary>
    public static Tape Scratch() => Open(recording: false);

    static Tape Open(bool recording, bool inspects = false)
    {
        var tape = _free ?? new Tape();
        _free = tape._outer;
        (tape._outer, tape._recording, tape._inspects, tape._open, tape._walked) = (_current, recording, inspects, true, false);
        tape.Number = Interlocked.Increment(ref _opened);
        return _current = tape;
    }

    /// <summary>
    /// Computes the gradient of a scalar with respect to everything recorded that needs one, and adds it to the parameters' gradients. Once a
    /// tape: what operations kept is used up on the way.
    /// </summary>
    /// <param name="loss">The scalar, computed under this tape.</param>
    /// <param name="scale">The gradient of the loss itself, 1 unless parts of a batch are to be weighted.</param>
    /// <exception cref="ArgumentException">The loss has more than one element.</exception>
    /// <exception cref="InvalidOperationException">
    /// Nothing that needs a gradient went into it; the tape does not record, was closed, or was walked back before.
    /// </exception>
    public void Backward(Tensor loss, double scale = 1)
    {
        if (!_open || _current != this) Throw.TapeNotInForce();
        if (loss.Count != 1) Throw.LossNotScalar(loss.Shape);
        if (!_recording || !loss.NeedsGradient) Throw.NothingToDifferentiate();
        if (_walked) Throw.WalkedBefore();
        _walked = true;
        loss.Data.Gradient()[0] += (Real)scale;
        for (var i = _nodes.Count - 1; i >= 0; i--) _nodes[i].Backward();
        for (var i = 0; i < _sumsUsed; i++) _sums[i].Finish();
    }

    /// <summary>Closes the tape: its tensors become unusable, its memory waits for the next tape on this thread.</summary>
    public void Dispose()
    {
        if (!_open) return;
        if (_current != this) Throw.TapeNotInForce();
        foreach (var node in _nodes) _freeNodes[node.GetType()].Push(node);
        _nodes.Clear();
        for (var i = 0; i < _sumsUsed; i++) _sums[i].Clear();
        _sumsUsed = 0;
        for (var i = 0; i < _tensorsUsed; i++) _tensors[i].Release(_buffers);
        _tensorsUsed = 0;
        foreach (var list in _lists)
        {
            list.Release();
            _freeLists[list.Count].Push(list);
        }
        _lists.Clear();
        _current = _outer;
        (_outer, _open) = (_free, false);
        _free = this;
    }

    internal Tensor Rent(Shape shape)
    {
        var data = RentData();
        data.Own(_buffers.Rent(shape.Count), shape);
        return new Tensor(data);
    }

    internal TensorData RentData()
    {
        if (_tensorsUsed == _tensors.Count) _tensors.Add(new TensorData());
        return _tensors[_tensorsUsed++];
    }

    internal Buffer RentBuffer(int length) => _buffers.Rent(length);

    /// <summary>Where the gradients of a linear layer are summed up on the walk back; those of its bias, or of two that are added together.</summary>
    /// <param name="weight">W, [O, I].</param>
    /// <param name="bias">b, or null.</param>
    /// <param name="other">Another bias with the same gradient, or null.</param>
    /// <param name="column">The first column that x is multiplied by.</param>
    /// <param name="inputs">The columns of x; all of W's where 0.</param>
    internal LinearSum SumFor(Parameter weight, Parameter? bias = null, Parameter? other = null, int column = 0, int inputs = 0)
    {
        if (inputs == 0) inputs = weight.Shape[1];
        for (var i = 0; i < _sumsUsed; i++)
            if (_sums[i].IsOf(weight, bias, other, column, inputs)) return _sums[i];
        if (_sumsUsed == _sums.Count) _sums.Add(new LinearSum(_buffers));
        var sum = _sums[_sumsUsed++];
        sum.Begin(weight, bias, other, column, inputs);
        return sum;
    }

    internal TensorList RentList(int count)
    {
        if (!_freeLists.TryGetValue(count, out var free)) _freeLists[count] = free = new Stack<TensorList>();
        var list = free.Count > 0 ? free.Pop() : new TensorList(count);
        _lists.Add(list);
        return list;
    }

    /// <summary>A node to fill in, on the tape; only while <see cref="IsRecording"/>.</summary>
    internal static T Push<T>() where T : Node, new()
    {
        var tape = _current!;
        if (!tape._freeNodes.TryGetValue(typeof(T), out var free)) tape._freeNodes[typeof(T)] = free = new Stack<Node>();
        var node = free.Count > 0 ? (T)free.Pop() : new T();
        tape._nodes.Add(node);
        return node;
    }

    /// <summary>Whether an operation on these inputs has to be recorded; marks the output if so.</summary>
    internal static bool Records(Tensor output, Tensor a) => Mark(output, a.NeedsGradient);

    /// <inheritdoc cref="Records(Tensor, Tensor)"/>
    internal static bool Records(Tensor output, Tensor a, Tensor b) => Mark(output, a.NeedsGradient || b.NeedsGradient);

    /// <inheritdoc cref="Records(Tensor, Tensor)"/>
    internal static bool Mark(Tensor output, bool needed)
    {
        if (!needed || !IsRecording) return false;
        output.Data.NeedsGradient = true;
        return true;
    }
}

/// <summary>One recorded operation: holds what its derivative needs and adds to the gradients of its inputs.</summary>
internal abstract class Node
{
    /// <summary>Adds to the inputs' gradients what the output's gradient makes of them.</summary>
    public abstract void Backward();
}

/// <summary>Room for some tensor handles, which tapes take back and give out again: what a state is made of.</summary>
internal sealed class TensorList(int count)
{
    readonly Tensor[] _items = new Tensor[count];

    /// <summary>Counts the owners: a state of an earlier one is stale.</summary>
    public int Generation { get; private set; }
    public int Count => _items.Length;
    public ReadOnlySpan<Tensor> Items => _items;

    public Tensor this[int index]
    {
        get => _items[index];
        set => _items[index] = value;
    }

    /// <summary>Room that the open tape owns, or nobody.</summary>
    public static TensorList Of(int count) => Tape.Current is { } tape ? tape.RentList(count) : new TensorList(count);

    public void Release()
    {
        Array.Clear(_items);
        Generation++;
    }
}
