using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Unroll.Cli.Predictions;
using Unroll.Pictures;
using Unroll.Tasks;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll forecast</c>: the steps behind the end of series, with intervals.</summary>
static class ForecastVerb
{
    const int MostRows = 48, MostSketches = 3;

    public static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a run of 'train forecast', or a model's .safetensors file." };
        var data = CommonOptions.Paths("--data", "Series to go on with, as for the training. Default: the files of the training.");
        var horizon = CommonOptions.Of<int?>("--horizon", "N", "Steps to forecast. Default: as in the training, and at most that, but of an autoregressive model.").Within(1, ForecasterConfig.MaxSteps);
        var levels = CommonOptions.Of("--levels", "L,…", "Probabilities of the intervals in percent, separated by commas.", "80,95");
        var output = CommonOptions.Of<string?>("--out", "FILE", "Write the forecasts: .csv, a row for each step, or .jsonl, a line for each series and target.").NotEmpty();
        var (html, svg) = ForecastFiles.Options();
        var reading = new SettingsOf<ReadingOptions>(ReadingOptions.OfTimeSeries, new());
        var (threads, json) = (CommonOptions.Threads(), CommonOptions.Json("Print one JSON object per line, one for each series and target."));
        var command = new Command("forecast", "Forecast the next steps of series with a trained forecaster, with intervals.") { run };
        command.SetAction(parsed =>
        {
            var (read, path, bounds) = (reading.Read(parsed), parsed.GetValue(output), ForecastFiles.Levels(parsed.GetValue(levels)!));
            CommonOptions.Check([.. read.Problems, .. bounds is null ? [$"--levels is '{parsed.GetValue(levels)}'; expected numbers between 0 and 100, separated by commas, such as 80,95."] : Array.Empty<string>(),
                .. path is null || Path.GetExtension(path).ToLowerInvariant() is ".csv" or ".jsonl" ? [] : new[] { $"--out is '{path}'; expected a name that ends in .csv or .jsonl." }]);
            CommonOptions.UseThreads(parsed.GetValue(threads));
            var (model, table) = ForecastFiles.Open(parsed.GetValue(run)!, parsed.GetValue(data) ?? [], read, parsed.GetValue(json));
            CommonOptions.Check(parsed.GetValue(horizon) > model.LongestHorizon ? [$"--horizon is {parsed.GetValue(horizon)}; the model was trained for {model.LongestHorizon} steps. Train it with a longer --horizon, or with --mode autoregressive."] : []);
            var forecasts = model.Forecast(table, parsed.GetValue(horizon));
            if (path is not null) ForecastFiles.Write(path, forecasts, bounds!);
            var pictures = ForecastFiles.Pictures(table, forecasts, bounds!);
            ForecastFiles.Draw(parsed.GetValue(html), parsed.GetValue(svg), pictures, $"unroll forecast {parsed.GetValue(run)}");
            if (parsed.GetValue(json))
            {
                using var lines = Standard.Output();
                foreach (var forecast in forecasts) lines.WriteLine(Output.ToLine(ForecastText.ToJson(forecast, bounds!)));
            }
            else if (new[] { path, parsed.GetValue(html), parsed.GetValue(svg) }.OfType<string>().ToArray() is { Length: > 0 } written) Standard.Out.WriteLine($"Written: {string.Join(", ", written)}");
            else
            {
                foreach (var picture in pictures.Take(MostSketches)) ForecastSketch.Write(Output.People, picture);
                Show(forecasts, bounds!);
            }
            return CommandRunner.Done;
        });
        return command.WithHelp([new("Options", [data, horizon, levels, output, html, svg, threads, json, CommonOptions.Debug()]), new("Reading files, where it is not as in the training", reading.All)],
            "unroll forecast runs/sales",
            "unroll forecast runs/sales --data sales-until-today.csv --levels 50,80,95 --out next.csv --html next.html",
            "unroll forecast runs/load --horizon 12 --json");
    }

    static void Show(IReadOnlyList<Forecast> forecasts, IReadOnlyList<double> levels)
    {
        var table = new Table().Border(TableBorder.Simple);
        string[] names = [.. forecasts.Any(f => f.Series.Length > 0) ? new[] { "series" } : [], .. forecasts.Any(f => f.Target != forecasts[0].Target) ? new[] { "target" } : [], "step", "median",
            .. levels.Select(l => string.Create(CultureInfo.InvariantCulture, $"{l} %"))];
        foreach (var name in names) table.AddColumn(new TableColumn(name).RightAligned());
        var (rows, format) = (0, Figures.FormatOf(forecasts.SelectMany(f => f.Times)));
        foreach (var forecast in forecasts)
            for (var h = 0; h < forecast.Mean.Count && rows < MostRows; h++, rows++)
                table.AddRow(names.Select(n => new Text(n switch
                {
                    "series" => forecast.Series,
                    "target" => forecast.Target,
                    "step" => h < forecast.Times.Count ? Figures.Of(forecast.Times[h], format) : $"{h + 1}",
                    "median" => Number(forecast.Median[h]),
                    _ => double.Parse(n[..^2], CultureInfo.InvariantCulture) is var l ? $"{Number(forecast.Quantile(0.5 - l / 200)[h])} … {Number(forecast.Quantile(0.5 + l / 200)[h])}" : "",
                })));
        Output.People.Write(table);
        if (forecasts.Sum(f => f.Mean.Count) is var all && all > rows) Output.People.WriteLine($"{rows:N0} of {all:N0} steps; --out FILE writes all of them.");
    }

    static string Number(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
