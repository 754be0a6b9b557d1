using System.Text.Json.Nodes;
using Spectre.Console;
using Unroll.Data;
using Unroll.Models;
using Unroll.Training;

namespace Unroll.Cli.Reports;

/// <summary>How well a model writes.</summary>
/// <param name="score">The score.</param>
/// <param name="beam">The score of the same texts written with a beam, and how wide that was; null where they were not.</param>
/// <param name="nearest">chrF of the captions of the nearest pictures that were learned from, in place of the model's; null where there are none.</param>
sealed class WritingReport(WritingScore score, (int Width, WritingScore Score)? beam = null, double? nearest = null) : ScoreReport
{
    /// <summary>chrF of the captions of the nearest pictures that were learned from, as if they were the model's; null where none is known.</summary>
    public static double? NearestChrF(Captioner model, IReadOnlyList<PictureCaption> pictures, IReadOnlyList<PictureCaption> known)
    {
        if (known.Count == 0) return null;
        var normalizer = model.Target.Normalizer;
        string[] nearest = [.. pictures.Select(p => normalizer.Apply(NearestPicture.Of(p.Picture, known).Caption))];
        return ChrF.Corpus(nearest, [.. pictures.Select(p => normalizer.Apply(p.Caption))], normalizer.Lower).Score;
    }

    public override IReadOnlyList<(string Name, double Value)> Figures =>
    [
        .. Likeness(score.Texts), ("loss", score.Loss), ("loss_free_running", score.LossFreeRunning),
        .. beam is var (width, wide) ? Likeness(wide.Texts).Select(f => ($"beam_{width}_{f.Name}", f.Value)) : [],
        .. nearest is { } chrF ? [("nearest_chrf", chrF)] : Array.Empty<(string, double)>(),
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
