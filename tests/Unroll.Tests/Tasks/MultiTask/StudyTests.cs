using System.Globalization;
using Unroll.Tests.Cli;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Tasks.MultiTask;

/// <summary>The comparison of architectures: what it runs, that it goes on, and its interval.</summary>
public sealed class StudyTests : IDisposable
{
    readonly TemporaryDirectory _directory = new();

    string File(string task, string good, string bad)
    {
        var path = _directory[$"{task}.tsv"];
        var rng = new Rng(1);
        System.IO.File.WriteAllText(path, "label\ttext\n" + string.Concat(Enumerable.Range(0, 60).Select(i => i % 2 == 0 ? $"yes\tit was a {good} day {rng.Next(9)}\n" : $"no\tit was a {bad} day {rng.Next(9)}\n")));
        return path;
    }

    string[] Arguments(string folder, params string[] more) =>
    [
        "study", "multitask", "--task", $"a={File("a", "good", "bad")}", "--task", $"b={File("b", "fine", "poor")}", "--test-every", "4", "--hidden", "4", "--embedding", "4", "--epochs", "2", "--tune-epochs", "1", "--min-count", "1",
        "--seeds", "2", "--variant", "single", "--variant", "uniform+tune", "--fraction", "50%", "--out", _directory[folder], "--json", .. more,
    ];

    [Fact]
    public void All_variants_seeds_and_shares_are_compared_and_nothing_is_done_twice()
    {
        var json = Command.Run(Arguments("study")).Succeeds().Json;
        Assert.True(json.GetProperty("completed").GetBoolean());
        var rows = json.GetProperty("rows").EnumerateArray().Select(r => (r.GetProperty("variant").GetString(), r.GetProperty("fraction").GetDouble())).ToArray();
        Assert.Equal([("single", 1.0), ("uniform+tune", 1.0), ("single", 0.5), ("uniform+tune", 0.5)], rows);
        Assert.Equal(
            ["single-100-1", "single-100-2", "single-50-1", "single-50-2", "uniform+tune-100-1", "uniform+tune-100-2", "uniform+tune-50-1", "uniform+tune-50-2", "uniform-100-1", "uniform-100-2", "uniform-50-1", "uniform-50-2"],
            Directory.GetDirectories(_directory["study"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var tuned = json.GetProperty("rows")[1];
        Assert.InRange(tuned.GetProperty("gain").GetDouble(), tuned.GetProperty("gain_low").GetDouble(), tuned.GetProperty("gain_high").GetDouble());
        Assert.Contains("| single |", System.IO.File.ReadAllText(Path.Combine(_directory["study"], "study.md")));
        Assert.Contains("<svg", System.IO.File.ReadAllText(Path.Combine(_directory["study"], "study.svg")));

        // A run that was killed before its first checkpoint is made again, to the same figures; the others are not.
        foreach (var file in Directory.GetFiles(Path.Combine(_directory["study"], "uniform+tune-50-2"))) if (Path.GetFileName(file) != "log.jsonl") System.IO.File.Delete(file);
        var before = System.IO.File.GetLastWriteTimeUtc(Path.Combine(_directory["study"], "single-100-1", "model.safetensors"));
        var again = Command.Run(Arguments("study")).Succeeds().Json;
        Assert.Equal(before, System.IO.File.GetLastWriteTimeUtc(Path.Combine(_directory["study"], "single-100-1", "model.safetensors")));
        foreach (var (first, second) in json.GetProperty("rows").EnumerateArray().Zip(again.GetProperty("rows").EnumerateArray()))
            Assert.Equal(first.GetProperty("tasks").GetRawText(), second.GetProperty("tasks").GetRawText());
        Command.Run(Arguments("study", "--batch", "8")).Fails(1, "a study of other settings");
        var outcome = Path.Combine(_directory["study"], "single-50-1", "outcome.json");
        foreach (var damaged in new[] { "{}", "no JSON", """{"right":{},"seconds":1}""", """{"right":{"a":"01","b":"1"},"seconds":1}""" })
        {
            System.IO.File.WriteAllText(outcome, damaged);
            Command.Run(Arguments("study")).Fails(1, "outcome.json is damaged");
        }
    }

    /// <summary>Before the first run, and with nothing written: a study that cannot end should not begin.</summary>
    [Fact]
    public void Data_that_cannot_be_learned_is_refused_at_once_and_mended_data_is_taken()
    {
        Command.Run(Arguments("study", "--fraction", "5%")).Fails(1, "On 5 % of the data: Task a cannot be learned");
        Assert.False(Directory.Exists(_directory["study"]));
        string[] few = [.. Arguments("study", "--seeds", "1", "--fraction-variant", "single")];
        var (file, whole) = (few[3][2..], System.IO.File.ReadAllText(few[3][2..]));
        System.IO.File.WriteAllText(file, whole.Replace("no\t", "yes\t", StringComparison.Ordinal));
        Command.Run(few).Fails(1, "all examples have the label 'yes'");
        System.IO.File.WriteAllText(file, whole);
        // What a process leaves that was ended as it began.
        Directory.CreateDirectory(_directory["study"]);
        System.IO.File.WriteAllText(Path.Combine(_directory["study"], ".settings.json.tmp-1-1"), "{");
        Command.Run(few).Succeeds();
        Command.Run([.. few, "--lr", "0.002", "--variant", "single"]).Succeeds();                  // a default that is given, a variant twice
        Assert.Equal(3, Command.Run([.. few, "--variant", "single"]).Succeeds().Json.GetProperty("rows").GetArrayLength());
    }

    /// <summary>Options are held against the variants that are asked for; more of them can be added later.</summary>
    [Fact]
    public void Options_that_some_variant_can_have_are_taken()
    {
        string[] plain = Arguments("study", "--seeds", "1", "--fraction-variant", "single", "--cell", "rnn");
        Command.Run([.. plain, "--variant", "shared"]).Fails(2, "a shared layer of rnn cells is not defined");
        Command.Run(plain).Succeeds();
        Command.Run([.. Arguments("single"), "--fraction-variant", "single", "--task-weight", "a=2"]).Succeeds();
        string[] gated = Arguments("gated", "--seeds", "1", "--fraction-variant", "single");
        Command.Run(gated).Succeeds();
        Assert.Equal(4, Command.Run([.. gated, "--variant", "shared+lm"]).Succeeds().Json.GetProperty("rows").GetArrayLength());
    }

    [Fact]
    public void A_folder_of_something_else_is_left_alone()
    {
        Directory.CreateDirectory(_directory["other"]);
        System.IO.File.WriteAllText(Path.Combine(_directory["other"], "letter.txt"), "");
        Command.Run(Arguments("other")).Fails(1, "is no study. Give another --out");
    }

    /// <summary>A share keeps its name to the last digit: 99.9999 % is not all of the data.</summary>
    [Fact]
    public void Shares_have_names_of_their_own()
    {
        Command.Run(Arguments("study", "--seeds", "1", "--fraction-variant", "single", "--fraction", "99.9999%")).Succeeds();
        Assert.Contains("single-99.9999-1", Directory.GetDirectories(_directory["study"]).Select(Path.GetFileName));
        Assert.Contains("| 99.9999 % of the data |", System.IO.File.ReadAllText(Path.Combine(_directory["study"], "study.md")));
    }

    /// <summary>A process that is killed has noted the time of its run but for a few seconds; one that ends it takes the note away.</summary>
    [Fact]
    public void The_time_of_a_run_is_that_of_all_who_worked_on_it()
    {
        var file = _directory["seconds"];
        System.IO.File.WriteAllText(file, "1000.5");
        using (var left = new RunClock(file)) Thread.Sleep(20);
        Assert.InRange(double.Parse(System.IO.File.ReadAllText(file), CultureInfo.InvariantCulture), 1000.52, 1060);
        using (var ended = new RunClock(file)) Assert.InRange(ended.End(), 1000.52, 1060);
        Assert.False(System.IO.File.Exists(file));
    }

    [Fact]
    public void A_task_without_a_test_set_is_refused() =>
        Command.Run([.. Arguments("study").TakeWhile(a => a != "--test-every"), .. Arguments("study").SkipWhile(a => a != "--test-every").Skip(2)]).Fails(1, "Task a has no test set");

    /// <summary>Stopped in each run in turn, it comes to the same figures.</summary>
    [Fact]
    public void An_interrupted_study_goes_on()
    {
        var expected = Command.Run(Arguments("whole", "--fraction-variant", "single", "--batch", "4")).Succeeds().Json.GetProperty("rows");
        var options = new MultiTaskOptions
        {
            Tasks = [$"a={File("a", "good", "bad")}", $"b={File("b", "fine", "poor")}"], Data = new() { TestEvery = 4 }, Model = new() { HiddenSize = 4, EmbeddingSize = 4 }, Epochs = 2, TuneEpochs = 1, MinCount = 1, Batch = 4,
        };
        StudyOptions study = new() { Variants = ["single", "uniform+tune"], Seeds = 2, Fractions = ["50%"], FractionVariants = ["single"] };
        StudyResult? result = null;
        var stops = 0;
        while (result is not { Completed: true })
        {
            using var cancel = new CancellationTokenSource();
            result = new MultiTaskStudy(options, study, _directory["stopped"], new Unroll.Formats.DataFiles(), new Stopper(cancel)).Run(cancel.Token);
            stops += result.Completed ? 0 : 1;
        }
        Assert.True(stops >= 4, $"{stops} stops");
        foreach (var (first, second) in expected.EnumerateArray().Zip(result.Json["rows"]!.AsArray()))
            Assert.Equal(first.GetProperty("tasks").GetRawText(), second!["tasks"]!.ToJsonString());
    }

    /// <summary>Given to two at once, each run is made by one of them, and both come to the same figures.</summary>
    [Fact]
    public async Task Two_share_the_runs_of_a_study()
    {
        var options = new MultiTaskOptions
        {
            Tasks = [$"a={File("a", "good", "bad")}", $"b={File("b", "fine", "poor")}"], Data = new() { TestEvery = 4 }, Model = new() { HiddenSize = 4, EmbeddingSize = 4 }, Epochs = 2, TuneEpochs = 1, MinCount = 1,
        };
        StudyOptions study = new() { Variants = ["single", "uniform+tune"], Seeds = 3 };
        var made = new System.Collections.Concurrent.ConcurrentBag<string>();
        new MultiTaskStudy(options, study with { Variants = ["single"], Seeds = 1 }, _directory["shared"], new Unroll.Formats.DataFiles(), new Witness(made)).Run(default);
        var results = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => new MultiTaskStudy(options, study, _directory["shared"], new Unroll.Formats.DataFiles(), new Witness(made)).Run(default))));
        Assert.All(results, r => Assert.True(r.Completed));
        Assert.Equal(results[0].Json["rows"]!.ToJsonString(), results[1].Json["rows"]!.ToJsonString());
        Assert.Equal(["single-100-1", "single-100-2", "single-100-3", "uniform+tune-100-1", "uniform+tune-100-2", "uniform+tune-100-3", "uniform-100-1", "uniform-100-2", "uniform-100-3"], made.Order(StringComparer.Ordinal));
    }

    sealed class Witness(System.Collections.Concurrent.ConcurrentBag<string> made) : TaskObserver
    {
        public override void OnStudy(string name, int number, int count) => made.Add(name);
    }

    /// <summary>Stops at the first report of a run that it sees; a run that goes on beyond it is left alone.</summary>
    sealed class Stopper(CancellationTokenSource cancel) : TaskObserver
    {
        public override void OnStep(in Unroll.Training.StepReport report)
        {
            if (report.Iteration == 10) cancel.Cancel();
        }
    }

    [Theory]
    [InlineData("--variant", "sharde", "Did you mean shared?")]
    [InlineData("--fraction", "0", "expected a share above 0")]
    [InlineData("--seeds", "0", "--seeds")]
    [InlineData("--fraction-variant", "sharde", "Did you mean shared?")]
    public void Options_that_make_no_sense_are_refused(string option, string value, string message) =>
        Command.Run(Arguments("study", option, value)).Fails(2, message);

    [Fact]
    public void The_interval_holds_the_difference_and_narrows_with_examples()
    {
        double[] Differences(int count) => [.. Enumerable.Range(0, count).Select(i => i % 10 < 3 ? 1.0 : i % 10 < 4 ? -1.0 : 0)];
        var (gain, low, high) = MultiTaskStudy.Bootstrap([Differences(100), Differences(1000)]);
        Assert.Equal(0.2, gain, 1e-9);
        Assert.InRange(low, 0.1, 0.2);
        Assert.InRange(high, 0.2, 0.3);
        var (_, nearer, further) = MultiTaskStudy.Bootstrap([Differences(10_000), Differences(10_000)]);
        Assert.True(further - nearer < high - low, string.Create(CultureInfo.InvariantCulture, $"{nearer} to {further}"));
        // The standard error of a mean of two tasks of 100 and 1,000: half of √(0.36/100 + 0.36/1000).
        Assert.Equal(2 * 1.96 * 0.5 * Math.Sqrt(0.36 / 100 + 0.36 / 1000), high - low, 0.01);
    }

    public void Dispose() => _directory.Dispose();
}
