using Unroll.Kernels;

namespace Unroll.Tensors;

public static unsafe partial class Ops
{
    /// <summary>The mean over the steps that each row has, [T, B, F] → [B, F]; zeros for a row without steps. dx_t = dy/n for each of its n steps.</summary>
    /// <exception cref="ArgumentException">The lengths are not those of x.</exception>
    public static Tensor MeanOverTime(Tensor x, Lengths lengths)
    {
        var y = PooledShape(x, lengths, nameof(MeanOverTime));
        fixed (int* n = lengths.Values)
        fixed (Real* px = x, py = y)
            ThreadTeam.Run(new MeanOverTimeKernel { X = px, Y = py, Lengths = n, Batch = x.Shape[1], Width = x.Columns }, x.Shape[1], RowGrainOverTime(x));
        if (Tape.Records(y, x)) Tape.Push<MeanOverTimeNode>().Set(x, lengths.Values, y);
        return y;
    }

    /// <summary>
    /// The largest number over the steps that each row has, element by element, [T, B, F] → [B, F]; zeros for a row without steps. dx is dy
    /// at the first step where it stands, 0 elsewhere.
    /// </summary>
    /// <exception cref="ArgumentException">The lengths are not those of x.</exception>
    public static Tensor MaxOverTime(Tensor x, Lengths lengths)
    {
        var y = PooledShape(x, lengths, nameof(MaxOverTime));
        var at = Tensor.New(y.Shape);
        fixed (int* n = lengths.Values)
        fixed (Real* px = x, py = y, pa = at)
            ThreadTeam.Run(new MaxOverTimeKernel { X = px, Y = py, At = pa, Lengths = n, Batch = x.Shape[1], Width = x.Columns }, x.Shape[1], RowGrainOverTime(x));
        if (Tape.Records(y, x)) Tape.Push<MaxOverTimeNode>().Set(x, lengths.Values, y, at);
        return y;
    }

    /// <summary>
    /// The mean over the steps that each row has, weighted by the softmax of their scores: α = softmax_t s_t, y = Σ_t α_t x_t; zeros for a row
    /// without steps. With dα_t = x_t·dy: dx_t = α_t dy, ds_t = α_t (dα_t − Σ_k α_k dα_k).
    /// </summary>
    /// <param name="x">[T, B, F].</param>
    /// <param name="scores">One number for every step of every row, T·B in all.</param>
    /// <param name="lengths">How many steps each row has.</param>
    /// <returns>y [B, F], and α [T, B], which is 0 past a row's length and through which no gradient flows.</returns>
    /// <exception cref="ArgumentException">The lengths or the scores are not those of x.</exception>
    public static (Tensor Y, Tensor Weights) AttentionOverTime(Tensor x, Tensor scores, Lengths lengths)
    {
        var y = PooledShape(x, lengths, nameof(AttentionOverTime));
        if (scores.Count != x.Rows) Throw.ShapesDiffer(nameof(AttentionOverTime), x.Shape, scores.Shape, "a score for each step of each row");
        Tensor weights = Tensor.New(new(x.Shape[0], x.Shape[1]));
        fixed (int* n = lengths.Values)
        fixed (Real* px = x, s = scores, w = weights, py = y)
        {
            var kernel = new AttentionKernel { X = px, Scores = s, Weights = w, Y = py, Lengths = n, Batch = x.Shape[1], Width = x.Columns, Steps = x.Shape[0] };
            ThreadTeam.Run(kernel, x.Shape[1], RowGrainOverTime(x));
        }
        if (Tape.Records(y, x, scores)) Tape.Push<AttentionNode>().Set(x, scores, lengths.Values, weights, y);
        return (y, weights);
    }

    static Tensor PooledShape(Tensor x, Lengths lengths, string operation)
    {
        if (x.Shape.Rank != 3) Throw.WrongShape(operation, nameof(x), x.Shape, "[T, B, F]");
        if (lengths.Values.Length != x.Shape[1] || lengths.Steps != x.Shape[0]) Throw.LengthsDoNotFit(lengths.Values.Length, lengths.Steps, x.Shape);
        return Tensor.New(new(x.Shape[1], x.Columns));
    }

    /// <summary>Rows of a batch that make a hand-over worth it, where each is all steps of a sequence.</summary>
    static int RowGrainOverTime(Tensor x) => Math.Max(1, PointwiseGrain / Math.Max(1, x.Shape[0] * x.Columns));

    sealed class MeanOverTimeNode : IdsNode
    {
        Tensor _x, _y;

        public void Set(Tensor x, ReadOnlySpan<int> lengths, Tensor y)
        {
            (_x, _y) = (x, y);
            Ids = lengths;
        }

        public override void Backward()
        {
            fixed (int* lengths = Ids)
            fixed (Real* dy = _y.Data.Gradient(), dx = _x.Data.Gradient())
                ThreadTeam.Run(new MeanOverTimeBackwardKernel { DY = dy, DX = dx, Lengths = lengths, Batch = _x.Shape[1], Width = _x.Columns }, _x.Shape[1], RowGrainOverTime(_x));
        }
    }

    sealed class MaxOverTimeNode : IdsNode
    {
        Tensor _x, _y, _at;

        public void Set(Tensor x, ReadOnlySpan<int> lengths, Tensor y, Tensor at)
        {
            (_x, _y, _at) = (x, y, at);
            Ids = lengths;
        }

        public override void Backward()
        {
            fixed (int* lengths = Ids)
            fixed (Real* dy = _y.Data.Gradient(), at = _at, dx = _x.Data.Gradient())
            {
                var kernel = new MaxOverTimeBackwardKernel { DY = dy, At = at, DX = dx, Lengths = lengths, Batch = _x.Shape[1], Width = _x.Columns };
                ThreadTeam.Run(kernel, _x.Shape[1], Math.Max(1, PointwiseGrain / Math.Max(1, _x.Columns)));
            }
        }
    }

    sealed class AttentionNode : IdsNode
    {
        Tensor _x, _scores, _weights, _y;

        public void Set(Tensor x, Tensor scores, ReadOnlySpan<int> lengths, Tensor weights, Tensor y)
        {
            (_x, _scores, _weights, _y) = (x, scores, weights, y);
            Ids = lengths;
        }

        public override void Backward()
        {
            var slopes = Tensor.New(_weights.Shape);
            fixed (int* lengths = Ids)
            fixed (Real* x = _x, weights = _weights, dy = _y.Data.Gradient(), s = slopes,
                dx = _x.NeedsGradient ? _x.Data.Gradient() : default, dScores = _scores.NeedsGradient ? _scores.Data.Gradient() : default)
            {
                var kernel = new AttentionBackwardKernel
                {
                    X = x, Weights = weights, DY = dy, Slopes = s, Lengths = lengths, DX = dx, DScores = dScores, Batch = _x.Shape[1], Width = _x.Columns,
                };
                ThreadTeam.Run(kernel, _x.Shape[1], RowGrainOverTime(_x));
            }
        }
    }
}
