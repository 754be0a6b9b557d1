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
    /// <summary>How well a captioner does.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pictures">Pictures with what is right for each.</param>
    /// <param name="known">Pictures that were learned from, or none.</param>
    /// <param name="beam">A beam to write them with a second time; null for none.</param>
    /// <param name="progress">Told the share that is done, from 0 to 1.</param>
    public static WritingReport Of(Captioner model, IReadOnlyList<PictureCaption> pictures, IReadOnlyList<PictureCaption> known, int? beam, IProgress<double> progress)
    {
        var greedy = WritingScore.Of(model, pictures, progress: progress);
        (int, WritingScore)? wide = beam is { } width ? (width, WritingScore.Of(model, pictures, new() { Beam = width, LengthPenalty = 1 }, progress)) : null;
        if (known.Count == 0) return new(greedy, wide);
        string[] nearest = [.. pictures.Select(p => NearestPicture.Of(p.Picture, known).Caption)];
        return new(greedy, wide, ChrF.Corpus([.. nearest.Select(model.Target.Normalizer.Apply)], [.. pictures.Select(p => model.Target.Normalizer.Apply(p.Caption))]).Score);
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
