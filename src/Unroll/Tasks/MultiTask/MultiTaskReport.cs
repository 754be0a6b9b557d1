using System.Text.Json.Nodes;

namespace Unroll.Tasks;

/// <summary>How well a model does in each of its tasks, and in the mean of them.</summary>
internal sealed class MultiTaskReport(IReadOnlyList<(string Task, EvaluationReport Report)> tasks) : EvaluationReport
{
    public IReadOnlyList<(string Task, EvaluationReport Report)> Tasks => tasks;

    public override IReadOnlyList<Metric> Metrics =>
    [
        new("accuracy", tasks.Average(t => t.Report["accuracy"])), new("macro_f1", tasks.Average(t => t.Report["macro_f1"])), new("loss", tasks.Average(t => t.Report["loss"])),
        .. tasks.SelectMany(t => new[] { new Metric($"{t.Task}.accuracy", t.Report["accuracy"]), new Metric($"{t.Task}.macro_f1", t.Report["macro_f1"]) }),
    ];

    public override (string Name, long Count) Size => ("count", tasks.Sum(t => t.Report.Size.Count));

    public override IReadOnlyList<ReportTable> Tables =>
        [new(["task", "accuracy", "macro F1", "loss", "count"], [.. tasks.Select(t => (IReadOnlyList<string>)[t.Task, $"{t.Report["accuracy"]:F4}", $"{t.Report["macro_f1"]:F4}", $"{t.Report["loss"]:F4}", $"{t.Report.Size.Count:N0}"])])];

    protected override void AddDetails(JsonObject json) => json["tasks"] = new JsonObject(tasks.Select(t => KeyValuePair.Create(t.Task, (JsonNode?)t.Report.ToJson())));
}
