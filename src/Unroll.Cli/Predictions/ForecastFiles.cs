using System.Globalization;
using System.Text.Json;
using Unroll.Data;
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
