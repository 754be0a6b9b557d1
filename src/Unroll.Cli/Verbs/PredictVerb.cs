using System.CommandLine;
using Unroll.Cli.Predictions;
using Unroll.Data;
using Unroll.Models;
using Unroll.Storage;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll predict</c>: labels or tags for texts, series and sentences, and the words that decided.</summary>
static class PredictVerb
{
    public static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a run, or a model's .safetensors file." };
        var files = new Argument<string[]>("FILE") { Description = "Files to predict, of any format that trainings read, or with a text a line; '-' is standard input, read to its end as a file is. Without FILE and --text, lines of standard input are answered as they come, a text a line.", Arity = ArgumentArity.ZeroOrMore }.NoOptions();
        var text = new Option<string[]>("--text") { HelpName = "TEXT", Description = "A text to predict; may be given several times.", Arity = ArgumentArity.OneOrMore };
        var explain = CommonOptions.Of<string?>("--explain", "KIND", "The weights of words (classifiers): attention, where the model has it; connectivity, how far the answer's score moves with the word; contribution, for or against the answer; none. Default: the first that the model has for --text and --html, none for files, where it takes longer.").OneOf(ClassPredictor.Explanations);
        var chosen = CommonOptions.Of<string?>("--class", "NAME", "Explain this class. Default: the likeliest.").NotEmpty();
        var best = CommonOptions.Of("--best", "N", "Tell the N most probable sequences of tags (taggers).", 1).Within(1, 100);
        var html = CommonOptions.Of<string?>("--html", "FILE", "Write a page that a browser shows, light or dark, with shaded words.").NotEmpty();
        var reading = ReadingOptions.Any("--column");
        var (threads, json) = (CommonOptions.Threads(), CommonOptions.Json("Print one JSON object a line, in the order of the texts, as soon as each is known."));
        var command = new Command("predict", "Label texts, series or sentences with a trained classifier or tagger, and show which words decided.") { run, files };
        command.SetAction(parsed =>
        {
            var texts = parsed.GetValue(text) ?? [];
            var paths = DataPath.OrStandardInput(parsed.GetValue(files) ?? []);
            // Who says what columns or format standard input has means a file, not a text a line.
            if (paths.Length == 0 && texts.Length == 0 && reading.All.Any(o => o.Name != "--encoding" && parsed.Given(o))) paths = [Pipes.StandardInput];
            CommonOptions.Check(
            [
                .. reading.Problems(parsed),
                .. parsed.Refuse(chosen, parsed.GetValue(explain) == ClassPredictor.None, "--explain is none"),
                .. texts.Length > 0 && paths.Length > 0 ? ["--text and FILE cannot be given together."] : Array.Empty<string>(),
            ]);
            CommonOptions.UseThreads(parsed.GetValue(threads));
            var model = ModelFile.Load(RunFolder.FindModel(parsed.GetValue(run)!));
            var read = DataReading.Of(model).With(reading.Read(parsed));
            var page = parsed.GetValue(html);
            Work.Answering();
            Predictor predictor = model switch
            {
                SequenceTagger when parsed.Given(explain) || parsed.Given(chosen) => throw new UsageException("--explain and --class cannot be given: a tagger gives every word its tag."),
                SequenceTagger tagger => new TagPredictor(tagger, read, parsed.GetValue(best)),
                SequenceClassifier when parsed.Given(best) => throw new UsageException("--best cannot be given: only taggers have it."),
                SequenceClassifier classifier => new ClassPredictor(classifier, read,
                    parsed.GetValue(explain) ?? (texts.Length > 0 || page is not null || parsed.Given(chosen) ? ClassPredictor.Best(classifier) : ClassPredictor.None),
                    parsed.GetValue(chosen)),
                EncoderDecoder => throw new UnrollException($"This model writes texts ({model.Kind}): use unroll translate or unroll caption, or unroll eval for its scores."),
                _ => throw new UnrollException("This is a language model, which predicts what comes next: use unroll generate, or unroll eval for its loss."),
            };
            var predictions = paths.Length > 0 ? predictor.OfFiles(paths)
                : (texts.Length > 0 ? [texts] : LineFeed.Read(read.FindEncoding(), Predictor.Together))
                    .SelectMany(some => predictor.OfTexts(some));
            Tell(predictions, parsed.GetValue(json), page, parsed.GetValue(run)!);
            return CommandRunner.Done;
        });
        return command.WithHelp(
            [new("Options", [text, explain, chosen, best, html, threads, json, CommonOptions.Debug()]), new("Reading files, where it is not as in the training", reading.All)],
            "unroll predict runs/spam --text \"You have won a prize, call now!\"",
            "unroll predict runs/reviews --text \"Slow at first, then wonderful.\" --html why.html",
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
            if (output is not null) output.WriteLine(prediction.Json);
            else if (html is null) Shades.Show(Output.People, prediction);
        }
        if (page is null) return;
        AtomicFile.Write(html!, page.ToString($"unroll predict {run}"));
        if (!json) Standard.Out.WriteLine($"Written: {html}");
    }
}
