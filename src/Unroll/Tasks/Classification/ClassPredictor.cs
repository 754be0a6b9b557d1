using System.Text.Json.Nodes;
using Unroll.Data;
using Unroll.Kernels;

namespace Unroll.Tasks;

/// <summary>Labels texts and series.</summary>
/// <param name="model">The model.</param>
/// <param name="reading">How files are read.</param>
/// <param name="explanation">What the weights of tokens are, one of <see cref="Explanations"/>.</param>
/// <param name="chosen">The class that is explained; the likeliest where null.</param>
/// <param name="files">Reads files.</param>
/// <param name="observer">Is told what is doubtful.</param>
internal sealed class ClassPredictor(SequenceClassifier model, ReadingOptions reading, string explanation, string? chosen, IDataFiles files, TaskObserver observer) : LabelPredictor(reading, files, observer)
{
    /// <summary>No weights at all: the fastest.</summary>
    public const string None = "none";

    /// <summary>What the weights of tokens may be, see <see cref="Significance"/>.</summary>
    public static IReadOnlyList<string> Explanations { get; } = ["attention", "connectivity", "contribution", None];

    /// <summary>The explanation that tells most of a model.</summary>
    public static string Best(SequenceClassifier model) =>
        model.Config is { Members: > 0, Pooling: "attention", Encoder: not "mlp" } ? "attention" : "connectivity";

    protected override bool ReadsTexts => model.Tokenizer is not null;

    protected override IReadOnlyList<string> Classes => model.Config.Classes;

    protected override bool MultiLabel => model.Config.MultiLabel;

    protected override IEnumerable<Prediction> Of(Example[] examples)
    {
        if (explanation != None) return examples.Select(Explain);
        var probabilities = model.Predict(model.Prepare(examples));
        return ThreadTeam.Map([.. examples.Zip(probabilities)], known => Tell(known.First, known.Second, json => PiecesOf(known.First, null, json)));
    }

    Prediction Explain(Example example)
    {
        var attribution = Attribution.Of(model, example, chosen);
        return Tell(example, attribution.Probabilities, json => PiecesOf(example, attribution, json));
    }

    /// <summary>The text in pieces with their weights; tokens and weights are added to what programs are told.</summary>
    List<Piece> PiecesOf(Example example, Attribution? attribution, JsonObject json)
    {
        if (attribution is null) return example.Text is null ? [] : [new(example.Text, 0)];
        var weights = attribution.Steps.Select(Weight).ToArray();
        if (example.Text is not null) json["tokens"] = new JsonArray([.. attribution.Steps.Select(s => JsonValue.Create(s.Text))]);
        json["weights"] = new JsonArray([.. weights.Select(w => JsonValue.Create(w))]);
        json["weights_are"] = explanation;
        json["explained"] = attribution.Class;
        if (example.Text is not { } text) return [];
        var most = weights.Select(Math.Abs).Append(double.Epsilon).Max();
        var pieces = new List<Piece>();
        var end = 0;
        foreach (var (step, weight) in attribution.Steps.Zip(weights))
        {
            var (start, stop) = (Math.Max(end, step.Place.Start.Value), step.Place.End.Value);
            if (stop <= start) continue;                                // the other bytes of a character that has been shown
            if (start > end) pieces.Add(new(text[end..start], 0));
            pieces.Add(new(text[start..stop], weight / most));
            end = stop;
        }
        if (end < text.Length) pieces.Add(new(text[end..], 0));         // blanks, and what a limit of steps cuts off
        return pieces;
    }

    double Weight(Significance step) => explanation switch
    {
        "attention" => step.Attention ?? throw new OptionException("--explain attention cannot be given: the model has no attention. Train it with --pooling attention, or take connectivity."),
        "contribution" => step.Contribution,
        _ => step.Connectivity,
    };
}
