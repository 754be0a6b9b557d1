using System.Text.Json.Nodes;

namespace Unroll.Tasks;

/// <summary>How well a tagger does.</summary>
internal sealed class TaggingReport(TaggingScore score) : EvaluationReport
{
    public override IReadOnlyList<Metric> Metrics =>
    [
        new("loss", score.Loss), new("accuracy", score.Accuracy),
        .. score.Spans is { All: var all } ? [new("span_precision", all.Precision), new("span_recall", all.Recall), new("span_f1", all.F1)] : Array.Empty<Metric>(),
    ];

    public override (string Name, long Count) Size => ("tokens", score.Words);

    public override IReadOnlyList<(string Name, long Count)> Unknown => score.UnknownTags;

    public override string UnknownKind => "tags";

    IEnumerable<(string, double, double, double, long)> Rows => score.Spans is null ? [] : score.Spans.ByType.Select(t => (t.Key, t.Value.Precision, t.Value.Recall, t.Value.F1, t.Value.Gold));

    public override IReadOnlyList<ReportTable> Tables => score.Spans is null ? [] : [TableOf("spans", Rows)];

    protected override void AddDetails(JsonObject json)
    {
        json["sentences"] = score.Sentences;
        if (score.Spans is not null) json["spans"] = JsonOf(Rows);
    }
}
