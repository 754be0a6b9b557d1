using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Configuration;
using Unroll.Data;
using Unroll.Layers;
using Setting = Unroll.Configuration.SettingOf<Unroll.Tasks.ForecasterConfig>;

namespace Unroll.Tasks;

/// <summary>What a forecaster is made of, besides its columns and what they are scaled by.</summary>
public sealed record ForecasterConfig
{
    /// <summary>The name of the model in files.</summary>
    public const string ModelName = "forecaster";

    /// <summary>The most steps of a horizon, of a context and of a season.</summary>
    internal const int MaxSteps = 8192;

    /// <summary>How the distribution of a value is described (<see cref="ForecastHead"/>).</summary>
    internal static IReadOnlyList<string> Heads { get; } = ["quantile", "squared", "absolute", "huber", "gaussian", "student", "negative-binomial"];

    /// <summary>H, how many steps are forecast; 1 to 8,192. Default 1.</summary>
    public int Horizon { get; init; } = 1;

    /// <summary>K, how many of the last steps are read; 1 to 8,192. Default 24; a training chooses it to fit the season.</summary>
    public int Context { get; init; } = 24;

    /// <summary>m, the length of the season in steps; 1 to 8,192, 1 for none. Default 1; a training takes it from the frequency.</summary>
    public int Season { get; init; } = 1;

    /// <summary>A longer season, such as a week of hours; 0 to 8,192, 0 for none. Default 0; a training takes it from the frequency.</summary>
    public int LongSeason { get; init; }

    /// <summary>The columns to forecast. None by default: a training takes the last column of numbers.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>The columns known up to the present only. None by default: a training takes all that are not known ahead.</summary>
    public IReadOnlyList<string> Past { get; init; } = [];

    /// <summary>The columns known ahead. None by default: a training takes those with values behind the end of the targets.</summary>
    public IReadOnlyList<string> Future { get; init; } = [];

    /// <summary>How the steps of the horizon are forecast: direct, all at once; autoregressive, one by one, each reading a sample of the one before (DeepAR); smoothing, all at once around level and season of each series, which are learned together with the network (ES-RNN). Default direct.</summary>
    public string Mode { get; init; } = "direct";

    /// <summary>How a value is described: quantile, squared, absolute, huber, gaussian, student, negative-binomial. Default quantile.</summary>
    public string Head { get; init; } = "quantile";

    /// <summary>What targets are scaled by: standard, mean, robust, min-max, log, none. Default standard; a training takes what validates best.</summary>
    public string Scaling { get; init; } = "standard";

    /// <summary>Whether a window is scaled by its own context rather than by its series. Default false; a training takes what validates best.</summary>
    public bool ScaleWindow { get; init; }

    /// <summary>The kind of cell (<see cref="CellCatalog"/>). Default gru.</summary>
    public string Cell { get; init; } = "gru";

    /// <summary>The size of each layer; 1 to 16,384. Default 48.</summary>
    public int HiddenSize { get; init; } = 48;

    /// <summary>The number of layers; 1 to 64. Default 1.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>Dropout on every link that is not recurrent; 0 to below 1. Default 0.1.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>What the linear regression has weights for: all windows, each phase of the season, each series. Default all; a training takes what validates best.</summary>
    public string LinearBy { get; init; } = "all";

    /// <summary>How many of the last values of each target the linear regression reads; 1 to 8,192. Default 24; a training takes what validates best.</summary>
    public int LinearLags { get; init; } = 24;

    /// <summary>The penalty of the linear regression on the squares of its weights (ridge), for columns of variance 1; 0 to 1e6. Default 0.1; a training takes what validates best.</summary>
    public double LinearPenalty { get; init; } = 0.1;

    /// <summary>The modes.</summary>
    internal static IReadOnlyList<string> Modes { get; } = ["direct", "autoregressive", "smoothing"];

    internal bool IsAutoregressive => Mode == "autoregressive";

    /// <summary>How many steps the linear part says at once.</summary>
    internal int StepsAtOnce => IsAutoregressive ? 1 : Horizon;

    internal static SettingList<ForecasterConfig> Settings { get; } =
    [
        Setting.Whole("horizon", "N", "Steps to forecast.", 1, MaxSteps, c => c.Horizon, (c, v) => c with { Horizon = v }),
        Setting.Whole("context", "N", "Steps that are read before the forecast. Default: inferred from season, horizon and length.", 1, MaxSteps, c => c.Context, (c, v) => c with { Context = v }).With(fitted: true),
        Setting.Whole("season", "N", "Length of the season in steps; 1: none. Default: inferred from the frequency.", 1, MaxSteps, c => c.Season, (c, v) => c with { Season = v }).With(fitted: true),
        Setting.Whole("long_season", "N", "A longer season in steps; 0: none. Default: inferred from the frequency.", 0, MaxSteps, c => c.LongSeason, (c, v) => c with { LongSeason = v }).With(fitted: true),
        Setting.Texts("target", "COLUMN", "Columns to forecast, separated by commas. Default: the last column of numbers.", c => c.Targets, (c, v) => c with { Targets = v }).With(fitted: true),
        Setting.Texts("past", "COLUMN", "Columns known up to the present; none: no such columns. Default: all others that are not known ahead.", c => c.Past, (c, v) => c with { Past = v }).With(fitted: true),
        Setting.Texts("future", "COLUMN", "Columns known ahead; none: no such columns. Default: those with values past the end of the target.", c => c.Future, (c, v) => c with { Future = v }).With(fitted: true),
        Setting.Choice("mode", "KIND", "How steps are forecast. direct: all at once; autoregressive: one by one, on samples of its own (DeepAR); smoothing: around a level and a season of each series that are learned with the network (ES-RNN).", () => Modes, c => c.Mode, (c, v) => c with { Mode = v }),
        Setting.Choice("head", "KIND", $"Output distribution: {string.Join(", ", Heads)}.", () => Heads, c => c.Head, (c, v) => c with { Head = v }),
        Setting.Choice("scaling", "KIND", $"Scaling of targets: {string.Join(", ", TargetScaling.Kinds)}. Default: the one that validates best.", () => TargetScaling.Kinds, c => c.Scaling, (c, v) => c with { Scaling = v }).With(fitted: true),
        Setting.Flag("scale_window", "Scale each window by its own context, not by its series. Default: what validates best.", c => c.ScaleWindow, (c, v) => c with { ScaleWindow = v }).With(fitted: true),
        Setting.Choice("cell", "KIND", CellSetting.Help, CellSetting.Names, c => c.Cell, (c, v) => c with { Cell = v }),
        Setting.Whole("hidden", "N", "Hidden size of each layer.", 1, LanguageModelConfig.MaxSize, c => c.HiddenSize, (c, v) => c with { HiddenSize = v }),
        Setting.Whole("layers", "N", "Recurrent layers.", 1, LanguageModelConfig.MaxLayers, c => c.Layers, (c, v) => c with { Layers = v }),
        Setting.Share("dropout", "P", "Dropout probability (non-recurrent connections).", c => c.Dropout, (c, v) => c with { Dropout = v }),
        Setting.Choice("linear_by", "KIND", $"What the linear part has weights for: {string.Join(", ", ForecastLinear.Kinds)}. Default: what validates best.", () => ForecastLinear.Kinds, c => c.LinearBy, (c, v) => c with { LinearBy = v }).With(fitted: true),
        Setting.Number("linear_penalty", "L", "Penalty on the weights of the linear part (ridge). Default: what validates best.", 0, 1e6, c => c.LinearPenalty, (c, v) => c with { LinearPenalty = v }).With(fitted: true),
        Setting.Whole("linear_lags", "N", "Last values of each target that the linear part reads. Default: what validates best.", 1, MaxSteps, c => c.LinearLags, (c, v) => c with { LinearLags = v }).With(fitted: true),
    ];

    /// <summary>What is wrong with the settings; empty where nothing is.</summary>
    public IReadOnlyList<string> Problems => [.. Settings.Problems(this), .. Together()];

    IEnumerable<string> Together()
    {
        if (Head == "negative-binomial" && (Scaling != "mean" || ScaleWindow)) yield return "head is negative-binomial, which needs scaling mean without scale_window: counts are scaled by their mean alone";
        if (Mode == "smoothing" && (ScaleWindow || Head == "negative-binomial")) yield return $"mode is smoothing, which cannot stand with {(ScaleWindow ? "scale_window: its level follows the series" : "head negative-binomial: it is for numbers of any sign")}";
        if (LinearBy == "phase" && Season > ForecastLinear.MostPhases) yield return $"linear_by is phase, which needs a season of at most {ForecastLinear.MostPhases}; it is {Season}";
    }

    /// <summary>The settings as JSON, as they stand in a model's file.</summary>
    public JsonObject ToJson() => ModelDescription.WriteConfig(ModelName, Settings, this);

    /// <summary>The settings from JSON.</summary>
    /// <exception cref="UnrollException">Settings are missing, of a wrong type or out of range; all are listed.</exception>
    public static ForecasterConfig FromJson(JsonElement json) => ModelDescription.ReadConfig(json, ModelName, Settings, new(), c => c.Problems);

    /// <summary>The seasons that are longer than a step.</summary>
    internal IReadOnlyList<int> Seasons => [.. new[] { Season, LongSeason }.Where(m => m > 1)];

    /// <summary>Names that were given one by one or separated by commas.</summary>
    internal static IReadOnlyList<string> Names(IReadOnlyList<string> given) => [.. given.SelectMany(FieldNames.Split)];
}
