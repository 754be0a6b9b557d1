using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Configuration;
using Unroll.Layers;
using Setting = Unroll.Configuration.SettingOf<Unroll.Tasks.LanguageModelConfig>;

namespace Unroll.Tasks;

/// <summary>What a language model is made of, besides its tokenizer.</summary>
public sealed record LanguageModelConfig
{
    /// <summary>The name of the model in files.</summary>
    public const string ModelName = "language-model";

    const int MostGates = 4;

    /// <summary>The largest size that is accepted, for every size.</summary>
    public const int MaxSize = 1 << 14;

    /// <summary>The most layers that are accepted.</summary>
    internal const int MaxLayers = 64;

    /// <summary>The kind of cell (<see cref="CellCatalog"/>). Default lstm.</summary>
    public string Cell { get; init; } = "lstm";

    /// <summary>E, the size of a token's vector; 1 to 16,384, or 0 for one-hot vectors. Default 64.</summary>
    public int EmbeddingSize { get; init; } = 64;

    /// <summary>H, the size of each layer; 1 to 16,384. Default 256.</summary>
    public int HiddenSize { get; init; } = 256;

    /// <summary>The number of recurrent layers; 1 to 64. Default 2.</summary>
    public int Layers { get; init; } = 2;

    /// <summary>Dropout on every link that is not recurrent: embeddings, between layers, before the output; 0 to below 1. Default 0.</summary>
    public double Dropout { get; init; }

    /// <summary>Whether a dropout mask is the same for all steps of a chunk (Gal and Ghahramani 2016). Default false.</summary>
    public bool VariationalDropout { get; init; }

    /// <summary>
    /// Dropout on h where it enters the gates of the next step, one mask for all steps of a chunk (<see cref="Recurrent"/>); 0 to below 1. Default 0.
    /// </summary>
    public double RecurrentDropout { get; init; }

    /// <summary>Whether the output's weight is the embedding's (Press and Wolf 2017); E and H must be equal. Default false.</summary>
    public bool TiedWeights { get; init; }

    /// <summary>Every weight starts from U(−s, s) for this s (Zaremba 2014); PyTorch's defaults where 0. Default 0.</summary>
    public double InitScale { get; init; }

    /// <summary>What is wrong with the settings; empty where nothing is.</summary>
    public IReadOnlyList<string> Problems => ProblemsWith(vocabulary: 1);

    /// <summary>What is wrong with the settings where there are so many tokens.</summary>
    internal List<string> ProblemsWith(long vocabulary)
    {
        var problems = Settings.Problems(this).ToList();
        if (TiedWeights && EmbeddingSize != HiddenSize)
            problems.Add($"tied weights need embedding and hidden of one size; they are {EmbeddingSize} and {HiddenSize}");
        if (problems.Count > 0) return problems;
        var columns = EmbeddingSize == 0 ? Math.Max(MostGates * HiddenSize, vocabulary) : Math.Max(EmbeddingSize, HiddenSize);
        if (vocabulary * columns > Array.MaxLength)
            problems.Add($"embedding {EmbeddingSize} and hidden {HiddenSize} with {vocabulary:N0} tokens make a matrix of more than {Array.MaxLength:N0} numbers");
        var (bytes, memory) = (LeastWeights(vocabulary) * sizeof(Real), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        if (bytes > memory) problems.Add($"{Layers} layers of {HiddenSize} need {bytes / 1e9:F1} GB or more for weights alone; there are {memory / 1e9:F1} GB of memory");
        return problems;
    }

    /// <summary>A lower bound of the number of weights.</summary>
    internal long LeastWeights(long vocabulary) =>
        EmbeddingSize * vocabulary + (TiedWeights ? 0 : HiddenSize * vocabulary) + (long)HiddenSize * HiddenSize * Layers;

    /// <summary>All, as they stand in a model's file and as options of the command.</summary>
    internal static SettingList<LanguageModelConfig> Settings { get; } =
    [
        Setting.Choice("cell", "KIND", CellSetting.Help, CellSetting.Names, c => c.Cell, (c, v) => c with { Cell = v }),
        Setting.Whole("embedding", "N", "Embedding size; 0: one-hot.", 0, MaxSize, c => c.EmbeddingSize, (c, v) => c with { EmbeddingSize = v }),
        Setting.Whole("hidden", "N", "Hidden size of each layer.", 1, MaxSize, c => c.HiddenSize, (c, v) => c with { HiddenSize = v }),
        Setting.Whole("layers", "N", "Recurrent layers.", 1, MaxLayers, c => c.Layers, (c, v) => c with { Layers = v }),
        Setting.Share("dropout", "P", "Dropout probability (non-recurrent connections).", c => c.Dropout, (c, v) => c with { Dropout = v }),
        Setting.Flag("variational_dropout", "Use one dropout mask for all steps of a chunk (variational dropout).", c => c.VariationalDropout, (c, v) => c with { VariationalDropout = v }, "--variational")
            .With(useless: c => c.Dropout == 0 ? "there is no --dropout" : null, formerNames: "variational"),
        Setting.Share("recurrent_dropout", "P", "Dropout probability on the recurrent state, one mask per chunk.", c => c.RecurrentDropout, (c, v) => c with { RecurrentDropout = v }).With(optional: true),
        Setting.Flag("tied_weights", "Tie the output weights to the embedding; needs --embedding equal to --hidden.", c => c.TiedWeights, (c, v) => c with { TiedWeights = v }, "--tied").With(formerNames: "tied"),
        Setting.Number("init_scale", "S", "Initialise all weights from U(-S, S); 0: each layer's default.", 0, 10, c => c.InitScale, (c, v) => c with { InitScale = v }, "--init").With(formerNames: "init"),
    ];

    /// <summary>The settings as JSON, as they stand in a model's file.</summary>
    public JsonObject ToJson() => ModelDescription.WriteConfig(ModelName, Settings, this);

    /// <summary>The settings from JSON.</summary>
    /// <exception cref="UnrollException">Settings are missing, of a wrong type or out of range; all are listed.</exception>
    public static LanguageModelConfig FromJson(JsonElement json) => ModelDescription.ReadConfig(json, ModelName, Settings, new(), c => c.Problems);
}
