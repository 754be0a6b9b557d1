using System.Text.Json.Nodes;
using Unroll.Data;
using Unroll.Models;
using Unroll.Training;

namespace Unroll.Cli.Reports;

/// <summary>How well a tagger does.</summary>
/// <param name="score">The score.</param>
/// <param name="unknown">The tags in the data that the model does not know, with how often each is there.</param>
sealed class TaggingReport(TaggingScore score, IReadOnlyList<(string Name, long Count)> unknown) : ScoreReport
{
    /// <summary>Tags sentences and compares.</summary>
    public static TaggingReport Of(SequenceTagger model, IReadOnlyList<TaggedSentence> sentences, int batch = 64, IProgress<double>? progress = null)
    {
        var tags = sentences.SelectMany(s => model.Vocabulary.InScheme(s.Tags)).Where(t => model.Vocabulary.Tags.Find(t) is null).CountBy(t => t);
        return new(TaggingScore.Measure(model, sentences, batch, progress), [.. tags.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => (t.Key, (long)t.Value))]);
    }

    /// <summary>How many words were tagged.</summary>
    public long Words => score.Words;

    public override IReadOnlyList<(string Name, double Value)> Figures =>
    [
        ("loss", score.Loss), ("accuracy", score.Accuracy),
        .. score.Spans is { All: var all } ? [("span_precision", all.Precision), ("span_recall", all.Recall), ("span_f1", all.F1)] : Array.Empty<(string, double)>(),
    ];

    protected override (string Name, long Count) Size => ("tokens", score.Words);

    protected override IReadOnlyList<(string Name, long Count)> Unknown => unknown;

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
