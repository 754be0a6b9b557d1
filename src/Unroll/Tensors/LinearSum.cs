using Unroll.Kernels;

namespace Unroll.Tensors;

/// <summary>
/// The gradients dW += dyᵀ·x and db += Σ rows of dy of a linear layer, which a walk back may meet many times: once a step of time. Two biases
/// that are added together share the second; x may be what some columns of W are multiplied by.
/// </summary>
/// <remarks>
/// The product of a few rows would spend its time on reading and writing dW. So what comes is collected until it makes a product of
/// some size. The sums are the same, to the bit: the same terms in the same order.
/// </remarks>
internal sealed class LinearSum(BufferPool buffers)
{
    const int Many = 256;                        // rows whose product is not worth a copy: reading and writing dW takes a tenth of it
    const int Enough = 1024;                     // rows that make a product as fast as it gets

    readonly List<Part> _parts = [];
    Parameter _weight = null!;
    Parameter? _bias, _other;
    int _column, _inputs;
    int _rows;

    readonly record struct Part(ReadOnlyMemory<Real> DY, ReadOnlyMemory<Real> X, int Rows);

    public bool IsOf(Parameter weight, Parameter? bias, Parameter? other, int column, int inputs) =>
        _weight == weight && _bias == bias && _other == other && _column == column && _inputs == inputs;

    public void Begin(Parameter weight, Parameter? bias, Parameter? other, int column, int inputs) =>
        (_weight, _bias, _other, _column, _inputs) = (weight, bias, other, column, inputs);

    /// <summary>Adds rows of dy [N, O] and x [N, I], which have to stay as they are until <see cref="Finish"/>.</summary>
    public void Add(ReadOnlyMemory<Real> dy, ReadOnlyMemory<Real> x, int rows)
    {
        if (rows >= Many || _rows + rows > Enough) Finish();
        _parts.Add(new(dy, x, rows));
        _rows += rows;
        if (rows >= Many) Finish();
    }

    /// <summary>Takes the products of what was collected.</summary>
    public void Finish()
    {
        if (_parts.Count == 1) AddProducts(_parts[0].DY.Span, _parts[0].X.Span);
        else if (_parts.Count > 1)
        {
            Buffer dy = buffers.Rent(_rows * _weight.Shape[0]), x = buffers.Rent(_rows * _inputs);
            Span<Real> slopes = dy.Span, inputs = x.Span;
            foreach (var part in _parts)
            {
                Append(part.DY.Span[..(part.Rows * _weight.Shape[0])], ref slopes);
                Append(part.X.Span[..(part.Rows * _inputs)], ref inputs);
            }
            AddProducts(dy.Span, x.Span);
            buffers.Return(dy);
            buffers.Return(x);
        }
        Clear();
    }

    /// <summary>Forgets what was collected.</summary>
    public void Clear()
    {
        _parts.Clear();
        _rows = 0;
    }

    /// <summary>Copies numbers to where there is room left; threads share what is large.</summary>
    static unsafe void Append(ReadOnlySpan<Real> from, ref Span<Real> room)
    {
        fixed (Real* f = from, to = room) ThreadTeam.Run(new CopyKernel { From = f, To = to }, from.Length, Ops.PointwiseGrain);
        room = room[from.Length..];
    }

    void AddProducts(ReadOnlySpan<Real> dy, ReadOnlySpan<Real> x)
    {
        if (_other is not { Trainable: true })
        {
            AddProducts(dy, x, _bias is { Trainable: true } ? _bias.Tensor.Data.Gradient() : default);
            return;
        }
        var buffer = buffers.Rent(_other.Count);
        var sums = buffer.Span[.._other.Count];
        sums.Clear();
        AddProducts(dy, x, sums);
        if (_bias is { Trainable: true }) Ops.AddScaled(1, sums, _bias.Tensor.Data.Gradient());
        Ops.AddScaled(1, sums, _other.Tensor.Data.Gradient());
        buffers.Return(buffer);
    }

    void AddProducts(ReadOnlySpan<Real> dy, ReadOnlySpan<Real> x, Span<Real> sums)
    {
        if (_weight.Trainable) Ops.AddTransposedProduct(dy, x, _rows, _weight.Shape[0], _inputs, _weight.Tensor.Data, sums, _column);
        else if (!sums.IsEmpty) Ops.AddRows(dy, _rows, sums, fresh: false);
    }

    unsafe struct CopyKernel : IKernel
    {
        public Real* From, To;

        public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V> =>
            new ReadOnlySpan<Real>(From + from, to - from).CopyTo(new Span<Real>(To + from, to - from));
    }
}
