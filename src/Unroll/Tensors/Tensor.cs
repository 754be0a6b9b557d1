using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Unroll.Kernels;

namespace Unroll.Tensors;

/// <summary>
/// Numbers with a <see cref="Tensors.Shape"/>, and, where they were computed under a recording <see cref="Tape"/>, a gradient.
/// </summary>
/// <remarks>
/// A tensor is a light handle. One made while a tape is open on this thread belongs to that tape and goes with it: its memory is used
/// again, and touching it later throws. One made outside a tape lives as long as it is referenced. Not safe for use by several threads
/// while it is written.
/// </remarks>
[DebuggerDisplay("{ToString(),nq}")]
public readonly struct Tensor
{
    readonly TensorData? _data;
    readonly int _generation;

    internal Tensor(TensorData data)
    {
        _data = data;
        _generation = data.Generation;
    }

    /// <summary>True for a handle that stands for no tensor.</summary>
    public bool IsNone => _data is null;

    /// <summary>The sizes of the dimensions.</summary>
    public Shape Shape => Data.Shape;

    /// <summary>How many elements there are.</summary>
    public int Count => Data.Shape.Count;

    /// <summary>The numbers, row-major. Do not write to a tensor that a recorded operation has used.</summary>
    /// <remarks>
    /// The span of a tensor that a tape owns ends with the tape: after that its memory is another tensor's, and the span shows that one's numbers without
    /// an error. Copy out what is to be kept (<see cref="ToArray"/>, <see cref="Detach"/>). In Debug builds of the library, and where the switch
    /// <c>Unroll.PoisonMemory</c> is true (<c>AppContext.SetSwitch</c> before the first tensor, or <c>RuntimeHostConfigurationOption</c> in a project), memory that a
    /// tape gives back is filled with NaN, so that such a use shows.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The handle stands for no tensor.</exception>
    /// <exception cref="ObjectDisposedException">The tensor's tape has been closed.</exception>
    public Span<Real> Values => Data.Values;

    /// <summary>
    /// The gradient that <see cref="Tape.Backward"/> left here, as long as the tape is open: zeros where the loss does not depend on
    /// the tensor, empty where no gradient was asked for.
    /// </summary>
    /// <remarks>The span ends with the tape, as that of <see cref="Values"/> does.</remarks>
    /// <exception cref="InvalidOperationException">
    /// It was looked up in a table, which got the gradient: ask for the tensor's own with <see cref="WithGradient"/> before it is used.
    /// </exception>
    public ReadOnlySpan<Real> Gradient
    {
        get
        {
            if (Data.Symbols.GradientWentToTable) Throw.GradientWentToTable();
            return Data.NeedsGradient ? Data.Gradient() : [];
        }
    }

    /// <summary>Whether a gradient is computed for this tensor.</summary>
    public bool NeedsGradient => Data.NeedsGradient;

    /// <summary>The number in a tensor of one element.</summary>
    /// <exception cref="InvalidOperationException">The tensor has more or fewer elements.</exception>
    public Real Scalar => Count == 1 ? Values[0] : Throw.NotOneElement<Real>(Shape);

    internal TensorData Data
    {
        get
        {
            if (_data is null || _data.Generation != _generation) Throw.NoTensor(_data is null);
            return _data!;
        }
    }

    /// <summary>What <c>fixed</c> takes the address of, null where there is no tensor: how kernels get at the numbers.</summary>
    internal ref Real GetPinnableReference()
    {
        if (_data is null) return ref Unsafe.NullRef<Real>();
        return ref Data.First;
    }

    /// <summary>The memory as whole numbers, where that is what stands there.</summary>
    internal Span<int> Integers => MemoryMarshal.Cast<Real, int>(Values);

    internal int Rows => Data.Shape.Rows;
    internal int Columns => Data.Shape.Columns;

    /// <summary>A tensor of zeros.</summary>
    public static Tensor Zeros(Shape shape)
    {
        var t = New(shape);
        t.Values.Clear();
        return t;
    }

    /// <summary>A tensor with the given numbers, row-major.</summary>
    /// <exception cref="ArgumentException">There are more or fewer numbers than the shape holds.</exception>
    public static Tensor From(ReadOnlySpan<Real> values, Shape shape)
    {
        if (values.Length != shape.Count) Throw.ValuesDoNotFit(values.Length, shape);
        var t = New(shape);
        values.CopyTo(t.Values);
        return t;
    }

    /// <summary>A tensor with every element the same.</summary>
    public static Tensor Full(Shape shape, double value)
    {
        var t = New(shape);
        t.Values.Fill((Real)value);
        return t;
    }

    /// <summary>A tensor whose numbers are not set yet: the open tape's, or a free one.</summary>
    internal static Tensor New(Shape shape) => Tape.Current is { } tape ? tape.Rent(shape) : Free(shape);

    /// <summary>A tensor that no tape owns.</summary>
    internal static Tensor Free(Shape shape)
    {
        var data = new TensorData { OutlivesTape = true };
        data.Own(new Buffer(shape.Count), shape);
        return new Tensor(data);
    }

    /// <summary>The same numbers in another shape; nothing is copied and the gradient is shared.</summary>
    /// <exception cref="ArgumentException">The shapes hold different numbers of elements.</exception>
    public Tensor Reshape(Shape shape)
    {
        if (shape.Count != Count) Throw.ReshapeDoesNotFit(Shape, shape);
        var view = View(0, shape);
        if (shape.Columns == Columns) view.Data.Symbols = Data.Symbols;
        return view;
    }

    /// <summary>Part <paramref name="index"/> of the outermost dimension, for a sequence the step at that time; nothing is copied.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such part.</exception>
    public Tensor this[int index]
    {
        get
        {
            var shape = Shape;
            if (shape.Rank == 0 || (uint)index >= (uint)shape[0]) Throw.NoSuchPart(index, shape);
            var part = shape.WithoutFirst();
            return View(index * part.Count, part);
        }
    }

    /// <summary>The same counted from the end: <c>x[^1]</c> is the last part of the outermost dimension.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such part.</exception>
    public Tensor this[Index index] => this[index.GetOffset(Shape.Rank == 0 ? 0 : Shape[0])];      // without it C# would count from Count, all elements

    /// <summary>Parts of the outermost dimension, for a sequence a stretch of time; nothing is copied and the gradient is shared.</summary>
    public Tensor this[Range range]
    {
        get
        {
            var shape = Shape;
            if (shape.Rank == 0) Throw.NoSuchPart(0, shape);
            var (start, count) = range.GetOffsetAndLength(shape[0]);
            return View(start * shape.WithoutFirst().Count, shape.WithFirst(count));
        }
    }

    Tensor View(int offset, Shape shape)
    {
        var data = Tape.Current is { } tape ? tape.RentData() : new TensorData();
        data.Look(Data, offset, shape);
        return new Tensor(data);
    }

    /// <summary>Asks for the gradient of a tensor that is an input of the computation, or was looked up in a table.</summary>
    /// <returns>The same tensor.</returns>
    public Tensor WithGradient()
    {
        Data.NeedsGradient = true;
        Data.Symbols = default;
        return this;
    }

    /// <summary>Forgets the gradient of a tensor that no tape owns; the next one starts anew.</summary>
    public void ClearGradient() => Data.GradientIsFresh = true;

    /// <summary>A copy that no tape owns and no gradient flows through.</summary>
    public Tensor Detach()
    {
        var copy = Free(Shape);
        Values.CopyTo(copy.Values);
        return copy;
    }

    /// <summary>The numbers as an array.</summary>
    public Real[] ToArray() => Values.ToArray();

    /// <summary>Shape and first numbers, for people.</summary>
    public override string ToString()
    {
        if (_data is null) return "no tensor";
        if (_data.Generation != _generation) return "a tensor of a closed tape";
        var text = new StringBuilder(Shape.ToString()).Append(" {");
        for (var i = 0; i < Math.Min(8, Count); i++)
            text.Append(i == 0 ? " " : ", ").Append(Values[i].ToString("G5", CultureInfo.InvariantCulture));
        return text.Append(Count > 8 ? ", … }" : " }").ToString();
    }

    /// <summary>A parameter stands for its tensor.</summary>
    public static implicit operator Tensor(Parameter parameter) => parameter.Tensor;

    /// <summary>a + b; see <see cref="Ops.Add(Tensor, Tensor)"/>.</summary>
    public static Tensor operator +(Tensor a, Tensor b) => Ops.Add(a, b);

    /// <summary>a − b; see <see cref="Ops.Subtract(Tensor, Tensor)"/>.</summary>
    public static Tensor operator -(Tensor a, Tensor b) => Ops.Subtract(a, b);

    /// <summary>a ⊙ b; see <see cref="Ops.Multiply(Tensor, Tensor)"/>.</summary>
    public static Tensor operator *(Tensor a, Tensor b) => Ops.Multiply(a, b);

    /// <summary>a ⊘ b; see <see cref="Ops.Divide(Tensor, Tensor)"/>.</summary>
    public static Tensor operator /(Tensor a, Tensor b) => Ops.Divide(a, b);

    /// <summary>−a.</summary>
    public static Tensor operator -(Tensor a) => Ops.Negate(a);

    /// <summary>s·a.</summary>
    public static Tensor operator *(double s, Tensor a) => Ops.Affine(a, s, 0);

    /// <summary>a·s.</summary>
    public static Tensor operator *(Tensor a, double s) => Ops.Affine(a, s, 0);

    /// <summary>a + s, element by element.</summary>
    public static Tensor operator +(Tensor a, double s) => Ops.Affine(a, 1, s);

    /// <summary>s − a, element by element.</summary>
    public static Tensor operator -(double s, Tensor a) => Ops.Affine(a, -1, s);
}

/// <summary>What a tensor handle points to; taken back and given out again by tapes.</summary>
internal sealed class TensorData
{
    Buffer? _values, _gradient;
    TensorData? _whole;          // the tensor whose gradient a view shares
    int _offset;                 // of a view, in the whole
    long _tape;                  // the last that left a gradient here, for a tensor that outlives it
    bool[]? _marks;              // the blocks that rows were added to
    bool _zeroElsewhere;         // whether the gradient is known to be zero in all others

    /// <summary>Counts the owners: a handle of an earlier one is stale.</summary>
    public int Generation { get; private set; }
    public Shape Shape { get; private set; }
    /// <summary>Whether a gradient is computed: for weights, which sum it up over tapes, not while a model is inspected.</summary>
    public bool NeedsGradient
    {
        get => field && !(SumsOverTapes && Tape.Inspects);
        set;
    }

    public Span<Real> Values => MemoryMarshal.CreateSpan(ref First, Shape.Count);

    /// <summary>The first number, by a reference that keeps the memory alive.</summary>
    public ref Real First => ref _values!.At(_offset);

    /// <summary>The numbers, for who keeps them in an object.</summary>
    public Memory<Real> Memory => _values!.Memory(_offset, Shape.Count);

    public void Own(Buffer values, Shape shape)
    {
        _values = values;
        Shape = shape;
    }

    public void Look(TensorData at, int offset, Shape shape)
    {
        _whole = at._whole ?? at;
        _values = at._values;
        _offset = at._offset + offset;
        Shape = shape;
        NeedsGradient = at.NeedsGradient;
    }

    /// <summary>Where the gradient is summed up; zeros at first.</summary>
    public Span<Real> Gradient()
    {
        var target = GradientOrFresh(out var fresh);
        if (fresh) target.Clear();
        return target;
    }

    /// <summary>The same, for who keeps it in an object.</summary>
    public Memory<Real> GradientMemory()
    {
        Gradient();
        return (_whole ?? this)._gradient!.Memory(_offset, Shape.Count);
    }

    /// <summary>Where the gradient is summed up. <paramref name="fresh"/>: nothing has been yet, and the caller must overwrite it all.</summary>
    public Span<Real> GradientOrFresh(out bool fresh)
    {
        if (_whole is not null)
        {
            fresh = false;
            return _whole.Gradient().Slice(_offset, Shape.Count);
        }
        if (OutlivesTape && !SumsOverTapes && Tape.IsRecording && Tape.Current!.Number != _tape) (GradientIsFresh, _tape) = (true, Tape.Current.Number);
        fresh = GradientIsFresh;
        _gradient ??= Tape.Current is { } tape && !OutlivesTape ? tape.RentBuffer(Shape.Count) : new Buffer(Shape.Count);
        GradientIsFresh = _zeroElsewhere = false;
        return _gradient.Span[..Shape.Count];
    }

    /// <summary>
    /// Where the gradient is summed up by one who adds to these rows alone. A batch uses few rows of a large table: as long as nobody else
    /// adds to its gradient, the blocks without such a row are known to be zero, and need not be cleared, read or used.
    /// </summary>
    public Span<Real> GradientOfRows(ReadOnlySpan<int> rows)
    {
        if (!SumsOverTapes || !GradientIsFresh && !_zeroElsewhere) return Gradient();
        if (GradientIsFresh) ClearBlocks();
        var width = Shape.Columns;
        foreach (var row in rows)
        {
            if (row < 0) continue;
            var last = ((long)row * width + width - 1) / Reduce.Chunk;
            for (var i = (long)row * width / Reduce.Chunk; i <= last; i++) _marks![i] = true;
        }
        return _gradient!.Span[..Shape.Count];
    }

    void ClearBlocks()
    {
        _gradient ??= new Buffer(Shape.Count);
        _marks ??= new bool[(Shape.Count + Reduce.Chunk - 1) / Reduce.Chunk];
        var gradient = _gradient.Span[..Shape.Count];
        if (!_zeroElsewhere) gradient.Clear();
        else
            for (var i = 0; i < _marks.Length; i++)
                if (_marks[i]) gradient.Slice(i * Reduce.Chunk, Math.Min(Reduce.Chunk, Shape.Count - i * Reduce.Chunk)).Clear();
        Array.Clear(_marks);
        (GradientIsFresh, _zeroElsewhere) = (false, true);
    }

    /// <summary>
    /// The gradient that was summed up, to be read, or to be changed where it is not zero. <paramref name="marks"/>: where not empty, the
    /// blocks of <see cref="Reduce.Chunk"/> numbers that may be other than zero.
    /// </summary>
    public Span<Real> GradientToUse(out ReadOnlySpan<bool> marks)
    {
        marks = _zeroElsewhere ? _marks : [];
        return _gradient!.Span[..Shape.Count];
    }

    /// <summary>Says that the gradient was written over the values, which nobody will read again.</summary>
    public void ReplaceByGradient() => (_gradient, GradientIsFresh) = (_values, false);

    /// <summary>Whether both are one tensor, or parts of one, so that their gradients may overlap.</summary>
    public bool SharesGradient(TensorData other) => (_whole ?? this) == (other._whole ?? other);

    /// <summary>The symbols it consists of, where it was gathered from a table and nobody asked for the gradient of each row.</summary>
    public Symbols Symbols { get; set; }

    /// <summary>Whether no gradient has been added yet.</summary>
    public bool GradientIsFresh { get; set; } = true;

    /// <summary>No tape owns it: a parameter, or a tensor made outside any tape.</summary>
    public bool OutlivesTape { get; init; }

    /// <summary>A parameter: its gradient is kept until it is cleared. Any other's starts anew with every tape.</summary>
    public bool SumsOverTapes { get; init; }

    /// <summary>Of a parameter: how many times its weights were opened for change.</summary>
    public int Version { get; set; }

    /// <summary>Ends this owner's time: handles become stale, memory goes back.</summary>
    public void Release(BufferPool pool)
    {
        if (_values is not null && _whole is null) pool.Return(_values);
        if (_gradient is not null && _gradient != _values) pool.Return(_gradient);
        _values = _gradient = null;
        _whole = null;
        (_offset, NeedsGradient, GradientIsFresh, Symbols) = (0, false, true, default);
        Generation++;
    }
}
