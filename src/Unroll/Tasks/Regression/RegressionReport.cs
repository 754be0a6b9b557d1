using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>How well a regressor predicts: MSE, RMSE, MAE, and R² = 1 − Σ(y − ŷ)² / Σ(y − ȳ)², of targets as they are.</summary>
internal sealed class RegressionReport(double[] targets, double[] predictions) : EvaluationReport
{
    /// <summary>Predicts series and compares.</summary>
    public static RegressionReport Of(SequenceRegressor model, IReadOnlyList<Example> examples, int batch = 64, IProgress<double>? progress = null)
    {
        if (examples.Count == 0) Throw.NoExamples("evaluate");
        return new(RegressionTask.TargetsOf(examples), model.Predict(examples, batch, progress));
    }

    public override IReadOnlyList<Metric> Metrics
    {
        get
        {
            var mean = targets.Average();
            var (squares, all) = (targets.Zip(predictions, (y, p) => (y - p) * (y - p)).Sum(), targets.Sum(y => (y - mean) * (y - mean)));
            return
            [
                new("mse", squares / targets.Length), new("rmse", Math.Sqrt(squares / targets.Length)), new("mae", targets.Zip(predictions, (y, p) => Math.Abs(y - p)).Average()),
                new("r2", all == 0 ? double.NaN : 1 - squares / all),
            ];
        }
    }

    public override (string Name, long Count) Size => ("count", targets.Length);
}
