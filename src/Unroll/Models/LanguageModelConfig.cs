using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Layers;

namespace Unroll.Models;

/// <summary>What a language model is made of, besides its tokenizer.</summary>
public sealed record LanguageModelConfig
{
    /// <summary>The name of the model in files.</summary>
    public const string ModelName = "language-model";

    const int MostGates = 4;

    /// <summary>The largest size that is accepted, for every size.</summary>
    public const int MaxSize = 1 << 14;

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
        var problems = new List<string>();
        if (CellCatalog.All.All(k => k.Name != Cell)) problems.Add($"cell is '{Cell}'; expected one of {string.Join(", ", CellCatalog.All.Select(k => k.Name))}");
        if (EmbeddingSize is < 0 or > MaxSize) problems.Add($"embedding is {EmbeddingSize}; expected 1 to {MaxSize}, or 0 for one-hot vectors");
        if (HiddenSize is < 1 or > MaxSize) problems.Add($"hidden is {HiddenSize}; expected 1 to {MaxSize}");
        if (Layers is < 1 or > 64) problems.Add($"layers is {Layers}; expected 1 to 64");
        if (Dropout is not (>= 0 and < 1)) problems.Add($"dropout is {Dropout}; expected 0 to below 1");
        if (RecurrentDropout is not (>= 0 and < 1)) problems.Add($"recurrent dropout is {RecurrentDropout}; expected 0 to below 1");
        if (InitScale is not (>= 0 and <= 10)) problems.Add($"init is {InitScale}; expected 0 (defaults) to 10");
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

    /// <summary>The settings as JSON, as they stand in a model's file.</summary>
    public JsonObject ToJson() => new()
    {
        ["model"] = ModelName,
        ["cell"] = Cell,
        ["embedding"] = EmbeddingSize,
        ["hidden"] = HiddenSize,
        ["layers"] = Layers,
        ["dropout"] = Dropout,
        ["variational_dropout"] = VariationalDropout,
        ["recurrent_dropout"] = RecurrentDropout,
        ["tied_weights"] = TiedWeights,
        ["init_scale"] = InitScale,
    };

    /// <summary>The settings from JSON.</summary>
    /// <exception cref="UnrollException">Settings are missing, of a wrong type or out of range; all are listed.</exception>
    public static LanguageModelConfig FromJson(JsonElement json)
    {
        var reader = new ConfigReader(json, ModelName);
        return reader.Finish(new LanguageModelConfig
        {
            Cell = reader.Text("cell"),
            EmbeddingSize = reader.Whole("embedding"),
            HiddenSize = reader.Whole("hidden"),
            Layers = reader.Whole("layers"),
            Dropout = reader.Number("dropout"),
            VariationalDropout = reader.Flag("variational_dropout"),
            RecurrentDropout = json.TryGetProperty("recurrent_dropout", out _) ? reader.Number("recurrent_dropout") : 0,    // older files lack it
            TiedWeights = reader.Flag("tied_weights"),
            InitScale = reader.Number("init_scale"),
        }, c => c.Problems);
    }
}
