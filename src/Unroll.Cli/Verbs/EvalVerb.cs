using System.CommandLine;
using System.Diagnostics;
using Unroll.Cli.Reports;
using Unroll.Data;
using Unroll.Models;
using Unroll.Storage;
using Unroll.Training;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll eval</c>: how well a model does on data that it has not seen.</summary>
static class EvalVerb
{
    public static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a run, or a model's .safetensors file." };
        var data = DataOptions.Paths("--data", "The data to measure on: a text for a language model, examples with labels, sentences with tags; may be .gz.");
        data.Required = true;
        var batch = CommonOptions.Of<int?>("--batch", "N", "Of a language model: cut the text into N columns, each begun with an empty memory; 1, the default, is exact, more is faster. Of others: how many are worked on at once, 64 by default; the result is the same.").Within(1, 4096);
        var reading = ReadingOptions.Any("--text");
        var (threads, json) = (CommonOptions.Threads(), CommonOptions.Json());
        var command = new Command("eval", "Measure how well a model does: a language model predicts a text, a classifier gives labels, a tagger tags.") { run };
        command.SetAction(parsed =>
        {
            CommonOptions.UseThreads(parsed.GetValue(threads));
            CommonOptions.Check([.. reading.Problems(parsed)]);
            Run(parsed.GetValue(run)!, parsed.GetValue(data)!, parsed.GetValue(batch), reading.Read(parsed), parsed.GetValue(json));
            return CommandRunner.Done;
        });
        return command.WithHelp(
            [new("Options", [data, batch, threads, json, CommonOptions.Debug()]), new("Reading, where it is not as in the training", reading.All)],
            "unroll eval runs/lm --data test.txt",
            "unroll eval runs/lm/model.safetensors --data test.txt.gz --json",
            "unroll eval runs/spam --data test.tsv --json",
            "unroll eval runs/pos --data en_ewt-ud-test.conllu");
    }

    static void Run(string run, string[] data, int? batch, DataReading reading, bool json)
    {
        var path = RunFolder.FindModel(run);
        var model = ModelFile.Load(path);
        using var progress = new ProgressLine("evaluating");
        var measure = Prepare(model, data, batch, DataReading.Of(model).With(reading), progress);
        var start = Stopwatch.GetTimestamp();
        var (report, unit, count) = measure();
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        progress.Dispose();
        if (!json)
        {
            report.Show($"{path} on {string.Join(", ", data)}", ("speed", $"{count / seconds:N0} {unit}/s"));
            return;
        }
        var result = report.ToJson();
        result[$"{unit}_per_s"] = count / seconds;
        result["seconds"] = seconds;
        Output.Json(result);
    }

    /// <summary>Reads the data; gives back what measures the model on it.</summary>
    static Func<(ScoreReport Report, string Unit, long Count)> Prepare(SequenceModel model, string[] data, int? batch, DataReading reading, IProgress<double> progress)
    {
        switch (model)
        {
            case LanguageModel language:
                if (reading != new DataReading()) throw new UsageException("A language model reads plain text in UTF-8; how else to read it cannot be given.");
                var stream = TokenStream.Encode(language.Tokenizer, [.. data.SelectMany(TextFile.ReadDocuments)]);
                return () =>
                {
                    var score = language.Evaluate(stream, batch ?? 1, progress: progress);
                    return (new LanguageModelReport(score), "tokens", score.Tokens);
                };
            case SequenceTagger tagger:
                var sentences = reading.ReadSentences(data);
                return () =>
                {
                    var score = TaggingScore.Measure(tagger, sentences, batch ?? 64, progress);
                    return (new TaggingReport(score), "tokens", score.Words);
                };
            case SequenceClassifier classifier:
                var examples = reading.ReadExamples(data);
                return () => (new ClassificationReport(SequenceClassifierTask.Evaluate(classifier, examples, batch ?? 64, progress)), "examples", examples.Count);
            default:
                throw new UnreachableException(model.Kind);
        }
    }
}
