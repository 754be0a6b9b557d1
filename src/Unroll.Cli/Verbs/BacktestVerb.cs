using System.CommandLine;
using System.Globalization;
using Unroll.Cli.Predictions;
using Unroll.Storage;
using Unroll.Tasks;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll backtest</c>: a forecaster on the past, from cut-off to cut-off, beside the simple methods.</summary>
static class BacktestVerb
{
    public static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a run of 'train forecast', or a model's .safetensors file." };
        var data = CommonOptions.Paths("--data", "Series to forecast the end of. Default: the files of the training. What the model was trained on is no fair test: hold the end out of its training.");
        var horizon = CommonOptions.Of<int?>("--horizon", "N", "Steps of each forecast. Default: as in the training.").Within(1, ForecasterConfig.MaxSteps);
        var windows = CommonOptions.Of<int?>("--windows", "N", "Forecasts of each series. Default: those of its last fifth.").Within(1, int.MaxValue);
        var step = CommonOptions.Of<int?>("--step", "N", "Steps from one cut-off to the next. Default: the horizon.").Within(1, int.MaxValue);
        var size = CommonOptions.Of<int?>("--size", "N", "Steps before a cut-off that are learned from when refitting (sliding window). Default: all (expanding window).").Within(1, int.MaxValue);
        var refit = CommonOptions.Of("--refit-every", "N", "Learn anew after every N forecasts: the linear part from all that is known then, the network from where it is; 0: never.", 0).Within(0, int.MaxValue);
        var iterations = CommonOptions.Of("--refit-iterations", "N", "Optimizer steps of the network at each refit; 0: the linear part alone.", 30).Within(0, int.MaxValue);
        var output = CommonOptions.Of<string?>("--out", "FILE", "Write all forecasts as .csv: series, cutoff, step, time, truth, and each method with its intervals.").NotEmpty();
        var (html, svg) = ForecastFiles.Options();
        var reading = new SettingsOf<ReadingOptions>(ReadingOptions.OfTimeSeries, new());
        var (threads, json) = (CommonOptions.Threads(), CommonOptions.Json());
        var command = new Command("backtest", "Try a forecaster on the past, window after window, beside simple methods.") { run };
        command.SetAction(parsed =>
        {
            var (read, path) = (reading.Read(parsed), parsed.GetValue(output));
            CommonOptions.Check([.. read.Problems, .. path is null || path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? [] : new[] { $"--out is '{path}'; expected a name that ends in .csv." },
                .. parsed.Refuse(size, parsed.GetValue(refit) == 0, "nothing is learned anew without --refit-every"), .. parsed.Refuse(iterations, parsed.GetValue(refit) == 0, "nothing is learned anew without --refit-every")]);
            CommonOptions.UseThreads(parsed.GetValue(threads));
            var (model, table) = ForecastFiles.Open(parsed.GetValue(run)!, parsed.GetValue(data) ?? [], read, parsed.GetValue(json));
            CommonOptions.Check(parsed.GetValue(horizon) > model.LongestHorizon ? [$"--horizon is {parsed.GetValue(horizon)}; the model was trained for {model.LongestHorizon} steps."] : []);
            using var observer = new CommandObserver(parsed.GetValue(json));
            observer.OnPhase(WorkPhase.Evaluating);
            var report = ForecastReport.Of(model, table, new()
            {
                Horizon = parsed.GetValue(horizon), Windows = parsed.GetValue(windows), Step = parsed.GetValue(step), Size = parsed.GetValue(size), RefitEvery = parsed.GetValue(refit),
                RefitIterations = parsed.GetValue(iterations),
            }, new ProgressTo<double>(share => observer.OnEvaluating("backtest", share)));
            observer.Dispose();
            if (path is not null)
            {
                using var text = new StringWriter(CultureInfo.InvariantCulture);
                report.Result.WriteCsv(text);
                AtomicFile.Write(path, text.ToString());
            }
            ForecastFiles.Draw(parsed.GetValue(html), parsed.GetValue(svg), ForecastFiles.Pictures(report.Result), $"unroll backtest {parsed.GetValue(run)}");
            if (parsed.GetValue(json)) Output.Json(report.ToJson());
            else ReportView.Show($"{parsed.GetValue(run)}, {report.Result.Windows.Count:N0} windows", report);
            if (new[] { path, parsed.GetValue(html), parsed.GetValue(svg) }.OfType<string>().ToArray() is { Length: > 0 } written && !parsed.GetValue(json)) Standard.Out.WriteLine($"Written: {string.Join(", ", written)}");
            return CommandRunner.Done;
        });
        return command.WithHelp([new("Options", [data, horizon, windows, step, size, refit, iterations, output, html, svg, threads, json, CommonOptions.Debug()]), new("Reading files, where it is not as in the training", reading.All)],
            "unroll backtest runs/sales --windows 12",
            "unroll backtest runs/prices --windows 728 --refit-every 7 --out backtest.csv",
            "unroll backtest runs/load --windows 100 --step 1 --json");
    }
}
