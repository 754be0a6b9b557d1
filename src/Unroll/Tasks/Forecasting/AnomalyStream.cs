using System.Text.Json.Nodes;
using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>A step of one of several series, as it comes.</summary>
/// <param name="Series">The name of the series; empty for an only one.</param>
/// <param name="Time">Its time; null where there are none.</param>
/// <param name="Place">Where it stands, for messages.</param>
/// <param name="ValueOf">The number of a column, or the place of its text in <see cref="ForecastColumn.Categories"/>, −1 for one that is not there; NaN where it is missing.</param>
sealed record ObservedStep(string Series, DateTime? Time, string Place, Func<ForecastColumn, double> ValueOf);

/// <summary>Scores steps of several series as they come; each has a detector of its own, in constant memory.</summary>
/// <remarks>A step whose time is more than one step behind the last has the steps between as missing values. The first steps of a series, as many as the context has, are read and not scored.</remarks>
sealed class AnomalyStream(Forecaster model, double falseAlarms)
{
    readonly Dictionary<string, SeriesStream> _series = new(StringComparer.Ordinal);

    /// <summary>How many values were scored.</summary>
    public long Scored { get; private set; }

    /// <summary>How many of them are anomalies.</summary>
    public long Anomalies { get; private set; }

    /// <summary>The scores of a step, a line for each target; none of the first steps of a series.</summary>
    /// <exception cref="DataMismatchException">A time is missing, or does not lie behind the last.</exception>
    public IEnumerable<(Anomaly Anomaly, JsonObject Json)> Observe(ObservedStep step)
    {
        if (!_series.TryGetValue(step.Series, out var one)) _series.Add(step.Series, one = new(model, step, falseAlarms));
        var scored = one.Advance(step);
        var found = one.Read(step);
        for (var d = 0; d < found.Length && scored; d++)
        {
            Scored++;
            if (found[d].IsAnomaly) Anomalies++;
            yield return (found[d], ToJson(step, model.Schema.Targets[d].Name, found[d]));
        }
    }

    static JsonObject ToJson(ObservedStep step, string target, Anomaly a) => new()
    {
        ["series"] = step.Series, ["target"] = target, ["time"] = step.Time is { } time ? ForecastText.Show(time) : null, ["place"] = step.Place, ["value"] = Number(a.Value),
        ["expected"] = Number(a.Expected), ["lo_95"] = Number(a.Low), ["hi_95"] = Number(a.High), ["score"] = Number(a.Score), ["anomaly"] = a.IsAnomaly,
    };

    static JsonNode? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    sealed class SeriesStream(Forecaster model, ObservedStep first, double falseAlarms)
    {
        readonly double[] _targets = new double[model.Schema.Targets.Count], _past = new double[model.Schema.Past.Count], _future = new double[model.Schema.Future.Count];
        AnomalyDetector _detector = Empty(model, first, falseAlarms);
        DateTime? _last;
        long _steps;

        /// <summary>Reads the steps that are missing before a step; gives back whether it is to be scored.</summary>
        public bool Advance(ObservedStep step)
        {
            if (model.Schema.HasTimes)
            {
                if (step.Time is not { } time) throw new DataMismatchException($"{step.Place} has no time; the model reads the calendar. Name the column with --time.");
                var missing = _last is { } last ? model.Schema.Step!.Value.Between(last, time) - 1 : 0;
                if (missing < 0) throw new DataMismatchException($"{step.Place}: the time {ForecastText.Show(time)} does not lie a step of {model.Schema.Step} behind {ForecastText.Show(_last!.Value)}, the last one of the series. Give each step once, in order of time.");
                if (missing > model.Config.Context) (_detector, _steps) = (Empty(model, step, falseAlarms), 0);
                else
                    for (; missing > 0; missing--) Read(step with { ValueOf = _ => double.NaN });
                _last = time;
            }
            return _steps >= model.Config.Context;
        }

        public Anomaly[] Read(ObservedStep step)
        {
            Fill(_targets, model.Schema.Targets, step);
            Fill(_past, model.Schema.Past, step);
            Fill(_future, model.Schema.Future, step);
            _steps++;
            if (_future.Length > 0) _detector.Session.Ahead(_future);
            return [.. _detector.Observe(_targets, _past)];
        }

        static void Fill(double[] values, IReadOnlyList<ForecastColumn> columns, ObservedStep step)
        {
            for (var i = 0; i < values.Length; i++) values[i] = step.ValueOf(columns[i]);
        }

        /// <summary>A detector that has read nothing; the step tells the start and the static columns.</summary>
        static AnomalyDetector Empty(Forecaster model, ObservedStep step, double falseAlarms)
        {
            var schema = model.Schema;
            ForecastColumn[] columns = [.. schema.Targets, .. schema.Past, .. schema.Future];
            double[] statics = [.. schema.Static.Select(c => step.ValueOf(c) is var v && v < 0 && c.Categories.Count > 0 ? double.NaN : v)];
            var series = new TimeSeries(step.Series, [.. columns.Select(_ => Array.Empty<double>())], schema.HasTimes ? step.Time ?? default : null, schema.Step, statics);
            return new(model, new([.. columns.Select(Column)], [series], [.. schema.Static.Select(Column)]), 0, falseAlarms);

            static TimeSeriesColumn Column(ForecastColumn c) => c.Categories.Count > 0 ? new(c.Name, c.Categories) : new(c.Name);
        }
    }

    /// <summary>The steps of a table, series by series.</summary>
    public static IEnumerable<ObservedStep> StepsOf(TimeSeriesTable table, Forecaster model)
    {
        int[] targets = [.. model.Config.Targets.Select(table.IndexOf)];
        foreach (var series in table.Series)
            for (var t = 0; t < ForecastSplit.EndOf(series, targets); t++)
            {
                var at = t;
                yield return new(series.Name, series.TimeAt(t), $"step {t + 1:N0}{(series.Name.Length > 0 ? $" of series {ProblemList.Quote(series.Name)}" : "")}", column => ValueOf(table, series, column, at));
            }
    }

    static double ValueOf(TimeSeriesTable table, TimeSeries series, ForecastColumn column, int t)
    {
        for (var s = 0; s < table.StaticColumns.Count; s++)
            if (table.StaticColumns[s].Name == column.Name) return Placed(table.StaticColumns[s], series.StaticValues[s], column);
        var c = table.IndexOf(column.Name);
        return Placed(table.Columns[c], series[c][t], column);
    }

    static double Placed(TimeSeriesColumn of, double value, ForecastColumn column) =>
        of.IsCategory && !double.IsNaN(value) ? column.IndexOf(of.Categories[(int)value]) : value;
}
