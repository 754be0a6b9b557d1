using Unroll.Configuration;
using Unroll.Data;
using Setting = Unroll.Configuration.SettingOf<Unroll.Tasks.TaggerOptions>;

namespace Unroll.Tasks;

/// <summary>Everything that decides the result of a tagger's training.</summary>
public sealed record TaggerOptions : TrainingOptions
{
    /// <summary>Adam with a rate of 0.003 that falls along a cosine.</summary>
    public TaggerOptions() => (LearningRate, Schedule) = (0.003, "cosine");

    /// <summary>What the model is made of; <see cref="Output"/> decides whether it has a conditional random field.</summary>
    public SequenceTaggerConfig Model { get; init; } = new();

    /// <summary>Words and characters that occur less often are unknown; at least 1. Default 2.</summary>
    public int MinCount { get; init; } = 2;

    /// <summary>Whether words are told apart by upper and lower case; characters always are. Default false.</summary>
    public bool Cased { get; init; }

    /// <summary>The scheme that tags are brought to; null for the one that they are in, with BIO for IOB1.</summary>
    public string? Scheme { get; init; }

    /// <summary>softmax or crf; null for crf where tags mark spans and softmax elsewhere.</summary>
    public string? Output { get; init; }

    static IReadOnlyList<string> Outputs { get; } = ["softmax", "crf"];

    static IReadOnlyList<string> Schemes { get; } = [.. Enum.GetNames<TagScheme>().Where(n => n != nameof(TagScheme.None)).Select(n => n.ToLowerInvariant())];

    internal static SettingList<TaggerOptions> TextSettings { get; } =
    [
        Setting.Whole("min_count", "N", "Words and characters that occur less often are unknown; above 1 the unknown token is trained.", 1, int.MaxValue, o => o.MinCount, (o, v) => o with { MinCount = v }),
        Setting.Flag("cased", "Distinguish upper and lower case in words; characters always are.", o => o.Cased, (o, v) => o with { Cased = v }),
        Setting.OptionalChoice("scheme", "KIND", $"Convert tags to this scheme: {string.Join(", ", Schemes)}. Default: the one they are in, but bio for iob1.", () => Schemes, o => o.Scheme, (o, v) => o with { Scheme = v }),
    ];

    internal static SettingList<TaggerOptions> ModelSettings { get; } =
    [
        .. SequenceTaggerConfig.Settings.AsOptions.In<TaggerOptions>(o => o.Model, (o, v) => o with { Model = v }),
        Setting.OptionalChoice("output", "KIND", "Output layer. softmax: each tag by itself; crf: conditional random field. Default: crf where tags mark spans (B-, I-, …), else softmax.", () => Outputs, o => o.Output, (o, v) => o with { Output = v }),
    ];

    internal TagScheme? ToScheme() => Scheme is null ? null : Enum.Parse<TagScheme>(Scheme, ignoreCase: true);

    internal SequenceTaggerConfig ToConfig(TagScheme scheme) => Model with { Crf = (Output ?? (scheme == TagScheme.None ? "softmax" : "crf")) == "crf" };
}
