using Unroll.Configuration;
using Unroll.Data;
using Unroll.Models;
using Setting = Unroll.Configuration.SettingOf<Unroll.Tasks.LanguageModelOptions>;

namespace Unroll.Tasks;

/// <summary>Everything that decides the result of a language model's training.</summary>
public sealed record LanguageModelOptions : TrainingOptions
{
    /// <summary>A tenth of the text at its end is validated on.</summary>
    public LanguageModelOptions() => Data = new() { ValidFraction = 0.1 };

    /// <summary>What the model is made of.</summary>
    public LanguageModelConfig Model { get; init; } = new();

    /// <summary>The kind of tokens (<see cref="Tokenizer.Kinds"/>). Default char.</summary>
    public string Tokens { get; init; } = "char";

    /// <summary>Symbols that occur less often are unknown; at least 1. Default 1.</summary>
    public int MinCount { get; init; } = 1;

    /// <summary>The most symbols; null for the kind's default.</summary>
    public int? Vocabulary { get; init; }

    /// <summary>Whether each line is a sequence of its own; the text is one stream otherwise. Default false.</summary>
    public bool Lines { get; init; }

    /// <summary>Tokens that gradients flow back over; 1 to 65,536. Default 64.</summary>
    public int Steps { get; init; } = 64;

    internal static SettingList<LanguageModelOptions> DataSettings { get; } =
    [
        DataOptions.DataSetting("Text to learn from; may be .gz; '-' is standard input. In a folder each file is a document. Default: the library's own source.").In<LanguageModelOptions>(OfData, WithData),
        DataOptions.ValidSetting("Text to validate on, or the share at the end of the data; 0: none.").In<LanguageModelOptions>(OfData, WithData),
        .. DataOptions.InFiles.In<LanguageModelOptions>(OfData, WithData),
        Setting.Choice("tokens", "KIND", $"Tokenization: {string.Join(", ", Tokenizer.Kinds)}.", () => Tokenizer.Kinds, o => o.Tokens, (o, v) => o with { Tokens = v }),
        Setting.Whole("min_count", "N", "Symbols that occur less often become <unk> (char, word).", 1, int.MaxValue, o => o.MinCount, (o, v) => o with { MinCount = v }),
        Setting.Whole("vocabulary", "N", "Vocabulary size: the most symbols to keep (char, word), or to make (bpe).", 2, Unroll.Data.Vocabulary.MaxSize, o => o.Vocabulary, (o, v) => o with { Vocabulary = v }),
        Setting.Flag("lines", "Train on each line as a separate sequence, with full backpropagation; otherwise the text is one stream.", o => o.Lines, (o, v) => o with { Lines = v }),
        Setting.Whole("steps", "N", "Steps of truncated backpropagation.", 1, MaxRows, o => o.Steps, (o, v) => o with { Steps = v }).With(useless: o => o.Lines ? "with --lines gradients flow over whole lines" : null),
    ];

    internal static SettingList<LanguageModelOptions> ModelSettings { get; } = LanguageModelConfig.Settings.AsOptions.In<LanguageModelOptions>(o => o.Model, (o, v) => o with { Model = v });

    static DataOptions OfData(LanguageModelOptions options) => options.Data;

    static LanguageModelOptions WithData(LanguageModelOptions options, DataOptions data) => options with { Data = data };
}
