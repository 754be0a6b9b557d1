using System.Text.Json.Nodes;
using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>How well a forecaster does, beside the simple methods on the same windows.</summary>
internal sealed class ForecastReport(BacktestResult result) : EvaluationReport
{
    /// <summary>The name of the model among the methods.</summary>
    public const string ModelName = "forecaster";

    static readonly string[] Shown = ["mae", "rmse", "smape", "mase", "coverage_80"];

    /// <summary>Forecasts the last windows of parts, and compares.</summary>
    /// <param name="windows">How many windows of each series; null for all that begin in its part.</param>
    /// <param name="step">From one cut-off to the next; null for the horizon.</param>
    public static ForecastReport Of(Forecaster model, IReadOnlyList<ForecastPart> parts, int? windows, int? step, IProgress<double>? progress = null)
    {
        var (config, frame, targets) = (model.Config, model.Prepare(parts[0].Table), model.Schema.Targets.Count);
        var (horizon, distance) = (config.Horizon, step ?? config.Horizon);
        var places = frame.Series.Select((s, i) => (s.Name, i)).ToDictionary(p => p.Name, p => p.i, StringComparer.Ordinal);
        var count = windows ?? Math.Max(1, parts.Max(p => 1 + (p.To - p.From - horizon) / distance));
        var (series, cutoffs, names) = (new List<ForecastSeries>(), new List<ForecastWindow>(), new List<(string Name, int Window, int Target)>());
        foreach (var part in parts)
        {
            var place = places[part.Series.Name];
            var origins = Origins.Last(part.To, horizon, count, distance);
            for (var d = 0; d < targets; d++)
            {
                var one = SeriesOf(model, part, frame.Series[place], d);
                series.Add(one);
                for (var w = 0; w < origins.Count; w++) names.Add((one.Name, cutoffs.Count + w, d));
            }
            cutoffs.AddRange(origins.Select(o => new ForecastWindow(place, o.Cutoff)));
        }
        if (cutoffs.Count == 0) Throw.NoSeriesToBacktest(horizon);
        var forecasts = model.Predict(frame, [.. cutoffs], horizon, progress: progress);
        var method = new ForecasterMethod(names.ToDictionary(n => (n.Name, cutoffs[n.Window].Cutoff), n => forecasts[n.Window * targets + n.Target].Quantiles));
        return new(Backtest.Run(series, [method, .. SimpleMethod.All(config.Seasons)], new() { Horizon = horizon, Windows = count, Step = distance, Season = config.Season }));
    }

    /// <summary>Of the last windows of each series of a table.</summary>
    public static ForecastReport Of(Forecaster model, TimeSeriesTable table, int? windows)
    {
        int[] targets = [.. model.Config.Targets.Select(table.IndexOf)];
        return Of(model, [.. ForecastSplit.Whole(table, targets).Select(p => p with { From = p.To - Math.Max(model.Config.Horizon, p.To / 5) })], windows, null);
    }

    /// <summary>A target as the simple methods read it: other targets are past covariates.</summary>
    static ForecastSeries SeriesOf(Forecaster model, ForecastPart part, FrameSeries series, int target)
    {
        var (table, end) = (part.Table, part.To);
        var ahead = end + model.Config.Horizon;
        var name = model.Schema.Targets.Count == 1 ? series.Name : $"{series.Name}/{model.Schema.Targets[target].Name}".TrimStart('/');
        double[] values = Column(model.Schema.Targets[target]);
        return new(name, values, [.. model.Schema.Targets.Where((_, d) => d != target).Select(Column), .. model.Schema.Past.SelectMany(c => Expanded(c, end))],
            [.. model.Schema.Future.SelectMany(c => Expanded(c, Math.Max(end, Math.Min(ahead, series.Source.Count))))],
            series.Source.Start is null ? [] : [.. Enumerable.Range(0, end + model.Config.Horizon).Select(t => series.Source.TimeAt(t)!.Value)]);

        double[] Column(ForecastColumn column) => series.Source[table.IndexOf(column.Name)][..end].ToArray();

        IEnumerable<double[]> Expanded(ForecastColumn column, int count)
        {
            var (at, numbers) = (table.IndexOf(column.Name), series.Source[table.IndexOf(column.Name)][..count].ToArray());
            return column.Categories.Count == 0 ? [numbers]
                : column.Categories.Select(c => numbers.Select(v => double.IsNaN(v) ? v : table.Columns[at].Categories[(int)v] == c ? 1.0 : 0).ToArray());
        }
    }

    /// <summary>What was found.</summary>
    public BacktestResult Result => result;

    public override IReadOnlyList<Metric> Metrics => [.. result.Score(ModelName).Metrics, new("skill", result.Skill(ModelName), "share of the best baseline's mae")];

    public override (string Name, long Count) Size => ("steps", result.Score(ModelName).Count);

    public override IReadOnlyList<ReportTable> Tables =>
    [
        new(["method", .. Shown], [.. result.Methods.Zip(result.Scores).Select(m => (IReadOnlyList<string>)[m.First,
            .. Shown.Select(name => m.Second.Metrics.FirstOrDefault(f => f.Name == name) is { Name: not null } found ? found.Value.ToString("G5", System.Globalization.CultureInfo.InvariantCulture) : "")])]),
    ];

    public override IReadOnlyList<string> Lines => [$"{result.Windows.Count:N0} windows; the best baseline is {result.BestBaseline}"];

    protected override void AddDetails(JsonObject json)
    {
        json["best_baseline"] = result.BestBaseline;
        json["windows"] = result.Windows.Count;
        json["baselines"] = new JsonObject(result.Methods.Zip(result.Scores).Where(m => m.First != ModelName).Select(m =>
            KeyValuePair.Create(m.First, (JsonNode?)new JsonObject(m.Second.Metrics.Where(f => double.IsFinite(f.Value)).Select(f => KeyValuePair.Create(f.Name, (JsonNode?)f.Value))))));
    }
}
