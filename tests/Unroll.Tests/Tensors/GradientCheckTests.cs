using Unroll.Tensors;

namespace Unroll.Tests.Tensors;

public class GradientCheckTests
{
    [Fact]
    public void A_right_gradient_passes_and_a_wrong_one_is_named()
    {
        var w = new Parameter(new(2, 3));
        new Rng(1).FillUniform(w.Edit(), -1, 1);
        var before = w.Values.ToArray();
        var right = new GradientCheck().Run(() => Ops.Sum(Ops.Tanh(w)), ("w", w));
        Assert.True(right.IsRight, right.ToString());
        Assert.Equal(6, right.Checked);

        // A factor that the tape does not see: d(w·w)/dw is 2w, the tape says w.
        var wrong = new GradientCheck().Run(() => Ops.Sum(w * w.Tensor.Detach()), ("w", w));
        Assert.False(wrong.IsRight);
        var worst = wrong.Differences[0];
        Assert.Equal(worst.Numeric, 2 * worst.Analytic, 0.01);
        Assert.Contains($"w[{worst.Index}]", wrong.ToString());
        Assert.Equal(before, w.Values.ToArray());
        Assert.True(w.HasNoGradient);
    }

    [Fact]
    public void Of_many_elements_some_are_drawn_by_the_seed()
    {
        var w = new Parameter(new(1000));
        Assert.Equal(10, new GradientCheck { Samples = 10 }.Run(() => Ops.Sum(w), ("w", w)).Checked);
    }
}
