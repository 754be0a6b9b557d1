using Unroll.Tensors;

namespace Unroll.Tests.Tensors;

/// <summary>Pooling over time against plain loops, over all register tails, with rows of any length.</summary>
public class TimeOpsTests
{
    public static TheoryData<int, int, int> Sizes => new() { { 1, 1, 1 }, { 3, 4, 5 }, { 7, 2, 16 }, { 5, 9, 33 }, { 40, 3, 70 }, { 60, 33, 64 } };

    static (Tensor X, Tensor Scores, int[] Lengths) Draw(int steps, int batch, int width)
    {
        var rng = new Rng(9);
        Tensor x = Tensor.Zeros(new(steps, batch, width)), scores = Tensor.Zeros(new(steps, batch));
        rng.FillUniform(x.Values, -2, -1);                       // below zero, so that a forgotten row or a padded step shows
        rng.FillUniform(scores.Values, -3, 3);
        var lengths = new int[batch];
        for (var b = 0; b < batch; b++) lengths[b] = b == 1 ? 0 : 1 + rng.Next(steps);
        return (x, scores, lengths);
    }

    [Theory, MemberData(nameof(Sizes))]
    public void They_are_the_plain_loops(int steps, int batch, int width)
    {
        var (x, scores, rows) = Draw(steps, batch, width);
        var lengths = new Lengths(rows, steps);
        var (mean, max) = (Ops.MeanOverTime(x, lengths), Ops.MaxOverTime(x, lengths));
        var (sum, weights) = Ops.AttentionOverTime(x, scores, lengths);
        for (var b = 0; b < batch; b++)
        {
            var e = Enumerable.Range(0, rows[b]).Select(t => Math.Exp(scores.Values[t * batch + b])).ToArray();
            for (var t = 0; t < steps; t++) Assert.Equal(t < rows[b] ? e[t] / e.Sum() : 0, weights.Values[t * batch + b], Tolerance.Single);
            for (var j = 0; j < width; j++)
            {
                var column = Enumerable.Range(0, rows[b]).Select(t => (double)x.Values[(t * batch + b) * width + j]).ToArray();
                Assert.Equal(rows[b] > 0 ? column.Average() : 0, mean.Values[b * width + j], Tolerance.Single);
                Assert.Equal(rows[b] > 0 ? column.Max() : 0, max.Values[b * width + j]);
                Assert.Equal(column.Select((v, t) => v * e[t] / e.Sum()).Sum(), sum.Values[b * width + j], Tolerance.Single);
            }
        }
    }

    [Fact]
    public void The_first_of_equal_maxima_gets_the_gradient()
    {
        var x = Tensor.From([1, 1, 1], new(3, 1, 1)).WithGradient();
        using var tape = Tape.Record();
        tape.Backward(Ops.Sum(Ops.MaxOverTime(x, new([3], 3))));
        Assert.Equal([1, 0, 0], x.Gradient.ToArray());
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var x = Tensor.Zeros(new(3, 2, 4));
        Assert.Throws<ArgumentException>(() => Ops.MeanOverTime(x, new([1, 2], 4)));
        Assert.Throws<ArgumentException>(() => Ops.MaxOverTime(x.Reshape(new(6, 4)), new([1, 2], 3)));
        Assert.Throws<ArgumentException>(() => Ops.AttentionOverTime(x, Tensor.Zeros(new(5)), new([1, 2], 3)));
    }
}
