using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Configuration;
using Unroll.Layers;
using Setting = Unroll.Configuration.SettingOf<Unroll.Tasks.RegressorConfig>;

namespace Unroll.Tasks;

/// <summary>What a sequence regressor is made of, besides the scales of its features and of its target.</summary>
public sealed record RegressorConfig
{
    /// <summary>The name of the model in files.</summary>
    public const string ModelName = "sequence-regressor";

    /// <summary>F, the numbers of each step; 1 to 16,384.</summary>
    public required int Features { get; init; }

    /// <summary>The kind of cell (<see cref="CellCatalog"/>). Default gru.</summary>
    public string Cell { get; init; } = "gru";

    /// <summary>H, the size of each layer and direction; 1 to 16,384. Default 64.</summary>
    public int HiddenSize { get; init; } = 64;

    /// <summary>The number of layers; 1 to 64. Default 1.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>Whether series are read from both ends. Default true.</summary>
    public bool Bidirectional { get; init; } = true;

    /// <summary>How outputs become one vector (<see cref="Layers.Pooling"/>): last, mean, max, attention. Default mean.</summary>
    public string Pooling { get; init; } = "mean";

    /// <summary>Dropout on every link that is not recurrent; 0 to below 1. Default 0.1.</summary>
    public double Dropout { get; init; } = 0.1;

    internal static SettingList<RegressorConfig> Settings { get; } =
    [
        Setting.Whole("features", "N", "", 1, LanguageModelConfig.MaxSize, c => c.Features, (c, v) => c with { Features = v }, ""),
        Setting.Choice("cell", "KIND", CellSetting.Help, CellSetting.Names, c => c.Cell, (c, v) => c with { Cell = v }),
        Setting.Whole("hidden", "N", "Hidden size of each layer and direction.", 1, LanguageModelConfig.MaxSize, c => c.HiddenSize, (c, v) => c with { HiddenSize = v }),
        Setting.Whole("layers", "N", "Recurrent layers.", 1, LanguageModelConfig.MaxLayers, c => c.Layers, (c, v) => c with { Layers = v }),
        Setting.Flag("bidirectional", "Read forwards only (unidirectional).", c => c.Bidirectional, (c, v) => c with { Bidirectional = v }, "--one-way", negated: true),
        Setting.Choice("pooling", "KIND", $"Pooling over steps: {string.Join(", ", Unroll.Layers.Pooling.Kinds)}.", () => Unroll.Layers.Pooling.Kinds, c => c.Pooling, (c, v) => c with { Pooling = v }),
        Setting.Share("dropout", "P", "Dropout probability (non-recurrent connections).", c => c.Dropout, (c, v) => c with { Dropout = v }),
    ];

    /// <summary>What is wrong with the settings; empty where nothing is.</summary>
    public IReadOnlyList<string> Problems => Settings.Problems(this);

    /// <summary>The settings as JSON, as they stand in a model's file.</summary>
    public JsonObject ToJson() => ModelDescription.WriteConfig(ModelName, Settings, this);

    /// <summary>The settings from JSON.</summary>
    /// <exception cref="UnrollException">Settings are missing, of a wrong type or out of range; all are listed.</exception>
    public static RegressorConfig FromJson(JsonElement json) => ModelDescription.ReadConfig(json, ModelName, Settings, new() { Features = 1 }, c => c.Problems);
}
