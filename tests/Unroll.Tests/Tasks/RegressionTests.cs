using Unroll.Data;
using Unroll.Tests.Cli;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Tasks;

/// <summary>The smallest task: a series in, a number out.</summary>
public sealed class RegressionTests : IDisposable
{
    readonly TemporaryDirectory _directory = new();

    /// <summary>Series whose target is twice their mean and 3.</summary>
    static Example[] Series(int count)
    {
        var rng = new Rng(5);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var values = new float[4 + i % 5];
            rng.FillUniform(values, -1, 1);
            return new Example { Series = new(values, values.Length, 1), Labels = [FormattableString.Invariant($"{2 * values.Average() + 3:F5}")], Source = $"series {i}" };
        })];
    }

    string File(int count)
    {
        var path = _directory[$"{count}.ts"];
        System.IO.File.WriteAllText(path, "@problemName tiny\n@univariate true\n@equalLength false\n@targetLabel true\n@data\n"
            + string.Concat(Series(count).Select(e => $"{string.Join(',', e.Series!.Values.ToArray().Select(v => FormattableString.Invariant($"{v}")))}:{e.Labels[0]}\n")));
        return path;
    }

    [Fact]
    public void It_learns_a_mean()
    {
        var model = SequenceRegressor.Train(Series(120), new() { Epochs = 60, LearningRate = 0.01, Model = new() { Features = 1, HiddenSize = 8, Dropout = 0 } });
        var test = Series(160)[120..];
        var report = model.Evaluate(test);
        Assert.True(report.Metrics.Single(m => m.Name == "r2").Value > 0.95, report.ToJson().ToJsonString());
        var (one, seven) = (model.Predict(test, batch: 1), model.Predict(test, batch: 7));
        Assert.Equal(one, seven);
    }

    [Fact]
    public void The_command_trains_evaluates_predicts_and_goes_on()
    {
        var (data, run, again) = (File(60), _directory["run"], _directory["again"]);
        string[] arguments = ["train", "regress", "--data", data, "--test-every", "5", "--hidden", "6", "--epochs", "4"];
        var json = Command.Run([.. arguments, "--out", run, "--json"]).Succeeds().Json;
        Assert.Equal(12, json.GetProperty("test").GetProperty("count").GetInt32());
        Command.Run([.. arguments, "--out", again, "--json"]).Succeeds();
        Assert.Equal(System.IO.File.ReadAllBytes(Path.Combine(run, "model.safetensors")), System.IO.File.ReadAllBytes(Path.Combine(again, "model.safetensors")));
        Assert.Equal(60, Command.Run("eval", run, "--data", data, "--json").Succeeds().Json.GetProperty("count").GetInt32());
        Assert.Equal(60, Command.Run("predict", run, data, "--json").Succeeds().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(l => l.Contains("\"value\":", StringComparison.Ordinal)));
        Assert.Equal(1, Command.Run("info", run, "--json").Succeeds().Json.GetProperty("features").GetInt32());
        Command.Run("train", "regress", "--resume", run, "--json").Succeeds();
        Command.Run("predict", run, "--text", "a").Fails(1, "series");
        Command.Run("predict", run, data, "--best", "2").Fails(2, "--best");
    }

    [Fact]
    public void Targets_of_ucr_files_may_have_fractions()
    {
        var (data, run) = (_directory["lines.txt"], _directory["run"]);
        System.IO.File.WriteAllText(data, string.Concat(Enumerable.Range(0, 12).Select(i => FormattableString.Invariant($"{i + 0.5},{i},{i + 1},{i + 2}\n"))));
        Command.Run("train", "regress", "--data", data, "--format", "ucr", "--hidden", "4", "--epochs", "2", "--out", run, "--json").Succeeds();
        Assert.Equal(12, Command.Run("eval", run, "--data", data, "--json").Succeeds().Json.GetProperty("count").GetInt32());
        Assert.Contains("\"value\":", Command.Run("predict", run, data, "--json").Succeeds().Output);
    }

    [Fact]
    public void Targets_that_are_no_numbers_are_listed()
    {
        Example[] bad = [.. Series(3), new() { Series = new([1], 1, 1), Labels = ["many"], Source = "line 9" }, new() { Series = new([1], 1, 1), Source = "line 10" }];
        var e = Assert.ThrowsAny<UnrollException>(() => SequenceRegressor.Train(bad));
        Assert.All(["line 9", "'many'", "line 10 has 0 targets"], part => Assert.Contains(part, e.Message));
    }

    public void Dispose() => _directory.Dispose();
}
