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
internal sealed class ClassPredictor(SequenceClassifier model, ReadingOptions reading, string explanation, string? chosen, IDataFiles files, TaskObserver observer) : Predictor
{
    /// <summary>No weights at all: the fastest.</summary>
    public const string None = "none";

    /// <summary>What the weights of tokens may be, see <see cref="Significance"/>.</summary>
    public static IReadOnlyList<string> Explanations { get; } = ["attention", "connectivity", "contribution", None];

    /// <summary>The explanation that tells most of a model.</summary>
    public static string Best(SequenceClassifier model) =>
        model.Config is { Members: > 0, Pooling: "attention", Encoder: not "mlp" } ? "attention" : "connectivity";

    public override IReadOnlyList<Prediction> OfTexts(IReadOnlyList<string> texts)
    {
        if (model.Tokenizer is null) throw new DataMismatchException("The model reads series, not texts; give it a file of them.");
        return [.. Of([.. texts.Select((text, i) => new Example { Text = text, Source = $"text {i + 1}" })])];
    }

    public override IEnumerable<Prediction> OfFiles(IReadOnlyList<string> paths) =>
        paths.SelectMany(Read).SelectMany(some => Of(some));

    /// <summary>What is in a file, some at once.</summary>
    IEnumerable<Example[]> Read(string path)
    {
        var format = reading.Format ?? (model.Tokenizer is null ? null : FormatOf(path));
        return format == Lines
            ? LinesOf(path, reading.FindEncoding()).Select(lines => lines.Select(text => new Example { Text = text.Trim(), Source = path }).ToArray())
            : files.ReadExamples([path], reading with { Format = format }, needsLabels: false).Chunk(Together);
    }

    /// <summary>
    /// The format of a file of texts. Lines of prose have commas, tabs and first words too, so whether they are a table, or begin with a label, cannot be told by
    /// their looks: they are taken so only where the file is named as a table, the columns have usual names, or all labels are the model's.
    /// </summary>
    string FormatOf(string path)
    {
        var told = files.TellFormat(path, reading);
        if (told is not ("csv" or "tsv" or "labels" or "ucr") || IsNamedAsTable(path) || reading.Text is not null || reading.Label is not null) return told;
        if (told == "ucr") return Lines;                            // the model reads texts
        var report = new ReadingReport();
        IReadOnlyList<Example> examples;
        try
        {
            examples = files.ReadExamples([path], reading with { Format = told }, needsLabels: false, report);
        }
        catch (UnrollException) when (!HasUsualNames(path))
        {
            return Lines;                                           // no table whose columns can be told
        }
        if (told != "labels" && report.Facts.Any(f => f is { Name: "header", Value: not "none" })) return told;
        if (!examples.All(e => e.Labels.Count > 0 && e.Labels.All(model.Config.Classes.Contains))) return Lines;
        observer.OnWarning($"{path} is read as texts with labels, since every line has a class of the model. If all of it is text, give --format {Lines}.");
        return told;
    }

    static bool IsNamedAsTable(string path) => TextFile.EndingOf(path) is ".csv" or ".tsv" or ".tab";

    /// <summary>Whether the first line names columns: then the file is a table, and what is wrong with it an error.</summary>
    bool HasUsualNames(string path)
    {
        var text = TextFile.ReadStart(path, reading.FindEncoding());
        string[] names = [.. text.Split('\n')[0].Split(',', '\t', ';', '|').Select(n => n.Trim())];
        return FieldNames.Find(names, FieldNames.Texts) >= 0 || FieldNames.Find(names, FieldNames.Labels) >= 0;
    }

    IEnumerable<Prediction> Of(Example[] examples)
    {
        if (explanation != None) return examples.Select(Explain);
        var probabilities = model.Predict(model.Prepare(examples));
        return ThreadTeam.Map([.. examples.Zip(probabilities)], known => Tell(known.First, known.Second, null));
    }

    Prediction Explain(Example example)
    {
        var attribution = Attribution.Of(model, example, chosen);
        return Tell(example, attribution.Probabilities, attribution);
    }

    Prediction Tell(Example example, IReadOnlyList<Real> probabilities, Attribution? attribution)
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
        var pieces = PiecesOf(example, attribution, json);
        return new(json, answer, choices, pieces, example.Source);
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
