using Unroll.Kernels;

namespace Unroll.Tensors;

public static unsafe partial class Ops
{
    /// <summary>
    /// yᵢ = e^(xᵢ − max x) / Σⱼ e^(xⱼ − max x), row by row. dx = y ⊙ (dy − Σⱼ dyⱼ yⱼ).
    /// </summary>
    /// <param name="x">[…, F].</param>
    /// <param name="lengths">Where given, only the first so many numbers of each row count; the others get 0. A row of length 0 is all zeros.</param>
    /// <exception cref="ArgumentException">There is not one length a row, or one is out of range.</exception>
    public static Tensor Softmax(Tensor x, ReadOnlySpan<int> lengths = default) => Normalise(x, lengths, logarithm: false);

    /// <summary>
    /// yᵢ = xᵢ − max x − ln Σⱼ e^(xⱼ − max x), row by row. dx = dy − eʸ Σⱼ dyⱼ. Where a row is cut by its length, the rest is −∞.
    /// </summary>
    /// <inheritdoc cref="Softmax(Tensor, ReadOnlySpan{int})"/>
    public static Tensor LogSoftmax(Tensor x, ReadOnlySpan<int> lengths = default) => Normalise(x, lengths, logarithm: true);

    static Tensor Normalise(Tensor x, ReadOnlySpan<int> lengths, bool logarithm)
    {
        if (!lengths.IsEmpty && lengths.Length != x.Rows) Throw.ValuesDoNotFit(lengths.Length, x.Shape);
        foreach (var n in lengths)
            if (n < 0 || n > x.Columns) Throw.OutOfRange(nameof(lengths), n, $"from 0 to {x.Columns}");
        var y = Tensor.New(x.Shape);
        fixed (int* l = lengths)
        fixed (Real* px = x, py = y)
            ThreadTeam.Run(new SoftmaxKernel { X = px, Y = py, Lengths = l, Columns = x.Columns, Logarithm = logarithm }, x.Rows, RowGrain(x.Columns));
        if (Tape.Records(y, x)) Tape.Push<SoftmaxNode>().Set(x, y, lengths, logarithm);
        return y;
    }

    /// <summary>Rows that make a hand-over worth it where each number costs an exponential.</summary>
    internal static int RowGrain(int columns) => Math.Max(1, 4096 / Math.Max(1, columns));

    sealed class SoftmaxNode : IdsNode
    {
        Tensor _x, _y;
        bool _logarithm;

        public void Set(Tensor x, Tensor y, ReadOnlySpan<int> lengths, bool logarithm)
        {
            (_x, _y, _logarithm) = (x, y, logarithm);
            Ids = lengths;
        }

        public override void Backward()
        {
            fixed (int* l = Ids)
            fixed (Real* y = _y, dy = _y.Data.Gradient(), dx = _x.Data.Gradient())
                ThreadTeam.Run(new SoftmaxBackwardKernel { Y = y, DY = dy, DX = dx, Lengths = l, Columns = _x.Columns, Logarithm = _logarithm }, _x.Rows, RowGrain(_x.Columns));
        }
    }

    /// <summary>
    /// Layer normalisation (Ba, Kiros and Hinton 2016): y = (x − μ)/√(σ² + ε) ⊙ gain + bias, μ and σ² over each row (the biased variance).
    /// With x̂ the normalised row and g = dy ⊙ gain: dx = (g − mean g − x̂ ⊙ mean(g ⊙ x̂))/√(σ² + ε), dgain = Σ dy ⊙ x̂, dbias = Σ dy.
    /// </summary>
    /// <param name="x">[…, F].</param>
    /// <param name="gain">[F].</param>
    /// <param name="bias">[F].</param>
    /// <param name="epsilon">ε, above 0.</param>
    public static Tensor LayerNorm(Tensor x, Parameter gain, Parameter bias, double epsilon = 1e-5)
    {
        if (gain.Count != x.Columns || bias.Count != x.Columns) Throw.ShapesDiffer(nameof(LayerNorm), x.Shape, gain.Shape, "gain and bias of x's last dimension");
        Tensor y = Tensor.New(x.Shape), means = Tensor.New(new(x.Rows)), scales = Tensor.New(new(x.Rows));
        fixed (Real* px = x, py = y, g = gain, b = bias, m = means, s = scales)
            ThreadTeam.Run(new LayerNormKernel { X = px, Y = py, Gain = g, Bias = b, Means = m, Scales = s, Columns = x.Columns, Epsilon = epsilon }, x.Rows, RowGrain(x.Columns));
        if (Tape.Mark(y, x.NeedsGradient || gain.Trainable || bias.Trainable)) Tape.Push<LayerNormNode>().Set(x, gain, bias, y, means, scales);
        return y;
    }

    sealed class LayerNormNode : Node
    {
        Tensor _x, _y, _means, _scales;
        Parameter _gain = null!, _bias = null!;

        public void Set(Tensor x, Parameter gain, Parameter bias, Tensor y, Tensor means, Tensor scales) =>
            (_x, _gain, _bias, _y, _means, _scales) = (x, gain, bias, y, means, scales);

        public override void Backward()
        {
            var dy = _y.Data.Gradient();
            int rows = _x.Rows, columns = _x.Columns;
            if (_x.NeedsGradient)
                fixed (Real* x = _x, slope = dy, dx = _x.Data.Gradient(), gain = _gain, means = _means, scales = _scales)
                {
                    var kernel = new LayerNormBackwardKernel { X = x, DY = slope, DX = dx, Gain = gain, Means = means, Scales = scales, Columns = columns };
                    ThreadTeam.Run(kernel, rows, RowGrain(columns));
                }
            if (_gain.Trainable)
            {
                Span<Real> dGain = _gain.Tensor.Data.Gradient(), means = _means.Values, scales = _scales.Values;
                for (var r = 0; r < rows; r++)
                {
                    Span<Real> x = _x.Values.Slice(r * columns, columns), d = dy.Slice(r * columns, columns);
                    for (var j = 0; j < columns; j++) dGain[j] = RealMath.FusedMultiplyAdd(d[j], (x[j] - means[r]) * scales[r], dGain[j]);
                }
            }
            if (_bias.Trainable)
            {
                var dBias = _bias.Tensor.Data.GradientOrFresh(out var fresh);
                AddRows(dy, rows, dBias, fresh);
            }
        }
    }
}
