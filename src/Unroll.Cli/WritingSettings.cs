using Unroll.Data;
using Unroll.Models;
using Unroll.Training;

namespace Unroll.Cli;

/// <summary>What decides the result of a training of a model that writes texts, whatever it writes about: its symbols, its decoder, its loss.</summary>
abstract record WritingSettings : LabelledSettings
{
    public const string Auto = "auto";

    /// <summary>How many pairs validate well enough; the writing of more would only take time.</summary>
    const int EnoughToValidate = 1000;

    protected WritingSettings() => (Schedule, LearningRate) = ("cosine", 0.002);

    public string Tokens { get; init; } = Auto;
    public int MinCount { get; init; } = 1;
    public int? Vocabulary { get; init; }
    public string Normal { get; init; } = "nfc";
    public bool Lower { get; init; }
    public int MaxTokens { get; init; } = new WritingTaskOptions().MaxSteps;
    public string Cell { get; init; } = "lstm";
    public int Embedding { get; init; } = 256;
    public int Hidden { get; init; } = 256;
    public int Layers { get; init; } = 1;
    public string Attention { get; init; } = "general";
    public int AttentionSize { get; init; }
    public bool ScaledAttention { get; init; }
    public bool Coverage { get; init; }
    public int Window { get; init; } = 10;
    public bool InputFeeding { get; init; }
    public string Bridge { get; init; } = "dense";
    public double Dropout { get; init; }
    public bool Variational { get; init; }
    public bool Tied { get; init; }
    public double Init { get; init; }
    public double LabelSmoothing { get; init; }
    public string TeacherSchedule { get; init; } = "constant";
    public double Teacher { get; init; } = 1;
    public double TeacherRate { get; init; } = 1;
    public double TeacherLeast { get; init; }
    public int? TestBeam { get; init; }

    /// <summary>What tokens may be asked for.</summary>
    public static IReadOnlyList<string> TokenKinds { get; } = [Auto, "bpe", "word", "char", "byte"];

    protected override void Check(Action<bool, string, object?> tell)
    {
        base.Check(tell);
        tell(TokenKinds.Contains(Tokens), "tokens", Tokens);
        tell(MinCount >= 1, "min_count", MinCount);
        tell(TextNormalizer.FormNames.Contains(Normal), "normal", Normal);
        tell(MaxTokens >= 1, "max_tokens", MaxTokens);
        tell(LabelSmoothing is >= 0 and < 1, "label_smoothing", LabelSmoothing);
        tell(TestBeam is null or (>= 1 and <= 1000), "test_beam", TestBeam);
    }

    protected override double UsualShare(int count) => Math.Min(0.1, (double)EnoughToValidate / count);

    public TextNormalizer ToNormalizer() => new() { Form = TextNormalizer.FormOf(Normal), Lower = Lower };

    /// <summary>The symbols of what is written.</summary>
    protected TextCoderOptions ToSymbols() => new() { Tokens = Tokens, MinCount = MinCount, MaxSize = Vocabulary, Normalizer = ToNormalizer() };

    public TeacherForcing ToTeacher() => new() { Schedule = TeacherSchedule, Ratio = Teacher, Rate = TeacherRate, Least = TeacherLeast };

    public WritingTaskOptions ToTask() => new() { Tokens = Batch, MaxSteps = MaxTokens, LabelSmoothing = LabelSmoothing, Teacher = ToTeacher() };

    /// <summary>The configuration with the decoder that the settings say.</summary>
    protected TConfig WithDecoder<TConfig>(TConfig config) where TConfig : DecoderConfig => config with
    {
        Cell = Cell,
        EmbeddingSize = Embedding,
        HiddenSize = Hidden,
        Layers = Layers,
        Attention = Attention,
        AttentionSize = AttentionSize,
        ScaledAttention = ScaledAttention,
        Coverage = Coverage,
        Window = Window,
        InputFeeding = InputFeeding,
        Bridge = Bridge,
        Dropout = Dropout,
        VariationalDropout = Variational,
        TiedWeights = Tied,
        InitScale = Init,
    };
}
