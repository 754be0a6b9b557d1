using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Gradients.Layers;

public class LinearChainCrfTests
{
    [Theory]
    [InlineData(1, new[] { 3, 1 }, false)]
    [InlineData(3, new[] { 4, 0, 2 }, false)]
    [InlineData(5, new[] { 3, 3 }, false)]
    [InlineData(17, new[] { 2, 4, 1 }, false)]
    [InlineData(4, new[] { 5, 2, 3 }, true)]
    public void The_loss_has_the_right_derivative(int tags, int[] rows, bool someUnknown)
    {
        var rng = new Rng(7);
        var crf = new LinearChainCrf(tags, rng);
        Init.UniformAll(crf, 1.5, rng);
        var lengths = new Lengths(rows, rows.Max());
        var emissions = new Parameter(new(rows.Max(), rows.Length, tags));
        rng.FillUniform(emissions.Edit(), -2, 2);
        var targets = Enumerable.Range(0, rows.Max() * rows.Length).Select(_ => someUnknown ? rng.Next(tags + 1) - 1 : rng.Next(tags)).ToArray();
        Check.Loss(
            () => crf.Loss(Ops.Square(emissions), targets, lengths) * 3 + crf.Loss(emissions, targets, lengths),
            [("emissions", emissions), .. crf.Parameters.Select(p => (p.Name, p.Parameter))]);
        Check.Loss(() => crf.Loss(emissions, targets), [("emissions", emissions), .. crf.Parameters.Select(p => (p.Name, p.Parameter))]);
    }
}
