using System.CommandLine;
using Unroll.Tasks;
using Setting = Unroll.Configuration.SettingOf<Unroll.Cli.AttentionChoice>;

namespace Unroll.Cli;

/// <summary>Where attention is shown.</summary>
sealed record AttentionChoice
{
    public bool Shown { get; init; }
    public string? Svg { get; init; }
    public string? Html { get; init; }

    /// <summary>The options that show attention.</summary>
    /// <param name="input">The option that names inputs, of which a picture shows one.</param>
    public static SettingsOf<AttentionChoice> Options(string input) => new(
    [
        Setting.Flag("attention", "Show the attention weights of every token: shades below the text, or numbers with --json.", o => o.Shown, (o, v) => o with { Shown = v }),
        Setting.OptionalText("svg", "FILE", $"Draw them for one {input}.", o => o.Svg, (o, v) => o with { Svg = v }),
        Setting.OptionalText("html", "FILE", "Write a page with a drawing of them for every text.", o => o.Html, (o, v) => o with { Html = v }),
    ], new());

    /// <summary>What cannot stand together.</summary>
    public static IEnumerable<string> Problems(SettingsOf<AttentionChoice> options, ParseResult parsed, Option input) =>
        parsed.Refuse(options["--svg"], parsed.GetResult(input) is not { Tokens.Count: 1 }, $"it shows one text; give one {input.Name}, or --html for more");

    /// <summary>Refuses to show what a model has not.</summary>
    /// <exception cref="UsageException">It has no attention.</exception>
    public static void Check(SettingsOf<AttentionChoice> options, ParseResult parsed, DecoderConfig config) =>
        CommonOptions.Check([.. options.All.SelectMany(o => parsed.Refuse(o, !config.HasAttention, "the model has no attention; train it with --attention general"))]);
}
