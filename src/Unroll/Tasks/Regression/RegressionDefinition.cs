using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Configuration;
using Unroll.Data;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>Regression: a series in, a number out.</summary>
internal sealed class RegressionDefinition : TaskDefinition<RegressorOptions, SequenceRegressor, Example>
{
    const int SeriesSeen = 60_000, LeastEpochs = 5, MostEpochs = 200;

    public static RegressionDefinition Instance { get; } = new();

    public override string Name => "regress";

    public override string Description => "Train a regressor: it reads a series and predicts a number.";

    public override string ModelName => RegressorConfig.ModelName;

    public override string ModelText => "a sequence regressor";

    public override string EvaluationText => "a regressor predicts numbers";

    public override IReadOnlyList<string> Examples { get; } =
    [
        "unroll train regress --data FloodModeling1_TRAIN.ts --test FloodModeling1_TEST.ts",
        "unroll train regress --data series.txt --format ucr --test-every 5 --cell lstm --out runs/flood",
        "unroll train regress --resume runs/flood",
    ];

    protected override IReadOnlyList<(string Title, SettingList<RegressorOptions> Settings)> Settings { get; } =
    [
        ("Data",
        [
            .. DataOptions.Given("Series with a number in the place of the label.", ReadingOptions.OfExamples).In<RegressorOptions>(o => o.Data, (o, v) => o with { Data = v }),
            .. DataOptions.LabelledInFiles.In<RegressorOptions>(o => o.Data, (o, v) => o with { Data = v }),
            TrainingOptions.GivenSetting<RegressorOptions>(),
        ]),
        ("Model", RegressorOptions.ModelSettings),
        ("Training", TrainingOptions.Common<RegressorOptions>("Default: see --epochs, which by default is more the less data there is.", "Default: one epoch.")),
    ];

    protected override SequenceRegressor Read(ModelDescription file) => SequenceRegressor.FromFile(file);

    protected override IEnumerable<string> ProblemsOf(RegressorOptions options) => options.Data.Problems("--data is missing: name the file or folder to learn from.");

    protected override IEnumerable<string> ConfigProblems(RegressorOptions options) => options.Model.Problems;

    protected override DataSplit<Example> Read(RegressorOptions options, IDataFiles files, DataReports reports) =>
        options.Data.Split(paths => files.ReadExamples(paths, Numbers(options.Data.Reading), needsLabels: true, reports.For(paths)), e => e.Source, options.Seed);

    static ReadingOptions Numbers(ReadingOptions reading) => reading with { LabelsAreNumbers = true };

    protected override (RegressorOptions Options, SequenceRegressor Model) CreateModel(RegressorOptions options, DataSplit<Example> data, TaskObserver observer)
    {
        if (options.Iterations is null) options = options with { Epochs = options.Epochs ?? Math.Clamp(SeriesSeen / data.Train.Count, LeastEpochs, MostEpochs) };
        var series = data.Train.Select(e => e.Series ?? throw new DataMismatchException($"{e.Source} is a text; a regressor learns from series. To label texts, use unroll train classify.")).ToArray();
        var target = FeatureScales.Measure([new Series([.. RegressionTask.TargetsOf(data.Train).Select(y => (Real)y)], data.Train.Count, 1)]);
        return (options, new(options.Model with { Features = series[0].Features }, FeatureScales.Measure(series), target, new Rng(options.Seed)));
    }

    protected override TrainingJob CreateJob(RegressorOptions options, SequenceRegressor model, DataSplit<Example> data)
    {
        RegressionTask.TargetsOf(data.Test);
        foreach (var example in data.Test) model.Prepare(example);
        return new Job(options, model, data);
    }

    protected override Func<Evaluation> PrepareEvaluation(SequenceRegressor model, EvaluationOptions options, IDataFiles files, TaskObserver observer)
    {
        observer.OnPhase(WorkPhase.Reading, options.Files);
        var examples = files.ReadExamples(options.Files, Numbers(options.Reading));
        return () => new(RegressionReport.Of(model, examples, options.Batch ?? 64, new ProgressTo<double>(share => observer.OnEvaluating("series", share))), "examples", examples.Count);
    }

    protected override ModelFacts Describe(SequenceRegressor model) =>
        new(new() { ["features"] = model.Config.Features }, [("model", InWords(model.Config)), ("reads", $"series: {model.Config.Features:N0} features a step")]);

    static string InWords(RegressorConfig c) => $"{c.Layers} × {c.Cell} of {c.HiddenSize}{(c.Bidirectional ? ", bidirectional" : "")}, {c.Pooling}; {c.Features:N0} features";

    protected override Predictor CreatePredictor(SequenceRegressor model, PredictionOptions options, IDataFiles files, TaskObserver observer) =>
        options.Explain is not null || options.Class is not null || options.Best is not null
            ? throw new OptionException("--explain, --class and --best cannot be given: a regressor predicts a number.")
            : new NumberPredictor(model, options.Reading, files);

    sealed class NumberPredictor(SequenceRegressor model, ReadingOptions reading, IDataFiles files) : Predictor
    {
        public override IReadOnlyList<Prediction> OfTexts(IReadOnlyList<string> texts) => throw new DataMismatchException("The model reads series, not texts; give it a file of them.");

        public override IEnumerable<Prediction> OfFiles(IReadOnlyList<string> paths) =>
            from some in files.ReadExamples(paths, Numbers(reading), needsLabels: false).Chunk(Together)
            from found in some.Zip(model.Predict(some))
            select new Prediction(new JsonObject { ["source"] = found.First.Source, ["value"] = found.Second }, found.Second.ToString("G6", CultureInfo.InvariantCulture), [], [], found.First.Source);
    }

    sealed class Job(RegressorOptions options, SequenceRegressor model, DataSplit<Example> data) : TrainingJob<RegressorOptions, SequenceRegressor>(options, model)
    {
        public override TrainingTask Task { get; } = new RegressionTask(model, data.Train, data.Valid, options.Batch, new Rng(options.Seed).Fork("order"));

        public override string Description => InWords(Model.Config);

        public override string? Parts => data.ToString();

        public override string Batch => $"{Options.Batch} × series of {data.Train.Count:N0}";

        public override string Unit => "steps";

        public override string LossUnit => "mean squared error";

        public override string? HeldOut => data.HeldOutName;

        protected override EvaluationReport Evaluate(SequenceRegressor best, IProgress<double> progress) => RegressionReport.Of(best, data.HeldOut, progress: progress);

        public override string NextCommand(string run) => $"unroll predict {run} FILE";
    }
}
