using System.Text.Json.Nodes;
using Spectre.Console;
using Unroll.Training;

namespace Unroll.Cli.Reports;

/// <summary>How well a model writes.</summary>
/// <param name="score">The score.</param>
/// <param name="beam">The score of the same texts written with a beam, and how wide that was; null where they were not.</param>
sealed class WritingReport(WritingScore score, (int Width, WritingScore Score)? beam = null) : ScoreReport
{
    public override IReadOnlyList<(string Name, double Value)> Figures =>
    [
        .. Likeness(score.Texts), ("loss", score.Loss), ("loss_free_running", score.LossFreeRunning),
        .. beam is var (width, wide) ? Likeness(wide.Texts).Select(f => ($"beam_{width}_{f.Name}", f.Value)) : [],
    ];

    protected override (string Name, long Count) Size => ("pairs", score.Outputs.Count);

    protected override string UnitOf(string figure) => figure.StartsWith("loss", StringComparison.Ordinal) ? " nats per token" : "";

    protected override void AddDetails(JsonObject json)
    {
        json["bleu_signature"] = score.Texts.Bleu.Signature;
        json["chrf_signature"] = score.Texts.ChrF.Signature;
        json["too_long"] = score.TooLong;
    }

    protected override void ShowDetails()
    {
        Output.People.WriteLine($"{score.Texts.Bleu}  {score.Texts.Bleu.Signature}");
        if (score.TooLong > 0) Output.People.WriteLine($"{score.TooLong:N0} pairs are too long: the losses are without them, and of their sources the beginning was read.");
    }

    static (string Name, double Value)[] Likeness(TranslationScore texts) =>
        [("bleu", texts.Bleu.Score), ("chrf", texts.ChrF.Score), ("exact_match", texts.ExactMatch), ("token_accuracy", texts.TokenAccuracy)];
}
