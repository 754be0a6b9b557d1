using Unroll.Models;

namespace Unroll.Cli.Reports;

/// <summary>How well a language model predicts a text.</summary>
sealed class LanguageModelReport(LanguageModelScore score) : ScoreReport
{
    public override IReadOnlyList<(string Name, double Value)> Figures =>
        [("loss", score.Loss), ("perplexity", score.Perplexity), ("bits_per_token", score.BitsPerToken), ("bits_per_character", score.BitsPerCharacter)];

    protected override (string Name, long Count) Size => ("tokens", score.Tokens);

    protected override string UnitOf(string figure) => figure switch
    {
        "loss" => " nats per token",
        "perplexity" => " per token",
        _ => "",
    };
}
