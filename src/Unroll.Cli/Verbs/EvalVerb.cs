using System.CommandLine;
using System.Diagnostics;
using Unroll.Configuration;
using Unroll.Tasks;
using Setting = Unroll.Configuration.SettingOf<Unroll.Tasks.EvaluationOptions>;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll eval</c>: how well a model does on data that it has not seen.</summary>
static class EvalVerb
{
    static readonly SettingList<EvaluationOptions> DataSettings =
    [
        Setting.Paths("", "FILE|DIR", "Data to evaluate on: a text for a language model, examples with labels, sentences with tags, pairs of texts, captions of images; may be .gz; '-' is standard input.", o => o.Files, (o, v) => o with { Files = v }, "--data"),
        Setting.Whole("", "N", "Batch size. Language models: cut the text into N columns, each begun with an empty state; 1, the default, is exact, more is faster. Others: 64 by default; the result is the same.", 1, 4096, o => o.Batch, (o, v) => o with { Batch = v }, "--batch"),
    ];

    static readonly SettingList<EvaluationOptions> TaskSettings =
    [
        Setting.OptionalText("", "NAME", "The task to evaluate, of a model of several.", o => o.Task, (o, v) => o with { Task = v }, "--task"),
    ];

    static readonly SettingList<EvaluationOptions> WritingSettings =
    [
        Setting.OptionalText("", "FILE", "Images that the captions of --data describe: .npy, .npz or IDX.", o => o.Pictures, (o, v) => o with { Pictures = v == DataPath.StandardInput ? Data.Pipes.StandardInput : v }, "--pictures"),
        Setting.OptionalChoice("", "NAME", $"Part to evaluate on, where captions name theirs: {string.Join(", ", EvaluationOptions.Parts)}. Default: test where they do, else all.", () => EvaluationOptions.Parts, o => o.Part, (o, v) => o with { Part = v }, "--part"),
    ];

    public static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a run, or a model's .safetensors file." };
        var data = new SettingsOf<EvaluationOptions>(DataSettings, new());
        var writing = new SettingsOf<EvaluationOptions>(WritingSettings, new());
        var several = new SettingsOf<EvaluationOptions>(TaskSettings, new());
        var paired = new SettingsOf<PairedFiles>(PairedFiles.DataTexts, new());
        var search = DecodingChoice.ForEvaluation();
        var reading = new SettingsOf<ReadingOptions>(ReadingOptions.OfAny("--text"), new());
        var (threads, json) = (CommonOptions.Threads(), CommonOptions.Json());
        Option[] special = [.. paired.All, .. writing.All, .. search.All, .. several.All];
        var command = new Command("eval", $"Evaluate a model: {string.Join(", ", TaskCatalog.All.Select(t => t.EvaluationText))}.") { run };
        command.SetAction(parsed =>
        {
            CommonOptions.UseThreads(parsed.GetValue(threads));
            var (pairs, decoding) = (paired.Read(parsed), search.Read(parsed));
            var options = writing.Read(parsed) with
            {
                Files = [.. DataPath.OrStandardInput(parsed.GetValue((Option<string[]>)data["--data"]) ?? []), .. pairs.Source],
                Batch = data.Read(parsed).Batch,
                Task = several.Read(parsed).Task,
                Reading = reading.Read(parsed),
                Targets = pairs.Targets,
                Decoding = decoding.ToOptions(),
            };
            CommonOptions.Check(
            [
                .. options.Files.Count > 0 ? Array.Empty<string>() : ["--data is missing: name what to evaluate on; pairs may be in two files, --source and --target."],
                .. options.Reading.Problems, .. pairs.Problems(parsed.Given(data["--data"])), .. search.Useless(parsed),
            ]);
            var path = RunFolder.FindModel(parsed.GetValue(run)!);
            var model = ModelFile.Load(path);
            var task = TaskCatalog.Of(model);
            CommonOptions.Check([.. special.SelectMany(o => parsed.Refuse(o, !task.EvaluationOptions.Contains(o.Name), $"models of 'train {task.Name}' have no use for it"))]);
            using var observer = new CommandObserver(parsed.GetValue(json));
            var evaluate = task.PrepareEvaluation(model, options, new CommandFiles(), observer);
            observer.OnPhase(WorkPhase.Evaluating);
            var start = Stopwatch.GetTimestamp();
            var (report, unit, count) = evaluate();
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            observer.Dispose();
            if (parsed.GetValue(json))
            {
                var result = report.ToJson();
                result[$"{unit}_per_s"] = count / seconds;
                result["seconds"] = seconds;
                Output.Json(result);
            }
            else ReportView.Show($"{path} on {string.Join(", ", options.Files)}", report, ("speed", $"{count / seconds:N0} {unit}/s"));
            return CommandRunner.Done;
        });
        return command.WithHelp(
            [new("Options", [.. data.All, threads, json, CommonOptions.Debug()]), new("Translators and captioners", [.. special.Except(several.All)]), new("Models of several tasks", several.All), new("Reading, where it is not as in the training", reading.All)],
            "unroll eval runs/lm --data test.txt",
            "unroll eval runs/lm/model.safetensors --data test.txt.gz --json",
            "unroll eval runs/spam --data test.tsv --json",
            "unroll eval runs/reviews --task sst2 --data sst2.test",
            "unroll eval runs/pos --data en_ewt-ud-test.conllu",
            "unroll eval runs/de-en --source test_2016_flickr.de.gz --target test_2016_flickr.en.gz --beam 5 --json",
            "unroll eval runs/emoji --data captions.tsv --pictures images.npy --part train");
    }
}
