using Unroll.Configuration;
using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>What decides the result of a training of a model that writes texts, whatever it writes about: its symbols and its loss.</summary>
public abstract record GenerationOptions : TrainingOptions
{
    internal const string Auto = "auto";

    /// <summary>How many pairs validate well enough; the decoding of more would only take time.</summary>
    const int EnoughToValidate = 1000;

    private protected GenerationOptions() => (Schedule, LearningRate) = ("cosine", 0.002);

    /// <summary>The kind of tokens of what is written: auto, bpe, word, char or byte. Default auto.</summary>
    public string Tokens { get; init; } = Auto;

    /// <summary>Words, characters and merges that occur less often are left out; at least 1. Default 1.</summary>
    public int MinCount { get; init; } = 1;

    /// <summary>The most tokens of a side; null for the kind's default.</summary>
    public int? Vocabulary { get; init; }

    /// <summary>Unicode's normal form of texts. Default nfc.</summary>
    public string Normal { get; init; } = "nfc";

    /// <summary>Whether texts are lowercased, and scored so. Default false.</summary>
    public bool Lower { get; init; }

    /// <summary>Longest sequences to train on, in tokens, the end counted; at least 1. Default 256.</summary>
    public int MaxTokens { get; init; } = new GenerationTaskOptions().MaxSteps;

    /// <summary>ε of label smoothing; 0 to below 1. Default 0.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>How often the decoder reads the right token in training. Default: always.</summary>
    public TeacherForcing Teacher { get; init; } = new();

    /// <summary>The width of a beam that the test is decoded with too, 1 to 1,000; null for none.</summary>
    public int? TestBeam { get; init; }

    internal static IReadOnlyList<string> TokenKinds { get; } = [Auto, "bpe", "word", "char", "byte"];

    internal static double UsualShareOf(int count) => Math.Min(0.1, (double)EnoughToValidate / count);

    /// <summary>The settings of texts.</summary>
    internal static SettingList<T> TextSettings<T>() where T : GenerationOptions =>
    [
        SettingOf<T>.Choice("tokens", "KIND", $"Target tokenization: {string.Join(", ", TokenKinds)}. auto: char where targets have hardly more than a word, as dates, names and scripts without spaces do, else bpe.", () => TokenKinds,
            o => o.Tokens, (o, v) => o with { Tokens = v }).With(fitted: true),
        SettingOf<T>.Whole("min_count", "N", "Words, characters and merges that occur less often are left out.", 1, int.MaxValue, o => o.MinCount, (o, v) => o with { MinCount = v }).With(fitted: true, useless: o => Bytes(o)),
        SettingOf<T>.Whole("vocabulary", "N", "Vocabulary size per side: the most tokens to keep (word, char), or to make (bpe).", 2, Unroll.Data.Vocabulary.MaxSize, o => o.Vocabulary, (o, v) => o with { Vocabulary = v }).With(useless: o => Bytes(o)),
        SettingOf<T>.Choice("normal", "FORM", $"Unicode normalization: {string.Join(", ", TextNormalizer.FormNames)}.", () => TextNormalizer.FormNames, o => o.Normal, (o, v) => o with { Normal = v }),
        SettingOf<T>.Flag("lower", "Lowercase all texts, also for scoring.", o => o.Lower, (o, v) => o with { Lower = v }),
        SettingOf<T>.Whole("max_tokens", "N", "Skip training pairs with longer sequences, in tokens, the end counted.", 1, int.MaxValue, o => o.MaxTokens, (o, v) => o with { MaxTokens = v }),
    ];

    /// <summary>The settings of the loss.</summary>
    internal static SettingList<T> LossSettings<T>() where T : GenerationOptions =>
    [
        SettingOf<T>.Share("label_smoothing", "E", "Label smoothing: share of the target spread over all tokens.", o => o.LabelSmoothing, (o, v) => o with { LabelSmoothing = v }).With(fitted: true),
        SettingOf<T>.Number("teacher", "P", "Initial teacher-forcing ratio.", 0, 1, o => o.Teacher.Ratio, (o, v) => o with { Teacher = o.Teacher with { Ratio = v } }),
        SettingOf<T>.Choice("teacher_schedule", "KIND", $"Teacher-forcing schedule (scheduled sampling): {string.Join(", ", TeacherForcing.Schedules)}.", () => TeacherForcing.Schedules,
            o => o.Teacher.Schedule, (o, v) => o with { Teacher = o.Teacher with { Schedule = v } }),
        SettingOf<T>.Number("teacher_rate", "R", "Decrease per batch (linear), factor per batch (exponential), or pace in batches (inverse-sigmoid). Required for these.", 0, double.MaxValue,
            o => o.Teacher.Rate, (o, v) => o with { Teacher = o.Teacher with { Rate = v } }).With(fitted: true, useless: o => Constant(o)),
        SettingOf<T>.Number("teacher_least", "P", "Lower bound of the teacher-forcing ratio.", 0, 1, o => o.Teacher.Least, (o, v) => o with { Teacher = o.Teacher with { Least = v } }).With(useless: o => Constant(o)),
    ];

    /// <summary>The setting of a second evaluation.</summary>
    internal static Setting<T> BeamSetting<T>() where T : GenerationOptions =>
        SettingOf<T>.Whole("test_beam", "K", "Also evaluate the test set with a beam of K.", 1, 1000, o => o.TestBeam, (o, v) => o with { TestBeam = v });

    static string? Bytes(GenerationOptions options) => options.Tokens == "byte" ? "there are always 256 bytes" : null;

    static string? Constant(GenerationOptions options) => options.Teacher.Schedule == "constant" ? "--teacher-schedule is constant" : null;

    /// <summary>What is missing of the loss, or out of range.</summary>
    internal IEnumerable<string> LossProblems => (Teacher.Schedule, Given.Contains("--teacher-rate")) switch
    {
        ("constant", _) => [],
        (_, false) => [$"--teacher-rate is missing: --teacher-schedule {Teacher.Schedule} needs it."],
        ("exponential", _) when Teacher.Rate is not (> 0 and <= 1) => ["--teacher-rate is the factor per batch; expected above 0, at most 1."],
        ("inverse-sigmoid", _) when Teacher.Rate < 1 => ["--teacher-rate is the pace in batches; expected 1 or more."],
        _ => [],
    };

    /// <summary>The symbols of what is written.</summary>
    internal TextCoderOptions ToSymbols() => new() { Tokens = Tokens, MinCount = MinCount, MaxSize = Vocabulary, Normalizer = new() { Form = TextNormalizer.FormOf(Normal), Lower = Lower } };

    internal GenerationTaskOptions ToTask() => new() { Tokens = Batch, MaxSteps = MaxTokens, LabelSmoothing = LabelSmoothing, Teacher = Teacher };
}
