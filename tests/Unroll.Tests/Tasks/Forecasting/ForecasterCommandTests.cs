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

    string Trained(params string[] more)
    {
        var run = _directory["trained"];
        Command.Run(["train", "forecast", "--data", Sales(), "--target", "sales", "--horizon", "4", "--future", "price", "--hidden", "6", "--iterations", "12", "--test-windows", "5", "--out", run, .. more]).Succeeds();
        return run;
    }

    [Fact]
    public void The_next_steps_are_written_as_a_table_as_json_and_for_people()
    {
        var (run, table, lines) = (Trained(), _directory["next.csv"], _directory["next.jsonl"]);
        Command.Run("forecast", run, "--data", Sales(4), "--levels", "50,95.5", "--out", table).Succeeds();
        var rows = File.ReadAllLines(table);
        Assert.Equal("series,target,step,time,mean,median,lo_50,hi_50,lo_95_5,hi_95_5", rows[0]);
        Assert.Equal(5, rows.Length);
        Assert.StartsWith(",sales,1,2020-04-30T00:00:00,", rows[1], StringComparison.Ordinal);
        double[] numbers = [.. rows[4].Split(',')[4..].Select(n => double.Parse(n, CultureInfo.InvariantCulture))];
        Assert.True(numbers[4] < numbers[2] && numbers[2] < numbers[1] && numbers[1] < numbers[3] && numbers[3] < numbers[5], rows[4]);
        var json = Command.Run("forecast", run, "--data", Sales(4), "--horizon", "2", "--json", "--out", lines).Succeeds().Output;
        Assert.Equal(json, File.ReadAllText(lines));
        Assert.Equal(2, JsonDocument.Parse(json).RootElement.GetProperty("lo_80").GetArrayLength());
        Assert.Contains("2020-05-03", Command.Run("forecast", run, "--data", Sales(4)).Succeeds().Output, StringComparison.Ordinal);

        Command.Run("forecast", run).Fails(1, "price");                                     // the training's file knows no prices ahead
        Command.Run("forecast", run, "--data", Sales(4), "--horizon", "5").Fails(2, "trained for 4");
        Command.Run("forecast", run, "--levels", "80,120").Fails(2, "--levels is '80,120'");
        Command.Run("forecast", run, "--out", "next.xlsx").Fails(2, ".csv or .jsonl");
        Command.Run("forecast", Path.Combine(run, "model.safetensors")).Fails(2, "--data is missing");
        Command.Run("forecast", _directory["none"]).Fails(1, "none");
    }

    [Fact]
    public void A_backtest_has_every_window_beside_the_simple_methods_and_learns_anew()
    {
        var (run, table) = (Trained(), _directory["backtest.csv"]);
        var once = Command.Run("backtest", run, "--windows", "5", "--json", "--out", table).Succeeds().Json;
        foreach (var name in new[] { "mae", "mse", "rmse", "smape", "mase", "wape", "coverage_80", "skill" }) Assert.True(double.IsFinite(once.GetProperty(name).GetDouble()), name);
        Assert.True(once.GetProperty("baselines").TryGetProperty(once.GetProperty("best_baseline").GetString()!, out _));
        Assert.Equal(5, once.GetProperty("windows").GetInt32());
        var rows = File.ReadAllLines(table);
        Assert.StartsWith("series,cutoff,step,time,truth,forecaster,forecaster-lo-80,", rows[0], StringComparison.Ordinal);
        Assert.Equal(1 + 5 * 4, rows.Length);
        Assert.Equal(5, rows.Skip(1).Select(r => r.Split(',')[1]).Distinct().Count());
        Assert.Equal(Command.Run("eval", run, "--data", Sales(), "--json").Succeeds().Json.GetProperty("mae").GetRawText(), Command.Run("backtest", run, "--json").Succeeds().Json.GetProperty("mae").GetRawText());

        var anew = Command.Run("backtest", run, "--windows", "5", "--refit-every", "1", "--refit-iterations", "3", "--json").Succeeds().Json;
        var linear = Command.Run("backtest", run, "--windows", "5", "--refit-every", "2", "--refit-iterations", "0", "--size", "60", "--json").Succeeds().Json;
        Assert.NotEqual(once.GetProperty("mae").GetDouble(), anew.GetProperty("mae").GetDouble());
        Assert.NotEqual(linear.GetProperty("mae").GetDouble(), anew.GetProperty("mae").GetDouble());
        Command.Run("backtest", run, "--windows", "3", "--step", "1").Succeeds();
        Command.Run("backtest", run, "--size", "10").Fails(2, "--size cannot be given");
        Command.Run("backtest", run, "--windows", "0").Fails(2, "--windows is '0'");
        Command.Run("backtest", run, "--out", "x.txt").Fails(2, ".csv");
    }

    [Fact]
    public void Anomalies_are_found_in_files_and_in_what_comes_on_standard_input()
    {
        var run = Trained();
        var lines = File.ReadAllLines(Sales());
        var cells = lines[101].Split(',');
        lines[101] = $"{cells[0]},99,{cells[2]}";
        var file = _directory["wrong.csv"];
        File.WriteAllLines(file, lines);
        string[] Found(string output) => [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        var found = JsonDocument.Parse(Found(Command.Run("detect", run, file).Succeeds().Output).Single(l => l.Contains("\"value\":99", StringComparison.Ordinal))).RootElement;
        Assert.Equal(99, found.GetProperty("value").GetDouble());
        Assert.Equal("2020-04-10T00:00:00", found.GetProperty("time").GetString());
        Assert.True(found.GetProperty("score").GetDouble() > 5 && found.GetProperty("hi_95").GetDouble() < 99 && found.GetProperty("anomaly").GetBoolean());

        var all = Found(Command.Run("detect", run, file, "--all").Succeeds().Output);
        var context = Command.Run("info", run, "--json").Succeeds().Json.GetProperty("context").GetInt32();
        Assert.Equal(120 - context, all.Length);
        var streamed = Found(Command.Feed(string.Join("\n", lines) + "\n", "detect", run, "--all").Succeeds().Output);
        Assert.Equal(all.Select(Score), streamed.Select(Score));
        var json = lines.Skip(1).Select(l => l.Split(',')).Select(c => $"{{\"day\":\"{c[0]}\",\"sales\":{c[1]},\"price\":{c[2]}}}");
        Assert.Equal(streamed.Select(Score), Found(Command.Feed(string.Join("\n", json), "detect", run, "--all").Succeeds().Output).Select(Score));

        Command.Feed("day,sales,price\n2020-01-01,1,1\n2020-01-01,2,1\n", "detect", run).Fails(1, "line 3", "does not lie a step of D behind");
        Command.Feed("day,sales\n2020-01-01,1\n", "detect", run).Fails(1, "no column 'price'");
        Command.Feed("day,sales,price\n2020-01-01,many,1\n", "detect", run).Fails(1, "line 2", "'many'; expected a number");
        Command.Feed("sales,price\n3,1\n", "detect", run).Fails(1, "has no time");
        Command.Feed("day,sales,price\n2020-01-01,1\n", "detect", run).Fails(1, "line 2: 2 fields; the header has 3");
        Command.Run("detect", run, file, "--quantile", "0.9", "--false-alarms", "2").Fails(2, "--false-alarms cannot be given");

        static string Score(string line) => JsonDocument.Parse(line).RootElement is var r ? $"{r.GetProperty("time")} {r.GetProperty("score")}" : "";
    }
}
