using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Layers;

namespace Unroll.Models;

/// <summary>What a sequence classifier is made of, besides its tokenizer or the scales of its features.</summary>
public sealed record SequenceClassifierConfig
{
    /// <summary>The name of the model in files.</summary>
    public const string ModelName = "sequence-classifier";

    /// <summary>The encoders by name: rnn; mlp, the feed-forward baseline; hierarchical, words to sentences to documents.</summary>
    public static IReadOnlyList<string> Encoders { get; } = ["rnn", "mlp", "hierarchical"];

    /// <summary>The largest size that is accepted, for every size.</summary>
    public const int MaxSize = LanguageModelConfig.MaxSize;

    /// <summary>The longest n-grams of <see cref="NGrams"/>.</summary>
    public const int MostNGrams = 8;

    const int MostFlat = 1 << 24;           // numbers of a series that the mlp encoder reads at once

    /// <summary>The names of the classes, each once; at least 1. An output has the number of its name here.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>F, the numbers of each step of a series, from 1; 0 where the sequences are texts. Default 0.</summary>
    public int Features { get; init; }

    /// <summary>One of <see cref="Encoders"/>. Default rnn.</summary>
    public string Encoder { get; init; } = "rnn";

    /// <summary>The kind of cell (<see cref="CellCatalog"/>). Default lstm.</summary>
    public string Cell { get; init; } = "lstm";

    /// <summary>E, the size of a token's vector; 1 to 16,384. Not for series. Default 128.</summary>
    public int EmbeddingSize { get; init; } = 128;

    /// <summary>H, the size of each layer, of each direction; 1 to 16,384. Default 128.</summary>
    public int HiddenSize { get; init; } = 128;

    /// <summary>The number of layers; 1 to 64. Default 1.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>Whether sequences are read from both ends. Default true.</summary>
    public bool Bidirectional { get; init; } = true;

    /// <summary>How outputs become one vector (<see cref="Pooling"/>): last, mean, max, attention. Not for mlp. Default max.</summary>
    public string Pooling { get; init; } = "max";

    /// <summary>Whether an example may have several classes, or none: each class is then a yes or no of its own (sigmoid). Default false (softmax).</summary>
    public bool MultiLabel { get; init; }

    /// <summary>Dropout on every link that is not recurrent: inputs, between layers, before the output; 0 to below 1. Default 0.</summary>
    public double Dropout { get; init; }

    /// <summary>Whether a dropout mask is the same for all steps of a sequence (Gal and Ghahramani 2016). Default false.</summary>
    public bool VariationalDropout { get; init; }

    /// <summary>Dropout on the state where it enters the gates of the next step, the same for all steps of a sequence (Gal and Ghahramani 2016); 0 to below 1. Not for mlp. Default 0.</summary>
    public double RecurrentDropout { get; init; }

    /// <summary>The probability that a token is read as an unknown one while training, which so is learned; 0 to below 1. Default 0.</summary>
    public double WordDropout { get; init; }

    /// <summary>
    /// The probability that a token's vector is all zeros throughout a batch while training, the others being divided by the rest (Gal and
    /// Ghahramani 2016; Merity 2018); 0 to below 1. Default 0.
    /// </summary>
    public double EmbeddingDropout { get; init; }

    /// <summary>Whether the tokens' vectors stay as they were given. Default false.</summary>
    public bool FrozenEmbedding { get; init; }

    /// <summary>The longest sequence that is read, what follows being cut off; for mlp on series the length all are brought to, at most 2²⁴ numbers. 0 for no limit. Default 0.</summary>
    public int MaxSteps { get; init; }

    /// <summary>How many networks learn side by side, to vote by the mean of their probabilities; 1 to 64, or 0 where the linear member alone is the model. Default 1.</summary>
    public int Members { get; init; } = 1;

    /// <summary>
    /// N: add a linear member over the n-grams of 1 to N tokens of a text; 1 to 8, or 0 for none. It is fitted when a training begins and
    /// has <see cref="NGramShare"/> of the vote. Default 0.
    /// </summary>
    public int NGrams { get; init; }

    /// <summary>
    /// P: the linear member also looks at n-grams of 1 to P tokens together with the position where they begin, for texts that are aligned, such as genes
    /// of one length; 1 to 8, or 0 for none. Default 0.
    /// </summary>
    public int NGramPositions { get; init; }

    /// <summary>s: the share of the vote that the linear member has, the networks together having 1 − s; 0 to 1. Without networks it has all. Default 0.5.</summary>
    public double NGramShare { get; init; } = 0.5;

    /// <summary>R, the rows that runs are hashed into, a power of 2 up to 2²⁴. Default 2¹⁶.</summary>
    public int NGramRows { get; init; } = 1 << 16;

    /// <summary>What is wrong with the settings; empty where nothing is.</summary>
    public IReadOnlyList<string> Problems
    {
        get
        {
            var problems = new List<string>();
            if (Classes.Count < 1) problems.Add("there is no class; expected at least one");
            if (Classes.Distinct().Count() != Classes.Count) problems.Add("a class is named twice");
            if (!Encoders.Contains(Encoder)) problems.Add($"encoder is '{Encoder}'; expected one of {string.Join(", ", Encoders)}");
            if (CellCatalog.All.All(k => k.Name != Cell)) problems.Add($"cell is '{Cell}'; expected one of {string.Join(", ", CellCatalog.All.Select(k => k.Name))}");
            if (!Unroll.Layers.Pooling.Kinds.Contains(Pooling)) problems.Add($"pooling is '{Pooling}'; expected one of {string.Join(", ", Unroll.Layers.Pooling.Kinds)}");
            if (Features is < 0 or > MaxSize) problems.Add($"features is {Features}; expected 1 to {MaxSize}, or 0 for text");
            if (EmbeddingSize is < 1 or > MaxSize) problems.Add($"embedding is {EmbeddingSize}; expected 1 to {MaxSize}");
            if (HiddenSize is < 1 or > MaxSize) problems.Add($"hidden is {HiddenSize}; expected 1 to {MaxSize}");
            if (Layers is < 1 or > 64) problems.Add($"layers is {Layers}; expected 1 to 64");
            if (Members is < 0 or > 64) problems.Add($"members is {Members}; expected 1 to 64, or 0 for the linear member alone");
            if (Members == 0 && NGrams == 0) problems.Add("there is neither a network nor a linear member; expected members or n-grams of at least 1");
            if (NGrams is < 0 or > MostNGrams) problems.Add($"n-grams is {NGrams}; expected 0 to {MostNGrams}");
            if (NGramPositions is < 0 or > MostNGrams) problems.Add($"n-gram positions is {NGramPositions}; expected 0 to {MostNGrams}");
            if (NGramPositions > 0 && NGrams == 0) problems.Add("n-gram positions are of the linear member; expected n-grams of at least 1");
            if (NGramShare is not (>= 0 and <= 1)) problems.Add($"n-gram share is {NGramShare}; expected 0 to 1");
            if (NGrams > 0 && Features > 0) problems.Add("n-grams are of tokens; expected 0 for series");
            if (NGramRows is < 2 or > 1 << 24 || !BitOperations.IsPow2(NGramRows)) problems.Add($"n-gram rows is {NGramRows}; expected a power of 2 up to {1 << 24}");
            if (MaxSteps < 0) problems.Add($"max steps is {MaxSteps}; expected at least 0");
            if (Encoder == "hierarchical" && Features > 0) problems.Add("the hierarchical encoder reads sentences; expected text, not series");
            if (Encoder == "mlp" && Features > 0 && MaxSteps < 1) problems.Add("the mlp encoder needs series of one length; expected max steps of at least 1");
            if (Encoder == "mlp" && Features > 0 && (long)Features * MaxSteps > MostFlat) problems.Add($"the mlp encoder would read {Features} × {MaxSteps} numbers at once; expected at most {MostFlat}");
            if (FrozenEmbedding && Features > 0) problems.Add("series have no embedding to freeze");
            foreach (var (name, p) in new[] { ("dropout", Dropout), ("recurrent dropout", RecurrentDropout), ("word dropout", WordDropout), ("embedding dropout", EmbeddingDropout) })
                if (p is not (>= 0 and < 1)) problems.Add($"{name} is {p}; expected 0 to below 1");
            return problems;
        }
    }

    /// <summary>A lower bound of the number of weights where there are so many tokens.</summary>
    internal long LeastWeights(long vocabulary)
    {
        var input = Features > 0 ? Features : EmbeddingSize;
        return (NGrams > 0 ? (long)NGramRows * Classes.Count : 0) + Members * ((Features > 0 ? 0 : EmbeddingSize * vocabulary) + (long)Classes.Count * HiddenSize
            + (Encoder == "mlp" ? (long)HiddenSize * input * Math.Max(1, Features > 0 ? MaxSteps : 1) : (long)HiddenSize * HiddenSize * Layers));
    }

    /// <summary>The settings as JSON, as they stand in a model's file.</summary>
    public JsonObject ToJson() => new()
    {
        ["model"] = ModelName,
        ["classes"] = new JsonArray([.. Classes.Select(c => (JsonNode)c)]),
        ["features"] = Features,
        ["encoder"] = Encoder,
        ["cell"] = Cell,
        ["embedding"] = EmbeddingSize,
        ["hidden"] = HiddenSize,
        ["layers"] = Layers,
        ["bidirectional"] = Bidirectional,
        ["pooling"] = Pooling,
        ["multi_label"] = MultiLabel,
        ["dropout"] = Dropout,
        ["variational_dropout"] = VariationalDropout,
        ["recurrent_dropout"] = RecurrentDropout,
        ["word_dropout"] = WordDropout,
        ["embedding_dropout"] = EmbeddingDropout,
        ["frozen_embedding"] = FrozenEmbedding,
        ["max_steps"] = MaxSteps,
        ["members"] = Members,
        ["ngrams"] = NGrams,
        ["ngram_rows"] = NGramRows,
        ["ngram_positions"] = NGramPositions,
        ["ngram_share"] = NGramShare,
    };

    /// <summary>The settings from JSON.</summary>
    /// <exception cref="UnrollException">Settings are missing, of a wrong type or out of range; all are listed.</exception>
    public static SequenceClassifierConfig FromJson(JsonElement json)
    {
        var reader = new ConfigReader(json, ModelName);
        return reader.Finish(new SequenceClassifierConfig
        {
            Classes = reader.Texts("classes"),
            Features = reader.Whole("features"),
            Encoder = reader.Text("encoder"),
            Cell = reader.Text("cell"),
            EmbeddingSize = reader.Whole("embedding"),
            HiddenSize = reader.Whole("hidden"),
            Layers = reader.Whole("layers"),
            Bidirectional = reader.Flag("bidirectional"),
            Pooling = reader.Text("pooling"),
            MultiLabel = reader.Flag("multi_label"),
            Dropout = reader.Number("dropout"),
            VariationalDropout = reader.Flag("variational_dropout"),
            RecurrentDropout = reader.Number("recurrent_dropout"),
            WordDropout = reader.Number("word_dropout"),
            EmbeddingDropout = reader.Number("embedding_dropout"),
            FrozenEmbedding = reader.Flag("frozen_embedding"),
            MaxSteps = reader.Whole("max_steps"),
            Members = reader.Whole("members"),
            NGrams = json.TryGetProperty("ngrams", out _) ? reader.Whole("ngrams") : 0,             // files of earlier versions have no such member
            NGramRows = json.TryGetProperty("ngram_rows", out _) ? reader.Whole("ngram_rows") : 1 << 16,
            NGramPositions = json.TryGetProperty("ngram_positions", out _) ? reader.Whole("ngram_positions") : 0,
            NGramShare = json.TryGetProperty("ngram_share", out _) ? reader.Number("ngram_share") : 0.5,
        }, c => c.Problems);
    }
}
