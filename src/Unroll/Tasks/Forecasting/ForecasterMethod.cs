using Unroll.Data;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>A trained model as a method of a backtest.</summary>
/// <remarks>
/// It is not fitted before the first window, up to which it was trained. Where it learns anew, its linear part is fitted to all that is known then, and the network goes on from the weights that it has,
/// on windows of the last tenth.
/// </remarks>
/// <param name="model">The model; changed where it learns anew.</param>
/// <param name="frame">The table.</param>
/// <param name="targetOf">The series of the table and the target by the names of the backtest.</param>
/// <param name="table">The table as it was read.</param>
/// <param name="iterations">How long the network learns each time; null to learn nothing.</param>
/// <param name="seed">Decides the order of the windows.</param>
internal sealed class ForecasterMethod(Forecaster model, ForecastFrame frame, IReadOnlyDictionary<string, (int Series, int Target)> targetOf, TimeSeriesTable table, int? iterations, ulong seed,
    IProgress<double>? progress = null, CancellationToken cancellation = default) : IForecastMethod
{
    const double RecentShare = 0.1, LearningRate = 2e-4;
    const int Batch = 32;

    bool _fitted;
    ulong _round;

    public string Name => ForecastReport.ModelName;

    public void Fit(IReadOnlyList<SeriesWindow> training, int horizon)
    {
        if (_fitted && iterations is { } some)
        {
            ForecastPart[] parts = [.. training.DistinctBy(w => targetOf[w.Name].Series).Select(w => new ForecastPart(table, table.Series[targetOf[w.Name].Series], w.Start, w.End))];
            model.Refit(frame, parts);
            if (some > 0) Learn([.. parts.Select(p => p with { From = p.To - Math.Max(horizon, (int)(RecentShare * (p.To - p.From))) })], some);
        }
        _fitted = true;
    }

    void Learn(IReadOnlyList<ForecastPart> recent, int some)
    {
        var task = new ForecasterTask(model, frame, recent, [], Batch, new Rng(seed).Fork($"refit {_round++}"));
        new Trainer(task, new AdamW(model.Parameters, LearningRate), Schedule.Constant, new() { Iterations = some, ClipNorm = 1 }, null).Run(cancellation);
    }

    public IReadOnlyList<QuantileForecast> ForecastAll(IReadOnlyList<SeriesWindow> histories, int horizon)
    {
        ForecastWindow[] windows = [.. histories.Select(h => new ForecastWindow(targetOf[h.Name].Series, h.End)).Distinct()];
        var places = windows.Select((w, i) => (w, i)).ToDictionary(p => p.w, p => p.i);
        var forecasts = model.Predict(frame, windows, horizon, progress: progress, cancellation: cancellation);
        return [.. histories.Select(h => forecasts[places[new(targetOf[h.Name].Series, h.End)] * frame.Schema.Targets.Count + targetOf[h.Name].Target].Quantiles)];
    }
}
