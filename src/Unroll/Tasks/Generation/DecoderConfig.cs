using System.Text.Json.Nodes;
using Unroll.Configuration;
using Unroll.Layers;

namespace Unroll.Tasks;

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
            var problems = OwnProblems.ToList();
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
    public abstract JsonObject ToJson();

    /// <summary>What is out of range.</summary>
    private protected abstract IReadOnlyList<string> OwnProblems { get; }

    /// <summary>Adds what is wrong with a model's own settings.</summary>
    private protected abstract void AddProblems(List<string> problems);

    /// <summary>What copies or compares states needs them to be of one size.</summary>
    private protected void CheckMemory(List<string> problems, int memorySize)
    {
        var different = memorySize != HiddenSize;
        if (Attention == "dot" && different) problems.Add($"dot attention needs encoder outputs of the decoder's size {HiddenSize}; they are {memorySize}. Use general attention");
        if (Bridge == "copy" && different) problems.Add($"the bridge can copy states of the decoder's size {HiddenSize}; the encoder's are {memorySize}. Use dense");
    }

    /// <summary>The settings of a decoder, as they stand in a model's file and as options of the command.</summary>
    private protected static SettingList<T> DecoderSettings<T>() where T : DecoderConfig =>
    [
        SettingOf<T>.Choice("cell", "KIND", CellSetting.Help, CellSetting.Names, c => c.Cell, (c, v) => c with { Cell = v }),
        SettingOf<T>.Whole("embedding", "N", "Embedding size.", 1, MaxSize, c => c.EmbeddingSize, (c, v) => c with { EmbeddingSize = v }),
        SettingOf<T>.Whole("hidden", "N", "Hidden size of each layer.", 1, MaxSize, c => c.HiddenSize, (c, v) => c with { HiddenSize = v }),
        SettingOf<T>.Whole("layers", "N", "Recurrent layers.", 1, LanguageModelConfig.MaxLayers, c => c.Layers, (c, v) => c with { Layers = v }),
        SettingOf<T>.Choice("attention", "KIND", $"Attention: {string.Join(", ", Attentions)}. none: the decoder sees the encoder's last state alone.", () => Attentions, c => c.Attention, (c, v) => c with { Attention = v }),
        SettingOf<T>.Whole("attention_size", "N", "Size of concat and additive attention; 0: the hidden size.", 0, MaxSize, c => c.AttentionSize, (c, v) => c with { AttentionSize = v })
            .With(useless: c => c.Attention is "concat" or "additive" ? null : $"--attention {c.Attention} compares as it is"),
        SettingOf<T>.Flag("scaled_attention", "Scale attention scores by 1/√d.", c => c.ScaledAttention, (c, v) => c with { ScaledAttention = v }, "--scaled").With(useless: NoAttention),
        SettingOf<T>.Flag("coverage", "Add coverage to the attention scores: what was attended to before.", c => c.Coverage, (c, v) => c with { Coverage = v }).With(useless: NoAttention),
        SettingOf<T>.Whole("window", "N", "Window of local-p attention, steps to either side.", 1, MaxSize, c => c.Window, (c, v) => c with { Window = v })
            .With(useless: c => c.Attention == "local-p" ? null : $"--attention {c.Attention} sees all"),
        SettingOf<T>.Flag("input_feeding", "Feed the last attentional vector to the next step (input feeding).", c => c.InputFeeding, (c, v) => c with { InputFeeding = v }).With(useless: NoAttention),
        SettingOf<T>.Choice("bridge", "KIND", $"From the encoder's last state to the decoder's first: {string.Join(", ", Bridges)}.", () => Bridges, c => c.Bridge, (c, v) => c with { Bridge = v }),
        SettingOf<T>.Share("dropout", "P", "Dropout probability (non-recurrent connections).", c => c.Dropout, (c, v) => c with { Dropout = v }),
        SettingOf<T>.Flag("variational_dropout", "Use one dropout mask for all steps of a sequence (variational dropout).", c => c.VariationalDropout, (c, v) => c with { VariationalDropout = v }, "--variational").With(formerNames: "variational"),
        SettingOf<T>.Flag("tied_weights", "Tie the output weights to the target embedding.", c => c.TiedWeights, (c, v) => c with { TiedWeights = v }, "--tied").With(formerNames: "tied"),
        SettingOf<T>.Number("init_scale", "S", "Initialise all weights from U(-S, S); 0: each layer's default.", 0, 10, c => c.InitScale, (c, v) => c with { InitScale = v }, "--init").With(formerNames: "init"),
    ];

    static string? NoAttention(DecoderConfig config) => config.HasAttention ? null : "there is no attention";
}
