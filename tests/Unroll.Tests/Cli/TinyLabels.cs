using System.Text.Json;

namespace Unroll.Tests.Cli;

/// <summary>A small classifier and a small tagger that were trained from files, and the files.</summary>
public sealed class TinyLabels : TinyFiles
{
    /// <summary>Models and batches that train in no time.</summary>
    public static readonly string[]
        ClassSizes = ["--embedding", "8", "--hidden", "8", "--batch", "8", "--lr", "0.02", "--min-count", "1", "--dropout", "0"],
        TagSizes = ["--embedding", "8", "--letters", "4", "--letters-hidden", "4", "--hidden", "8", "--batch", "8", "--lr", "0.02", "--min-count", "1", "--dropout", "0"];

    static readonly string[] Good = ["good", "fine", "lovely", "great"], Bad = ["bad", "awful", "dreadful", "poor"], Things = ["film", "book", "song", "play", "meal"];

    public TinyLabels()
    {
        var rows = Enumerable.Range(0, 60).Select(i => (Text: $"a {(i % 2 == 0 ? Good : Bad)[i / 2 % 4]} {Things[i % 5]}", Label: i % 2 == 0 ? "pos" : "neg")).ToArray();
        Tsv = Write("data.tsv", "label\ttext\n" + string.Concat(rows.Select(r => $"{r.Label}\t{r.Text}\n")));
        Csv = Write("data.csv", "text,stars\n" + string.Concat(rows.Select(r => $"\"{r.Text}, indeed\",{r.Label}\n")));
        Conll = Write("data.conll", string.Concat(Enumerable.Range(0, 40).Select(i => $"see O\n{(i % 2 == 0 ? "Anna B-PER\nBell I-PER" : "Oslo B-LOC")}\nnow O\n\n")));
        Classifier = PathOf("classifier");
        ClassifierResult = Command.RunProcess([.. Arguments("classify", Tsv, Classifier), .. ClassSizes, "--test-every", "5", "--epochs", "12", "--cell", "lstm", "--members", "8", "--pooling", "attention", "--ngrams", "2"]).Succeeds().Json;
        Tagger = PathOf("tagger");
        TaggerResult = Command.RunProcess([.. Arguments("tag", Conll, Tagger), .. TagSizes, "--test-every", "5", "--epochs", "12"]).Succeeds().Json;
    }

    public string Tsv { get; }

    public string Csv { get; }

    public string Conll { get; }

    public string Classifier { get; }

    public JsonElement ClassifierResult { get; }

    public string Tagger { get; }

    public JsonElement TaggerResult { get; }

    internal static CommandResult Train(string verb, string data, string run, params string[] more) =>
        Command.Run([.. Arguments(verb, data, run), .. more]);

    static string[] Arguments(string verb, string data, string run) => ["train", verb, "--data", data, "--out", run, "--json"];
}

/// <summary>As <see cref="TinyRunCollection"/>.</summary>
[CollectionDefinition(nameof(TinyLabels))]
public class TinyLabelsCollection : ICollectionFixture<TinyLabels>;
