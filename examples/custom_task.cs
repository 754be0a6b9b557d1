#:project ../src/Unroll.Formats/Unroll.Formats.csproj
#:property PublishAot=false

// A task of your own in one file: dotnet run examples/custom_task.cs
//
// The task is to read a text and give a number: how many stars a review has. Its model, its options and its definition are below; registered in the catalog, it has what
// the tasks of the library have: training in a run folder with checkpoints, resuming, held-out data, evaluation, and model files. Synthetic reviews name two opinions, and the
// stars are their sum, halved where "barely" stands before an opinion. Result: a mean squared error below 0.1 on the test reviews, where the mean of the
// training data has one above 1.5; and the run that was interrupted and resumed ends in the same model file as one that was not. Otherwise the exit code is 1.
using System.Globalization;
using System.Text.Json.Nodes;
using Unroll;
using Unroll.Configuration;
using Unroll.Data;
using Unroll.Formats;
using Unroll.Layers;
using Unroll.Tasks;
using Unroll.Tensors;
using Unroll.Training;

const double Goal = 0.1, LeastOfMean = 1.5;

TaskCatalog.Register(RatingTask.Instance);
var folder = Directory.CreateTempSubdirectory("custom-task-").FullName;
try
{
    var table = Path.Combine(folder, "reviews.csv");
    File.WriteAllLines(table, ["text,stars", .. Reviews(1500, new Rng(1))]);
    var options = new RatingOptions { Data = new() { Files = [table], TestEvery = 5, Reading = new() { Text = "text", Label = "stars" } }, Epochs = 12, HiddenSize = 32 };

    var whole = new TrainingRun(RatingTask.Instance, Path.Combine(folder, "whole"), new DataFiles()).Start(options);
    var best = whole.Report!.Metrics.ToDictionary(m => m.Name, m => m.Value);
    Console.WriteLine($"mean squared error on {whole.Report.Size.Count} test reviews: {best["mse"]:F3}; of the mean of the training data: {best["mse_of_mean"]:F3}");

    using var stop = new CancellationTokenSource();
    var run = new TrainingRun(RatingTask.Instance, Path.Combine(folder, "resumed"), new DataFiles(), new StopAt(40, stop));
    var interrupted = run.Start(options, stop.Token);
    run.Resume();
    var (a, b) = (ModelOf("whole"), ModelOf("resumed"));
    var same = File.ReadAllBytes(a).AsSpan().SequenceEqual(File.ReadAllBytes(b));
    Console.WriteLine($"interrupted after {interrupted.Iterations} iterations and resumed: {(same ? "the same file" : "another file")}");

    var model = ModelFile.Load<RatingModel>(b);
    foreach (var text in new[] { "the plot is lovely and the cast is fine", "the plot is barely lovely and the cast is awful" })
        Console.WriteLine($"{text,-50} {model.Rate(text):F1}");
    return best["mse"] < Goal && best["mse_of_mean"] > LeastOfMean && same && interrupted.End == TrainingEnd.Cancelled ? 0 : 1;
}
finally
{
    Directory.Delete(folder, recursive: true);
}

string ModelOf(string run) => new RunFolder(Path.Combine(folder, run)).ModelPath;

static IEnumerable<string> Reviews(int count, Rng rng)
{
    (string Word, double Stars)[] opinions = [("awful", 0.2), ("dull", 0.8), ("fine", 1.6), ("lovely", 2.4), ("superb", 3.2)];
    string[] things = ["plot", "music", "cast", "ending", "pace"];
    for (var i = 0; i < count; i++)
    {
        var (first, second) = (Opinion(), Opinion());
        yield return string.Create(CultureInfo.InvariantCulture, $"the {first.Text} and the {second.Text},{first.Stars + second.Stars:F2}");
    }

    (string Text, double Stars) Opinion()
    {
        var (thing, (word, stars), barely) = (things[rng.Next(things.Length)], opinions[rng.Next(opinions.Length)], rng.Next(3) == 0);
        return ($"{thing} is {(barely ? "barely " : "")}{word}", barely ? stars / 2 : stars);
    }
}

/// <summary>Cancels a training after some iterations.</summary>
sealed class StopAt(long iteration, CancellationTokenSource stop) : TaskObserver
{
    public override void OnStep(in StepReport report)
    {
        if (report.Iteration == iteration) stop.Cancel();
    }
}

/// <summary>Embedding → GRU → the mean of its outputs → one number: ŷ = W mean(h₁ … h_T) + b.</summary>
sealed class RatingModel : SequenceModel
{
    public const string ModelName = "rating";

    readonly Embedding _embedding;
    readonly Recurrent _rnn;
    readonly Linear _output;

    public RatingModel(RatingOptions options, Tokenizer tokenizer, Rng rng)
    {
        (Options, Tokenizer) = (options, tokenizer);
        _embedding = Add("embedding", new Embedding(tokenizer.VocabularySize, options.HiddenSize, rng));
        _rnn = Add("rnn", new Recurrent(new GruCell(options.HiddenSize, options.HiddenSize, rng)));
        _output = Add("output", new Linear(options.HiddenSize, 1, rng));
    }

    public override string Kind => ModelName;

    public RatingOptions Options { get; }

    public Tokenizer Tokenizer { get; }

    protected override IEnumerable<(string Key, JsonNode Value)> Describe() =>
        [(ConfigKey, ModelDescription.WriteConfig(ModelName, RatingOptions.ModelSettings, Options)), (TokenizerKey, Tokenizer.ToJson())];

    public static RatingModel FromFile(ModelDescription file)
    {
        var options = file.Read(ConfigKey, json => ModelDescription.ReadConfig(json, ModelName, RatingOptions.ModelSettings, new RatingOptions()));
        var tokenizer = file.Read(TokenizerKey, Tokenizer.FromJson);
        file.Check();
        file.CheckWeights((long)tokenizer!.VocabularySize * options!.HiddenSize);
        return new(options, tokenizer, new Rng(0));
    }

    /// <summary>The ratings [B, 1] of texts.</summary>
    public Tensor Forward(IReadOnlyList<int[]> texts)
    {
        var steps = Math.Max(1, texts.Max(t => t.Length));
        var (tokens, lengths) = (new TokenMatrix(steps, texts.Count), new Lengths([.. texts.Select(t => t.Length)], steps));
        for (var b = 0; b < texts.Count; b++)
            for (var t = 0; t < steps; t++) tokens[t, b] = t < texts[b].Length ? texts[b][t] : -1;
        var (h, _) = _rnn.Forward(_embedding.Forward(tokens), lengths: lengths);                                 // [T, B, H]
        return _output.Forward(Ops.MeanOverTime(h, lengths));
    }

    public double Rate(string text)
    {
        using var scratch = Tape.Scratch();
        return Forward([Tokenizer.Encode(text, "the text")]).Values[0];
    }
}

/// <summary>Everything that decides the result of a training.</summary>
sealed record RatingOptions : TrainingOptions
{
    public int HiddenSize { get; init; } = 64;

    public static SettingList<RatingOptions> ModelSettings { get; } =
        [SettingOf<RatingOptions>.Whole("hidden", "N", "Hidden size.", 1, 4096, o => o.HiddenSize, (o, v) => o with { HiddenSize = v })];
}

/// <summary>The task: how data is read, models are made, trained, evaluated, described, and answer.</summary>
sealed class RatingTask : TaskDefinition<RatingOptions, RatingModel, Example>
{
    public static RatingTask Instance { get; } = new();

    public override string Name => "rate";

    public override string Description => "Train a model that reads a text and gives a number.";

    public override IReadOnlyList<string> Examples => [];

    public override string ModelName => RatingModel.ModelName;

    public override string ModelText => "a rating model";

    public override string EvaluationText => "a rating model gives numbers";

    protected override IReadOnlyList<(string Title, SettingList<RatingOptions> Settings)> Settings { get; } =
    [
        ("Data", [.. DataOptions.LabelledInFiles.In<RatingOptions>(o => o.Data, (o, v) => o with { Data = v }), TrainingOptions.GivenSetting<RatingOptions>()]),
        ("Model", RatingOptions.ModelSettings),
        ("Training", TrainingOptions.Common<RatingOptions>("", "")),
    ];

    protected override RatingModel Read(ModelDescription file) => RatingModel.FromFile(file);

    protected override IEnumerable<string> ProblemsOf(RatingOptions options) => options.Data.Problems("name a file of texts and numbers");

    protected override DataSplit<Example> Read(RatingOptions options, IDataFiles files, DataReports reports) =>
        options.Data.Split(paths => files.ReadExamples(paths, options.Data.Reading with { LabelsAreNumbers = true }, needsLabels: true, reports.For(paths)), e => e.Source, options.Seed);

    protected override (RatingOptions Options, RatingModel Model) CreateModel(RatingOptions options, DataSplit<Example> data, TaskObserver observer)
    {
        var tokenizer = Tokenizer.Build("word", [.. data.Train.Select(e => new TextDocument(e.Source, e.Text!))]);
        return (options, new(options, tokenizer, new Rng(options.Seed)));
    }

    protected override TrainingJob CreateJob(RatingOptions options, RatingModel model, DataSplit<Example> data) => new Job(options, model, data);

    protected override Func<Evaluation> PrepareEvaluation(RatingModel model, EvaluationOptions options, IDataFiles files, TaskObserver observer)
    {
        var examples = files.ReadExamples(options.Files, options.Reading with { LabelsAreNumbers = true });
        return () => new(new RatingReport(model, examples, 0), "texts", examples.Count);
    }

    protected override ModelFacts Describe(RatingModel model) => new(new() { ["hidden"] = model.Options.HiddenSize }, [("model", $"gru of {model.Options.HiddenSize}")]);

    protected override Predictor CreatePredictor(RatingModel model, PredictionOptions options, IDataFiles files, TaskObserver observer) => new Rater(model, files);

    sealed class Rater(RatingModel model, IDataFiles files) : Predictor
    {
        public override IReadOnlyList<Prediction> OfTexts(IReadOnlyList<string> texts) => [.. texts.Select(Of)];

        public override IEnumerable<Prediction> OfFiles(IReadOnlyList<string> paths) =>
            files.ReadExamples(paths, new() { LabelsAreNumbers = true }, needsLabels: false).Select(e => Of(e.Text!));

        Prediction Of(string text) => model.Rate(text) is var stars ? new(new() { ["text"] = text, ["stars"] = stars }, $"{stars:F1}", [], [], text) : throw new InvalidOperationException();
    }

    sealed class Job(RatingOptions options, RatingModel model, DataSplit<Example> data) : TrainingJob<RatingOptions, RatingModel>(options, model)
    {
        public override TrainingTask Task { get; } = new RatingTraining(model, data, options);

        public override string Description => $"gru of {Options.HiddenSize}";

        public override string Batch => $"{Options.Batch} texts";

        public override string? HeldOut => data.HeldOutName;

        protected override EvaluationReport Evaluate(RatingModel best, IProgress<double> progress) => new RatingReport(best, data.HeldOut, data.Train.Average(RatingReport.StarsOf));

        public override string NextCommand(string run) => $"ModelFile.Load<RatingModel>(\"{run}\")";
    }
}

/// <summary>Batches drawn at random, and their loss.</summary>
sealed class RatingTraining(RatingModel model, DataSplit<Example> data, RatingOptions options) : TrainingTask
{
    readonly int[][] _texts = [.. data.Train.Select(e => model.Tokenizer.Encode(e.Text!, e.Source))];
    readonly Rng _order = new Rng(options.Seed).Fork("order");
    long _tokens;

    public override Module Model => model;

    public override int BatchesPerEpoch => (_texts.Length + options.Batch - 1) / options.Batch;

    public override long TokensInBatch => _tokens;

    public override bool HasValidation => data.Valid.Count > 0;

    public override Tensor NextLoss()
    {
        var chosen = Enumerable.Range(0, options.Batch).Select(_ => _order.Next(_texts.Length)).ToArray();
        _tokens = chosen.Sum(i => _texts[i].Length);
        var targets = Tensor.From([.. chosen.Select(i => (float)RatingReport.StarsOf(data.Train[i]))], new(chosen.Length, 1));
        return Losses.MeanSquared(model.Forward([.. chosen.Select(i => _texts[i])]), targets);
    }

    public override Validation Validate() => new(new RatingReport(model, data.Valid, 0).Metrics[0].Value);

    public override void Capture(CheckpointState snapshot) => snapshot.Set("order", _order.State);

    public override void Restore(CheckpointState snapshot) => _order.State = snapshot.GetRng("order");
}

/// <summary>The mean squared error, beside that of always giving the mean.</summary>
sealed class RatingReport(RatingModel model, IReadOnlyList<Example> examples, double mean) : EvaluationReport
{
    public override IReadOnlyList<Metric> Metrics { get; } =
    [
        new("mse", examples.Average(e => Square(model.Rate(e.Text!) - StarsOf(e)))),
        new("mse_of_mean", examples.Average(e => Square(mean - StarsOf(e)))),
    ];

    public override (string Name, long Count) Size => ("texts", examples.Count);

    public static double StarsOf(Example example) => double.Parse(example.Labels[0], CultureInfo.InvariantCulture);

    static double Square(double x) => x * x;
}
