using System.Text.Json.Nodes;
using Unroll.Layers;

namespace Unroll.Models;

/// <summary>What the decoder of a model is made of that writes texts: what such models have in common.</summary>
public abstract record DecoderConfig
{
    /// <summary>The attentions by name: none, where the decoder starts from the encoder's last state and sees no more of it; and the kinds of <see cref="Layers.Attention"/>.</summary>
    public static IReadOnlyList<string> Attentions { get; } = ["none", "dot", "general", "concat", "additive", "local-p"];

    /// <summary>The bridges by name: dense, tanh(W s + b); copy, where sizes are equal.</summary>
    public static IReadOnlyList<string> Bridges { get; } = ["dense", "copy"];

    /// <summary>The largest size that is accepted, for every size.</summary>
    public const int MaxSize = LanguageModelConfig.MaxSize;

    /// <summary>The kind of cell (<see cref="CellCatalog"/>). Default lstm.</summary>
    public string Cell { get; init; } = "lstm";

    /// <summary>E, the size of a token's vector; 1 to 16,384. Default 256.</summary>
    public int EmbeddingSize { get; init; } = 256;

    /// <summary>H, the size of each layer; 1 to 16,384. Default 256.</summary>
    public int HiddenSize { get; init; } = 256;

    /// <summary>The number of recurrent layers; 1 to 64. Default 1.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>One of <see cref="Attentions"/>. Default general.</summary>
    public string Attention { get; init; } = "general";

    /// <summary>A, the size that concat and additive attention compare in; 1 to 16,384, or 0 for H. Default 0.</summary>
    public int AttentionSize { get; init; }

    /// <summary>Whether scores are multiplied by 1/√d. Default false.</summary>
    public bool ScaledAttention { get; init; }

    /// <summary>Whether what was attended to before enters the score (Tu 2016). Default false.</summary>
    public bool Coverage { get; init; }

    /// <summary>D, the steps to either side that local-p sees; 1 to 16,384. Default 10, as in Luong 2015.</summary>
    public int Window { get; init; } = 10;

    /// <summary>Whether the last readout joins the next input (Luong 2015); needs attention. Default false.</summary>
    public bool InputFeeding { get; init; }

    /// <summary>One of <see cref="Bridges"/>, from the encoder's last states to the decoder's first. Default dense.</summary>
    public string Bridge { get; init; } = "dense";

    /// <summary>Dropout on every link that is not recurrent: embeddings, between layers, before the output; 0 to below 1. Default 0.</summary>
    public double Dropout { get; init; }

    /// <summary>
    /// Whether a dropout mask is the same for all steps of a sequence (Gal and Ghahramani 2016). Between layers of a decoder whose steps wait for
    /// the context it is drawn for each step all the same. Default false.
    /// </summary>
    public bool VariationalDropout { get; init; }

    /// <summary>Whether the output's weight is the embedding's (Press and Wolf 2017): the readout then has E numbers instead of H. Default false.</summary>
    public bool TiedWeights { get; init; }

    /// <summary>Every weight starts from U(−s, s) for this s (Luong 2015: 0.1); the layers' defaults where 0. Default 0.</summary>
    public double InitScale { get; init; }

    /// <summary>The name of the model in files.</summary>
    public abstract string Kind { get; }

    /// <summary>What is wrong with the settings; empty where nothing is.</summary>
    public IReadOnlyList<string> Problems
    {
        get
        {
            var problems = new List<string>();
            if (CellCatalog.All.All(k => k.Name != Cell)) problems.Add($"cell is '{Cell}'; expected one of {string.Join(", ", CellCatalog.All.Select(k => k.Name))}");
            if (!Attentions.Contains(Attention)) problems.Add($"attention is '{Attention}'; expected one of {string.Join(", ", Attentions)}");
            if (!Bridges.Contains(Bridge)) problems.Add($"bridge is '{Bridge}'; expected one of {string.Join(", ", Bridges)}");
            Size(problems, "embedding", EmbeddingSize, 1);
            Size(problems, "hidden", HiddenSize, 1);
            Size(problems, "attention size", AttentionSize, 0);
            Size(problems, "window", Window, 1);
            if (Layers is < 1 or > 64) problems.Add($"layers is {Layers}; expected 1 to 64");
            if (Dropout is not (>= 0 and < 1)) problems.Add($"dropout is {Dropout}; expected 0 to below 1");
            if (InitScale is not (>= 0 and <= 10)) problems.Add($"init is {InitScale}; expected 0 (defaults) to 10");
            if (!HasAttention && (InputFeeding || Coverage)) problems.Add("input feeding and coverage need attention; there is none");
            if (!HasAttention && TiedWeights && EmbeddingSize != HiddenSize)
                problems.Add($"tied weights without attention need embedding and hidden of one size; they are {EmbeddingSize} and {HiddenSize}");
            AddProblems(problems);
            return problems;
        }
    }

    /// <summary>Whether there is attention.</summary>
    public bool HasAttention => Attention != "none";

    /// <summary>R, the size of what the output layer gets.</summary>
    internal int ReadoutSize => HasAttention && TiedWeights ? EmbeddingSize : HiddenSize;

    /// <summary>A lower bound of the number of weights where the decoder has so many tokens.</summary>
    internal virtual long LeastWeights(long vocabulary) =>
        (long)EmbeddingSize * vocabulary + (TiedWeights ? 0 : ReadoutSize * vocabulary) + (long)HiddenSize * HiddenSize * Layers;

    /// <summary>The settings as JSON, as they stand in a model's file.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["model"] = Kind,
            ["cell"] = Cell,
            ["embedding"] = EmbeddingSize,
            ["hidden"] = HiddenSize,
            ["layers"] = Layers,
            ["attention"] = Attention,
            ["attention_size"] = AttentionSize,
            ["scaled_attention"] = ScaledAttention,
            ["coverage"] = Coverage,
            ["window"] = Window,
            ["input_feeding"] = InputFeeding,
            ["bridge"] = Bridge,
            ["dropout"] = Dropout,
            ["variational_dropout"] = VariationalDropout,
            ["tied_weights"] = TiedWeights,
            ["init_scale"] = InitScale,
        };
        Write(json);
        return json;
    }

    /// <summary>Adds what is wrong with a model's own settings.</summary>
    private protected abstract void AddProblems(List<string> problems);

    /// <summary>Adds a model's own settings.</summary>
    private protected abstract void Write(JsonObject json);

    /// <summary>What copies or compares states needs them to be of one size.</summary>
    private protected void CheckMemory(List<string> problems, int memorySize)
    {
        var different = memorySize != HiddenSize;
        if (Attention == "dot" && different) problems.Add($"dot attention needs encoder outputs of the decoder's size {HiddenSize}; they are {memorySize}. Use general attention");
        if (Bridge == "copy" && different) problems.Add($"the bridge can copy states of the decoder's size {HiddenSize}; the encoder's are {memorySize}. Use dense");
    }

    private protected static void Size(List<string> problems, string name, int size, int least)
    {
        if (size < least || size > MaxSize) problems.Add($"{name} is {size}; expected {least} to {MaxSize}");
    }

    /// <summary>The decoder's settings from JSON, over those of <paramref name="config"/>.</summary>
    private protected static T Read<T>(ConfigReader reader, T config) where T : DecoderConfig => config with
    {
        Cell = reader.Text("cell"),
        EmbeddingSize = reader.Whole("embedding"),
        HiddenSize = reader.Whole("hidden"),
        Layers = reader.Whole("layers"),
        Attention = reader.Text("attention"),
        AttentionSize = reader.Whole("attention_size"),
        ScaledAttention = reader.Flag("scaled_attention"),
        Coverage = reader.Flag("coverage"),
        Window = reader.Whole("window"),
        InputFeeding = reader.Flag("input_feeding"),
        Bridge = reader.Text("bridge"),
        Dropout = reader.Number("dropout"),
        VariationalDropout = reader.Flag("variational_dropout"),
        TiedWeights = reader.Flag("tied_weights"),
        InitScale = reader.Number("init_scale"),
    };
}
