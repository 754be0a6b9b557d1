using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>How surprising a value was to a forecaster that had read all before it.</summary>
/// <param name="Value">The value; NaN where it was missing.</param>
/// <param name="Expected">The median of the forecast.</param>
/// <param name="Low">The lower bound of its interval of 95 %.</param>
/// <param name="High">The upper bound.</param>
/// <param name="Score">−log₁₀ of the share of values that surprise as much: 3 for one in a thousand; NaN of a missing value.</param>
/// <param name="IsAnomaly">Whether that is rarer than the expected share of false alarms.</param>
public readonly record struct Anomaly(double Value, double Expected, double Low, double High, double Score, bool IsAnomaly);

/// <summary>Scores each value of a series that is still coming by its surprise under the forecast of it, one step ahead; a step allocates nothing.</summary>
/// <remarks>
/// The surprise of a value y is −log₁₀ (2 min(F(y), 1 − F(y))), F the forecast distribution. The score says how rare such a surprise is: it is read from the surprises of the validation part, which
/// the model was not trained on, and beyond the largest of them goes on along the last two. So the share of false alarms is about what is expected, also where the tails of the forecast are wrong.
/// Not safe for use by several threads at once; detectors of several threads may share a model.
/// </remarks>
public sealed class AnomalyDetector
{
    const double Low = 0.025, High = 0.975;

    readonly Anomaly[] _found;
    readonly double _threshold;

    /// <summary>A detector behind a history, which is not scored.</summary>
    /// <param name="model">The model.</param>
    /// <param name="history">A table with the columns that the model reads; it may have no steps.</param>
    /// <param name="series">Which series of the table.</param>
    /// <param name="falseAlarms">The expected share of values that are called anomalies where nothing is wrong; above 0, below 1. Default one in a thousand.</param>
    /// <exception cref="UnrollException">A column is missing, or of another kind or step.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such series, or the share is out of range.</exception>
    public AnomalyDetector(Forecaster model, TimeSeriesTable history, int series = 0, double falseAlarms = 0.001)
    {
        if (!(falseAlarms > 0 && falseAlarms < 1)) Throw.OutOfRange(nameof(falseAlarms), falseAlarms, "between 0 and 1");
        Session = new(model, history, series);
        (_found, _threshold) = (new Anomaly[model.Schema.Targets.Count], -Math.Log10(falseAlarms));
    }

    /// <summary>The forecasts. Columns known ahead are told to it before the step that they belong to is observed.</summary>
    public ForecasterSession Session { get; }

    /// <summary>Scores the values of one step, then reads them.</summary>
    /// <param name="targets">A number for each target; NaN where one is missing.</param>
    /// <param name="past">A number for each column of <see cref="ForecasterConfig.Past"/>, as for <see cref="ForecasterSession.Observe"/>.</param>
    /// <returns>A score for each target, until the next step.</returns>
    /// <exception cref="ArgumentException">There are more or fewer numbers than columns, or one is infinite.</exception>
    public ReadOnlySpan<Anomaly> Observe(ReadOnlySpan<double> targets, ReadOnlySpan<double> past = default)
    {
        if (targets.Length != _found.Length) Throw.ValuesDoNotFit(targets.Length, new(_found.Length));
        Session.Forecast();
        for (var d = 0; d < _found.Length; d++)
        {
            var score = Session.Model.Rarity(Session.Surprise(targets[d], 1, d));
            _found[d] = new(targets[d], Session.Quantile(1, 0.5, d), Session.Quantile(1, Low, d), Session.Quantile(1, High, d), score, score >= _threshold);
        }
        Session.Observe(targets, past);
        return _found;
    }
}
