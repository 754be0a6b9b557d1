using System.Diagnostics;
using Unroll.Kernels;

namespace Unroll.Tensors;

/// <summary>Weights that are learned: a tensor with a gradient that outlives the tape, until an optimizer has used it.</summary>
/// <remarks>Safe for use by several threads, as long as none of them trains or changes it.</remarks>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class Parameter
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

    /// <summary>Whether it is trained; a frozen one gets no gradient and no step. May be changed at any time between the steps of an optimizer.</summary>
    /// <remarks>False for all parameters while a tape of <see cref="Tape.Inspect"/> is in force on this thread.</remarks>
    public bool Trainable
    {
        get => _data.NeedsGradient;                     // nor while a model is inspected
        set => _data.NeedsGradient = value;
    }

    /// <summary>The weights, row-major, to read.</summary>
    public ReadOnlySpan<Real> Values => _data.Values;

    /// <summary>The gradient summed up since <see cref="ClearGradient"/>.</summary>
    public Span<Real> Gradient => _data.Gradient();

    /// <summary>The gradient where there is one, and which of its blocks count; see <see cref="TensorData.GradientToUse"/>.</summary>
    internal Span<Real> GradientToUse(out ReadOnlySpan<bool> marks) => _data.GradientToUse(out marks);

    /// <summary>True where no gradient has been added since <see cref="ClearGradient"/>.</summary>
    public bool HasNoGradient => _data.GradientIsFresh;

    /// <summary>How many times the weights were opened for change.</summary>
    public int Version => _data.Version;

    /// <summary>The weights, row-major, to change. Use the span at once: products computed later see what it holds then.</summary>
    public Span<Real> Edit()
    {
        _data.Version++;
        return _data.Values;
    }

    /// <summary>Shape and first weights, and whether it is frozen, for people.</summary>
    public override string ToString() => Trainable ? $"{Tensor}" : $"{Tensor}, frozen";

    /// <summary>What <c>fixed</c> takes the address of; a parameter that is null gives a null pointer.</summary>
    internal ref Real GetPinnableReference() => ref _data.First;

    /// <summary>Forgets the gradient, in no time: the next one overwrites it.</summary>
    public void ClearGradient() => _data.GradientIsFresh = true;

    /// <summary>
    /// The matrix as the right factor of a product: W[k, n] itself, or its transpose. Packed once for every change of the weights, by
    /// whoever comes first when packing pays; before that, as it stands.
    /// </summary>
    /// <param name="transposed">Whether the factor is the transpose.</param>
    /// <param name="passes">How many times the coming products read it from end to end.</param>
    /// <param name="groups">A transpose's columns are packed in so many equal groups, each from a panel's first column on.</param>
    internal WeightFactor FactorFor(bool transposed, long passes, int groups = 1)
    {
        int rows = Shape[0], columns = Shape.Columns;
        var (k, n) = transposed ? (columns, rows) : (rows, columns);
        var raw = transposed ? new WeightFactor(_data.Values, 1, columns, isPacked: false) : new WeightFactor(_data.Values, columns, 1, isPacked: false);
        var width = n / groups;
        if (width % Gemm.PanelColumns == 0) (groups, width) = (1, n);        // groups that fill their panels: the same thing
        lock (_packing)
        {
            ref var packed = ref groups > 1 ? ref _grouped : ref transposed ? ref _transposed : ref _straight;
            packed ??= new Packed(checked(groups * Gemm.PackedLength(k, width)));
            if (packed.Version != Version)
            {
                packed.Version = Version;
                packed.Passes = 0;
            }
            if (packed.Passes <= PassesBeforePacking)
            {
                packed.Passes += passes;
                if (packed.Passes <= PassesBeforePacking) return raw;
                Pack(raw, k, width, groups, packed.Buffer);
            }
            return new(packed.Buffer.Span, Gemm.PanelColumns, k, isPacked: true);
        }
    }

    static unsafe void Pack(WeightFactor factor, int k, int width, int groups, Buffer buffer)
    {
        fixed (Real* w = factor, packed = buffer)
            for (var g = 0; g < groups; g++) Gemm.Pack(factor.At(w).From(0, g * width), k, width, packed + (nint)g * Gemm.PackedLength(k, width));
    }

    /// <summary>The matrix as a right factor of which the columns from <paramref name="column"/> on are used; packed where they begin a panel.</summary>
    internal WeightFactor FactorFrom(int column, long passes) =>
        column % Gemm.PanelColumns == 0 ? FactorFor(transposed: false, passes) : new(_data.Values, Shape.Columns, 1, isPacked: false);

    // A product that packs on the way takes as long as packing and a product by packed weights: from the second on packing pays.
    const int PassesBeforePacking = 1;

    /// <summary>The matrix packed; how many times products read it at this version, and beyond the limit it is packed.</summary>
    sealed class Packed(int length)
    {
        public readonly Buffer Buffer = new(length);
        public int Version = -1;
        public long Passes;
    }
}

/// <summary>
/// A matrix of weights as the right factor of a product, packed or as it stands. Kernels take its address: <c>fixed (Real* w = factor) … factor.At(w)</c>.
/// </summary>
internal readonly ref struct WeightFactor(ReadOnlySpan<Real> memory, nint row, nint column, bool isPacked)
{
    readonly ReadOnlySpan<Real> _memory = memory;

    public bool IsPacked => isPacked;

    public ref readonly Real GetPinnableReference() => ref _memory.GetPinnableReference();

    /// <summary>The factor at the address where it was fixed.</summary>
    public unsafe Factor At(Real* pointer) => new(pointer, row, column, isPacked);
}
