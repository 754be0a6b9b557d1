using Unroll.Configuration;
using Unroll.Data;
using Setting = Unroll.Configuration.SettingOf<Unroll.Tasks.ClassifierOptions>;

namespace Unroll.Tasks;

/// <summary>Everything that decides the result of a classifier's training. What the command is not given, a plan chooses to fit the data.</summary>
public sealed record ClassifierOptions : TrainingOptions
{
    internal const string Auto = "auto";

    /// <summary>As <see cref="ClassifierPlan"/> has it where the data does not matter.</summary>
    public ClassifierOptions() => (Optimizer, Schedule) = ("adamw", "cosine");

    /// <summary>What the plan decides: model, tokens, loss.</summary>
    public ClassifierPlan Plan { get; init; } = new() { Config = new() { Classes = [] } };

    /// <summary>The work that planning and training may take; the plan's. Default balanced.</summary>
    public Effort Effort
    {
        get => Plan.Effort;
        init => Plan = Plan with { Effort = value };
    }

    /// <summary>A file of word vectors to begin with; null for none.</summary>
    public string? Embeddings { get; init; }

    /// <summary>What tokens may be asked for; auto and word are not the tokenizers of that name.</summary>
    internal static IReadOnlyList<string> TokenKinds { get; } = [Auto, "word", "char", "byte", "bpe"];

    /// <summary>The kind of tokens as it is asked for.</summary>
    internal string Tokens { get; init; } = Auto;

    /// <summary>The names of efforts.</summary>
    static IReadOnlyList<string> Efforts { get; } = [.. Enum.GetNames<Effort>().Select(e => e.ToLowerInvariant())];

    internal static SettingList<ClassifierOptions> EffortSettings { get; } =
    [
        Setting.Choice("effort", "HOW", "Work that planning and training may take. quick: a linear n-gram model, in seconds. balanced: up to two networks beside it, if validation favours them. best: up to eight large networks, many times the work.", () => Efforts,
            o => o.Effort.ToString().ToLowerInvariant(), (o, v) => o with { Effort = Enum.Parse<Effort>(v, ignoreCase: true) }),
    ];

    internal static SettingList<ClassifierOptions> TextSettings { get; } =
    [
        Setting.Choice("tokens", "KIND", $"Tokenization: {string.Join(", ", TokenKinds)}. auto: char for short words and scripts without spaces or with long words, such as Hangul, else word.", () => TokenKinds,
            o => o.Tokens, (o, v) => o with { Tokens = v }),
        Setting.Whole("min_count", "N", "Tokens that occur less often are unknown (word, char).", 1, int.MaxValue, o => o.Plan.MinCount, (o, v) => o with { Plan = o.Plan with { MinCount = v } }).With(fitted: true, useless: Bytes),
        Setting.Whole("vocabulary", "N", "Vocabulary size: the most tokens to keep (word, char), or to make (bpe).", 2, Vocabulary.MaxSize, o => o.Plan.Vocabulary, (o, v) => o with { Plan = o.Plan with { Vocabulary = v } }).With(useless: Bytes),
        Setting.Flag("cased", "Distinguish upper and lower case, and the digits of numbers.", o => o.Plan.Cased, (o, v) => o with { Plan = o.Plan with { Cased = v } })
            .With(useless: o => o.Tokens is "word" or Auto ? null : "only words are told apart without it"),
        Setting.OptionalPath("embeddings", "FILE", "Initialise the embedding with these vectors, in the text format of word2vec or GloVe; they set its size.", o => o.Embeddings, (o, v) => o with { Embeddings = v }),
    ];

    internal static SettingList<ClassifierOptions> ModelSettings { get; } =
        SequenceClassifierConfig.Settings.AsOptions.In<ClassifierOptions>(o => o.Plan.Config, (o, v) => o with { Plan = o.Plan with { Config = v } }).Fitted;

    internal static SettingList<ClassifierOptions> LossSettings { get; } =
    [
        Setting.Share("label_smoothing", "E", "Label smoothing: share of the target spread over all classes.", o => o.Plan.Task.LabelSmoothing, (o, v) => o with { Plan = o.Plan with { Task = o.Plan.Task with { LabelSmoothing = v } } }).With(fitted: true),
        Setting.Number("class_weights", "P", "Class weighting. 0: none; 1: all classes count alike.", 0, 1, o => o.Plan.Task.ClassBalance, (o, v) => o with { Plan = o.Plan with { Task = o.Plan.Task with { ClassBalance = v } } }).With(fitted: true),
        Setting.Whole("n_gram_epochs", "N", "", 1, int.MaxValue, o => o.Plan.Task.NGramEpochs, (o, v) => o with { Plan = o.Plan with { Task = o.Plan.Task with { NGramEpochs = v } } }, ""),
        Setting.Share("n_gram_dropout", "P", "", o => o.Plan.Task.NGramDropout, (o, v) => o with { Plan = o.Plan with { Task = o.Plan.Task with { NGramDropout = v } } }, ""),
    ];

    static string? Bytes(ClassifierOptions options) => options.Tokens == "byte" ? "there are always 256 bytes" : null;
}
