using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Configuration;
using Unroll.Layers;
using Setting = Unroll.Configuration.SettingOf<Unroll.Tasks.MultiTaskConfig>;

namespace Unroll.Tasks;

/// <summary>A task of a model of several.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Classes">The names of its classes, each once; an output has the number of its name here.</param>
public sealed record TaskLabels(string Name, IReadOnlyList<string> Classes);

/// <summary>What a classifier of several tasks is made of, besides its tasks and its tokenizer.</summary>
public sealed record MultiTaskConfig
{
    /// <summary>The name of the model in files.</summary>
    public const string ModelName = "multi-task-classifier";

    /// <summary>The architectures by name: single, no sharing; uniform, coupled and shared as models I, II and III of Liu, Qiu and Huang 2016.</summary>
    public static IReadOnlyList<string> Architectures { get; } = ["single", "uniform", "coupled", "shared"];

    /// <summary>The cells that coupled and shared layers can be made of.</summary>
    internal static IReadOnlyList<string> SharingCells { get; } = ["lstm-peephole", "lstm", "gru"];

    /// <summary>One of <see cref="Architectures"/>. Default shared.</summary>
    public string Architecture { get; init; } = "shared";

    /// <summary>The kind of cell (<see cref="CellCatalog"/>); of coupled and shared layers lstm-peephole, lstm or gru. Default lstm-peephole.</summary>
    public string Cell { get; init; } = "lstm-peephole";

    /// <summary>E, the size of a token's vector; 1 to 16,384. A uniform layer reads two of them. Default 64.</summary>
    public int EmbeddingSize { get; init; } = 64;

    /// <summary>H, the size of each task's layer, and of each direction of the shared one; 1 to 16,384. Default 50.</summary>
    public int HiddenSize { get; init; } = 50;

    /// <summary>How the outputs of a task's layer become one vector (<see cref="Layers.Pooling"/>): last, as in the paper, mean, max, attention. Default attention.</summary>
    public string Pooling { get; init; } = "attention";

    /// <summary>Dropout on every link that is not recurrent; 0 to below 1. Default 0.5.</summary>
    public double Dropout { get; init; } = 0.5;

    /// <summary>The probability that a token is read as an unknown one while training; 0 to below 1. Default 0.3.</summary>
    public double WordDropout { get; init; } = 0.3;

    /// <summary>The probability that a token's vector is all zeros throughout a batch while training; 0 to below 1. Default 0.2.</summary>
    public double EmbeddingDropout { get; init; } = 0.2;

    /// <summary>The most tokens of a text that are read, from its beginning; 0 for all. Default 1,000.</summary>
    public int MaxSteps { get; init; } = 1000;

    /// <summary>Whether tasks share a recurrent layer.</summary>
    internal bool Shares => Architecture != "single";

    internal static SettingList<MultiTaskConfig> Settings { get; } =
    [
        Setting.Choice("architecture", "KIND", "What tasks share. single: nothing; uniform: one layer, over a token's own and its shared vector; coupled: layers that read each other's states; shared: a bidirectional layer that each task's layer reads.", () => Architectures,
            c => c.Architecture, (c, v) => c with { Architecture = v }),
        Setting.Choice("cell", "KIND", $"{CellSetting.Help[..^1]}; coupled and shared layers: {string.Join(", ", SharingCells)}.", CellSetting.Names, c => c.Cell, (c, v) => c with { Cell = v }),
        Setting.Whole("embedding", "N", "Embedding size.", 1, LanguageModelConfig.MaxSize, c => c.EmbeddingSize, (c, v) => c with { EmbeddingSize = v }),
        Setting.Whole("hidden", "N", "Hidden size of each task's layer, and of each direction of the shared one.", 1, LanguageModelConfig.MaxSize, c => c.HiddenSize, (c, v) => c with { HiddenSize = v }),
        Setting.Choice("pooling", "KIND", $"Pooling over steps: {string.Join(", ", Unroll.Layers.Pooling.Kinds)}.", () => Unroll.Layers.Pooling.Kinds, c => c.Pooling, (c, v) => c with { Pooling = v }),
        Setting.Share("dropout", "P", "Dropout probability (non-recurrent connections).", c => c.Dropout, (c, v) => c with { Dropout = v }),
        Setting.Share("word_dropout", "P", "Probability of replacing a token by the unknown token while training.", c => c.WordDropout, (c, v) => c with { WordDropout = v }),
        Setting.Share("embedding_dropout", "P", "Probability of zeroing a token's embedding throughout a batch.", c => c.EmbeddingDropout, (c, v) => c with { EmbeddingDropout = v }),
        Setting.Whole("max_steps", "N", "Most tokens of a text that are read, from the beginning; 0: all.", 0, int.MaxValue, c => c.MaxSteps, (c, v) => c with { MaxSteps = v }),
    ];

    /// <summary>What is wrong with the settings; empty where nothing is.</summary>
    public IReadOnlyList<string> Problems
    {
        get
        {
            var problems = Settings.Problems(this).ToList();
            if (Architecture is "coupled" or "shared" && !SharingCells.Contains(Cell))
                problems.Add($"a {Architecture} layer of {Cell} cells is not defined; expected one of {string.Join(", ", SharingCells)}");
            return problems;
        }
    }

    /// <summary>A lower bound of the number of weights where there are so many tasks and tokens.</summary>
    internal long LeastWeights(long tasks, long vocabulary) => tasks * (vocabulary * EmbeddingSize + (long)HiddenSize * HiddenSize);

    /// <summary>The settings as JSON, as they stand in a model's file.</summary>
    public JsonObject ToJson() => ModelDescription.WriteConfig(ModelName, Settings, this);

    /// <summary>The settings from JSON.</summary>
    /// <exception cref="UnrollException">Settings are missing, of a wrong type or out of range; all are listed.</exception>
    public static MultiTaskConfig FromJson(JsonElement json) => ModelDescription.ReadConfig(json, ModelName, Settings, new(), c => c.Problems);
}
