using Unroll.Configuration;
using Unroll.Tasks;
using Setting = Unroll.Configuration.SettingOf<Unroll.Cli.DecodingChoice>;

namespace Unroll.Cli;

/// <summary>How texts are chosen, as the command line says it.</summary>
sealed record DecodingChoice
{
    public DecodingOptions Search { get; init; } = new() { LengthPenalty = DecodingOptions.UsualLengthPenalty };
    public bool Samples { get; init; }
    public SamplingOptions Sampling { get; init; } = new();
    public ulong Seed { get; init; } = 1;

    static SettingList<DecodingChoice> BeamSettings { get; } =
    [
        Setting.Whole("beam", "K", "Beam size; 1: greedy search.", 1, 1000, o => o.Search.Beam, (o, v) => o with { Search = o.Search with { Beam = v } }).With(useless: o => o.Samples ? "--sample draws tokens and does not search" : null),
        Setting.Number("length_penalty", "A", "With a beam: length penalty; above 0 favours longer texts.", 0, 100, o => o.Search.LengthPenalty, (o, v) => o with { Search = o.Search with { LengthPenalty = v } }).With(useless: NoBeam),
    ];

    static SettingList<DecodingChoice> OtherSettings { get; } =
    [
        Setting.Number("coverage_penalty", "B", "With a beam: coverage penalty; above 0 favours texts that attend to the whole source.", 0, 100, o => o.Search.CoveragePenalty, (o, v) => o with { Search = o.Search with { CoveragePenalty = v } }).With(useless: NoBeam),
        Setting.Whole("block_ngrams", "N", "Never repeat an n-gram of N tokens; 0: off.", 0, int.MaxValue, o => o.Search.BlockNGrams, (o, v) => o with { Search = o.Search with { BlockNGrams = v } }),
        Setting.Whole("min_length", "N", "Fewest tokens of a text.", 0, 10_000, o => o.Search.MinLength, (o, v) => o with { Search = o.Search with { MinLength = v } })
            .With(useless: o => o.Search.MinLength > o.Search.MaxLength ? $"it is more than the most, {o.Search.MaxLength}" : null),
        Setting.Whole("max_length", "N", "Most tokens of a text; with a source also at most three per source token, plus ten.", 1, 10_000, o => o.Search.MaxLength, (o, v) => o with { Search = o.Search with { MaxLength = v } }),
        Setting.Flag("sample", "Sample tokens instead of searching.", o => o.Samples, (o, v) => o with { Samples = v }),
        Setting.Number("temperature", "T", "With --sample: softmax temperature; below 1 likelier tokens, above 1 more variety.", 0, 100, o => o.Sampling.Temperature, (o, v) => o with { Sampling = o.Sampling with { Temperature = v } }).With(useless: NoSampling),
        Setting.Whole("top_k", "K", "With --sample: sample from the K most likely tokens; 0: all.", 0, int.MaxValue, o => o.Sampling.TopK, (o, v) => o with { Sampling = o.Sampling with { TopK = v } }).With(useless: NoSampling),
        Setting.Number("top_p", "P", "With --sample: sample from the most likely tokens that together reach P (nucleus sampling).", 0, 1, o => o.Sampling.TopP, (o, v) => o with { Sampling = o.Sampling with { TopP = v } }, exclusive: true).With(useless: NoSampling),
        Setting.Whole("seed", "N", "With --sample: the same seed draws the same texts.", 0UL, ulong.MaxValue, o => o.Seed, (o, v) => o with { Seed = v }).With(useless: NoSampling),
    ];

    static Setting<DecodingChoice> BestSetting { get; } =
        Setting.Whole("best", "N", "Give the N best texts, at most as many as the beam has; with --sample, N texts.", 1, 1000, o => o.Search.Best, (o, v) => o with { Search = o.Search with { Best = v } })
            .With(useless: o => !o.Samples && o.Search.Best > o.Search.Beam ? $"{o.Search.Best} are more than the beam of {o.Search.Beam} has" : null);

    /// <summary>The options of a verb that may give several texts of each input.</summary>
    public static SettingsOf<DecodingChoice> All() => new([BestSetting, .. BeamSettings, .. OtherSettings], new());

    /// <summary>The options of a verb that gives one text of each input.</summary>
    public static SettingsOf<DecodingChoice> ForOne() => new([.. BeamSettings, .. OtherSettings], new());

    /// <summary>The options of a search that is measured.</summary>
    public static SettingsOf<DecodingChoice> ForEvaluation() => new(BeamSettings, new());

    static string? NoBeam(DecodingChoice o) => o.Search.Beam == 1 ? "there is no --beam, so nothing to compare" : null;

    static string? NoSampling(DecodingChoice o) => o.Samples ? null : "there is no --sample";

    /// <summary>As the library takes it.</summary>
    public DecodingOptions ToOptions() => Search with { LengthPenalty = Search.Beam > 1 ? Search.LengthPenalty : 0, Sampling = Samples ? Sampling : null };
}
