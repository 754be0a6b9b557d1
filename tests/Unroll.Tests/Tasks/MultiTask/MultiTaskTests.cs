using Unroll.Data;
using Unroll.Layers;
using Unroll.Tests.Cli;
using Unroll.Tests.Contracts;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Tasks.MultiTask;

/// <summary>Several tasks that learn together: what they learn, keep and refuse.</summary>
public sealed class MultiTaskTests : IDisposable
{
    static readonly string[] Good = ["good", "fine", "lovely", "bright"], Bad = ["bad", "awful", "dull", "poor"], Things = ["film", "song", "meal", "book"], Fillers = ["the", "was", "very", "and", "so", "it"];

    readonly TemporaryDirectory _directory = new();

    public static TheoryData<string> Architectures => [.. MultiTaskConfig.Architectures];

    /// <summary>Texts whose judgement and thing are labels of two tasks.</summary>
    static IReadOnlyDictionary<string, IReadOnlyList<Example>> Data(int count, ulong seed = 1)
    {
        var rng = new Rng(seed);
        var (judgement, thing) = (new List<Example>(), new List<Example>());
        for (var i = 0; i < 2 * count; i++)
        {
            var (good, what) = (rng.Next(2) == 1, rng.Next(Things.Length));
            string[] words = [.. Enumerable.Range(0, 2 + rng.Next(4)).Select(_ => Fillers[rng.Next(Fillers.Length)]), Things[what], (good ? Good : Bad)[rng.Next(4)]];
            rng.Shuffle<string>(words);
            var text = string.Join(' ', words);
            if (i % 2 == 0) judgement.Add(new() { Text = text, Labels = [good ? "yes" : "no"], Source = $"judgement {i}" });
            else thing.Add(new() { Text = text, Labels = [Things[what]], Source = $"thing {i}" });
        }
        return new Dictionary<string, IReadOnlyList<Example>> { ["judgement"] = judgement, ["thing"] = thing };
    }

    static MultiTaskOptions Options(string architecture) => new()
    {
        Model = new() { Architecture = architecture, EmbeddingSize = 8, HiddenSize = 8, Dropout = 0.1, WordDropout = 0, EmbeddingDropout = 0 }, Epochs = 12, LearningRate = 0.02, WarmUp = 5, FineTune = architecture != "single", TuneEpochs = 2,
        PretrainLm = architecture == "shared", PretrainEpochs = 2, MinCount = 1, Batch = 16,
    };

    string File(string task, int count)
    {
        var path = _directory[$"{task}-{count}.tsv"];
        System.IO.File.WriteAllText(path, "label\ttext\n" + string.Concat(Data(count)[task].Select(e => $"{e.Labels[0]}\t{e.Text}\n")));
        return path;
    }

    [Theory, MemberData(nameof(Architectures))]
    public void Two_tasks_are_learned_together(string architecture)
    {
        var model = MultiTaskClassifier.Train(Data(150), Options(architecture));
        var test = Data(60, seed: 2);
        foreach (var task in new[] { "judgement", "thing" })
        {
            var report = model.Evaluate(task, test[task]);
            Assert.True(report["accuracy"] > 0.9, $"{task}: {report.ToJson().ToJsonString()}");
            Same.Bits(model.Predict(task, test[task], batch: 1)[3], model.Predict(task, test[task], batch: 7)[3], "probabilities");
        }
        Assert.Equal("song", model.Classify("thing", "the song was very awful").Label);
        Assert.Equal("no", model.Classify("judgement", "the song was very awful").Label);
        Assert.Equal(["judgement", "thing"], model.Tasks.Select(t => t.Name));
    }

    [Theory]
    [InlineData("single", "gru")]
    [InlineData("single", "rnn")]
    [InlineData("uniform", "lstm")]
    [InlineData("coupled", "gru")]
    [InlineData("coupled", "lstm")]
    [InlineData("shared", "gru")]
    [InlineData("shared", "lstm")]
    public void Cells_and_poolings_are_saved_and_loaded(string architecture, string cell)
    {
        foreach (var pooling in Pooling.Kinds)
        {
            var options = Options(architecture);
            var model = MultiTaskClassifier.Train(Data(40), options with { Epochs = 1, PretrainEpochs = 1, TuneEpochs = 1, Model = options.Model with { Cell = cell, Pooling = pooling } });
            ModelFile.Save(_directory["model.safetensors"], model);
            var loaded = ModelFile.Load<MultiTaskClassifier>(_directory["model.safetensors"]);
            var text = new Example { Text = "it was a fine meal", Source = "1" };
            foreach (var task in model.Tasks)
            {
                Assert.Equal(task.Classes, loaded.Tasks.Single(t => t.Name == task.Name).Classes);
                Same.Bits(model.Predict(task.Name, [text])[0], loaded.Predict(task.Name, [text])[0], $"{pooling}, {task.Name}");
            }
        }
    }

    /// <summary>Cut in the language model, in the joint phase and in fine-tuning of either task; with a mean of the weights that each phase begins anew.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(0.95)]
    public void Interrupted_and_resumed_has_the_bits_of_uninterrupted(double average)
    {
        var options = Options("shared") with { Average = average, Epochs = 2, PretrainEpochs = 6, Tasks = [$"judgement={File("judgement", 60)}", $"thing={File("thing", 60)}"], Given = [] };
        new TrainingRun(MultiTaskDefinition.Instance, _directory["whole"], new Unroll.Formats.DataFiles()).Start(options);
        var expected = System.IO.File.ReadAllBytes(Path.Combine(_directory["whole"], "model.safetensors"));
        foreach (var cut in new[] { 10, 30, 50 })
        {
            using var cancel = new CancellationTokenSource();
            var path = _directory[$"cut{cut}"];
            var first = new TrainingRun(MultiTaskDefinition.Instance, path, new Unroll.Formats.DataFiles(), new Stopper(cut, cancel)).Start(options, cancel.Token);
            Assert.Equal(Unroll.Training.TrainingEnd.Cancelled, first.End);
            Assert.NotEqual(Unroll.Training.TrainingEnd.Cancelled, new TrainingRun(MultiTaskDefinition.Instance, path, new Unroll.Formats.DataFiles()).Resume().End);
            Assert.Equal(expected, System.IO.File.ReadAllBytes(Path.Combine(path, "model.safetensors")));
        }
    }

    /// <summary>The model gets means of the weights, and training goes on from the weights themselves: the loss of each step is the same.</summary>
    [Fact]
    public void An_average_changes_what_is_validated_and_not_what_is_trained()
    {
        List<double>[] losses = [[], []];
        var models = new[] { 0, 0.98 }.Select((average, i) => MultiTaskClassifier.Train(Data(60), Options("uniform") with { Average = average, Epochs = 3, FineTune = false, StopAfter = 0 }, new Listener(losses[i]))).ToArray();
        Assert.NotEmpty(losses[0]);
        Assert.Equal(losses[0], losses[1]);
        Assert.NotEqual(models[0].Predict("judgement", [new() { Text = "a good film", Source = "" }])[0], models[1].Predict("judgement", [new() { Text = "a good film", Source = "" }])[0]);
    }

    /// <summary>On few examples whose labels are partly wrong answers become too sure: the loss rises while the accuracy still may.</summary>
    [Theory]
    [InlineData("uniform", false)]
    [InlineData("single", false)]
    [InlineData("shared", true)]
    public void The_weights_with_the_best_accuracy_are_kept_and_calibrated(string architecture, bool fineTune)
    {
        string[] tasks = ["judgement", "thing"];
        foreach (var task in tasks)
        {
            var labels = Data(60)[task].Select(e => e.Labels[0]).Distinct().ToArray();
            var lines = Data(60)[task].Select((e, i) => $"{(i % 4 == 0 ? labels[i / 4 % labels.Length] : e.Labels[0])}\t{e.Text}\n").ToArray();
            System.IO.File.WriteAllText(_directory[$"{task}.train"], "label\ttext\n" + string.Concat(lines[..30]));
            System.IO.File.WriteAllText(_directory[$"{task}.valid"], "label\ttext\n" + string.Concat(lines[30..]));
        }
        var options = Options(architecture) with { Epochs = 40, FineTune = fineTune, StopAfter = 0, Given = [], Tasks = [.. tasks.Select(t => $"{t}={_directory[$"{t}.train"]},{_directory[$"{t}.valid"]}")] };
        var validations = new Validations();
        var files = new Unroll.Formats.DataFiles();
        new TrainingRun(MultiTaskDefinition.Instance, _directory["run"], files, validations).Start(options);
        var model = ModelFile.Load<MultiTaskClassifier>(Path.Combine(_directory["run"], "model.safetensors"));
        foreach (var task in tasks)
        {
            var (accuracy, loss) = validations.Best[task];
            var report = model.Evaluate(task, files.ReadExamples(_directory[$"{task}.valid"]));
            Assert.Equal(accuracy, report["accuracy"]);
            Assert.Equal(loss, report["loss"], 1e-4);
            Assert.Equal(1, TemperatureScaling.FactorOf(model.Predict(task, files.ReadExamples(_directory[$"{task}.valid"])),
                [.. files.ReadExamples(_directory[$"{task}.valid"]).Select(e => model.Tasks.Single(t => t.Name == task).Classes.ToList().IndexOf(e.Labels[0]))]), 0.1);
        }
        Assert.Equal(validations.Best.Values.Average(b => b.Accuracy), validations.Last!.Metrics[0].Value, 1e-9);
        Assert.True(validations.Marked >= 2, "The best weights are saved when they come.");
    }

    /// <summary>A phase of a few iterations has no average of the weights yet: it must not end with the weights that it began with.</summary>
    [Theory]
    [InlineData("single")]
    [InlineData("uniform")]
    public void Few_examples_are_learned_too(string architecture)
    {
        var options = Options(architecture) with { Average = 0.998, FineTune = false, Epochs = 3, StopAfter = 1 };
        var (slow, fast) = (MultiTaskClassifier.Train(Data(40), options with { LearningRate = 1e-6 }), MultiTaskClassifier.Train(Data(40), options with { LearningRate = 0.05 }));
        foreach (var (first, second) in slow.Parameters.Zip(fast.Parameters).Where(p => p.First.Name.EndsWith("output.weight", StringComparison.Ordinal)))
            Assert.NotEqual(first.Parameter.Values.ToArray(), second.Parameter.Values.ToArray());
    }

    /// <summary>As long as the passes say, whatever the sizes of the other tasks and the validations between.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(7L)]
    [InlineData(500L)]
    public void Phases_have_the_passes_that_were_asked_for(long? every)
    {
        var tasks = new Dictionary<string, IReadOnlyList<Example>> { ["judgement"] = Data(320)["judgement"], ["thing"] = Data(40)["thing"] };
        var last = new LastStep();
        MultiTaskClassifier.Train(tasks, Options("single") with { Epochs = 3, StopAfter = 0, ValidateEvery = every }, last);
        Assert.Equal(3 * (18 + 3), last.Iteration);              // 288 and 36 examples in batches of 16
        MultiTaskClassifier.Train(tasks, Options("uniform") with { Epochs = 3, TuneEpochs = 2, StopAfter = 0, ValidateEvery = every }, last);
        Assert.Equal(3 * (18 + 3) + 2 * (18 + 3), last.Iteration);
    }

    /// <summary>8, 3 and 3 passes of 8,000 examples a task or more; of n, √(8,000/n) times as many. What is asked for stays.</summary>
    [Theory]
    [InlineData(100_000, 8, 3, 3)]
    [InlineData(16_000, 8, 3, 3)]
    [InlineData(1_600, 26, 10, 10)]
    [InlineData(60, 131, 49, 49)]
    public void Few_examples_are_read_more_often(int examples, int epochs, int tuning, int patience)
    {
        var options = new MultiTaskOptions().WithPasses(2, examples);
        Assert.Equal((epochs, tuning, patience), (options.Epochs, options.TuneEpochs, options.StopAfter));
        Assert.Equal((5, 2, 0), new MultiTaskOptions { Epochs = 5, TuneEpochs = 2, StopAfter = 0 }.WithPasses(2, examples) is var asked ? (asked.Epochs, asked.TuneEpochs, asked.StopAfter) : default);
    }

    [Fact]
    public void A_training_has_the_passes_that_its_examples_need()
    {
        var tasks = new Dictionary<string, IReadOnlyList<Example>> { ["judgement"] = Data(320)["judgement"], ["thing"] = Data(40)["thing"] };
        var last = new LastStep();
        MultiTaskClassifier.Train(tasks, Options("single") with { Epochs = null, StopAfter = 0 }, last);
        Assert.Equal(57 * (18 + 3), last.Iteration);             // 8 √(8,000/162)
    }

    sealed class LastStep : TaskObserver
    {
        public long Iteration { get; private set; }

        public override void OnStep(in Unroll.Training.StepReport report) => Iteration = report.Iteration;
    }

    /// <summary>The best weights so far are in the run's model, also where a task learns by itself.</summary>
    [Fact]
    public void An_interrupted_run_has_the_best_weights_so_far()
    {
        string[] tasks = ["judgement", "thing"];
        foreach (var task in tasks) System.IO.File.WriteAllText(_directory[$"{task}.valid"], System.IO.File.ReadAllText(File(task, 31)));
        var options = Options("single") with { Epochs = 50, StopAfter = 0, Average = 0.9, Given = [], Tasks = [.. tasks.Select(t => $"{t}={File(t, 60)},{_directory[$"{t}.valid"]}")] };
        using var cancel = new CancellationTokenSource();
        var (validations, files) = (new Validations(cancel, after: 20), new Unroll.Formats.DataFiles());
        Assert.Equal(Unroll.Training.TrainingEnd.Cancelled, new TrainingRun(MultiTaskDefinition.Instance, _directory["run"], files, validations).Start(options, cancel.Token).End);
        var report = ModelFile.Load<MultiTaskClassifier>(Path.Combine(_directory["run"], "model.safetensors")).Evaluate("judgement", files.ReadExamples(_directory["judgement.valid"]));
        Assert.Equal(validations.Best["judgement"].Accuracy, report["accuracy"]);
        Assert.Equal(validations.Best["judgement"].Loss, report["loss"], 1e-4);
    }

    /// <summary>The best accuracy of each task, and of these the lowest loss.</summary>
    sealed class Validations(CancellationTokenSource? cancel = null, int after = 0) : TaskObserver
    {
        int _count;

        public Dictionary<string, (double Accuracy, double Loss)> Best { get; } = [];

        public int Marked { get; private set; }

        public Unroll.Training.Validation? Last { get; private set; }

        public override void OnValidation(Unroll.Training.ValidationReport report)
        {
            Last = report.Result;
            if (report.IsBest) Marked++;
            if (++_count == after) cancel!.Cancel();
            var figures = Last.Metrics.ToDictionary(m => m.Name, m => m.Value);
            foreach (var task in figures.Keys.Where(k => k.EndsWith(".loss", StringComparison.Ordinal)).Select(k => k[..^5]))
            {
                var found = (Accuracy: figures[$"{task}.accuracy"], Loss: figures[$"{task}.loss"]);
                if (!Best.TryGetValue(task, out var best) || found.Accuracy > best.Accuracy || found.Accuracy == best.Accuracy && found.Loss < best.Loss) Best[task] = found;
            }
        }
    }

    /// <summary>What the optimizer remembers of the language model's gradients would make the steps of the classifiers too small.</summary>
    [Fact]
    public void The_optimizer_begins_each_phase_anew()
    {
        var options = Options("shared") with { PretrainEpochs = 6, Tasks = [$"judgement={File("judgement", 60)}", $"thing={File("thing", 60)}"], Given = [] };
        using var cancel = new CancellationTokenSource();
        var joint = new JointStopper(cancel);
        new TrainingRun(MultiTaskDefinition.Instance, _directory["run"], new Unroll.Formats.DataFiles(), joint).Start(options, cancel.Token);
        var snapshot = Checkpoint.Load<MultiTaskClassifier>(Path.Combine(_directory["run"], "checkpoint.safetensors")).Snapshot;
        var steps = snapshot.Part("training").Part("optimizer").Values["steps"]!.AsArray().Select(s => s!.GetValue<long>());
        Assert.InRange(steps.Max(), 1, joint.Steps);
    }

    /// <summary>Stops at the first validation of the joint phase.</summary>
    sealed class JointStopper(CancellationTokenSource cancel) : TaskObserver
    {
        long _before;

        public long Steps { get; private set; }

        public override void OnValidation(Unroll.Training.ValidationReport report)
        {
            if (report.Result.Metrics.Any(m => m.Name == "lm_loss")) _before = report.Iteration;
            else
            {
                Steps = report.Iteration - _before;
                cancel.Cancel();
            }
        }
    }

    sealed class Listener(List<double> losses) : TaskObserver
    {
        public override void OnStep(in Unroll.Training.StepReport report) => losses.Add(report.Loss);
    }

    sealed class Stopper(long at, CancellationTokenSource cancel) : TaskObserver
    {
        public override void OnStep(in Unroll.Training.StepReport report)
        {
            if (report.Iteration >= at) cancel.Cancel();
        }
    }

    [Fact]
    public void The_command_trains_evaluates_and_predicts_a_task()
    {
        var run = _directory["run"];
        string[] arguments =
        [
            "train", "multitask", "--task", $"judgement={File("judgement", 80)}", "--task", $"thing={File("thing", 80)},,{File("thing", 30)}", "--test-every", "5", "--epochs", "3", "--hidden", "6", "--embedding", "6",
            "--min-count", "1", "--read", "thing.label=label", "--task-weight", "thing=2",
        ];
        var json = Command.Run([.. arguments, "--out", run, "--json"]).Succeeds().Json.GetProperty("test");
        Assert.Equal(16, json.GetProperty("tasks").GetProperty("judgement").GetProperty("count").GetInt32());
        Assert.Equal(30, json.GetProperty("tasks").GetProperty("thing").GetProperty("count").GetInt32());
        Assert.Equal(30, Command.Run("eval", run, "--task", "thing", "--data", File("thing", 30), "--json").Succeeds().Json.GetProperty("count").GetInt32());
        var answer = Command.Run("predict", run, "--task", "thing", "--text", "a lovely film", "--json").Succeeds().Json;
        Assert.Equal("thing", answer.GetProperty("task").GetString());
        Assert.Equal(4, answer.GetProperty("probabilities").EnumerateObject().Count());
        Assert.Equal("shared", Command.Run("info", run, "--json").Succeeds().Json.GetProperty("config").GetProperty("architecture").GetString());
        Command.Run("predict", run, "--text", "a film").Fails(2, "--task is missing: the model has the tasks judgement, thing");
        Command.Run("predict", run, "--task", "thin", "--text", "a film").Fails(1, "no task 'thin'; its tasks are judgement, thing. Did you mean thing?");
        Command.Run("eval", run, "--task", "things", "--data", File("thing", 30)).Fails(1, "Did you mean thing?");
    }

    [Theory]
    [InlineData("shared", "last")]
    [InlineData("shared", "attention")]
    [InlineData("coupled", "max")]
    public void A_text_is_read_step_by_step(string architecture, string pooling)
    {
        var options = Options(architecture);
        var model = MultiTaskClassifier.Train(Data(60), options with { Epochs = 2, Model = options.Model with { Pooling = pooling } });
        var reading = model.Read("thing", "it was the fine meal");
        Assert.Equal(["it", "was", "the", "fine", "meal"], reading.Tokens);
        for (var t = 0; t < 5; t++)
        {
            var alone = model.Predict("thing", [new() { Text = string.Join(' ', reading.Tokens.Take(t + 1)), Source = "1" }])[0];
            // Only a layer that reads forwards knows nothing of what follows.
            if (architecture == "coupled" || t == 4) Same.Near(alone, [.. reading.Probabilities[t].Select(p => (float)p)], Tolerance.Single, $"step {t}");
            Assert.Equal(1, reading.Probabilities[t].Sum(), 1e-5);
        }
        if (architecture == "coupled")
        {
            Assert.Empty(reading.SharedGate);
            Assert.Empty(reading.Opening);
            return;
        }
        Assert.Equal(8, reading.SharedGate.Count);
        Assert.Equal(Enumerable.Range(0, 8), reading.Units.Order());
        Assert.Equal(reading.SharedGate.Select(row => row[^1]).OrderDescending(), reading.SharedGate.Select(row => row[^1]));
        Assert.All(reading.Opening, o => Assert.InRange(o, 0, 1));
        Assert.ThrowsAny<UnrollException>(() => model.Read("thing", ""));
    }

    [Fact]
    public void Inspect_shows_the_answer_after_each_step_and_the_gate()
    {
        var options = Options("shared");
        var model = MultiTaskClassifier.Train(Data(60), options with { Epochs = 1, PretrainEpochs = 1 });
        var (path, page) = (_directory["model.safetensors"], _directory["page.html"]);
        ModelFile.Save(path, model);
        var json = Command.Run("inspect", path, "--task", "thing", "--text", "it was the fine meal", "--json").Succeeds().Json.GetProperty("runs")[0].GetProperty("task");
        var reading = model.Read("thing", "it was the fine meal");
        Assert.Equal(reading.SharedGate[0][2], json.GetProperty("gate")[0][2].GetDouble(), 1e-9);
        Assert.Equal(reading.Probabilities[4][1], json.GetProperty("probabilities")[4][1].GetDouble(), 1e-9);
        var shown = Command.Run("inspect", path, "--task", "thing", "--text", "it was the fine meal", "--out", page).Succeeds().Output;
        Assert.Contains("gate to the shared layer", shown);
        Assert.Contains("P(meal)", shown);
        var html = System.IO.File.ReadAllText(page);
        Assert.All(["id=\"steps\"", "id=\"gate\"", "Probability of the classes after each step"], part => Assert.Contains(part, html));
        Command.Run("inspect", path, "--task", "thing", "--text", "it was the fine meal", "--out", page, "--lang", "ko").Succeeds();
        Assert.Contains("공유층 게이트", System.IO.File.ReadAllText(page));
        Command.Run("inspect", path, "--text", "it was").Fails(2, "--task is missing");
        Command.Run("inspect", path, "--task", "thing").Fails(2, "there is no --text or --data to read");
    }

    [Theory]
    [InlineData("", "--task is missing")]
    [InlineData("--task one", "--task is 'one'; expected NAME=TRAIN")]
    [InlineData("--task a=b,c,d,e", "--task a has 4 files")]
    [InlineData("--task a=x", "There is one task, 'a': --architecture shared shares layers")]
    [InlineData("--task a=x --task a=y", "two tasks 'a'")]
    [InlineData("--task a=x --task b=y --read c.label=1", "there is no task 'c'; tasks are a, b")]
    [InlineData("--task a=x --task b=y --read a.colour=1", "'colour' is no option of reading")]
    [InlineData("--task a=x --task b=y --task-weight a=-1", "expected NAME=WEIGHT")]
    [InlineData("--task a=x --task b=y --cell rnn", "a shared layer of rnn cells is not defined")]
    [InlineData("--task a=x --task b=y --architecture uniform --pretrain-lm", "no shared layer that reads both ways")]
    [InlineData("--task a=x --architecture single --fine-tune", "--fine-tune cannot be given")]
    [InlineData("--task a=x,,y --task b=x,,y --test-every 3", "--test-every cannot be given: every task has a test file")]
    [InlineData("--task a=x,y --task b=x,y --valid 0.2", "--valid cannot be given: every task has a file")]
    [InlineData("--task a=x --task b=y --read b.format=nonsense", "--read b.format=nonsense: --format is 'nonsense'")]
    public void Options_that_make_no_sense_are_refused(string options, string message) =>
        Command.Run(["train", "multitask", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]).Fails(2, message);

    [Fact]
    public void Data_that_cannot_be_learned_is_refused()
    {
        var data = Data(40);
        Fails(new Dictionary<string, IReadOnlyList<Example>> { ["judgement"] = data["judgement"] }, "There is one task, 'judgement'");
        Fails(new Dictionary<string, IReadOnlyList<Example>>(data) { ["thing"] = [.. data["thing"].Where(e => e.Labels[0] == "film"), .. data["thing"].Select(e => e with { Labels = ["film"] })] }, "all examples have the label 'film'");
        Fails(new Dictionary<string, IReadOnlyList<Example>>(data) { ["thing"] = [.. data["thing"].Take(8)] }, "expected at least 20");
        Fails(new Dictionary<string, IReadOnlyList<Example>>(data) { ["thing"] = [.. data["thing"], new() { Series = new([1, 2], 2, 1), Labels = ["film"], Source = "line 9" }] }, "line 9 is a series");
        Fails(new Dictionary<string, IReadOnlyList<Example>>(data) { ["thing"] = [.. data["thing"], new() { Text = "a film", Labels = [], Source = "line 9" }] }, "line 9 has 0 labels");
        Fails(new Dictionary<string, IReadOnlyList<Example>>(data) { ["none"] = [] }, "Task none has no example");
        Assert.Contains("no text has two tokens", Assert.ThrowsAny<UnrollException>(() => MultiTaskClassifier.Train(
            data.ToDictionary(t => t.Key, t => (IReadOnlyList<Example>)[.. t.Value.Select(e => e with { Text = e.Labels[0] })]), Options("shared") with { Tokens = "word" })).Message);
        Assert.Contains("would be drawn once in", Assert.ThrowsAny<UnrollException>(() => MultiTaskClassifier.Train(data, Options("uniform") with { TaskWeights = ["thing=1e-18"] })).Message);
        Fails(new Dictionary<string, IReadOnlyList<Example>>(data) { ["korean"] = [.. Enumerable.Range(0, 30).Select(i => new Example { Text = $"이 영화는 정말 재미있었습니다 {i}", Labels = [$"{i % 2}"], Source = $"{i}" })] },
            "different kinds of tokens: judgement word, thing word, korean char");

        static void Fails(IReadOnlyDictionary<string, IReadOnlyList<Example>> tasks, string message) =>
            Assert.Contains(message, Assert.ThrowsAny<UnrollException>(() => MultiTaskClassifier.Train(tasks)).Message);
    }

    [Fact]
    public void Labels_that_a_task_lacks_are_told_with_its_name_and_part()
    {
        var other = _directory["other.tsv"];
        System.IO.File.WriteAllText(other, "label\ttext\nmaybe\tit was so\n");
        foreach (var (task, part) in new[] { ($"thing={File("thing", 40)},{other}", "validation"), ($"thing={File("thing", 40)},,{other}", "test") })
            Command.Run("train", "multitask", "--task", $"judgement={File("judgement", 40)}", "--task", task, "--out", _directory["run"]).Fails(1, $"Task thing: no label of its {part} examples, 'maybe', is among");
        Assert.False(Directory.Exists(_directory["run"]));
    }

    [Fact]
    public void Lines_are_read_in_the_encoding_of_the_task()
    {
        var latin = _directory["latin.tsv"];
        System.IO.File.WriteAllText(latin, System.IO.File.ReadAllText(File("thing", 40)).Replace("song", "söng", StringComparison.Ordinal), System.Text.Encoding.Latin1);
        var run = _directory["run"];
        Command.Run("train", "multitask", "--task", $"judgement={File("judgement", 40)}", "--task", $"thing={latin}", "--read", "thing.encoding=latin-1", "--min-count", "1", "--hidden", "4", "--embedding", "4", "--epochs", "1", "--out", run).Succeeds();
        var answer = Command.Feed(System.Text.Encoding.Latin1.GetBytes("the söng was dull\n"), "predict", run, "--task", "thing", "--json").Succeeds().Json;
        Assert.Equal("the söng was dull", answer.GetProperty("text").GetString());
    }

    [Fact]
    public void A_share_of_the_data_is_a_part_of_a_larger_one()
    {
        var options = Options("single") with { Tasks = [$"judgement={File("judgement", 100)}", $"thing={File("thing", 100)}"] };
        string[] TextsOf(double share) => [.. MultiTaskDefinition.Instance.ReadAll(options with { TrainFraction = share }, new Unroll.Formats.DataFiles()).Train.Select(e => e.Example.Source)];
        var (few, half, all) = (TextsOf(0.2), TextsOf(0.5), TextsOf(1));
        Assert.Equal((36, 90, 180), (few.Length, half.Length, all.Length));
        Assert.Subset(half.ToHashSet(), few.ToHashSet());
        Assert.Subset(all.ToHashSet(), half.ToHashSet());
    }

    /// <summary>A rate that is far too high makes every step of fine-tuning worse, so that what it began from stays.</summary>
    [Fact]
    public void Fine_tuning_that_gains_nothing_keeps_the_model_that_it_began_from()
    {
        var (run, options) = (_directory["base"], Options("uniform") with { FineTune = false, Tasks = [$"judgement={File("judgement", 80)}", $"thing={File("thing", 80)}"] });
        var files = new Unroll.Formats.DataFiles();
        new TrainingRun(MultiTaskDefinition.Instance, run, files).Start(options);
        new TrainingRun(MultiTaskDefinition.Instance, _directory["tuned"], files).Start(options with { FineTune = true, From = run, Optimizer = "sgd", LearningRate = 500, Clip = 1e6, TuneRate = 1 });
        var (before, after) = (ModelFile.Load<MultiTaskClassifier>(Path.Combine(run, "model.safetensors")), ModelFile.Load<MultiTaskClassifier>(Path.Combine(_directory["tuned"], "model.safetensors")));
        foreach (var (first, second) in before.Parameters.Zip(after.Parameters)) Same.Bits(first.Parameter.Values, second.Parameter.Values, first.Name);

        var other = options with { FineTune = true, From = run };
        Fails(other with { Seed = 9 }, "another split of the data");
        Fails(other with { Tasks = [options.Tasks[0], $"else={File("thing", 80)}"] }, "has the tasks judgement, thing");
        Fails(other with { FineTune = false }, "only fine-tuned");
        Fails(options with { PretrainLm = true }, "no shared layer that reads both ways");

        void Fails(MultiTaskOptions asked, string message) =>
            Assert.Contains(message, Assert.ThrowsAny<UnrollException>(() => new TrainingRun(MultiTaskDefinition.Instance, _directory["none"], files).Start(asked)).Message);
    }

    [Fact]
    public void A_text_that_one_task_learns_from_and_another_is_tested_on_is_told()
    {
        var (first, second) = (File("judgement", 40), File("thing", 40));
        System.IO.File.AppendAllText(first, "yes\ta text of both\n");
        System.IO.File.WriteAllText(_directory["test.tsv"], "label\ttext\nfilm\ta text of both\nsong\tthe song was very awful\n");
        var warned = Command.Run("train", "multitask", "--task", $"judgement={first}", "--task", $"thing={second},,{_directory["test.tsv"]}", "--hidden", "4", "--embedding", "4", "--epochs", "1", "--out", _directory["run"]);
        Assert.Equal(0, warned.Code);
        Assert.Contains("1 of 2 test texts of task thing are in the training data of task judgement", warned.Error);
    }

    public void Dispose() => _directory.Dispose();
}
