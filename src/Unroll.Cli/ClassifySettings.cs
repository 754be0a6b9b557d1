using Unroll.Data;
using Unroll.Models;
using Unroll.Training;

namespace Unroll.Cli;

/// <summary>Everything that decides the result of <c>train classify</c>.</summary>
sealed record ClassifySettings : LabelledSettings
{
    const string Auto = "auto";

    /// <summary>As <see cref="ClassifierPlan"/> has it where the data does not matter.</summary>
    public ClassifySettings() => (Optimizer, Schedule) = ("adamw", "cosine");

    public string Effort { get; init; } = Efforts[1];
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
    public int NGramEpochs { get; init; } = 10;
    public double NGramDropout { get; init; } = 0.3;
    public double WordDropout { get; init; }
    public double EmbeddingDropout { get; init; }
    public string? Embeddings { get; init; }
    public bool Frozen { get; init; }
    public double LabelSmoothing { get; init; }
    public double ClassWeights { get; init; }

    /// <summary>What tokens may be asked for; auto and word are not the tokenizers of that name.</summary>
    public static IReadOnlyList<string> TokenKinds { get; } = [Auto, "word", "char", "byte", "bpe"];

    /// <summary>The names of efforts.</summary>
    public static IReadOnlyList<string> Efforts { get; } = [.. Enum.GetNames<Effort>().Select(e => e.ToLowerInvariant())];

    /// <summary>Options that speak of networks, so that there has to be one.</summary>
    static readonly string[] OfNetworks =
    [
        "--encoder", "--cell", "--embedding", "--embeddings", "--frozen", "--hidden", "--layers", "--one-way", "--pooling", "--dropout", "--variational", "--recurrent-dropout",
        "--word-dropout", "--embedding-dropout", "--members", "--iterations", "--epochs",
    ];

    /// <summary>The tokens by the name that plans have for them; null where none are asked for.</summary>
    internal string? PlanTokens => Tokens switch { Auto => null, "word" => "term", _ => Tokens };

    protected override void Check(Action<bool, string, object?> tell)
    {
        base.Check(tell);
        tell(TokenKinds.Contains(Tokens), "tokens", Tokens);
        tell(Efforts.Contains(Effort), "effort", Effort);
        tell(MinCount >= 1, "min_count", MinCount);
        tell(NGramEpochs >= 1, "n_gram_epochs", NGramEpochs);
        tell(NGramDropout is >= 0 and < 1, "n_gram_dropout", NGramDropout);
        tell(NGrams is >= 0 and <= SequenceClassifierConfig.MostNGrams, "ngrams", NGrams);
        tell(LabelSmoothing is >= 0 and < 1, "label_smoothing", LabelSmoothing);
        tell(ClassWeights is >= 0 and <= 1, "class_weights", ClassWeights);
    }

    /// <summary>The plan that fits the examples and what was given.</summary>
    public ClassifierPlan PlanFor(IReadOnlyList<Example> train, IProgress<string> progress) => ClassifierPlan.For(
        train, PlanTokens, Enum.Parse<Effort>(Effort, ignoreCase: true), plan => Settle(plan, train.Count),
        keepNetworks: OfNetworks.Any(Given.Contains) && Pick("--members", Members, 1) > 0, new Rng(Seed).Fork("plan"), progress);

    /// <summary>A plan with what was given in place of what fits.</summary>
    ClassifierPlan Settle(ClassifierPlan plan, int examples)
    {
        var (c, task) = (plan.Config, plan.Task);
        var (encoder, isText, batch) = (Pick("--encoder", Encoder, c.Encoder), c.Features == 0, Pick("--batch", Batch, task.Batch));
        return plan with
        {
            Config = c with
            {
                Encoder = encoder,
                Cell = Pick("--cell", Cell, c.Cell),
                EmbeddingSize = Pick("--embedding", Embedding, c.EmbeddingSize),
                HiddenSize = Pick("--hidden", Hidden, c.HiddenSize),
                Layers = Pick("--layers", Layers, c.Layers),
                Bidirectional = !OneWay,
                Pooling = Pick("--pooling", Pooling, c.Pooling),
                MaxSteps = MaxSteps,
                Dropout = Pick("--dropout", Dropout, c.Dropout),
                VariationalDropout = Pick("--variational", Variational, c.VariationalDropout),
                RecurrentDropout = encoder == "mlp" ? 0 : Pick("--recurrent-dropout", RecurrentDropout, c.RecurrentDropout),
                Members = Pick("--members", Members, c.Members),
                NGrams = isText ? Pick("--ngrams", NGrams, encoder == "mlp" ? 0 : c.NGrams) : 0,        // a baseline is to be plain
                NGramPositions = Pick("--ngrams", 0, c.NGramPositions),
                NGramShare = Embeddings is null ? c.NGramShare : 0.5,                                   // networks are tried without them
                WordDropout = isText ? Pick("--word-dropout", WordDropout, c.WordDropout) : 0,
                EmbeddingDropout = isText ? Pick("--embedding-dropout", EmbeddingDropout, c.EmbeddingDropout) : 0,
            },
            MinCount = Pick("--min-count", MinCount, plan.MinCount),
            Vocabulary = Vocabulary ?? plan.Vocabulary,
            Cased = Cased,
            Task = task with
            {
                Batch = batch,
                LabelSmoothing = Pick("--label-smoothing", LabelSmoothing, task.LabelSmoothing),
                ClassBalance = Pick("--class-weights", ClassWeights, task.ClassBalance),
            },
            Epochs = Epochs ?? (Iterations is { } n ? (int)Math.Clamp(n * batch / examples, 1, int.MaxValue) : plan.Epochs),
            // What is tried is tried with the usual optimizer.
            LearningRate = Given.Contains("--optimizer") ? plan.LearningRate : Pick("--lr", LearningRate, plan.LearningRate),
            WeightDecay = Pick("--weight-decay", WeightDecay, plan.WeightDecay),
            AverageDecay = Pick("--average", Average, plan.AverageDecay),
        };
    }

    /// <summary>The settings with everything that was not given as the plan has it.</summary>
    /// <param name="plan">A plan for these settings.</param>
    /// <param name="examples">How many examples there are to learn from.</param>
    public ClassifySettings Planned(ClassifierPlan plan, int examples)
    {
        var (c, batch) = (plan.Config, plan.Task.Batch);
        var epochs = Iterations is null ? plan.Epochs : Epochs;
        var perEpoch = c.Members == 0 ? 1 : (examples + batch - 1) / batch;
        var iterations = Iterations ?? Math.Max(1, (long)epochs! * perEpoch / Accumulate);
        return this with
        {
            Tokens = plan.Tokens == "term" ? "word" : plan.Tokens,
            MinCount = plan.MinCount,
            Vocabulary = plan.Vocabulary,
            Encoder = c.Encoder,
            Cell = c.Cell,
            Embedding = c.EmbeddingSize,
            Hidden = c.HiddenSize,
            Layers = c.Layers,
            Pooling = c.Pooling,
            Dropout = c.Dropout,
            Variational = c.VariationalDropout,
            RecurrentDropout = c.RecurrentDropout,
            Members = c.Members,
            NGrams = c.NGrams,
            NGramEpochs = plan.Task.NGramEpochs,
            NGramDropout = plan.Task.NGramDropout,
            WordDropout = c.WordDropout,
            EmbeddingDropout = c.EmbeddingDropout,
            LabelSmoothing = plan.Task.LabelSmoothing,
            ClassWeights = plan.Task.ClassBalance,
            Batch = batch,
            Epochs = epochs,
            LearningRate = Pick("--lr", LearningRate, plan.LearningRate),
            WeightDecay = plan.WeightDecay,
            Clip = Pick("--clip", Clip, plan.ClipNormOf(c.Members)),
            Average = plan.AverageDecay,
            WarmUp = Pick("--warmup", WarmUp, Math.Min(100, iterations / 10 + 1)),
        };
    }

    /// <summary>How the model learns from its examples.</summary>
    internal SequenceClassifierTaskOptions ToTaskOptions() =>
        new() { Batch = Batch, LabelSmoothing = LabelSmoothing, ClassBalance = ClassWeights, NGramEpochs = NGramEpochs, NGramDropout = NGramDropout };
}
