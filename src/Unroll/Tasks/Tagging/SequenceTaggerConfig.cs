using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Configuration;
using Unroll.Layers;
using Setting = Unroll.Configuration.SettingOf<Unroll.Tasks.SequenceTaggerConfig>;

namespace Unroll.Tasks;

/// <summary>What a sequence tagger is made of, besides its vocabulary.</summary>
public sealed record SequenceTaggerConfig
{
    /// <summary>The name of the model in files.</summary>
    public const string ModelName = "sequence-tagger";

    const int MaxSize = LanguageModelConfig.MaxSize;

    /// <summary>The kind of cell, over words and over letters (<see cref="CellCatalog"/>). Default lstm.</summary>
    public string Cell { get; init; } = "lstm";

    /// <summary>E, the size of a word's own vector; 1 to 16,384. Default 100.</summary>
    public int WordSize { get; init; } = 100;

    /// <summary>The size of a letter's vector; 1 to 16,384, or 0 for a tagger that does not look at letters. Default 32.</summary>
    public int LetterSize { get; init; } = 32;

    /// <summary>The size of each of the two cells over a word's letters; 1 to 16,384. Default 64.</summary>
    public int LetterHiddenSize { get; init; } = 64;

    /// <summary>H, the size of each cell over words; 1 to 16,384. Default 128.</summary>
    public int HiddenSize { get; init; } = 128;

    /// <summary>The number of recurrent layers over words; 1 to 64. Default 1.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>Whether words are read from both ends. Default true.</summary>
    public bool Bidirectional { get; init; } = true;

    /// <summary>Whether neighbouring tags have scores too (<see cref="LinearChainCrf"/>); each word's tag has a softmax of its own otherwise. Default true.</summary>
    public bool Crf { get; init; } = true;

    /// <summary>Dropout on every link that is not recurrent: letters, words, between layers, before the output; 0 to below 1. Default 0.4.</summary>
    public double Dropout { get; init; } = 0.4;

    /// <summary>Whether a dropout mask is the same for all steps of a sequence (Gal and Ghahramani 2016). Default false.</summary>
    public bool VariationalDropout { get; init; }

    /// <summary>Dropout on the state of the layers over words where it enters the gates of the next step, the same for all steps of a sentence (Gal and Ghahramani 2016); 0 to below 1. Default 0.</summary>
    public double RecurrentDropout { get; init; }

    /// <summary>The share of words that training takes for unknown, so that letters and neighbours count; 0 to below 1. Default 0.1.</summary>
    public double WordDropout { get; init; } = 0.1;

    /// <summary>All, as they stand in a model's file and as options of the command.</summary>
    internal static SettingList<SequenceTaggerConfig> Settings { get; } =
    [
        Setting.Choice("cell", "KIND", CellSetting.Help, CellSetting.Names, c => c.Cell, (c, v) => c with { Cell = v }),
        Setting.Whole("word_size", "N", "Word embedding size.", 1, MaxSize, c => c.WordSize, (c, v) => c with { WordSize = v }, "--embedding").With(formerNames: "embedding"),
        Setting.Whole("letter_size", "N", "Character embedding size; 0: no character model.", 0, MaxSize, c => c.LetterSize, (c, v) => c with { LetterSize = v }, "--letters").With(formerNames: "letters"),
        Setting.Whole("letter_hidden", "N", "Hidden size of each direction of the character model.", 1, MaxSize, c => c.LetterHiddenSize, (c, v) => c with { LetterHiddenSize = v }, "--letters-hidden")
            .With(useless: c => c.LetterSize == 0 ? "--letters is 0" : null, formerNames: "letters_hidden"),
        Setting.Whole("hidden", "N", "Hidden size of each layer and direction.", 1, MaxSize, c => c.HiddenSize, (c, v) => c with { HiddenSize = v }),
        Setting.Whole("layers", "N", "Recurrent layers over the words.", 1, LanguageModelConfig.MaxLayers, c => c.Layers, (c, v) => c with { Layers = v }),
        Setting.Flag("bidirectional", "Read sentences forwards only (unidirectional).", c => c.Bidirectional, (c, v) => c with { Bidirectional = v }, "--one-way", negated: true).With(formerNames: "!one_way"),
        Setting.Flag("crf", "", c => c.Crf, (c, v) => c with { Crf = v }, "").With(optional: true),
        Setting.Share("dropout", "P", "Dropout probability (non-recurrent connections).", c => c.Dropout, (c, v) => c with { Dropout = v }),
        Setting.Flag("variational_dropout", "Use one dropout mask for all words of a sentence (variational dropout).", c => c.VariationalDropout, (c, v) => c with { VariationalDropout = v }, "--variational")
            .With(useless: c => c.Dropout == 0 ? "--dropout is 0" : null, formerNames: "variational"),
        Setting.Share("recurrent_dropout", "P", "Dropout probability on the recurrent state over words, one mask per sentence.", c => c.RecurrentDropout, (c, v) => c with { RecurrentDropout = v }).With(optional: true),
        Setting.Share("word_dropout", "P", "Probability of replacing a word by the unknown token while training.", c => c.WordDropout, (c, v) => c with { WordDropout = v }),
    ];

    /// <summary>What is wrong with the settings; empty where nothing is.</summary>
    public IReadOnlyList<string> Problems => Settings.Problems(this);

    /// <summary>A lower bound of the number of weights.</summary>
    internal long LeastWeights(long words, long letters, long tags) =>
        WordSize * words + LetterSize * letters + (LetterSize == 0 ? 0 : 2L * LetterHiddenSize * LetterHiddenSize)
        + (Bidirectional ? 2L : 1) * HiddenSize * ((long)HiddenSize * Layers + tags) + (Crf ? tags * tags : 0);

    /// <summary>The settings as JSON, as they stand in a model's file.</summary>
    public JsonObject ToJson() => ModelDescription.WriteConfig(ModelName, Settings, this);

    /// <summary>The settings from JSON.</summary>
    /// <exception cref="UnrollException">Settings are missing, of a wrong type or out of range; all are listed.</exception>
    public static SequenceTaggerConfig FromJson(JsonElement json) => ModelDescription.ReadConfig(json, ModelName, Settings, new(), c => c.Problems);
}
