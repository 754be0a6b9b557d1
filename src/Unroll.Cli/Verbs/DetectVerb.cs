using System.CommandLine;
using Unroll.Cli.Predictions;
using Unroll.Formats;
using Unroll.Tasks;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll detect</c>: values that a forecaster did not expect.</summary>
static class DetectVerb
{
    public static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a run of 'train forecast', or a model's .safetensors file." };
        var files = new Argument<string[]>("FILE") { Description = "Series, as for the training. Without FILE, rows of standard input are scored as they come: CSV with a header, or JSON lines.", Arity = ArgumentArity.ZeroOrMore }.NoOptions();
        var alarms = CommonOptions.Of("--false-alarms", "N", "Expected false alarms in 1,000 values.", 1.0).Within(0, 999, exclusive: true);
        var quantile = CommonOptions.Of<double?>("--quantile", "Q", "Call an anomaly what surprises more than this share of the values that were validated on, instead of --false-alarms.").Within(0, 0.999999999, exclusive: true);
        var all = new Option<bool>("--all") { Description = "Print every value with its score, not the anomalies alone." };
        var reading = new SettingsOf<ReadingOptions>(ReadingOptions.OfTimeSeries, new());
        var threads = CommonOptions.Threads();
        var command = new Command("detect", "Find anomalies: score each value by its surprise under the forecast, one step ahead. Prints one JSON object per line.") { run, files };
        command.SetAction(parsed =>
        {
            var (read, paths) = (reading.Read(parsed), DataPath.OrStandardInput(parsed.GetValue(files) ?? []));
            CommonOptions.Check([.. read.Problems, .. parsed.Refuse(alarms, parsed.GetValue(quantile) is not null, "--quantile says the threshold; give one of them")]);
            CommonOptions.UseThreads(parsed.GetValue(threads));
            var model = ModelFile.Load<Forecaster>(RunFolder.FindModel(parsed.GetValue(run)!));
            var known = DataNotes.ReadingOf(model).With(read);
            var stream = new AnomalyStream(model, parsed.GetValue(quantile) is { } q ? 1 - q : parsed.GetValue(alarms) / 1000);
            var steps = paths.Length > 0 ? AnomalyStream.StepsOf(new CommandFiles().ReadTimeSeries(paths, known, model.Config.Targets), model)
                : ObservationRows.Read(LineFeed.Read(known.FindEncoding(), Predictor.Together).SelectMany(l => l), known, DataNotes.SeriesColumnsOf(model));
            using var output = Standard.Output();
            foreach (var (anomaly, json) in steps.SelectMany(stream.Observe))
                if (anomaly.IsAnomaly || parsed.GetValue(all)) output.WriteLine(Output.ToLine(json));
            if (Output.ShowsProgress) Standard.Error.WriteLine($"{stream.Anomalies:N0} anomalies in {stream.Scored:N0} values");
            return CommandRunner.Done;
        });
        return command.WithHelp([new("Options", [alarms, quantile, all, threads, CommonOptions.Debug()]), new("Reading, where it is not as in the training", reading.All)],
            "unroll detect runs/sensor new.csv > anomalies.jsonl",
            "tail -n +1 -f sensor.csv | unroll detect runs/sensor --false-alarms 0.1",
            "unroll detect runs/load --all --quantile 0.99 load.csv");
    }
}
