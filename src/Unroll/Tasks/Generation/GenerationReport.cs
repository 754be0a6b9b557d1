using System.Text.Json.Nodes;

namespace Unroll.Tasks;

/// <summary>How well a model writes.</summary>
/// <param name="score">The score.</param>
/// <param name="beam">The score of the same texts decoded with a beam, and how wide that was; null where they were not.</param>
/// <param name="nearest">chrF of the captions of the nearest images that were learned from, in place of the model's; null where there are none.</param>
internal sealed class GenerationReport(GenerationScore score, (int Width, GenerationScore Score)? beam = null, double? nearest = null) : EvaluationReport
{
    public override IReadOnlyList<Metric> Metrics =>
    [
        .. Likeness(score.Texts), new("loss", score.Loss, "nats per token"), new("loss_free_running", score.LossFreeRunning, "nats per token"),
        .. beam is var (width, wide) ? Likeness(wide.Texts).Select(m => m with { Name = $"beam_{width}_{m.Name}" }) : [],
        .. nearest is { } chrF ? [new("nearest_chrf", chrF)] : Array.Empty<Metric>(),
    ];

    public override (string Name, long Count) Size => ("pairs", score.Outputs.Count);

    public override IReadOnlyList<string> Lines =>
    [
        $"{score.Texts.Bleu}  {score.Texts.Bleu.Signature}",
        .. score.TooLong > 0 ? [$"{score.TooLong:N0} pairs are too long: the losses are without them, and of their sources the beginning was read."] : Array.Empty<string>(),
    ];

    protected override void AddDetails(JsonObject json)
    {
        json["bleu_signature"] = score.Texts.Bleu.Signature;
        json["chrf_signature"] = score.Texts.ChrF.Signature;
        json["too_long"] = score.TooLong;
    }

    static Metric[] Likeness(TranslationScore texts) => [new("bleu", texts.Bleu.Score), new("chrf", texts.ChrF.Score), new("exact_match", texts.ExactMatch), new("token_accuracy", texts.TokenAccuracy)];
}
