using Unroll.Tensors;

namespace Unroll.Gradients.Tensors;

public class TimeOpsTests
{
    static readonly int[] Rows = [4, 0, 2, 1];

    static Shape X => new(4, 4, 5);

    [Fact]
    public void Mean_over_time() => Check.Op(x => Ops.MeanOverTime(x[0], new(Rows, 4)), [X]);

    [Fact]
    public void Max_over_time() => Check.Op(x => Ops.MaxOverTime(x[0], new(Rows, 4)), [X]);

    [Fact]
    public void Attention_over_time() => Check.Op(x => Ops.AttentionOverTime(x[0], x[1], new(Rows, 4)).Y, [X, new(4, 4)]);
}
