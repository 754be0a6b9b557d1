using Unroll.Configuration;
using Unroll.Data;
using Setting = Unroll.Configuration.SettingOf<Unroll.Tasks.TranslatorOptions>;

namespace Unroll.Tasks;

/// <summary>Everything that decides the result of a training of a model that reads a text and writes another.</summary>
public sealed record TranslatorOptions : GenerationOptions
{
    /// <summary>What the model is made of.</summary>
    public Seq2SeqConfig Model { get; init; } = new();

    /// <summary>Longest texts to train on, in words; at least 1. Default: any.</summary>
    public int MaxWords { get; init; } = int.MaxValue;

    /// <summary>The largest ratio of words between the two sides to train on, at least 1; null for any.</summary>
    public double? MaxRatio { get; init; }

    /// <summary>Whether both sides have the same tokens, made from both. Default false.</summary>
    public bool Joint { get; init; }

    /// <summary>The kind of tokens of the source; null as of the target.</summary>
    public string? SourceTokens { get; init; }

    /// <summary>The most tokens of the source; null as of the target.</summary>
    public int? SourceVocabulary { get; init; }

    internal static SettingList<TranslatorOptions> FilterSettings { get; } =
    [
        Setting.Whole("max_words", "N", "Train only on pairs with at most N words a side; test files are taken as they are.", 1, int.MaxValue, o => o.MaxWords, (o, v) => o with { MaxWords = v }).With(fitted: true),
        Setting.Number("max_ratio", "R", "Train only on pairs in which neither side has more than R times the other's words.", 1, 1e6, o => o.MaxRatio, (o, v) => o with { MaxRatio = v }),
        BeamSetting<TranslatorOptions>(),
    ];

    internal static SettingList<TranslatorOptions> OwnTextSettings { get; } =
    [
        .. TextSettings<TranslatorOptions>(),
        Setting.Flag("joint", "Use one vocabulary for both sides, built from both.", o => o.Joint, (o, v) => o with { Joint = v }),
        Setting.OptionalChoice("source_tokens", "KIND", "Source tokenization, as --tokens. Default: as of the target.", () => TokenKinds, o => o.SourceTokens, (o, v) => o with { SourceTokens = v })
            .With(useless: o => o.Joint ? "with --joint both sides have the same tokens" : null),
        Setting.Whole("source_vocabulary", "N", "Source vocabulary size, as --vocabulary. Default: as of the target.", 2, Unroll.Data.Vocabulary.MaxSize, o => o.SourceVocabulary, (o, v) => o with { SourceVocabulary = v })
            .With(useless: o => o.Joint ? "with --joint both sides have the same tokens" : o.SourceTokens == "byte" ? "there are always 256 bytes" : null),
    ];

    internal static SettingList<TranslatorOptions> ModelSettings { get; } =
    [
        .. Seq2SeqConfig.Settings.AsOptions.In<TranslatorOptions>(o => o.Model, (o, v) => o with { Model = v }).Fitted,
    ];

    internal PairFilter ToFilter() => new() { MaxWords = MaxWords, MaxRatio = MaxRatio ?? double.PositiveInfinity };

    /// <summary>The symbols of both sides, made from the pairs to learn from.</summary>
    internal (TextCoder Source, TextCoder Target) BuildSymbols(IReadOnlyList<TextPair> pairs)
    {
        var (source, target) = (ToSymbols() with { Tokens = SourceTokens ?? Tokens, MaxSize = SourceVocabulary ?? (SourceTokens is null || SourceTokens == Tokens ? Vocabulary : null) }, ToSymbols());
        if (Joint) return TextCoder.Build(pairs, target with { Joint = true });
        return (TextCoder.Build(pairs.Select(p => p.Source), source), TextCoder.Build(pairs.Select(p => p.Target), target));
    }

    /// <summary>The options with everything that was not given chosen to fit the pairs to learn from.</summary>
    internal TranslatorOptions PlannedFor(IReadOnlyList<TextPair> pairs)
    {
        // Hardly more than a word: what is to be written is spelled, not said. So often a text is seen in all; spelling is learned soon.
        const int TextsSpelled = 100_000, TextsSaid = 300_000, LeastEpochs = 5, MostEpochs = 30;
        var spells = Spells(pairs.Select(p => p.Target));
        var tokens = Tokens == Auto ? spells ? "char" : "bpe" : Tokens;
        return this with
        {
            Tokens = tokens,
            SourceTokens = SourceTokens == Auto ? Spells(pairs.Select(p => p.Source)) ? "char" : "bpe" : SourceTokens,
            Vocabulary = Vocabulary ?? (tokens == "bpe" ? Math.Clamp(pairs.Count / 5, 1000, 8000) : null),
            MinCount = tokens == "word" ? 2 : 1,
            Model = Model with { EmbeddingSize = spells ? 64 : 256, HiddenSize = spells ? 128 : 384, Dropout = spells ? 0.1 : 0.3 },
            LabelSmoothing = spells ? 0 : 0.1,
            Batch = spells ? 640 : 512,                             // many small steps learn a language sooner than few large ones
            Epochs = Iterations is null ? Epochs ?? Math.Clamp((spells ? TextsSpelled : TextsSaid) / pairs.Count, LeastEpochs, MostEpochs) : Epochs,
            LearningRate = spells ? 0.005 : 0.0015,
            WarmUp = 100,
        };
    }

    static bool Spells(IEnumerable<string> texts)
    {
        const double MostWordsToSpell = 2;
        return texts.Average(t => (double)t.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length) <= MostWordsToSpell;
    }
}
