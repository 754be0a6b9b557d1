using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Gradients.Models;

/// <summary>The loss of a regressor by all of its weights, on series of several lengths, one of them empty.</summary>
public class SequenceRegressorTests
{
    [Theory]
    [InlineData("gru", "mean", true)]
    [InlineData("lstm", "attention", false)]
    [InlineData("rnn", "last", true)]
    public void Series_are_right(string cell, string pooling, bool bidirectional)
    {
        var rng = new Rng(4);
        Example[] examples = [.. new[] { 3, 5, 0, 1 }.Select((steps, i) =>
        {
            var values = new double[steps * 2];
            rng.FillUniform(values, -1, 1);
            return new Example { Series = new(values, steps, 2), Labels = [$"{i - 1}.5"], Source = $"{i}" };
        })];
        var config = new RegressorConfig { Features = 2, Cell = cell, Pooling = pooling, Bidirectional = bidirectional, HiddenSize = 4, Layers = 2, Dropout = 0 };
        var model = new SequenceRegressor(config, FeatureScales.Measure(examples.Select(e => e.Series!)), new FeatureScales([0.5], [2]), new Rng(3));
        var task = new RegressionTask(model, examples, [], 8, new Rng(5));
        Check.Loss(task.NextLoss, model.Parameters.Select(p => (p.Name, p.Parameter)));
    }
}
