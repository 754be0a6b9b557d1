using Unroll.Kernels;

namespace Unroll.Tensors;

/// <summary>
/// The operations that layers and models are made of. Each computes at once and, while a <see cref="Tape"/> records, leaves a node there
/// that adds to the gradients of its inputs. In the docs x, a, b are inputs, y is the output, dy the gradient of the loss with respect to y.
/// </summary>
public static unsafe partial class Ops
{
    /// <summary>Elements that make a hand-over to another thread worth it, for work of a few operations each.</summary>
    internal const int PointwiseGrain = 16384;

    /// <summary>y = tanh x. dx = dy ⊙ (1 − y²).</summary>
    public static Tensor Tanh(Tensor x) => Unary<Tanh>(x);

    /// <summary>y = σ(x) = 1 / (1 + e⁻ˣ). dx = dy ⊙ y ⊙ (1 − y).</summary>
    public static Tensor Sigmoid(Tensor x) => Unary<Sigmoid>(x);

    /// <summary>y = max(x, 0). dx = dy where x &gt; 0, else 0.</summary>
    public static Tensor Relu(Tensor x) => Unary<Relu>(x);

    /// <summary>y = eˣ. dx = dy ⊙ y.</summary>
    public static Tensor Exp(Tensor x) => Unary<Exp>(x);

    /// <summary>y = ln x. dx = dy ⊘ x.</summary>
    public static Tensor Log(Tensor x) => Unary<Log>(x);

    /// <summary>y = √x. dx = dy ⊘ 2y.</summary>
    public static Tensor Sqrt(Tensor x) => Unary<Sqrt>(x);

    /// <summary>y = x². dx = 2 dy ⊙ x.</summary>
    public static Tensor Square(Tensor x) => Unary<Square>(x);

    /// <summary>y = |x|. dx = dy ⊙ sign x, 0 at 0.</summary>
    public static Tensor Abs(Tensor x) => Unary<Abs>(x);

    /// <summary>y = −x. dx = −dy.</summary>
    public static Tensor Negate(Tensor x) => Unary<Negate>(x);

    /// <summary>y = 1 ⊘ x. dx = −dy ⊙ y².</summary>
    public static Tensor Reciprocal(Tensor x) => Unary<Reciprocal>(x);

    /// <summary>y = ln(1 + eˣ). dx = dy ⊙ σ(x).</summary>
    public static Tensor Softplus(Tensor x) => Unary<Softplus>(x);

    /// <summary>y = ln σ(x). dx = dy ⊙ (1 − σ(x)).</summary>
    public static Tensor LogSigmoid(Tensor x) => Unary<LogSigmoid>(x);

    /// <summary>
    /// y = a + b. da = dy, db = dy. The smaller shape may be the last dimensions of the larger one (a bias, a row for every step, a
    /// scalar); it is then repeated, and its gradient is the sum over the repetitions in order.
    /// </summary>
    public static Tensor Add(Tensor a, Tensor b) => IsEndOf(b.Shape, a.Shape) ? Binary<Add>(a, b, nameof(Add)) : Binary<Add>(b, a, nameof(Add));

    /// <summary>y = a − b. da = dy, db = −dy. b may be the last dimensions of a.</summary>
    public static Tensor Subtract(Tensor a, Tensor b) => Binary<Subtract>(a, b, nameof(Subtract));

    /// <summary>y = a ⊙ b. da = dy ⊙ b, db = dy ⊙ a. Shapes as in <see cref="Add"/>.</summary>
    public static Tensor Multiply(Tensor a, Tensor b) =>
        IsEndOf(b.Shape, a.Shape) ? Binary<Multiply>(a, b, nameof(Multiply)) : Binary<Multiply>(b, a, nameof(Multiply));

    /// <summary>y = a ⊘ b. da = dy ⊘ b, db = −dy ⊙ y ⊘ b. b may be the last dimensions of a.</summary>
    public static Tensor Divide(Tensor a, Tensor b) => Binary<Divide>(a, b, nameof(Divide));

    /// <summary>The larger of each pair. The gradient goes to the larger; half to each where they are equal. b may be the last dimensions of a.</summary>
    public static Tensor Maximum(Tensor a, Tensor b) => Binary<Maximum>(a, b, nameof(Maximum));

    /// <summary>The smaller of each pair. The gradient goes to the smaller; half to each where they are equal. b may be the last dimensions of a.</summary>
    public static Tensor Minimum(Tensor a, Tensor b) => Binary<Minimum>(a, b, nameof(Minimum));

    /// <summary>y = scale·x + shift. dx = scale·dy.</summary>
    public static Tensor Affine(Tensor x, double scale, double shift)
    {
        var y = Tensor.New(x.Shape);
        fixed (Real* px = x, py = y) ThreadTeam.Run(new AffineKernel(px, py, (Real)scale, (Real)shift), x.Count, PointwiseGrain);
        if (Tape.Records(y, x)) Tape.Push<AffineNode>().Set(x, y, (Real)scale);
        return y;
    }

    sealed class AffineNode : Node
    {
        Tensor _x, _y;
        Real _scale;

        public void Set(Tensor x, Tensor y, Real scale) => (_x, _y, _scale) = (x, y, scale);

        public override void Backward()
        {
            var dx = _x.Data.GradientOrFresh(out var fresh);
            AddScaled(_scale, _y.Data.Gradient(), dx, fresh);
        }
    }

    static Tensor Unary<TOp>(Tensor x) where TOp : unmanaged, IUnary
    {
        var y = Tensor.New(x.Shape);
        fixed (Real* px = x, py = y) ThreadTeam.Run(new UnaryKernel<TOp>(px, py), x.Count, PointwiseGrain);
        if (Tape.Records(y, x)) Tape.Push<UnaryNode<TOp>>().Set(x, y);
        return y;
    }

    sealed class UnaryNode<TOp> : Node where TOp : unmanaged, IUnary
    {
        Tensor _x, _y;

        public void Set(Tensor x, Tensor y) => (_x, _y) = (x, y);

        public override void Backward()
        {
            fixed (Real* x = _x, y = _y, dy = _y.Data.Gradient(), dx = _x.Data.GradientOrFresh(out var fresh))
                ThreadTeam.Run(new UnaryBackwardKernel<TOp>(x, y, dy, dx, fresh), _x.Count, PointwiseGrain);
        }
    }

    static Tensor Binary<TOp>(Tensor a, Tensor b, string name) where TOp : unmanaged, IBinary
    {
        if (!IsEndOf(b.Shape, a.Shape)) Throw.ShapesDiffer(name, a.Shape, b.Shape, "equal shapes, or the second to be the last dimensions of the first");
        var y = Tensor.New(a.Shape);
        fixed (Real* pa = a, pb = b, py = y)
            if (b.Count == 1) ThreadTeam.Run(new ScalarKernel<TOp>(pa, *pb, py), a.Count, PointwiseGrain);
            else
                for (var at = 0; at < a.Count; at += b.Count) ThreadTeam.Run(new BinaryKernel<TOp>(pa + at, pb, py + at), b.Count, PointwiseGrain);
        if (Tape.Records(y, a, b)) Tape.Push<BinaryNode<TOp>>().Set(a, b, y);
        return y;
    }

    static bool IsEndOf(Shape small, Shape large)
    {
        if (small.Count == 1 || small == large) return true;
        if (small.Rank > large.Rank || small.Count == 0) return false;
        for (var d = 1; d <= small.Rank; d++)
            if (small[^d] != large[^d]) return false;
        return true;
    }

    sealed class BinaryNode<TOp> : Node where TOp : unmanaged, IBinary
    {
        Tensor _a, _b, _y;

        public void Set(Tensor a, Tensor b, Tensor y) => (_a, _b, _y) = (a, b, y);

        public override void Backward()
        {
            if (_a.Count == 0) return;
            bool freshA = false, freshB = false, shared = _a.Data.SharesGradient(_b.Data);      // shared: neither overwrites the other's
            fixed (Real* a = _a, b = _b, y = _y, dy = _y.Data.Gradient(),
                da = !_a.NeedsGradient ? default : shared ? _a.Data.Gradient() : _a.Data.GradientOrFresh(out freshA),
                db = !_b.NeedsGradient ? default : shared ? _b.Data.Gradient() : _b.Data.GradientOrFresh(out freshB))
            {
                if (_b.Count == 1)
                {
                    if (da != null) ThreadTeam.Run(new ScalarBackwardKernel<TOp>(a, *b, y, dy, da, freshA), _a.Count, PointwiseGrain);
                    if (db == null) return;
                    var sum = (Real)Reduce.Total(new ScalarSlope<TOp>(a, *b, y, dy), _a.Count);
                    *db = freshB ? sum : *db + sum;
                    return;
                }
                for (var at = 0; at < _a.Count; at += _b.Count)
                {
                    var kernel = new BinaryBackwardKernel<TOp>(a + at, b, y + at, dy + at, da == null ? null : da + at, db, freshA, freshB && at == 0);
                    ThreadTeam.Run(kernel, _b.Count, PointwiseGrain);
                }
            }
        }
    }

    /// <summary>to += scale·from; a fresh target counts as zero.</summary>
    internal static void AddScaled(Real scale, ReadOnlySpan<Real> from, Span<Real> to, bool fresh = false)
    {
        fixed (Real* f = from, t = to) ThreadTeam.Run(new AddScaledKernel(scale, f, t, fresh), from.Length, PointwiseGrain);
    }
}
