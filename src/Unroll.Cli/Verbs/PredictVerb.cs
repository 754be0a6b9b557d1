using System.CommandLine;
using Unroll.Cli.Predictions;
using Unroll.Data;
using Unroll.Storage;
using Unroll.Tasks;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll predict</c>: labels or tags for texts, series and sentences, and the words that decided.</summary>
static class PredictVerb
{
    public static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a run, or a model's .safetensors file." };
        var files = new Argument<string[]>("FILE") { Description = "Files to predict, in any training format, or with one text per line; '-' is standard input, read to its end as a file is. Without FILE and --text, lines of standard input are answered as they come, one text per line.", Arity = ArgumentArity.ZeroOrMore }.NoOptions();
        var text = new Option<string[]>("--text") { HelpName = "TEXT", Description = "A text to predict; may be given several times.", Arity = ArgumentArity.OneOrMore };
        var explain = CommonOptions.Of<string?>("--explain", "KIND", "Word weights (classifiers). attention: attention weights, where the model has them; connectivity: norm of the gradient; contribution: gradient times input, for or against the answer; none. Default: the first that the model has for --text and --html, none for files, where it takes longer.").OneOf(ClassPredictor.Explanations);
        var chosen = CommonOptions.Of<string?>("--class", "NAME", "Explain this class. Default: the most probable.").NotEmpty();
        var best = CommonOptions.Of("--best", "N", "Give the N most probable tag sequences (taggers).", 1).Within(1, 100);
        var task = CommonOptions.Of<string?>("--task", "NAME", "The task to answer, of a model of several.").NotEmpty();
        var html = CommonOptions.Of<string?>("--html", "FILE", "Write a self-contained page with highlighted words, light or dark.").NotEmpty();
        var reading = new SettingsOf<ReadingOptions>(ReadingOptions.OfAny("--column"), new());
        var (threads, json) = (CommonOptions.Threads(), CommonOptions.Json("Print one JSON object per line, in the order of the texts, as soon as each is known."));
        var command = new Command("predict", "Label texts, series or sentences with a trained classifier or tagger, and show which words decided.") { run, files };
        command.SetAction(parsed =>
        {
            var texts = parsed.GetValue(text) ?? [];
            var paths = DataPath.OrStandardInput(parsed.GetValue(files) ?? []);
            var read = reading.Read(parsed);
            // Who says what columns or format standard input has means a file, not a text a line.
            if (paths.Length == 0 && texts.Length == 0 && reading.All.Any(o => o.Name != "--encoding" && parsed.Given(o))) paths = [Pipes.StandardInput];
            CommonOptions.Check(
            [
                .. read.Problems,
                .. parsed.Refuse(chosen, parsed.GetValue(explain) == ClassPredictor.None, "--explain is none"),
                .. texts.Length > 0 && paths.Length > 0 ? ["--text and FILE cannot be given together."] : Array.Empty<string>(),
            ]);
            CommonOptions.UseThreads(parsed.GetValue(threads));
            var model = ModelFile.Load(RunFolder.FindModel(parsed.GetValue(run)!));
            CommonOptions.Check([.. parsed.Refuse(task, !TaskCatalog.Of(model).EvaluationOptions.Contains(task.Name), "the model has one task")]);
            var page = parsed.GetValue(html);
            using var observer = new CommandObserver(parsed.GetValue(json));
            observer.OnPhase(WorkPhase.Predicting);
            var predictor = TaskCatalog.Of(model).CreatePredictor(model, new()
            {
                Reading = read, Explain = parsed.GetValue(explain), Explains = texts.Length > 0 || page is not null, Class = parsed.GetValue(chosen), Task = parsed.GetValue(task), Best = parsed.Given(best) ? parsed.GetValue(best) : null,
            }, new CommandFiles(), observer);
            var predictions = paths.Length > 0 ? predictor.OfFiles(paths)
                : (texts.Length > 0 ? [texts] : LineFeed.Read(predictor.Reading.FindEncoding(), Predictor.Together))
                    .SelectMany(some => predictor.OfTexts(some));
            Tell(predictions, parsed.GetValue(json), page, parsed.GetValue(run)!);
            return CommandRunner.Done;
        });
        return command.WithHelp(
            [new("Options", [text, task, explain, chosen, best, html, threads, json, CommonOptions.Debug()]), new("Reading files, where it is not as in the training", reading.All)],
            "unroll predict runs/spam --text \"You have won a prize, call now!\"",
            "unroll predict runs/reviews --text \"Slow at first, then wonderful.\" --html why.html",
            "unroll predict runs/reviews --task sst2 --text \"A joy from start to end.\"",
            "unroll predict runs/spam new.csv --json > labels.jsonl",
            "tail -f messages.txt | unroll predict runs/spam --json",
            "unroll predict runs/pos --text \"Time flies like an arrow.\" --best 3 --json");
    }

    static void Tell(IEnumerable<Prediction> predictions, bool json, string? html, string run)
    {
        var page = html is null ? null : new HtmlPage();
        using var output = json ? Standard.Output() : null;
        foreach (var prediction in predictions)
        {
            page?.Add(prediction);
            if (output is not null) output.WriteLine(Output.ToLine(prediction.Json));
            else if (html is null) Shades.Show(Output.People, prediction);
        }
        if (page is null) return;
        AtomicFile.Write(html!, page.ToString($"unroll predict {run}"));
        if (!json) Standard.Out.WriteLine($"Written: {html}");
    }
}
