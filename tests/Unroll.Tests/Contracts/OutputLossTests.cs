using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tests.Contracts;

/// <summary>The cross-entropy of a linear layer's scores, which their gradient takes the place of, against the two one after the other.</summary>
public class OutputLossTests
{
    const int Rows = 11, Inputs = 9;

    [Theory]
    [InlineData(5, 0, false)]
    [InlineData(65, 0, false)]
    [InlineData(131, 0.1, false)]
    [InlineData(700, 0.1, true)]
    public void Loss_and_gradients_have_the_bits_of_the_two_steps(int classes, double smoothing, bool weighted)
    {
        var layer = new Linear(Inputs, classes, new Rng(1));
        Tensor x = Tensor.Zeros(new(Rows, Inputs));
        new Rng(2).FillUniform(x.Values, -2, 2);
        x.WithGradient();
        var targets = Enumerable.Range(0, Rows).Select(r => r % 4 == 3 ? -1 : r * 7 % classes).ToArray();
        var weights = weighted ? Enumerable.Range(0, classes).Select(c => 0.5f + c % 3).ToArray() : [];

        var composed = Outcome(() => Losses.CrossEntropy(layer.Forward(x), targets, smoothing, classWeights: weights));
        var fused = Outcome(() => Losses.CrossEntropy(x, layer, targets, smoothing, classWeights: weights));
        Same.Bits(composed, fused, "loss and gradients");
        Same.Bits(composed.AsSpan(0, 1), [Losses.CrossEntropy(x, layer, targets, smoothing, classWeights: weights).Scalar], "loss without a tape");

        float[] Outcome(Func<Tensor> loss)
        {
            layer.ClearGradients();
            using var tape = Tape.Record();
            var value = loss();
            tape.Backward(value);
            return [value.Scalar, .. x.Gradient, .. layer.Weight.Gradient, .. layer.Bias!.Gradient];
        }
    }

    [Fact]
    public void A_multiple_of_the_loss_has_that_multiple_of_the_gradient_and_no_target_has_none()
    {
        var layer = new Linear(Inputs, 6, new Rng(1));
        var x = Tensor.Full(new(2, Inputs), 0.5);
        var once = Gradient([1, 5], 1);
        Same.Bits([.. once.Select(g => 4 * g)], Gradient([1, 5], 4), "four times the loss");
        Assert.All(Gradient([-1, -1], 1), g => Assert.Equal(0, g));

        float[] Gradient(int[] targets, double scale)
        {
            layer.ClearGradients();
            using var tape = Tape.Record();
            tape.Backward(Losses.CrossEntropy(x, layer, targets), scale);
            return layer.Weight.Gradient.ToArray();
        }
    }
}
