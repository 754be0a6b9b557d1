using Unroll.Kernels;

namespace Unroll.Tensors;

/// <summary>Weights that are learned: a tensor with a gradient that outlives the tape, until an optimizer has used it.</summary>
public sealed unsafe class Parameter
{
    readonly TensorData _data = new() { OutlivesTape = true, SumsOverTapes = true, NeedsGradient = true };
    readonly Lock _packing = new();
    Packed? _straight, _transposed, _grouped;

    /// <summary>A parameter of zeros.</summary>
    /// <param name="shape">Its shape: a matrix or a vector.</param>
    /// <param name="decays">Whether weight decay applies to it; not to biases and gains of normalisation.</param>
    public Parameter(Shape shape, bool decays = true)
    {
        var buffer = new Buffer(shape.Count);
        buffer.Clear();
        _data.Own(buffer, shape);
        Tensor = new Tensor(_data);
        Decays = decays;
    }

    /// <summary>The weights as a tensor that operations take.</summary>
    public Tensor Tensor { get; }

    /// <summary>The sizes of the dimensions.</summary>
    public Shape Shape => _data.Shape;

    /// <summary>How many weights there are.</summary>
    public int Count => _data.Shape.Count;

    /// <summary>Whether weight decay applies.</summary>
    public bool Decays { get; }

    /// <summary>Whether it is trained; a frozen one gets no gradient and no step.</summary>
    public bool Trainable
    {
        get => _data.NeedsGradient;
        set => _data.NeedsGradient = value;
    }

    /// <summary>The weights, row-major, to read.</summary>
    public ReadOnlySpan<Real> Values => new(_data.Pointer, Count);

    /// <summary>The gradient summed up since <see cref="ClearGradient"/>.</summary>
    public Span<Real> Gradient => new(_data.Gradient(), Count);

    /// <summary>True where no gradient has been added since <see cref="ClearGradient"/>.</summary>
    public bool HasNoGradient => _data.GradientIsFresh;

    /// <summary>How many times the weights were opened for change.</summary>
    public int Version { get; private set; }

    /// <summary>The weights, row-major, to change. Use the span at once: products computed later see what it holds then.</summary>
    public Span<Real> Edit()
    {
        Version++;
        return new(_data.Pointer, Count);
    }

    /// <summary>Forgets the gradient, in no time: the next one overwrites it.</summary>
    public void ClearGradient() => _data.GradientIsFresh = true;

    /// <summary>
    /// The matrix packed as the right factor of a product: W[k, n] itself, or its transpose. Packed once for every change of the weights,
    /// by whoever comes first.
    /// </summary>
    /// <param name="transposed">Whether the transpose is wanted.</param>
    /// <param name="groups">Its columns are packed in so many equal groups, each from a panel's first column on.</param>
    internal Real* PackedFor(bool transposed, int groups = 1)
    {
        int k = Shape[0], n = Shape.Columns;
        if (transposed) (k, n) = (n, k);
        if (n / groups % Gemm.PanelColumns == 0) groups = 1;             // groups fill their panels: the same thing
        lock (_packing)
        {
            ref var packed = ref groups > 1 ? ref _grouped : ref transposed ? ref _transposed : ref _straight;
            packed ??= new Packed(groups * Gemm.PackedLength(k, n / groups));
            if (packed.Version != Version)
            {
                var width = n / groups;
                for (var g = 0; g < groups; g++)
                {
                    nint from = (nint)g * width, to = (nint)g * Gemm.PackedLength(k, width);
                    if (transposed) Gemm.Pack(_data.Pointer + from * k, 1, k, k, width, packed.Buffer.Pointer + to);
                    else Gemm.Pack(_data.Pointer + from, n, 1, k, width, packed.Buffer.Pointer + to);
                }
                packed.Version = Version;
            }
            return packed.Buffer.Pointer;
        }
    }

    sealed class Packed(int length)
    {
        public readonly Buffer Buffer = new(length);
        public int Version = -1;
    }
}
