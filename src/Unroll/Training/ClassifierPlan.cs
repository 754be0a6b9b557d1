using System.Globalization;
using System.Numerics;
using System.Text;
using Unroll.Data;
using Unroll.Models;

namespace Unroll.Training;

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

    /// <summary>A plan for the data.</summary>
    /// <param name="train">What is to be learned from: all texts, or all series of as many features.</param>
    /// <param name="tokens">The kind of tokens that texts are to be read by (<see cref="Tokenizer.Kinds"/>); told from the texts if null.</param>
    /// <exception cref="UnrollException">There is no example, or only one class; series differ in their features.</exception>
    public static ClassifierPlan For(IReadOnlyList<Example> train, string? tokens = null)
    {
        if (train.Count == 0) Throw.NoExamples("learn from");
        string[] classes = [.. train.SelectMany(e => e.Labels).Distinct().Order(StringComparer.Ordinal)];
        var many = train.Any(e => e.Labels.Count != 1);
        if (classes.Length == 1 && !many) Throw.OneClass(classes[0]);
        var config = new SequenceClassifierConfig { Classes = classes, MultiLabel = many };
        return train[0].Series is { } series ? ForSeries(config, train, series.Features) : ForTexts(config, train, tokens ?? TokensFor(train));
    }

    static ClassifierPlan ForSeries(SequenceClassifierConfig config, IReadOnlyList<Example> train, int features)
    {
        // Of a long series some part decides, of a short one all.
        const int LongSteps = 64;
        var pooling = train.Count >= 500 ? "max" : train.Average(e => e.Series?.Steps ?? 0) > LongSteps ? "attention" : "mean";
        if (train.FirstOrDefault(e => e.Series is { } s && s.Features != features) is { } other) Throw.ExampleFeatures(other.Source, other.Series!.Features, features);
        // Few series need many passes, each of which is short; 3,000 iterations or so suffice for any.
        var batch = train.Count < 500 ? 8 : train.Count < 5000 ? 16 : 64;
        return new()
        {
            Config = config with
            {
                Features = features,
                Cell = "gru",
                HiddenSize = train.Count < 500 ? 64 : 128,
                Pooling = pooling,
                Layers = train.Count < 500 ? 1 : 2,
                Dropout = 0.2,
                VariationalDropout = false,
                Members = train.Count < 500 ? 5 : 1,
            },
            Task = new() { Batch = batch, LabelSmoothing = 0.05 },
            Epochs = Math.Clamp(2000 * batch / train.Count, 8, 250),
        };
    }

    const double CharactersOfWord = 5;           // with the space after it, about

    static ClassifierPlan ForTexts(SequenceClassifierConfig config, IReadOnlyList<Example> train, string tokens)
    {
        var characters = train.Average(e => e.Text?.Length ?? 0.0);
        // Each member doubts where it learned by chance, so together they are right more often, while there is time for all of them: names are read soonest.
        var names = characters <= 15;
        var tokensToRead = names ? 16e6 : 6e6;
        // Runs of letters are short words, beginnings and ends; words are whole without. Room is planned for pairs of words, should they be asked for.
        var letters = tokens is "char" or "byte";
        var (runs, length) = letters ? (4, 1) : (2, CharactersOfWord);
        config = config with { NGrams = letters ? runs : 0, NGramRows = RowsFor(characters / length * runs * train.Count, config.Classes.Count) };
        int Members(double tokensOfAll, int epochs) => (int)Math.Clamp(tokensToRead / Math.Max(1, tokensOfAll * epochs), 1, 8);
        if (letters)
        {
            var epochs = train.Count > 50_000 ? 5 : 15;
            config = config with { Members = Members(characters * train.Count, epochs) };
            return new()
            {
                // What tells names apart are their ends, which the final states have seen last.
                Config = names
                    ? config with { EmbeddingSize = 64, HiddenSize = 128, Pooling = "last", Dropout = 0.4, VariationalDropout = true, WordDropout = 0.05 }
                    : config with { EmbeddingSize = 64, HiddenSize = 192, Pooling = "max", Dropout = 0.3, WordDropout = 0.05 },
                Tokens = tokens,
                // Names are of many languages, a few of which have most of them; without some weight the small ones would never be named.
                Task = new() { Batch = train.Count > 50_000 ? 64 : 32, ClassBalance = names ? 0.25 : 0 },
                LearningRate = 0.003,
                Epochs = epochs,
            };
        }
        return new()
        {
            Config = config with
            {
                EmbeddingSize = 128,
                HiddenSize = 128,
                Pooling = characters > 500 ? "attention" : "max",
                Dropout = 0.5,
                WordDropout = 0.3,
                EmbeddingDropout = 0.2,
                Members = Members(characters / CharactersOfWord * train.Count, epochs: 6),
            },
            Tokens = tokens,
            Vocabulary = tokens == "bpe" ? null : 30_000,           // pairs are made up to their own default
            Task = new() { Batch = 32 },
            Epochs = 6,
        };
    }

    /// <summary>Rows for so many runs: half of them or more, so that few of the different ones share a row, as far as a file of some 16 MB allows.</summary>
    static int RowsFor(double runs, int classes)
    {
        const int Fewest = 1 << 12, Most = 1 << 21, MostWeights = 1 << 22;
        var rows = BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(runs / 2, Fewest, Most));
        while (rows > 2 && rows * classes > MostWeights) rows /= 2;
        return (int)rows;
    }

    /// <summary>Characters for names, and for scripts whose words are hard to tell apart or change their endings much; terms otherwise.</summary>
    static string TokensFor(IReadOnlyList<Example> examples)
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
        if (Config.Features > 0) return new(Config, null, FeatureScales.Measure(train.Select(e => e.Series ?? Throw.ExampleKind<Series>(e.Source, "a text", "a series"))), rng);
        var documents = train.Select(e => new TextDocument(e.Source, e.Text ?? Throw.ExampleKind<string>(e.Source, "a series", "a text"))).ToArray();
        var tokenizer = Tokens switch
        {
            "byte" => Tokenizer.Build(Tokens, documents),
            // Whatever the data, something else will be read one day: there has to be an unknown character.
            "char" => Tokenizer.Build(Tokens, documents, MinCount, Vocabulary ?? Data.Vocabulary.MaxSize),
            _ => Tokenizer.Build(Tokens, documents, MinCount, Vocabulary),
        };
        return new(Config, tokenizer, null, rng);
    }

    /// <summary>The optimizer, for a model of this plan.</summary>
    public Optimizer CreateOptimizer(SequenceClassifier model) => new AdamW(model.Parameters, LearningRate, weightDecay: WeightDecay);

    /// <summary>The course of the learning rate: a short rise, then a cosine to 0.</summary>
    public static Schedule CreateSchedule(long iterations) => new WarmUpSchedule(Math.Min(100, iterations / 10 + 1), new CosineSchedule(iterations));

    /// <summary>How long and how it is trained.</summary>
    public TrainerOptions CreateTrainerOptions() => new() { Epochs = Epochs, ClipNorm = ClipNormOf(Config.Members), AverageDecay = AverageDecay };

    /// <summary>The largest norm of the gradient of K members' mean loss: each has 1/K of it, and all together √K times as much as one.</summary>
    public double ClipNormOf(int members) => ClipNorm / Math.Sqrt(members);
}
