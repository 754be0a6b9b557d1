using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Gradients.Models;

public class ForecasterTests
{
    static TimeSeriesTable Table()
    {
        var rng = new Rng(3);
        double[] Column(int steps) => [.. Enumerable.Range(0, 24).Select(t => t < steps ? 2 + Math.Sin(t) + rng.NextDouble() : double.NaN)];
        var (y, z) = (Column(20), Column(20));
        y[3] = y[12] = z[17] = double.NaN;
        return new([new("y"), new("z"), new("p"), new("f")], [new("s", [y, z, Column(20), Column(24)], new DateTime(2020, 1, 1), new TimeStep(1, TimeUnit.Day), [1])], [new("kind", ["a", "b"])]);
    }

    [Theory]
    [InlineData("direct", "quantile", "lstm", "standard", false, 2)]
    [InlineData("direct", "squared", "gru", "log", true, 1)]
    [InlineData("direct", "absolute", "rnn", "robust", false, 1)]
    [InlineData("direct", "huber", "gru", "min-max", false, 1)]
    [InlineData("direct", "gaussian", "gru", "mean", true, 1)]
    [InlineData("direct", "student", "lstm", "none", false, 1)]
    [InlineData("direct", "negative-binomial", "gru", "mean", false, 1)]
    [InlineData("autoregressive", "quantile", "lstm", "standard", true, 2)]
    [InlineData("autoregressive", "negative-binomial", "gru", "mean", false, 1)]
    [InlineData("smoothing", "quantile", "lstm", "log", false, 1)]
    [InlineData("smoothing", "gaussian", "gru", "standard", false, 2)]
    [InlineData("smoothing", "squared", "rnn", "none", false, 1)]
    public void The_loss_has_the_right_derivative(string mode, string head, string cell, string scaling, bool window, int layers)
    {
        var config = new ForecasterConfig
        {
            Mode = mode, Horizon = 3, Context = 5, Season = 2, Targets = ["y", "z"], Past = ["p"], Future = ["f"], Head = head, Cell = cell, Scaling = scaling, ScaleWindow = window, Layers = layers,
            HiddenSize = 3, Dropout = 0, LinearLags = 3,
        };
        var (table, targets) = (Table(), new[] { 0, 1 });
        var parts = ForecastSplit.Whole(table, targets);
        var model = new Forecaster(config, ForecastColumns.Measure(config, parts), new Rng(1));
        var rng = new Rng(2);
        foreach (var parameter in model.Parameters) rng.FillUniform(parameter.Parameter.Edit(), -0.4, 0.4);
        var residuals = model.Linear.Residuals.Edit();
        for (var i = 0; i < residuals.Length; i++) residuals[i] = i % ForecastHead.Levels.Count * 0.1;
        var (frame, batch) = (model.Prepare(table), model.Network.NewBatch(training: true));
        var windows = frame.Windows(parts);
        batch.Fill(frame, windows, [4, 0, 9]);
        Check.Loss(() => model.Network.Head.Loss(model.Network.Forward(batch), batch, targets.Length), model.Parameters.Where(p => p.Parameter.Trainable).Select(p => (p.Name, p.Parameter)));
    }
}
