using Unroll.Models;

namespace Unroll.Cli;

/// <summary>Everything that decides the result of <c>train classify</c>.</summary>
sealed record ClassifySettings : LabelledSettings
{
    public ClassifySettings() => (LearningRate, Schedule) = (0.002, "cosine");

    public string Tokens { get; init; } = "auto";
    public int MinCount { get; init; } = 2;
    public int? Vocabulary { get; init; }
    public bool Cased { get; init; }
    public string Encoder { get; init; } = "rnn";
    public string Cell { get; init; } = "lstm";
    public int Embedding { get; init; } = 128;
    public int Hidden { get; init; } = 128;
    public int Layers { get; init; } = 1;
    public bool OneWay { get; init; }
    public string Pooling { get; init; } = "max";
    public int MaxSteps { get; init; }
    public double Dropout { get; init; } = 0.4;
    public bool Variational { get; init; }
    public double WordDropout { get; init; }
    public double EmbeddingDropout { get; init; }
    public string? Embeddings { get; init; }
    public bool Frozen { get; init; }
    public double LabelSmoothing { get; init; }
    public double ClassWeights { get; init; }

    /// <summary>What tokens may be asked for; auto and word are not the tokenizers of that name.</summary>
    public static IReadOnlyList<string> TokenKinds { get; } = ["auto", "word", "char", "byte", "bpe"];

    protected override void Check(Action<bool, string, object?> tell)
    {
        base.Check(tell);
        tell(TokenKinds.Contains(Tokens), "tokens", Tokens);
        tell(MinCount >= 1, "min_count", MinCount);
        tell(LabelSmoothing is >= 0 and < 1, "label_smoothing", LabelSmoothing);
        tell(ClassWeights is >= 0 and <= 1, "class_weights", ClassWeights);
    }

    /// <param name="classes">The names of the classes.</param>
    /// <param name="several">Whether an example may have several.</param>
    /// <param name="features">The numbers of each step of a series; 0 for texts.</param>
    public SequenceClassifierConfig ToConfig(IReadOnlyList<string> classes, bool several, int features) => new()
    {
        Classes = classes, MultiLabel = several, Features = features, Encoder = Encoder, Cell = Cell, EmbeddingSize = Embedding, HiddenSize = Hidden,
        Layers = Layers, Bidirectional = !OneWay, Pooling = Pooling, MaxSteps = MaxSteps, Dropout = Dropout, VariationalDropout = Variational,
        WordDropout = features > 0 ? 0 : WordDropout, EmbeddingDropout = features > 0 ? 0 : EmbeddingDropout, FrozenEmbedding = Frozen,
    };
}
