using System.Text.Json.Nodes;
using Unroll.Training;

namespace Unroll.Cli.Reports;

/// <summary>How well a tagger does.</summary>
sealed class TaggingReport(TaggingScore score) : ScoreReport
{
    public override IReadOnlyList<(string Name, double Value)> Figures =>
    [
        ("loss", score.Loss), ("accuracy", score.Accuracy),
        .. score.Spans is { All: var all } ? [("span_precision", all.Precision), ("span_recall", all.Recall), ("span_f1", all.F1)] : Array.Empty<(string, double)>(),
    ];

    protected override (string Name, long Count) Size => ("tokens", score.Words);

    protected override IReadOnlyList<(string Name, long Count)> Unknown => score.UnknownTags;

    protected override string UnknownWhat => "tags";

    IEnumerable<(string, double, double, double, long)> Rows => score.Spans is null ? [] : score.Spans.ByType.Select(t => (t.Key, t.Value.Precision, t.Value.Recall, t.Value.F1, t.Value.Gold));

    protected override void AddDetails(JsonObject json)
    {
        json["sentences"] = score.Sentences;
        if (score.Spans is not null) json["spans"] = RowsJson(Rows);
    }

    protected override void ShowDetails()
    {
        if (score.Spans is not null) ShowRows("spans", Rows);
    }
}
