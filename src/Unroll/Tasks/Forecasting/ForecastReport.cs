using System.Text.Json.Nodes;
using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>How well a forecaster does, beside the simple methods on the same windows.</summary>
internal sealed class ForecastReport(BacktestResult result) : EvaluationReport
{
    /// <summary>The name of the model among the methods.</summary>
    public const string ModelName = "forecaster";

    static readonly string[] Shown = ["mae", "rmse", "smape", "mase", "coverage_80"];

    /// <summary>Forecasts windows at the end of parts, and compares.</summary>
    /// <param name="parts">What is forecast, of each series; what is before it may be read.</param>
    /// <param name="options">How; all windows that begin in the parts where it says nothing.</param>
    public static ForecastReport Of(Forecaster model, IReadOnlyList<ForecastPart> parts, ForecastBacktest options, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var (frame, targets, horizon) = (model.Prepare(parts[0].Table, options.Horizon ?? 0), model.Schema.Targets.Count, options.Horizon ?? model.Config.Horizon);
        var places = frame.Series.Select((s, i) => (s.Name, i)).ToDictionary(p => p.Name, p => p.i, StringComparer.Ordinal);
        var count = options.Windows ?? Math.Max(1, parts.Max(p => 1 + (p.To - p.From - horizon) / (options.Step ?? horizon)));
        var (series, targetOf) = (new List<ForecastSeries>(), new Dictionary<string, (int Series, int Target)>(StringComparer.Ordinal));
        foreach (var part in parts)
            for (var d = 0; d < targets; d++)
            {
                series.Add(SeriesOf(model, part, frame.Series[places[part.Series.Name]], d, horizon));
                targetOf[series[^1].Name] = (places[part.Series.Name], d);
            }
        var method = new ForecasterMethod(model, frame, targetOf, parts[0].Table, options.RefitEvery > 0 ? options.RefitIterations : null, options.Seed, progress, cancellation);
        return new(Backtest.Run(series, [method, .. SimpleMethod.All(model.Config.Seasons)],
            new() { Horizon = horizon, Windows = count, Step = options.Step ?? horizon, Size = options.Size, RefitEvery = options.RefitEvery, Season = model.Config.Season }, progress, cancellation));
    }

    /// <summary>Of the last windows of each series of a table; those of its last fifth where their number is not said.</summary>
    public static ForecastReport Of(Forecaster model, TimeSeriesTable table, ForecastBacktest options, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        int[] targets = [.. model.Config.Targets.Select(table.IndexOf)];
        return Of(model, [.. ForecastSplit.Whole(table, targets).Select(p => p with { From = p.To - Math.Max(options.Horizon ?? model.Config.Horizon, p.To / 5) })], options, progress, cancellation);
    }

    /// <summary>A target as the simple methods read it: other targets are past covariates.</summary>
    static ForecastSeries SeriesOf(Forecaster model, ForecastPart part, FrameSeries series, int target, int horizon)
    {
        var (table, end) = (part.Table, part.To);
        var ahead = end + horizon;
        var name = model.Schema.Targets.Count == 1 ? series.Name : $"{series.Name}/{model.Schema.Targets[target].Name}".TrimStart('/');
        double[] values = Column(model.Schema.Targets[target]);
        return new(name, values, [.. model.Schema.Targets.Where((_, d) => d != target).Select(Column), .. model.Schema.Past.SelectMany(c => Expanded(c, end))],
            [.. model.Schema.Future.SelectMany(c => Expanded(c, Math.Max(end, Math.Min(ahead, series.Source.Count))))],
            series.Source.Start is null ? [] : [.. Enumerable.Range(0, ahead).Select(t => series.Source.TimeAt(t)!.Value)]);

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
