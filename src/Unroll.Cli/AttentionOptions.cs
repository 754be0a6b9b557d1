using System.CommandLine;
using Unroll.Models;

namespace Unroll.Cli;

/// <summary>Where attention is shown.</summary>
/// <param name="Shown">Whether beside the texts.</param>
/// <param name="Svg">The file for a picture; null for none.</param>
/// <param name="Html">The file for a page; null for none.</param>
sealed record AttentionRequest(bool Shown, string? Svg, string? Html);

/// <summary>The options that show where a model looked as it wrote.</summary>
/// <param name="input">The option that names what is read or looked at, of which a picture shows one.</param>
sealed class AttentionOptions(Option input)
{
    readonly Option<bool> _show = new("--attention") { Description = "Show for every token where the model looked: shades below the text, or numbers with --json." };
    readonly Option<string?> _svg = CommonOptions.Of<string?>("--svg", "FILE", $"Draw that for one {input.Name}.").NotEmpty();
    readonly Option<string?> _html = CommonOptions.Of<string?>("--html", "FILE", "Write a page with a picture of it for every text.").NotEmpty();

    public IReadOnlyList<Option> All => [_show, _svg, _html];

    /// <summary>What cannot stand together.</summary>
    public IEnumerable<string> Problems(ParseResult parsed) =>
        parsed.Refuse(_svg, parsed.GetResult(input) is not { Tokens.Count: 1 }, $"it shows one text; give one {input.Name}, or --html for more");

    /// <summary>Refuses to show what a model has not.</summary>
    /// <exception cref="UsageException">It has no attention.</exception>
    public void Check(ParseResult parsed, DecoderConfig config) =>
        CommonOptions.Check([.. All.SelectMany(o => parsed.Refuse(o, !config.HasAttention, "the model has no attention; train it with --attention general"))]);

    public AttentionRequest Read(ParseResult parsed) => new(parsed.GetValue(_show), parsed.GetValue(_svg), parsed.GetValue(_html));
}
