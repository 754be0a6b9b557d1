using Unroll.Models;
using Unroll.Training;

namespace Unroll.Cli;

/// <summary>Everything that decides the result of <c>train classify</c>.</summary>
sealed record ClassifySettings : LabelledSettings
{
    const string Auto = "auto";

    /// <summary>As <see cref="ClassifierPlan"/> has it where the data does not matter.</summary>
    public ClassifySettings() => (Optimizer, Schedule) = ("adamw", "cosine");

    public string Tokens { get; init; } = Auto;
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
    public double RecurrentDropout { get; init; }
    public int Members { get; init; } = 1;
    public int NGrams { get; init; }
    public double WordDropout { get; init; }
    public double EmbeddingDropout { get; init; }
    public string? Embeddings { get; init; }
    public bool Frozen { get; init; }
    public double LabelSmoothing { get; init; }
    public double ClassWeights { get; init; }

    /// <summary>What tokens may be asked for; auto and word are not the tokenizers of that name.</summary>
    public static IReadOnlyList<string> TokenKinds { get; } = [Auto, "word", "char", "byte", "bpe"];

    /// <summary>The tokens by the name that plans have for them; null where none are asked for.</summary>
    internal string? PlanTokens => Tokens switch { Auto => null, "word" => "term", _ => Tokens };

    protected override void Check(Action<bool, string, object?> tell)
    {
        base.Check(tell);
        tell(TokenKinds.Contains(Tokens), "tokens", Tokens);
        tell(MinCount >= 1, "min_count", MinCount);
        tell(NGrams is >= 0 and <= SequenceClassifierConfig.MostNGrams, "ngrams", NGrams);
        tell(LabelSmoothing is >= 0 and < 1, "label_smoothing", LabelSmoothing);
        tell(ClassWeights is >= 0 and <= 1, "class_weights", ClassWeights);
    }

    /// <summary>The settings with everything that was not given chosen to fit the data.</summary>
    /// <param name="plan">What fits.</param>
    /// <param name="examples">How many examples there are to learn from.</param>
    public ClassifySettings Planned(ClassifierPlan plan, int examples)
    {
        var (c, batch) = (plan.Config, Pick("--batch", Batch, plan.Task.Batch));
        var encoder = Pick("--encoder", Encoder, c.Encoder);
        var members = Pick("--members", Members, c.Members);
        var epochs = Iterations is null ? Epochs ?? plan.Epochs : Epochs;
        var iterations = Iterations ?? Math.Max(1, (long)epochs! * ((examples + batch - 1) / batch) / Accumulate);
        return this with
        {
            Tokens = plan.Tokens == "term" ? "word" : plan.Tokens,
            MinCount = Pick("--min-count", MinCount, plan.MinCount),
            Vocabulary = Vocabulary ?? plan.Vocabulary,
            Encoder = encoder,
            Cell = Pick("--cell", Cell, c.Cell),
            Embedding = Pick("--embedding", Embedding, c.EmbeddingSize),
            Hidden = Pick("--hidden", Hidden, c.HiddenSize),
            Layers = Pick("--layers", Layers, c.Layers),
            Pooling = Pick("--pooling", Pooling, c.Pooling),
            Dropout = Pick("--dropout", Dropout, c.Dropout),
            Variational = Pick("--variational", Variational, c.VariationalDropout),
            RecurrentDropout = Pick("--recurrent-dropout", RecurrentDropout, c.RecurrentDropout),
            Members = members,
            NGrams = Pick("--ngrams", NGrams, encoder == "mlp" ? 0 : c.NGrams),        // a baseline is to be plain
            WordDropout = Pick("--word-dropout", WordDropout, c.WordDropout),
            EmbeddingDropout = Pick("--embedding-dropout", EmbeddingDropout, c.EmbeddingDropout),
            LabelSmoothing = Pick("--label-smoothing", LabelSmoothing, plan.Task.LabelSmoothing),
            ClassWeights = Pick("--class-weights", ClassWeights, plan.Task.ClassBalance),
            Batch = batch,
            Epochs = epochs,
            LearningRate = Pick("--lr", LearningRate, plan.LearningRate),
            WeightDecay = Pick("--weight-decay", WeightDecay, plan.WeightDecay),
            Clip = Pick("--clip", Clip, plan.ClipNormOf(members)),
            Average = Pick("--average", Average, plan.AverageDecay),
            WarmUp = Pick("--warmup", WarmUp, Math.Min(100, iterations / 10 + 1)),
        };
    }

    /// <summary>What the settings make of the plan's model; classes and features are the data's.</summary>
    public SequenceClassifierConfig ToConfig(SequenceClassifierConfig planned) => planned with
    {
        Encoder = Encoder,
        Cell = Cell,
        EmbeddingSize = Embedding,
        HiddenSize = Hidden,
        Layers = Layers,
        Bidirectional = !OneWay,
        Pooling = Pooling,
        MaxSteps = MaxSteps,
        Dropout = Dropout,
        VariationalDropout = Variational,
        RecurrentDropout = Encoder == "mlp" ? 0 : RecurrentDropout,
        FrozenEmbedding = Frozen,
        Members = Members,
        NGrams = planned.Features > 0 ? 0 : NGrams,
        WordDropout = planned.Features > 0 ? 0 : WordDropout,
        EmbeddingDropout = planned.Features > 0 ? 0 : EmbeddingDropout,
    };
}
