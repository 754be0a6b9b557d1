using System.Globalization;
using System.Text;
using Unroll.Data;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>Something that was tried for a plan.</summary>
/// <param name="Candidate">What, in a few words.</param>
/// <param name="Loss">The mean loss on what was held out, in nats; of a network that of its vote with the linear member.</param>
/// <param name="Accuracy">The share of it that is right.</param>
/// <param name="Taken">Whether it was the best so far.</param>
internal sealed record PlanTrial(string Candidate, double Loss, double Accuracy, bool Taken);

/// <summary>How a classifier is made and trained: what <see cref="For"/> finds fitting for the data, to be changed with <c>with</c>.</summary>
public sealed record ClassifierPlan
{
    /// <summary>What the model is made of.</summary>
    public required SequenceClassifierConfig Config { get; init; }

    /// <summary>The kind of tokens (<see cref="Tokenizer.Kinds"/>); not for series.</summary>
    public string Tokens { get; init; } = "term";

    /// <summary>Tokens seen less often are unknown; at least 1. Default 2.</summary>
    public int MinCount { get; init; } = 2;

    /// <summary>The most tokens; null for the kind's default. Default null.</summary>
    public int? Vocabulary { get; init; }

    /// <summary>How the model learns from its examples.</summary>
    public SequenceClassifierTaskOptions Task { get; init; } = new();

    /// <summary>The passes through the data; at least 1.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>The learning rate of <see cref="AdamW"/> at its highest, above 0. It falls along a cosine. Default 0.002.</summary>
    public double LearningRate { get; init; } = 0.002;

    /// <summary>λ of <see cref="AdamW"/>, at least 0. Default 0.01.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>The largest norm of one member's gradient, above 0. Default 1.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>β of the mean of the weights (<see cref="TrainerOptions.AverageDecay"/>). Default 0.998.</summary>
    public double AverageDecay { get; init; } = 0.998;

    /// <summary>Whether words are told apart by upper and lower case, and numbers by their digits. Default false.</summary>
    public bool Cased { get; init; }

    /// <summary>The effort it was made for. Default balanced.</summary>
    public Effort Effort { get; init; } = Effort.Balanced;

    /// <summary>What was tried on held-out parts of the examples, in that order; none where there were too few examples, or there was nothing to choose.</summary>
    internal IReadOnlyList<PlanTrial> Trials { get; init; } = [];

    /// <summary>About how many floating-point operations the networks' training takes, and what was tried of them.</summary>
    public double Operations { get; init; }

    /// <summary>About how many bytes of memory the training takes at most, the process and the data included; 0 where it was not estimated.</summary>
    public long Memory { get; init; }

    /// <summary>A plan for the data, found by trying what it may be made of on held-out parts of them, within a budget.</summary>
    /// <remarks>
    /// Of texts: first the linear member alone (lengths of runs, rare tokens, passes, dropout), each candidate against the best so far by its loss on what is held
    /// out: 5 folds where there are fewer than 1,000 examples, else one of them, of as many examples as the budget allows. Then, but for <see cref="Effort.Quick"/>, one
    /// network beside it, of a size that follows from the number of tokens, in some kinds of pooling and in half the size; the share of the vote is what
    /// makes the loss least. Networks that gain nothing are left out. How many there are follows from what the budget has left.
    /// What is tried is fixed by the examples and <paramref name="rng"/> alone.
    /// </remarks>
    /// <param name="train">What is to be learned from: all texts, or all series of as many features. Nothing else is looked at.</param>
    /// <param name="tokens">The kind of tokens that texts are to be read by (<see cref="Tokenizer.Kinds"/>); told from the texts if null.</param>
    /// <param name="effort">The budget.</param>
    /// <param name="settle">Changes each candidate to what is settled already, such as <c>p =&gt; p with { Epochs = 3 }</c>; null where nothing is.</param>
    /// <param name="keepNetworks">Whether there is a network in any case.</param>
    /// <param name="rng">Chooses what is held out, and starts what is tried; seed 1 if null.</param>
    /// <param name="progress">Told what is tried now.</param>
    /// <param name="cancellation">Ends the work with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnrollException">There is no example, or only one class; series differ in their features.</exception>
    public static ClassifierPlan For(
        IReadOnlyList<Example> train, string? tokens = null, Effort effort = Effort.Balanced, Func<ClassifierPlan, ClassifierPlan>? settle = null,
        bool keepNetworks = false, Rng? rng = null, IProgress<string>? progress = null, CancellationToken cancellation = default)
    {
        if (train.Count == 0) Throw.NoExamples("learn from");
        string[] classes = [.. train.SelectMany(e => e.Labels).Distinct().Order(StringComparer.Ordinal)];
        var many = train.Any(e => e.Labels.Count != 1);
        if (classes.Length == 1 && !many) Throw.OneClass(classes[0]);
        settle ??= plan => plan;
        var config = new SequenceClassifierConfig { Classes = classes, MultiLabel = many };
        if (train[0].Series is { } first)
        {
            var plan = settle(ForSeries(config, train, first.Features, effort));
            var (steps, longest) = (train.Sum(e => (double)e.Series!.Steps), train.Max(e => e.Series!.Steps));
            return plan with { Memory = ClassifierPlanner.MemoryOf(plan, ClassifierPlanner.RecurrentWeights(plan.Config), longest, 2 * sizeof(Real) * steps * first.Features) };
        }
        return new ClassifierPlanner(train, settle, keepNetworks, rng ?? new Rng(1), progress, cancellation).Plan(ForTexts(config, train, tokens ?? TokensFor(train), effort));
    }

    static ClassifierPlan ForSeries(SequenceClassifierConfig config, IReadOnlyList<Example> train, int features, Effort effort)
    {
        // Of a long series some part decides, of a short one all.
        const int LongSteps = 64;
        var pooling = train.Count >= 500 ? "max" : train.Average(e => e.Series?.Steps ?? 0) > LongSteps ? "attention" : "mean";
        if (train.FirstOrDefault(e => e.Series is null) is { } text) Throw.ExampleKind<Series>(text.Source, "a text", "a series");
        if (train.FirstOrDefault(e => e.Series is { } s && s.Features != features) is { } other) Throw.ExampleFeatures(other.Source, other.Series!.Features, features);
        // Few series need many passes, each of which is short; 3,000 iterations or so suffice for any.
        var (few, quick) = (train.Count < 500, effort == Effort.Quick);
        var batch = few ? 8 : train.Count < 5000 ? 16 : 64;
        return new()
        {
            Config = config with
            {
                Features = features,
                Cell = "gru",
                HiddenSize = few || quick ? 64 : 128,
                Pooling = pooling,
                Layers = few || quick ? 1 : 2,
                Dropout = 0.2,
                VariationalDropout = false,
                Members = !few || quick ? 1 : 5,
            },
            Effort = effort,
            Task = new() { Batch = batch, LabelSmoothing = 0.05 },
            Epochs = Math.Clamp((quick ? 1000 : 2000) * batch / train.Count, quick ? 4 : 8, 250),
        };
    }

    /// <summary>Where a plan for texts begins: what the planner tries is this with one thing changed.</summary>
    static ClassifierPlan ForTexts(SequenceClassifierConfig config, IReadOnlyList<Example> train, string tokens, Effort effort)
    {
        var characters = train.Average(e => e.Text?.Length ?? 0.0);
        var (letters, best, names) = (tokens is "char" or "byte", effort == Effort.Best, characters <= 15);
        var tokensOfAll = train.Count * characters / (letters ? 1 : CharactersOfWord);
        // As many recurrent weights as there are tokens to learn them from: 16 H² in a GRU or LSTM of H units both ways with inputs of H numbers, or nearly.
        var units = best ? letters && !names ? 192 : 128 : Math.Clamp((int)Math.Sqrt(tokensOfAll / 16) / 16 * 16, 16, 128);
        config = config with
        {
            Cell = best ? "lstm" : "gru",
            HiddenSize = units,
            EmbeddingSize = letters ? Math.Min(units, 64) : Math.Min(units, 128),
            NGrams = letters ? 4 : 2,
            // What tells names apart are their ends, which the final states have seen last.
            Pooling = letters && names ? "last" : !letters && characters > 500 ? "attention" : "max",
        };
        return new()
        {
            Config = letters
                ? config with { Dropout = names ? 0.4 : 0.3, VariationalDropout = names, WordDropout = 0.05 }
                : config with { Dropout = 0.5, WordDropout = 0.3, EmbeddingDropout = 0.2 },
            Effort = effort,
            Tokens = tokens,
            Vocabulary = letters || tokens == "bpe" ? null : 30_000,           // pairs are made up to their own default
            Task = new()
            {
                Batch = letters && train.Count > 50_000 ? 64 : 32,
                // Names are of many languages, a few of which have most of them; without some weight the small ones would never be named.
                ClassBalance = letters && names ? 0.25 : 0,
                NGramEpochs = train.Count > 50_000 ? 5 : train.Count > 2000 ? 10 : 30,
            },
            LearningRate = letters ? 0.003 : 0.002,
            // Few examples need more passes, each of which is short.
            Epochs = Math.Clamp(20_000 / train.Count, letters ? train.Count > 50_000 ? 5 : 15 : 6, 40),
        };
    }

    internal const double CharactersOfWord = 5;           // with the space after it, about

    /// <summary>Characters for names, and for scripts whose words are hard to tell apart or change their endings much; terms otherwise.</summary>
    internal static string TokensFor(IReadOnlyList<Example> examples)
    {
        const int Looked = 2000;
        long letters = 0, dense = 0, words = 0, texts = 0;
        for (var i = 0; i < examples.Count; i += Math.Max(1, examples.Count / Looked))
        {
            texts++;
            var length = 0;
            foreach (var rune in (examples[i].Text ?? "").EnumerateRunes())
            {
                if (Rune.IsWhiteSpace(rune))
                {
                    length = 0;
                    continue;
                }
                if (length++ == 0) words++;
                if (!Rune.IsLetter(rune)) continue;
                letters++;
                if (Rune.GetUnicodeCategory(rune) == UnicodeCategory.OtherLetter) dense++;
            }
        }
        return words <= 2.5 * texts || 2 * dense > letters ? "char" : "term";
    }

    /// <summary>A model with fresh weights; its tokens, or the scales of its features, are measured on the examples.</summary>
    /// <exception cref="UnrollException">Settings cannot be used, or the examples are not of one kind.</exception>
    public SequenceClassifier CreateModel(IReadOnlyList<Example> train, Rng rng)
    {
        if (Config.Features == 0) return new(Config, CreateTokenizer(train), null, rng);
        return new(Config, null, FeatureScales.Measure(train.Select(e => e.Series ?? Throw.ExampleKind<Series>(e.Source, "a text", "a series"))), rng);
    }

    /// <summary>The tokens of texts.</summary>
    internal Tokenizer CreateTokenizer(IReadOnlyList<Example> train)
    {
        var documents = train.Select(e => new TextDocument(e.Source, e.Text ?? Throw.ExampleKind<string>(e.Source, "a series", "a text"))).ToArray();
        return Tokens switch
        {
            "byte" => Tokenizer.Build(Tokens, documents),
            "term" => TermTokenizer.Build(documents, MinCount, Vocabulary ?? Data.Vocabulary.MaxSize, folds: !Cased),
            // Whatever the data, something else will be read one day: there has to be an unknown character.
            "char" => Tokenizer.Build(Tokens, documents, MinCount, Vocabulary ?? Data.Vocabulary.MaxSize),
            _ => Tokenizer.Build(Tokens, documents, MinCount, Vocabulary),
        };
    }

    /// <summary>The optimizer, for a model of this plan.</summary>
    public Optimizer CreateOptimizer(SequenceClassifier model) => new AdamW(model.Parameters, LearningRate, weightDecay: WeightDecay);

    /// <summary>The course of the learning rate: a short rise, then a cosine to 0.</summary>
    public static Schedule CreateSchedule(long iterations) => Schedule.WarmUp(Math.Min(100, iterations / 10 + 1), Schedule.Cosine(iterations));

    /// <summary>How long and how it is trained.</summary>
    public TrainerOptions CreateTrainerOptions() => new() { Epochs = Epochs, ClipNorm = ClipNormOf(Config.Members), AverageDecay = AverageDecay };

    /// <summary>The largest norm of the gradient of K members' mean loss: each has 1/K of it, and all together √K times as much as one.</summary>
    public double ClipNormOf(int members) => ClipNorm / Math.Sqrt(Math.Max(1, members));
}
