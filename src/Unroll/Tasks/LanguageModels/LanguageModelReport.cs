using Unroll.Models;

namespace Unroll.Tasks;

/// <summary>How well a language model predicts a text.</summary>
internal sealed class LanguageModelReport(LanguageModelScore score) : EvaluationReport
{
    public override IReadOnlyList<Metric> Metrics =>
    [
        new("loss", score.Loss, "nats per token"), new("perplexity", score.Perplexity, "per token"), new("bits_per_token", score.BitsPerToken), new("bits_per_character", score.BitsPerCharacter),
    ];

    public override (string Name, long Count) Size => ("tokens", score.Tokens);
}
