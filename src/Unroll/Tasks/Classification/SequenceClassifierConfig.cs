using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Configuration;
using Unroll.Layers;
using Setting = Unroll.Configuration.SettingOf<Unroll.Tasks.SequenceClassifierConfig>;

namespace Unroll.Tasks;

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
            var problems = Settings.Problems(this).ToList();
            if (Classes.Count < 1) problems.Add("there is no class; expected at least one");
            if (Classes.Distinct().Count() != Classes.Count) problems.Add("a class is named twice");
            if (Members == 0 && NGrams == 0) problems.Add("there is neither a network nor a linear member; expected members or n-grams of at least 1");
            if (NGramPositions > 0 && NGrams == 0) problems.Add("n-gram positions are of the linear member; expected n-grams of at least 1");
            if (NGrams > 0 && Features > 0) problems.Add("n-grams are of tokens; expected 0 for series");
            if (!BitOperations.IsPow2(NGramRows)) problems.Add($"n-gram rows is {NGramRows}; expected a power of 2");
            if (Encoder == "hierarchical" && Features > 0) problems.Add("the hierarchical encoder reads sentences; expected text, not series");
            if (Encoder == "mlp" && Features > 0 && MaxSteps < 1) problems.Add("the mlp encoder needs series of one length; expected max steps of at least 1");
            if (Encoder == "mlp" && Features > 0 && (long)Features * MaxSteps > MostFlat) problems.Add($"the mlp encoder would read {Features} × {MaxSteps} numbers at once; expected at most {MostFlat}");
            if (FrozenEmbedding && Features > 0) problems.Add("series have no embedding to freeze");
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

    /// <summary>All, as they stand in a model's file and as options of the command.</summary>
    internal static SettingList<SequenceClassifierConfig> Settings { get; } =
    [
        Setting.Texts("classes", "NAME", "", c => c.Classes, (c, v) => c with { Classes = v }, ""),
        Setting.Whole("features", "N", "", 0, MaxSize, c => c.Features, (c, v) => c with { Features = v }, ""),
        Setting.Choice("encoder", "KIND", "Encoder. rnn: recurrent; mlp: feed-forward baseline, the mean of the embeddings or the whole series at once; hierarchical: words to sentences, sentences to a document.", () => Encoders,
            c => c.Encoder, (c, v) => c with { Encoder = v }),
        Setting.Choice("cell", "KIND", CellSetting.Help, CellSetting.Names, c => c.Cell, (c, v) => c with { Cell = v }).With(useless: c => c.Encoder == "mlp" ? "--encoder mlp has none" : null),
        Setting.Whole("embedding", "N", "Embedding size.", 1, MaxSize, c => c.EmbeddingSize, (c, v) => c with { EmbeddingSize = v }),
        Setting.Whole("hidden", "N", "Hidden size of each layer and direction.", 1, MaxSize, c => c.HiddenSize, (c, v) => c with { HiddenSize = v }),
        Setting.Whole("layers", "N", "Layers.", 1, LanguageModelConfig.MaxLayers, c => c.Layers, (c, v) => c with { Layers = v }),
        Setting.Flag("bidirectional", "Read forwards only (unidirectional).", c => c.Bidirectional, (c, v) => c with { Bidirectional = v }, "--one-way", negated: true)
            .With(useless: c => c.Encoder == "mlp" ? "--encoder mlp has no directions" : null, formerNames: "!one_way"),
        Setting.Choice("pooling", "KIND", $"Pooling over steps: {string.Join(", ", Unroll.Layers.Pooling.Kinds)}. With attention, predict shows which words decided.", () => Unroll.Layers.Pooling.Kinds,
            c => c.Pooling, (c, v) => c with { Pooling = v }).With(useless: c => c.Encoder == "mlp" ? "--encoder mlp takes the mean" : null),
        Setting.Flag("multi_label", "", c => c.MultiLabel, (c, v) => c with { MultiLabel = v }, ""),
        Setting.Share("dropout", "P", "Dropout probability (non-recurrent connections).", c => c.Dropout, (c, v) => c with { Dropout = v }),
        Setting.Flag("variational_dropout", "Use one dropout mask for all steps of a sequence (variational dropout).", c => c.VariationalDropout, (c, v) => c with { VariationalDropout = v }, "--variational").With(formerNames: "variational"),
        Setting.Share("recurrent_dropout", "P", "Dropout probability on the recurrent state, one mask per sequence.", c => c.RecurrentDropout, (c, v) => c with { RecurrentDropout = v })
            .With(useless: c => c.Encoder == "mlp" ? "--encoder mlp has no state" : null),
        Setting.Share("word_dropout", "P", "Probability of replacing a token by the unknown token while training.", c => c.WordDropout, (c, v) => c with { WordDropout = v }),
        Setting.Share("embedding_dropout", "P", "Probability of zeroing a token's embedding throughout a batch.", c => c.EmbeddingDropout, (c, v) => c with { EmbeddingDropout = v }),
        Setting.Flag("frozen_embedding", "Keep the vectors of --embeddings fixed.", c => c.FrozenEmbedding, (c, v) => c with { FrozenEmbedding = v }, "--frozen").With(formerNames: "frozen"),
        Setting.Whole("max_steps", "N", "Most tokens or steps that are read, from the beginning; 0: all.", 0, int.MaxValue, c => c.MaxSteps, (c, v) => c with { MaxSteps = v }),
        Setting.Whole("members", "N", "Networks in the ensemble; 0: the linear n-gram model alone.", 0, 64, c => c.Members, (c, v) => c with { Members = v }),
        Setting.Whole("ngrams", "N", "Add a linear n-gram model (1..N) to the ensemble; 0: off. Not for series.", 0, MostNGrams, c => c.NGrams, (c, v) => c with { NGrams = v }).With(optional: true, formerNames: "n_grams"),
        Setting.Whole("ngram_rows", "N", "", 2, 1 << 24, c => c.NGramRows, (c, v) => c with { NGramRows = v }, "").With(optional: true),
        Setting.Whole("ngram_positions", "N", "", 0, MostNGrams, c => c.NGramPositions, (c, v) => c with { NGramPositions = v }, "").With(optional: true),
        Setting.Number("ngram_share", "P", "", 0, 1, c => c.NGramShare, (c, v) => c with { NGramShare = v }, "").With(optional: true),
    ];

    /// <summary>The settings as JSON, as they stand in a model's file.</summary>
    public JsonObject ToJson() => ModelDescription.WriteConfig(ModelName, Settings, this);

    /// <summary>The settings from JSON.</summary>
    /// <exception cref="UnrollException">Settings are missing, of a wrong type or out of range; all are listed.</exception>
    public static SequenceClassifierConfig FromJson(JsonElement json) => ModelDescription.ReadConfig(json, ModelName, Settings, new() { Classes = [] }, c => c.Problems);
}
