using Unroll.Kernels;

namespace Unroll.Tensors;

public static unsafe partial class Ops
{
    /// <summary>The sum of all elements, a scalar. dx = dy everywhere.</summary>
    public static Tensor Sum(Tensor x) => Total(x, 1);

    /// <summary>The mean of all elements, a scalar; 0 of none. dx = dy/n everywhere.</summary>
    public static Tensor Mean(Tensor x) => Total(x, 1.0 / Math.Max(1, x.Count));

    static Tensor Total(Tensor x, double scale)
    {
        var y = Tensor.New(new());
        y.Values[0] = (Real)(Reduce.Sum(x.Values) * scale);
        if (Tape.Records(y, x)) Tape.Push<TotalNode>().Set(x, y, (Real)scale);
        return y;
    }

    sealed class TotalNode : Node
    {
        Tensor _x, _y;
        Real _scale;

        public void Set(Tensor x, Tensor y, Real scale) => (_x, _y, _scale) = (x, y, scale);

        public override void Backward()
        {
            fixed (Real* dx = _x.Data.GradientOrFresh(out var fresh))
                ThreadTeam.Run(new AddConstantKernel(dx, _y.Data.Gradient()[0] * _scale, fresh), _x.Count, PointwiseGrain);
        }
    }

    /// <summary>
    /// The sum over the outermost dimension, in order: over time for a sequence, [T, B, F] → [B, F]. dx = dy at every step.
    /// </summary>
    public static Tensor SumFirst(Tensor x)
    {
        if (x.Shape.Rank == 0) Throw.WrongShape(nameof(SumFirst), nameof(x), x.Shape, "at least one dimension");
        var y = Tensor.New(x.Shape.WithoutFirst());
        AddRows(x.Values, x.Shape[0], y.Values, fresh: true);
        if (Tape.Records(y, x)) Tape.Push<SumFirstNode>().Set(x, y);
        return y;
    }

    sealed class SumFirstNode : Node
    {
        Tensor _x, _y;

        public void Set(Tensor x, Tensor y) => (_x, _y) = (x, y);

        public override void Backward()
        {
            Span<Real> dx = _x.Data.GradientOrFresh(out var fresh), dy = _y.Data.Gradient();
            for (var t = 0; t < _x.Shape[0]; t++) AddScaled(1, dy, dx.Slice(t * _y.Count, _y.Count), fresh);
        }
    }

    /// <summary>The sum of each row, [.., F] → [..]. dx = dy of its row.</summary>
    public static Tensor SumColumns(Tensor x)
    {
        var y = Tensor.New(x.Shape.WithoutLast());
        Span<Real> from = x.Values, to = y.Values;
        for (var r = 0; r < to.Length; r++) to[r] = (Real)Reduce.Sum(from.Slice(r * x.Columns, x.Columns));
        if (Tape.Records(y, x)) Tape.Push<SumColumnsNode>().Set(x, y);
        return y;
    }

    sealed class SumColumnsNode : Node
    {
        Tensor _x, _y;

        public void Set(Tensor x, Tensor y) => (_x, _y) = (x, y);

        public override void Backward()
        {
            fixed (Real* dx = _x.Data.GradientOrFresh(out var fresh), dy = _y.Data.Gradient())
                for (var r = 0; r < _y.Count; r++)
                    ThreadTeam.Run(new AddConstantKernel(dx + (nint)r * _x.Columns, dy[r], fresh), _x.Columns, PointwiseGrain);
        }
    }
}
