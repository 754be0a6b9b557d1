using System.Runtime.InteropServices;
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
internal sealed unsafe class LinearSum(BufferPool buffers)
{
    const int Many = 256;                        // rows whose product is not worth a copy: reading and writing dW takes a tenth of it
    const int Enough = 1024;                     // rows that make a product as fast as it gets

    readonly List<Part> _parts = [];
    Parameter _weight = null!;
    Parameter? _bias, _other;
    int _column, _inputs;
    int _rows;

    readonly record struct Part(nint DY, nint X, int Rows, int Before);

    public bool IsOf(Parameter weight, Parameter? bias, Parameter? other, int column, int inputs) =>
        _weight == weight && _bias == bias && _other == other && _column == column && _inputs == inputs;

    public void Begin(Parameter weight, Parameter? bias, Parameter? other, int column, int inputs) =>
        (_weight, _bias, _other, _column, _inputs) = (weight, bias, other, column, inputs);

    /// <summary>Adds rows of dy [N, O] and x [N, I], which have to stay as they are until <see cref="Finish"/>.</summary>
    public void Add(Real* dy, Real* x, int rows)
    {
        if (rows >= Many || _rows + rows > Enough) Finish();
        _parts.Add(new((nint)dy, (nint)x, rows, _rows));
        _rows += rows;
        if (rows >= Many) Finish();
    }

    /// <summary>Takes the products of what was collected.</summary>
    public void Finish()
    {
        if (_parts.Count == 1) AddProducts((Real*)_parts[0].DY, (Real*)_parts[0].X);
        else if (_parts.Count > 1)
        {
            Buffer dy = buffers.Rent(_rows * _weight.Shape[0]), x = buffers.Rent(_rows * _inputs);
            fixed (Part* parts = CollectionsMarshal.AsSpan(_parts))
                Team.Run(new JoinKernel { Parts = parts, DY = dy.Pointer, X = x.Pointer, Outputs = _weight.Shape[0], Inputs = _inputs }, _parts.Count, 2);
            AddProducts(dy.Pointer, x.Pointer);
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

    void AddProducts(Real* dy, Real* x)
    {
        if (_other is not { Trainable: true })
        {
            AddProducts(dy, x, _bias is { Trainable: true } ? _bias.Tensor.Data.Gradient() : null);
            return;
        }
        var sums = buffers.Rent(_other.Count);
        sums.Clear();
        AddProducts(dy, x, sums.Pointer);
        if (_bias is { Trainable: true }) Ops.AddScaled(1, sums.Pointer, _bias.Tensor.Data.Gradient(), _other.Count);
        Ops.AddScaled(1, sums.Pointer, _other.Tensor.Data.Gradient(), _other.Count);
        buffers.Return(sums);
    }

    void AddProducts(Real* dy, Real* x, Real* sums)
    {
        if (_weight.Trainable) Ops.AddTransposedProduct(dy, x, _rows, _weight.Shape[0], _inputs, _weight.Tensor.Data, sums, _column);
        else if (sums != null) Ops.AddRows(dy, _rows, _weight.Shape[0], sums, fresh: false);
    }

    /// <summary>Copies the parts one after the other.</summary>
    struct JoinKernel : IKernel
    {
        public Part* Parts;
        public Real* DY, X;
        public int Outputs, Inputs;

        public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
        {
            for (var i = from; i < to; i++)
            {
                Copy((Real*)Parts[i].DY, DY, Parts[i], Outputs);
                Copy((Real*)Parts[i].X, X, Parts[i], Inputs);
            }
        }

        static void Copy(Real* from, Real* to, Part part, int columns) =>
            new ReadOnlySpan<Real>(from, part.Rows * columns).CopyTo(new Span<Real>(to + (nint)part.Before * columns, part.Rows * columns));
    }
}
