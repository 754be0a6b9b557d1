using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Unroll.Cli.Predictions;
using Unroll.Pictures;
using Unroll.Storage;
using Unroll.Tasks;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll inspect</c>: what happens inside a model.</summary>
static class InspectVerb
{
    const int MostPredictions = 5;

    public static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a run, or a model's .safetensors file." };
        var text = CommonOptions.Of<string?>("--text", "TEXT", "Text that the model reads while its gates and states are recorded (language models, classifiers, taggers, translators).").NotEmpty();
        var data = CommonOptions.Paths("--data", "The same from files: a text, examples with labels or sentences with tags, lines to translate. Of examples the first is recorded, and all are predicted.");
        var task = CommonOptions.Of<string?>("--task", "NAME", "The task that reads, of a model of several: its answer after each step, and the gate to the shared layer.").NotEmpty();
        var compare = CommonOptions.Of<string?>("--compare", "RUN", "A second run to show beside the first.").NotEmpty();
        var output = CommonOptions.Of<string?>("--out", "FILE", "Write the report as a self-contained HTML page. Default: a short form in the terminal only.").NotEmpty();
        var language = CommonOptions.Of("--lang", "NAME", $"Language of the page: {string.Join(" or ", ReportWords.Languages)}.", ReportWords.Languages[0]).OneOf(ReportWords.Languages);
        var (threads, json) = (CommonOptions.Threads(), CommonOptions.Json());
        var command = new Command("inspect", "Look inside a model: learning curves, gates and states over a text, saturation, weights, attention, the most certain and the most wrong predictions.") { run };
        command.SetAction(parsed =>
        {
            var files = DataPath.OrStandardInput(parsed.GetValue(data) ?? []);
            CommonOptions.Check(
            [
                .. parsed.GetValue(text) is not null && files.Length > 0 ? ["--text and --data cannot be given together."] : Array.Empty<string>(),
                .. parsed.Refuse(task, parsed.GetValue(text) is null && files.Length == 0, "there is no --text or --data to read"),
                .. parsed.Refuse(language, parsed.GetValue(output) is null, "only the page has languages, which --out writes"),
            ]);
            CommonOptions.UseThreads(parsed.GetValue(threads));
            var input = parsed.GetValue(text) is null && files.Length == 0 ? null : new InspectionInput(parsed.GetValue(text), files) { Task = parsed.GetValue(task) };
            var report = new InspectionReport(
                InspectedRun.Load(parsed.GetValue(run)!, input, new CommandFiles()),
                parsed.GetValue(compare) is { } second ? InspectedRun.Load(second, input, new CommandFiles()) : null);
            if (parsed.GetValue(output) is { } path) AtomicFile.Write(path, ReportPage.Write(report, new(parsed.GetValue(language)!)));
            if (parsed.GetValue(json)) Output.Json(report.ToJson());
            else Show(report, parsed.GetValue(output));
            return CommandRunner.Done;
        });
        return command.WithHelp(
            [new("Options", [text, data, task, compare, output, language, threads, json, CommonOptions.Debug()])],
            "unroll inspect runs/lm --text \"To be, or not to be\"",
            "unroll inspect runs/lm --data test.txt --out report.html",
            "unroll inspect runs/lm --data test.txt --compare runs/gru --out report.html --lang ko",
            "unroll inspect runs/reviews --task sst2 --text \"A joy from start to end.\" --out report.html",
            "unroll inspect runs/spam --data test.tsv --json");
    }

    static void Show(InspectionReport report, string? written)
    {
        foreach (var run in report.Runs)
        {
            Output.Table(run.Path,
            [
                .. run.Facts,
                ("parameters", run.Model.ParameterCount.ToString("N0", CultureInfo.InvariantCulture)),
                ("training", run.Iterations > 0 ? string.Create(CultureInfo.InvariantCulture, $"{run.Iterations:N0} iterations") : "no log: never trained, or not the folder of a run"),
                .. run.Inspected?.Figures ?? [],
            ]);
            if (run.Inspected is { } read) Show(read);
        }
        if (written is not null) Standard.Out.WriteLine($"Written: {written}");
    }

    static void Show(Inspected read)
    {
        var console = Output.People;
        if (read.AllSteps > read.Tokens.Count) console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The text has {read.AllSteps:N0} steps; the first {read.Tokens.Count:N0} were recorded."));
        var table = new Table().Border(TableBorder.Simple).AddColumn("layer").AddColumn("gate").AddColumn(new TableColumn("low").RightAligned()).AddColumn(new TableColumn("high").RightAligned());
        foreach (var s in read.Layers.SelectMany(l => l.Statistics(l.Name)))
            table.AddRow(new Text(s.Layer), new Text(s.Name), new Text(Percent(s.Low)), new Text(Percent(s.High)));
        if (table.Rows.Count > 0) console.Write(table);
        foreach (var layer in read.Layers) HeatSketch.Write(console, read.Tokens, layer);
        if (read.Reading is { } reading) Steps(console, reading);
        foreach (var layer in read.Flow?.Flow.Layers ?? [])
            foreach (var state in layer.States) console.WriteLine($"gradient flow, {layer.Name}: {state}");
        foreach (var (pattern, unit) in read.Units)
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"unit for {pattern}: {unit.Unit} of {unit.Layer}, correlation {unit.Correlation:F3}"));
        Predictions(console, "most certain", InspectionReport.MostCertain(read));
        Predictions(console, "most wrong", InspectionReport.MostWrong(read));
    }

    /// <summary>The answer after each token, and how far it opens the gate to the shared layer.</summary>
    static void Steps(IAnsiConsole console, TaskReading reading)
    {
        const int MostShown = 60, MostClasses = 5, Bar = 10;
        int[] shown = [.. Enumerable.Range(0, reading.Classes.Count).OrderByDescending(c => reading.Probabilities[^1][c]).Take(MostClasses)];
        var table = new Table().Border(TableBorder.Simple).AddColumn("token");
        foreach (var c in shown) table.AddColumn(new TableColumn(Markup.Escape($"P({reading.Classes[c]})")).RightAligned());
        var opening = reading.Opening;
        if (opening.Count > 0) table.AddColumn("gate to the shared layer");
        for (var t = 0; t < Math.Min(reading.Tokens.Count, MostShown); t++)
            table.AddRow(
            [
                new Text(Glyphs.Visible(reading.Tokens[t])), .. shown.Select(c => new Text(string.Create(CultureInfo.InvariantCulture, $"{reading.Probabilities[t][c]:F3}"))),
                .. opening.Count == 0 ? Array.Empty<Text>() : [new Text(string.Create(CultureInfo.InvariantCulture, $"{opening[t]:F3} {new string('█', (int)Math.Round(opening[t] * Bar))}"), new Style(Color.Orange3))],
            ]);
        console.Write(table);
        if (opening.Count > 0) HeatSketch.WriteGate(console, reading);
        if (reading.Tokens.Count > MostShown) console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The first {MostShown} of {reading.Tokens.Count:N0} steps; the page that --out writes has them all."));
    }

    static void Predictions(IAnsiConsole console, string title, IReadOnlyList<InspectedPrediction> predictions)
    {
        if (predictions.Count == 0) return;
        console.Write(new Text(title + "\n", new Style(decoration: Decoration.Bold)));
        foreach (var p in predictions.Take(MostPredictions))
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {Glyphs.Visible(p.Place)} → {Glyphs.Visible(p.Predicted)} {p.Probability:F3}")
                + (p.Actual is null ? "" : string.Create(CultureInfo.InvariantCulture, $"   actual {Glyphs.Visible(p.Actual)} {p.ActualProbability:F4}")));
    }

    static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:F1} %");
}
