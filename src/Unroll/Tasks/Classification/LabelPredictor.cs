using System.Text.Json.Nodes;
using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>Labels texts, and what else a model reads.</summary>
/// <param name="reading">How files are read.</param>
/// <param name="files">Reads files.</param>
/// <param name="observer">Is told what is doubtful.</param>
internal abstract class LabelPredictor(ReadingOptions reading, IDataFiles files, TaskObserver observer) : Predictor
{
    /// <inheritdoc/>
    public override ReadingOptions Reading => reading;

    /// <summary>Whether the model reads texts, not series.</summary>
    protected abstract bool ReadsTexts { get; }

    /// <summary>The names of the classes.</summary>
    protected abstract IReadOnlyList<string> Classes { get; }

    /// <summary>Whether an example may have several classes.</summary>
    protected virtual bool MultiLabel => false;

    /// <summary>Labels examples.</summary>
    protected abstract IEnumerable<Prediction> Of(Example[] examples);

    public override IReadOnlyList<Prediction> OfTexts(IReadOnlyList<string> texts)
    {
        if (!ReadsTexts) throw new DataMismatchException("The model reads series, not texts; give it a file of them.");
        return [.. Of([.. texts.Select((text, i) => new Example { Text = text, Source = $"text {i + 1}" })])];
    }

    public override IEnumerable<Prediction> OfFiles(IReadOnlyList<string> paths) =>
        paths.SelectMany(Read).SelectMany(some => Of(some));

    /// <summary>What is in a file, some at once.</summary>
    IEnumerable<Example[]> Read(string path)
    {
        var format = reading.Format ?? (!ReadsTexts ? null : FormatOf(path));
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
        if (!examples.All(e => e.Labels.Count > 0 && e.Labels.All(Classes.Contains))) return Lines;
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

    /// <summary>An answer from the probabilities of all classes.</summary>
    /// <param name="example">What is answered.</param>
    /// <param name="probabilities">Of all classes.</param>
    /// <param name="pieces">Makes the pieces of the text, and adds what programs are told of them.</param>
    protected Prediction Tell(Example example, IReadOnlyList<Real> probabilities, Func<JsonObject, IReadOnlyList<Piece>> pieces)
    {
        (string Name, double Probability)[] choices = [.. Classes.Select((name, c) => (name, (double)probabilities[c])).OrderByDescending(c => c.Item2)];
        var json = new JsonObject();
        if (example.Text is not null) json["text"] = example.Text;
        else json["source"] = example.Source;
        string answer;
        if (MultiLabel)
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
        json["probabilities"] = new JsonObject(Classes.Select((name, c) => KeyValuePair.Create(name, (JsonNode?)(double)probabilities[c])));
        return new(json, answer, choices, pieces(json), example.Source);
    }
}
