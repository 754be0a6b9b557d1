using System.Text.Json.Nodes;
using Unroll.Data;
using Unroll.Formats;
using Unroll.Models;

namespace Unroll.Cli.Predictions;

/// <summary>Labels texts and series.</summary>
/// <param name="model">The model.</param>
/// <param name="reading">How files are read.</param>
/// <param name="explanation">What the weights of tokens are, one of <see cref="Explanations"/>; null for what is best.</param>
/// <param name="careful">Whether there are few sequences, whose words are worth the time.</param>
sealed class ClassPredictor(SequenceClassifier model, DataReading reading, string? explanation, bool careful) : Predictor
{
    /// <summary>What the weights of tokens may be.</summary>
    public static IReadOnlyList<string> Explanations { get; } = ["attention", "gradient", "none"];

    public override IReadOnlyList<Prediction> OfTexts(IReadOnlyList<string> texts)
    {
        if (model.Tokenizer is null) throw new UnrollException("The model reads series, not texts; give it a file of them.");
        return Of([.. texts.Select((text, i) => new Example { Text = text, Source = $"text {i + 1}" })]);
    }

    public override IEnumerable<Prediction> OfFiles(IReadOnlyList<string> paths) =>
        paths.SelectMany(Read).Chunk(Together).SelectMany(some => Of(some));

    /// <summary>
    /// What is in a file. Whether lines of text begin with a label cannot be told for sure; here they are taken so only where all of these are the
    /// model's.
    /// </summary>
    IReadOnlyList<Example> Read(string path)
    {
        if (model.Tokenizer is null || reading.Format is not null) return reading.ReadExamples([path], needsLabels: false);
        var told = ExampleFile.TellFormat(path, new() { Text = reading.Text, Label = reading.Label, Encoding = reading.FindEncoding(), NeedsLabels = false });
        var examples = (reading with { Format = told }).ReadExamples([path], needsLabels: false);
        var believed = told != "labels" || examples.All(e => e.Labels.All(model.Config.Classes.Contains));
        return believed ? examples : (reading with { Format = "lines" }).ReadExamples([path], needsLabels: false);
    }

    Prediction[] Of(IReadOnlyList<Example> examples)
    {
        var inputs = model.Prepare(examples);
        var probabilities = model.Predict(inputs);
        var predictions = new Prediction[examples.Count];
        for (var i = 0; i < predictions.Length; i++) predictions[i] = Tell(examples[i], probabilities[i], null);
        return predictions;
    }

    Prediction Tell(Example example, Real[] probabilities, Real[]? weights)
    {
        var classes = model.Config.Classes;
        (string Name, double Probability)[] choices = [.. classes.Select((name, c) => (name, (double)probabilities[c])).OrderByDescending(c => c.Item2)];
        var json = new JsonObject();
        if (example.Text is not null) json["text"] = example.Text;
        else json["source"] = example.Source;
        string answer;
        if (model.Config.MultiLabel)
        {
            string[] labels = [.. choices.Where(c => c.Probability >= 0.5).Select(c => c.Name)];
            json["labels"] = new JsonArray([.. labels.Select(l => JsonValue.Create(l))]);
            answer = labels.Length == 0 ? "none" : string.Join(", ", labels);
        }
        else
        {
            json["label"] = answer = choices[0].Name;
            json["probability"] = choices[0].Probability;
        }
        json["probabilities"] = new JsonObject(classes.Select((name, c) => KeyValuePair.Create(name, (JsonNode?)(double)probabilities[c])));
        return new(json, answer, choices, PiecesOf(example, weights, json), example.Source);
    }

    /// <summary>The text in pieces with their weights; tokens and weights are added to what programs are told.</summary>
    IReadOnlyList<Piece> PiecesOf(Example example, Real[]? weights, JsonObject json)
    {
        if (weights is null) return example.Text is null ? [] : [new(example.Text, 0)];
        json["weights"] = new JsonArray([.. weights.Select(w => JsonValue.Create((double)w))]);
        if (example.Text is not { } text) return [];
        var places = model.Tokenizer!.Locate(text);
        json["tokens"] = new JsonArray([.. places.Select(p => JsonValue.Create(text[p]))]);
        var most = Math.Max(weights.DefaultIfEmpty().Max(), float.Epsilon);
        var pieces = new List<Piece>();
        var end = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            var (start, stop) = (Math.Max(end, places[i].Start.Value), places[i].End.Value);
            if (stop <= start) continue;                                // bytes of a character that has been shown
            if (start > end) pieces.Add(new(text[end..start], 0));
            pieces.Add(new(text[start..stop], weights[i] / most));
            end = stop;
        }
        if (end < text.Length) pieces.Add(new(text[end..], 0));         // what a limit of steps cuts off, too
        return pieces;
    }
}
