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
        var data = DataOptions.Paths("--data", "The data to measure on: a text for a language model, examples with labels, sentences with tags, pairs of texts, captions of pictures; may be .gz; '-' is standard input.");
        var (aligned, search) = (new AlignedOptions(), new SearchOptions());
        var pictures = CommonOptions.Of<string?>("--pictures", "FILE", "The pictures that the captions of --data tell of: .npy, .npz or IDX.").NotEmpty();
        var part = CommonOptions.Of<string?>("--part", "NAME", $"Which part to measure on, where captions say theirs: {string.Join(", ", Parts)}. Default: test where they do, else all.").OneOf(Parts);
        var batch = CommonOptions.Of<int?>("--batch", "N", "Of a language model: cut the text into N columns, each begun with an empty memory; 1, the default, is exact, more is faster. Of others: how many are worked on at once, 64 by default; the result is the same.").Within(1, 4096);
        var reading = ReadingOptions.Any("--text");
        var (threads, json) = (CommonOptions.Threads(), CommonOptions.Json());
        var command = new Command("eval", "Measure how well a model does: a language model predicts a text, a classifier gives labels, a tagger tags, a translator translates, a captioner says what pictures show.") { run };
        command.SetAction(parsed =>
        {
            CommonOptions.UseThreads(parsed.GetValue(threads));
            CommonOptions.Check(
            [
                .. parsed.Given(data) || aligned.Sources(parsed).Length > 0 ? Array.Empty<string>() : ["--data is missing: name what to measure on; pairs may be in two files, --source and --target."],
                .. reading.Problems(parsed), .. aligned.Problems(parsed, data), .. search.Problems(parsed),
            ]);
            var path = RunFolder.FindModel(parsed.GetValue(run)!);
            var model = ModelFile.Load(path);
            var writing = aligned.Data.Concat(search.Beam).Where(parsed.Given).Select(o => o.Name).ToArray();
            if (writing.Length > 0 && model is not EncoderDecoder) throw new UsageException($"{string.Join(", ", writing)} cannot be given: only a model that writes texts has it.");
            CommonOptions.Check(model is Captioner
                ? [.. parsed.Given(pictures) ? Array.Empty<string>() : ["--pictures is missing: name the file of the pictures that --data tells of."], .. aligned.Data.SelectMany(o => parsed.Refuse(o, true, "captions stand in --data"))]
                : [.. new Option[] { pictures, part }.SelectMany(o => parsed.Refuse(o, true, "only a captioner has it"))]);
            var pairs = new Pairs(aligned.Targets(parsed), parsed.GetValue(pictures) is { } shown ? DataPath.OrStandardInput([shown])[0] : null, parsed.GetValue(part), search.ReadBeam(parsed));
            Run(path, model, [.. DataPath.OrStandardInput(parsed.GetValue(data) ?? []), .. aligned.Sources(parsed)], pairs, parsed.GetValue(batch), reading.Read(parsed), parsed.GetValue(json));
            return CommandRunner.Done;
        });
        return command.WithHelp(
            [new("Options", [data, batch, threads, json, CommonOptions.Debug()]), new("Translators and captioners", [.. aligned.Data, pictures, part, .. search.Beam]), new("Reading, where it is not as in the training", reading.All)],
            "unroll eval runs/lm --data test.txt",
            "unroll eval runs/lm/model.safetensors --data test.txt.gz --json",
            "unroll eval runs/spam --data test.tsv --json",
            "unroll eval runs/pos --data en_ewt-ud-test.conllu",
            "unroll eval runs/de-en --source test_2016_flickr.de.gz --target test_2016_flickr.en.gz --beam 5 --json",
            "unroll eval runs/emoji --data captions.tsv --pictures images.npy --part train");
    }

    static readonly string[] Parts = ["train", "valid", "test", "all"];

    /// <summary>
    /// What is only asked of models that write texts: which files of targets belong to which of sources, the pictures of captions and which part of them, and
    /// how texts are chosen.
    /// </summary>
    sealed record Pairs(Dictionary<string, string> Targets, string? Pictures, string? Part, DecodingOptions Search);

    static void Run(string path, SequenceModel model, string[] data, Pairs pairs, int? batch, DataReading reading, bool json)
    {
        using var progress = new ProgressLine("evaluating");
        var measure = Prepare(model, data, pairs, batch, DataReading.Of(model).With(reading), progress);
        Work.Measuring();
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
    static Func<(ScoreReport Report, string Unit, long Count)> Prepare(
        SequenceModel model, string[] data, Pairs pairs, int? batch, DataReading reading, IProgress<double> progress)
    {
        switch (model)
        {
            case LanguageModel language:
                if (reading != new DataReading()) throw new UsageException("A language model reads plain text in UTF-8; how else to read it cannot be given.");
                Work.Reading(data);
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
            case Seq2Seq translator:
                var texts = reading.ReadPairs(data, pairs.Targets);
                var search = pairs.Search with { Batch = batch ?? pairs.Search.Batch };
                return () => (new WritingReport(WritingScore.Of(translator, texts, search, progress)), "pairs", texts.Count);
            case Captioner captioner:
                IReadOnlyList<PictureCaption> captions = [.. data.SelectMany(path => reading.ReadCaptions(path, pairs.Pictures!))];
                IReadOnlyList<PictureCaption> known = [];
                if (captions.All(c => c.Part is not null) && pairs.Part != "all")
                {
                    var parts = LabelledSettings.OwnParts(captions, c => c.Place, c => c.Part);
                    captions = pairs.Part switch { "train" => parts.Train, "valid" => parts.Valid, _ => parts.Test };
                    if (captions != parts.Train) known = parts.Train;
                }
                if (captions.Count == 0) throw new UnrollException($"{string.Join(", ", data)} has no caption of the part {pairs.Part ?? "test"}. Choose another with --part, or all.");
                var how = pairs.Search with { Batch = batch ?? pairs.Search.Batch };
                return () => (new WritingReport(WritingScore.Of(captioner, captions, how, progress), nearest: WritingReport.NearestChrF(captioner, captions, known)), "pictures", captions.Count);
            default:
                throw new UnreachableException(model.Kind);
        }
    }
}
