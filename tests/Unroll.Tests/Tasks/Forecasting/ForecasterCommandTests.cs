using System.Globalization;
using System.Text.Json;
using Unroll.Formats;
using Unroll.Tests.Cli;
using Unroll.Tests.Storage;
using Unroll.Training;

namespace Unroll.Tests.Tasks.Forecasting;

/// <summary>The command: train, resume, eval, predict, info.</summary>
public sealed class ForecasterCommandTests : IDisposable
{
    readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    string Sales(int ahead = 0)
    {
        var path = _directory[$"sales{ahead}.csv"];
        File.WriteAllText(path, "day,sales,price\n" + string.Concat(Enumerable.Range(0, 120 + ahead).Select(t =>
            string.Create(CultureInfo.InvariantCulture, $"{new DateTime(2020, 1, 1).AddDays(t):yyyy-MM-dd},{(t < 120 ? (20 + 5 * Math.Sin(t * Math.PI / 3.5) - t % 3).ToString("F3", CultureInfo.InvariantCulture) : "")},{t % 3}\n"))));
        return path;
    }

    [Fact]
    public void The_command_trains_goes_on_evaluates_and_predicts()
    {
        var (run, again) = (_directory["run"], _directory["again"]);
        string[] arguments = ["train", "forecast", "--data", Sales(), "--target", "sales", "--horizon", "5", "--test-windows", "3", "--hidden", "6", "--iterations", "12", "--future", "price"];
        var json = Command.Run([.. arguments, "--out", run, "--json"]).Succeeds().Json;
        var test = json.GetProperty("test");
        foreach (var name in new[] { "mae", "mse", "rmse", "smape", "mase", "wape", "coverage_80", "skill" }) Assert.True(double.IsFinite(test.GetProperty(name).GetDouble()), name);
        Assert.True(test.GetProperty("baselines").TryGetProperty(test.GetProperty("best_baseline").GetString()!, out _));
        Assert.Equal(15, test.GetProperty("steps").GetInt32());

        Command.Run([.. arguments, "--out", again, "--json"]).Succeeds();
        Assert.Equal(File.ReadAllBytes(Path.Combine(run, "model.safetensors")), File.ReadAllBytes(Path.Combine(again, "model.safetensors")));
        Assert.Equal(12, Command.Run("train", "forecast", "--resume", run, "--json").Succeeds().Json.GetProperty("iterations").GetInt32());

        Assert.True(Command.Run("eval", run, "--data", Sales(), "--json").Succeeds().Json.GetProperty("mae").GetDouble() < 5);
        var line = JsonDocument.Parse(Command.Run("predict", run, Sales(5), "--json").Succeeds().Output.Split('\n')[0]).RootElement;
        Assert.Equal("2020-04-30T00:00:00", line.GetProperty("times")[0].GetString());
        Assert.Equal(5, line.GetProperty("hi_80").GetArrayLength());
        Assert.Equal(5, Command.Run("info", run, "--json").Succeeds().Json.GetProperty("horizon").GetInt32());
        Command.Run("predict", run, Sales()).Fails(1, "price");
        Command.Run("predict", run, "--text", "a").Fails(1, "series");
        Command.Run("predict", run, Sales(5), "--best", "2").Fails(2, "--best");
    }

    [Fact]
    public void A_run_that_is_interrupted_goes_on_to_the_same_bits()
    {
        var (task, files) = (TaskCatalog.All.Single(t => t.Name == "forecast"), new DataFiles());
        var options = new ForecasterOptions
        {
            Data = new() { Files = [Sales()] }, TestWindows = 1, Iterations = 14, CheckpointEvery = 4, Batch = 8, Model = new() { Targets = ["sales"], Horizon = 4, HiddenSize = 5, Dropout = 0.2, Layers = 2 },
        };
        var whole = new TrainingRun(task, _directory["whole"], files).Start(options);
        using var stop = new CancellationTokenSource();
        var half = new TrainingRun(task, _directory["half"], files, new StopAt(8, stop)).Start(options, stop.Token);
        Assert.Equal(TrainingEnd.Cancelled, half.End);
        var resumed = new TrainingRun(task, _directory["half"], files).Resume();
        Assert.Equal(14, resumed.Iterations);
        Assert.Equal(File.ReadAllBytes(whole.Folder.ModelPath), File.ReadAllBytes(resumed.Folder.ModelPath));
        Assert.Equal(whole.Report!.ToJson().ToJsonString(), resumed.Report!.ToJson().ToJsonString());
    }

    sealed class StopAt(long iteration, CancellationTokenSource stop) : TaskObserver
    {
        public override void OnCheckpoint(long at, bool best)
        {
            if (at >= iteration) stop.Cancel();
        }
    }

    [Fact]
    public void Mistakes_are_told_before_anything_is_read()
    {
        Command.Run("train", "forecast").Fails(2, "--data is missing");
        Command.Run("train", "forecast", "--data", "x.csv", "--horizon", "0").Fails(2, "--horizon is '0'");
        Command.Run("train", "forecast", "--data", "x.csv", "--test-from", "soon").Fails(2, "--test-from is 'soon'");
        Command.Run("train", "forecast", "--data", "x.csv", "--test-windows", "1", "--test-from", "2020-01-01").Fails(2, "one way");
        Command.Run("train", "forecast", "--data", Sales(), "--target", "sale").Fails(1, "no column 'sale'. Did you mean");
    }
}
