using System.Globalization;
using System.Text.Json;
using Unroll.Data;
using Unroll.Inspection;
using Unroll.Storage;
using Unroll.Tasks;

namespace Unroll.Cli.Predictions;

/// <summary>What the verbs of forecasters read and write.</summary>
static class ForecastFiles
{
    /// <summary>A forecaster, and the series to go on with: those of its training where no files are given.</summary>
    public static (Forecaster Model, TimeSeriesTable Table) Open(string run, IReadOnlyList<string> files, ReadingOptions reading, bool quiet)
    {
        var model = ModelFile.Load<Forecaster>(RunFolder.FindModel(run));
        if (files.Count == 0) files = FilesOf(run);
        using var observer = new CommandObserver(quiet);
        observer.OnPhase(WorkPhase.Reading, files);
        return (model, new CommandFiles().ReadTimeSeries(files, DataNotes.ReadingOf(model).With(reading), model.Config.Targets));
    }

    /// <summary>The files that a run was trained on.</summary>
    /// <exception cref="UsageException">The run does not tell.</exception>
    static IReadOnlyList<string> FilesOf(string run)
    {
        var checkpoint = new RunFolder(run).CheckpointPath;
        if (!File.Exists(checkpoint)) throw new UsageException($"--data is missing: {run} holds no checkpoint that tells what it was trained on.");
        var task = TaskCatalog.All.First(t => t.ModelType == typeof(Forecaster));
        var files = task.FromJson(JsonDocument.Parse(task.LoadCheckpoint(checkpoint).Options.ToJsonString()).RootElement).Data.Files;
        var missing = files.FirstOrDefault(f => !Path.Exists(f));
        return missing is null ? files : throw new UsageException($"--data is missing: {missing}, on which the model was trained, is not there.");
    }

    /// <summary>Probabilities in percent from a text; null where it has none or others.</summary>
    public static IReadOnlyList<double>? Levels(string text)
    {
        var levels = text.Split(',', StringSplitOptions.TrimEntries).Select(l => double.TryParse(l, NumberStyles.Float, CultureInfo.InvariantCulture, out var level) && level > 0 && level < 100 ? level : double.NaN).Distinct().ToArray();
        return levels.Any(double.IsNaN) ? null : levels;
    }

    /// <summary>Forecasts as they are drawn, behind the values of their series.</summary>
    public static IReadOnlyList<ForecastPicture> Pictures(TimeSeriesTable table, IReadOnlyList<Forecast> forecasts, IReadOnlyList<double> levels) =>
        [.. forecasts.Select(f => Picture(table.Series.First(s => s.Name == f.Series), table.IndexOf(f.Target), f, levels))];

    static ForecastPicture Picture(TimeSeries series, int column, Forecast forecast, IReadOnlyList<double> levels)
    {
        var end = ForecastSplit.EndOf(series, [column]);
        DateTime[]? times = series.Start is null ? null : [.. Enumerable.Range(0, end).Select(t => series.TimeAt(t)!.Value), .. forecast.Times];
        return new(forecast.Series, forecast.Target, times, series[column][..end].ToArray(), [.. forecast.Median],
            [.. levels.Select(l => new ForecastInterval(l / 100, [.. forecast.Quantile(0.5 - l / 200)], [.. forecast.Quantile(0.5 + l / 200)]))], null);
    }

    /// <summary>The windows of a backtest as they are drawn: the last ones, each with what came.</summary>
    public static IReadOnlyList<ForecastPicture> Pictures(BacktestResult result)
    {
        const int Most = 20;
        return [.. result.Windows.TakeLast(Most).Select(w =>
        {
            var (values, cutoff, forecast) = (w.Series.Values, w.Origin.Cutoff, w.Forecasts[0]);
            double[] Bound(double level) => [.. Enumerable.Range(1, forecast.Horizon).Select(h => forecast.Quantile(h, level))];
            return new ForecastPicture(w.Series.Name, "", w.Series.Times.Count == 0 ? null : [.. w.Series.Times.Take(cutoff + forecast.Horizon)], values[..cutoff], Bound(0.5),
                [.. ForecastText.UsualLevels.Select(l => new ForecastInterval(l / 100, Bound(0.5 - l / 200), Bound(0.5 + l / 200)))], w.Truth.ToArray());
        })];
    }

    /// <summary>Writes pictures, as .html or .svg.</summary>
    public static void Draw(string? html, string? svg, IReadOnlyList<ForecastPicture> pictures, string title)
    {
        if (html is not null) AtomicFile.Write(html, ForecastPage.Write(pictures, title));
        if (svg is not null) AtomicFile.Write(svg, ForecastSvg.Write(pictures));
    }

    /// <summary>The options that ask for pictures.</summary>
    public static (System.CommandLine.Option<string?> Html, System.CommandLine.Option<string?> Svg) Options() =>
        (CommonOptions.Of<string?>("--html", "FILE", "Write a self-contained page: history, forecast, intervals; values on hover; light or dark.").NotEmpty(),
            CommonOptions.Of<string?>("--svg", "FILE", "Write the same as one picture.").NotEmpty());

    /// <summary>Writes forecasts as the name of the file says.</summary>
    public static void Write(string path, IReadOnlyList<Forecast> forecasts, IReadOnlyList<double> levels)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        if (path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)) ForecastText.WriteCsv(text, forecasts, levels);
        else
            foreach (var forecast in forecasts) text.Write(Output.ToLine(ForecastText.ToJson(forecast, levels)) + "\n");
        AtomicFile.Write(path, text.ToString());
    }
}
