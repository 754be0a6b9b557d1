using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Layers;

namespace Unroll.Models;

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

    /// <summary>What is wrong with the settings; empty where nothing is.</summary>
    public IReadOnlyList<string> Problems
    {
        get
        {
            var problems = new List<string>();
            if (CellCatalog.All.All(k => k.Name != Cell)) problems.Add($"cell is '{Cell}'; expected one of {string.Join(", ", CellCatalog.All.Select(k => k.Name))}");
            Size("word size", WordSize, least: 1);
            Size("letter size", LetterSize, least: 0);
            Size("letter hidden", LetterHiddenSize, least: 1);
            Size("hidden", HiddenSize, least: 1);
            if (Layers is < 1 or > 64) problems.Add($"layers is {Layers}; expected 1 to 64");
            Share("dropout", Dropout);
            Share("recurrent dropout", RecurrentDropout);
            Share("word dropout", WordDropout);
            return problems;

            void Size(string name, int value, int least)
            {
                if (value < least || value > MaxSize) problems.Add($"{name} is {value}; expected {least} to {MaxSize}");
            }

            void Share(string name, double value)
            {
                if (value is not (>= 0 and < 1)) problems.Add($"{name} is {value}; expected 0 to below 1");
            }
        }
    }

    /// <summary>A lower bound of the number of weights.</summary>
    internal long LeastWeights(long words, long letters, long tags) =>
        WordSize * words + LetterSize * letters + (LetterSize == 0 ? 0 : 2L * LetterHiddenSize * LetterHiddenSize)
        + (Bidirectional ? 2L : 1) * HiddenSize * ((long)HiddenSize * Layers + tags) + (Crf ? tags * tags : 0);

    /// <summary>The settings as JSON, as they stand in a model's file.</summary>
    public JsonObject ToJson() => new()
    {
        ["model"] = ModelName,
        ["cell"] = Cell,
        ["word_size"] = WordSize,
        ["letter_size"] = LetterSize,
        ["letter_hidden"] = LetterHiddenSize,
        ["hidden"] = HiddenSize,
        ["layers"] = Layers,
        ["bidirectional"] = Bidirectional,
        ["crf"] = Crf,
        ["dropout"] = Dropout,
        ["variational_dropout"] = VariationalDropout,
        ["recurrent_dropout"] = RecurrentDropout,
        ["word_dropout"] = WordDropout,
    };

    /// <summary>The settings from JSON.</summary>
    /// <exception cref="UnrollException">Settings are missing, of a wrong type or out of range; all are listed.</exception>
    public static SequenceTaggerConfig FromJson(JsonElement json)
    {
        var reader = new ConfigReader(json, ModelName);
        return reader.Finish(new SequenceTaggerConfig
        {
            Cell = reader.Text("cell"),
            WordSize = reader.Whole("word_size"),
            LetterSize = reader.Whole("letter_size"),
            LetterHiddenSize = reader.Whole("letter_hidden"),
            HiddenSize = reader.Whole("hidden"),
            Layers = reader.Whole("layers"),
            Bidirectional = reader.Flag("bidirectional"),
            Crf = reader.Flag("crf"),
            Dropout = reader.Number("dropout"),
            VariationalDropout = reader.Flag("variational_dropout"),
            RecurrentDropout = json.TryGetProperty("recurrent_dropout", out _) ? reader.Number("recurrent_dropout") : 0,    // older files lack it
            WordDropout = reader.Number("word_dropout"),
        }, c => c.Problems);
    }
}
