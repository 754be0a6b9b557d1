namespace Unroll.Tests.Tasks;

/// <summary>Temperature scaling: as sure as right, and no more.</summary>
public sealed class TemperatureScalingTests
{
    /// <summary>Answers drawn from softmax of scores are told with scores that are too large or too small: the factor undoes it.</summary>
    [Theory]
    [InlineData(2, 0.25)]
    [InlineData(2, 1)]
    [InlineData(5, 4)]
    [InlineData(5, 8)]
    public void Undoes_a_factor_of_the_scores(int classes, double told)
    {
        var rng = new Rng(3);
        var (probabilities, right) = (new List<float[]>(), new List<int>());
        for (var i = 0; i < 4000; i++)
        {
            double[] scores = [.. Enumerable.Range(0, classes).Select(_ => 2 * rng.NextNormal())];
            var at = rng.NextDouble();
            var p = Softmax(scores, 1);
            var label = 0;
            while (label < classes - 1 && at >= p[label]) at -= p[label++];
            probabilities.Add(Softmax(scores, told));
            right.Add(label);
        }
        Assert.InRange(TemperatureScaling.FactorOf(probabilities, right) * told, Math.Pow(2, -0.19), Math.Pow(2, 0.19));
    }

    /// <summary>No other factor of its steps has a lower loss.</summary>
    [Fact]
    public void Is_the_lowest_loss_of_all_factors()
    {
        var rng = new Rng(5);
        for (var trial = 0; trial < 50; trial++)
        {
            var (classes, n) = (2 + rng.Next(4), 1 + rng.Next(30));
            float[][] probabilities = [.. Enumerable.Range(0, n).Select(_ => Softmax([.. Enumerable.Range(0, classes).Select(_ => 5 * rng.NextNormal())], 1))];
            int[] right = [.. Enumerable.Range(0, n).Select(_ => rng.Next(classes))];
            var found = Loss(TemperatureScaling.FactorOf(probabilities, right));
            for (var step = -32; step <= 32; step++) Assert.True(found <= Loss(Math.Pow(2, step / 8.0)) + 1e-9, $"trial {trial}, step {step}");

            double Loss(double factor) => Enumerable.Range(0, n).Sum(i => -Enumerable.Range(0, classes)
                .Sum(c => ((c == right[i] ? n : 0) + 1.0) / (n + classes) * Math.Log(Math.Pow(probabilities[i][c], factor) / probabilities[i].Sum(p => Math.Pow(p, factor)))));
        }
    }

    [Fact]
    public void Few_examples_that_are_all_right_do_not_become_certain()
    {
        float[][] probabilities = [[0.9f, 0.1f], [0.2f, 0.8f]];
        var factor = TemperatureScaling.FactorOf(probabilities, [0, 1]);
        Assert.InRange(factor, 0.3, 1);                  // Platt's targets of two examples are 3/4
        Assert.InRange(TemperatureScaling.Apply(probabilities[0], factor)[0], 0.6, 0.9);
    }

    [Fact]
    public void Where_it_makes_no_difference_it_is_one()
    {
        Assert.Equal(1, TemperatureScaling.FactorOf([], []));
        Assert.Equal(1, TemperatureScaling.FactorOf([[0.5f, 0.5f]], [1]));
        Assert.Equal(1, TemperatureScaling.FactorOf([[0.9f, 0.1f]], [-1]));
    }

    [Theory]
    [InlineData(0.0625)]
    [InlineData(1)]
    [InlineData(16)]
    public void The_order_of_classes_stays(double factor)
    {
        float[] probabilities = [0.2f, 0.5f, 0, 0.3f];
        var scaled = TemperatureScaling.Apply(probabilities, factor);
        Assert.Equal(1, scaled.Sum(), 1e-5);
        Assert.Equal([2, 0, 3, 1], Enumerable.Range(0, 4).OrderBy(c => scaled[c]));
        if (factor == 1) for (var c = 0; c < 4; c++) Assert.Equal(probabilities[c], scaled[c], 1e-6);
    }

    static float[] Softmax(double[] scores, double factor)
    {
        double[] e = [.. scores.Select(z => Math.Exp(factor * (z - scores.Max())))];
        return [.. e.Select(v => (float)(v / e.Sum()))];
    }
}
