using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Configuration;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>Forecasting: time series in, their future out.</summary>
internal sealed class ForecastingDefinition : TaskDefinition<ForecasterOptions, Forecaster, ForecastPart>
{
    public static ForecastingDefinition Instance { get; } = new();

    public override string Name => "forecast";

    public override string Description => "Train a forecaster: it reads time series and predicts their next steps, with intervals.";

    public override string ModelName => ForecasterConfig.ModelName;

    public override string ModelText => "a forecaster";

    public override string EvaluationText => "a forecaster predicts the last windows of series, beside simple methods";

    public override IReadOnlyList<string> Examples { get; } =
    [
        "unroll train forecast --data airline-passengers.csv --horizon 12 --test-windows 2",
        "unroll train forecast --data prices.csv --target Price --horizon 24 --future \"Load forecast\" --test-from 2018-01-01 --out runs/prices",
        "unroll train forecast --resume runs/prices",
    ];

    protected override IReadOnlyList<(string Title, SettingList<ForecasterOptions> Settings)> Settings { get; } =
    [
        ("Data",
        [
            .. new SettingList<DataOptions>(
            [
                DataOptions.DataSetting("Tables of time series. May be .gz; '-' is standard input."), .. ReadingOptions.OfTimeSeries.In<DataOptions>(o => o.Reading, (o, v) => o with { Reading = v }).OutsideFiles,
                DataOptions.ValidSetting("Share of the end of each series to validate on; 0: none. The weights that validate best are kept. Default 0.1, and at least a horizon."),
            ]).In<ForecasterOptions>(o => o.Data, (o, v) => o with { Data = v }),
            .. ForecasterOptions.TestSettings,
            .. DataOptions.LabelledInFiles.In<ForecasterOptions>(o => o.Data, (o, v) => o with { Data = v }),
            TrainingOptions.GivenSetting<ForecasterOptions>(),
        ]),
        ("Model", ForecasterOptions.ModelSettings),
        ("Training", TrainingOptions.Common<ForecasterOptions>("Default: 300 to 8,000, by the number of windows.", "Default: a twenty-fourth of the training.")),
    ];

    protected override Forecaster Read(ModelDescription file) => Forecaster.FromFile(file);

    protected override IEnumerable<string> ProblemsOf(ForecasterOptions options) =>
        options.Data.Problems("--data is missing: name the table of time series to learn from.").Concat(options.TestProblems);

    protected override IEnumerable<string> ConfigProblems(ForecasterOptions options) => options.Given.Contains("--scaling") || options.Model.Head != "negative-binomial" ? options.Model.Problems : [];

    protected override DataSplit<ForecastPart> Read(ForecasterOptions options, IDataFiles files, DataReports reports)
    {
        var table = files.ReadTimeSeries(options.Data.Files, options.Data.Reading, ForecasterConfig.Names(options.Model.Targets), reports.For(options.Data.Files));
        var (rest, test) = ForecastSplit.Test(ForecastSplit.Whole(table, ForecastColumns.Targets(options, table)), options);
        var (train, valid) = ForecastSplit.Valid(rest, options);
        return new(train, valid, test);
    }

    protected override DataSplit<ForecastPart> Hold(ForecasterOptions options, IReadOnlyList<ForecastPart> train, IReadOnlyList<ForecastPart>? valid)
    {
        if (valid is not null) return new(train, valid, []);
        var split = ForecastSplit.Valid(train, options);
        return new(split.Train, split.Valid, []);
    }

    protected override (ForecasterOptions Options, Forecaster Model) CreateModel(ForecasterOptions options, DataSplit<ForecastPart> data, TaskObserver observer)
    {
        foreach (var problem in ForecastColumns.Problems(data.Train, ForecastColumns.Targets(options, data.Train[0].Table))) throw new DataMismatchException(problem);
        return new ForecasterPlanner(options, data.Train, data.Valid, observer).Plan();
    }

    protected override TrainingJob CreateJob(ForecasterOptions options, Forecaster model, DataSplit<ForecastPart> data) => new Job(options, model, data);

    protected override Func<Evaluation> PrepareEvaluation(Forecaster model, EvaluationOptions options, IDataFiles files, TaskObserver observer)
    {
        observer.OnPhase(WorkPhase.Reading, options.Files);
        var table = files.ReadTimeSeries(options.Files, options.Reading, model.Config.Targets);
        return () =>
        {
            var report = ForecastReport.Of(model, table, new());
            return new(report, "windows", report.Result.Windows.Count);
        };
    }

    protected override ModelFacts Describe(Forecaster model) => new(
        new() { ["horizon"] = model.Config.Horizon, ["context"] = model.Config.Context, ["frequency"] = model.Schema.Step?.ToString(), ["targets"] = new JsonArray([.. model.Config.Targets.Select(t => JsonValue.Create(t))]) },
        [("model", InWords(model.Config)), ("columns", ForecasterPlanner.InWords(model.Config)), ("frequency", model.Schema.Step?.ToString() ?? "not known")]);

    static string InWords(ForecasterConfig c) =>
        $"{c.Horizon:N0} steps from {c.Context:N0}; linear{(c.LinearBy == "all" ? "" : $" by {c.LinearBy}")} and {c.Layers} × {c.Cell} of {c.HiddenSize} to read and to write; {c.Head}; scaling {c.Scaling}{(c.ScaleWindow ? " by window" : "")}";

    protected override Predictor CreatePredictor(Forecaster model, PredictionOptions options, IDataFiles files, TaskObserver observer) =>
        options.Explain is not null || options.Class is not null || options.Best is not null
            ? throw new OptionException("--explain, --class and --best cannot be given: a forecaster predicts numbers.")
            : new FuturePredictor(model, options.Reading, files);

    sealed class FuturePredictor(Forecaster model, ReadingOptions reading, IDataFiles files) : Predictor
    {
        public override IReadOnlyList<Prediction> OfTexts(IReadOnlyList<string> texts) => throw new DataMismatchException("The model reads time series, not texts; give it a file of them.");

        public override IEnumerable<Prediction> OfFiles(IReadOnlyList<string> paths) => model.Forecast(files.ReadTimeSeries(paths, reading, model.Config.Targets)).Select(f => new Prediction(
            ForecastText.ToJson(f, ForecastText.UsualLevels), string.Join(" ", f.Median.Select(v => v.ToString("G6", CultureInfo.InvariantCulture))), [], [], f.Series.Length > 0 ? f.Series : f.Target));
    }

    sealed class Job(ForecasterOptions options, Forecaster model, DataSplit<ForecastPart> data) : TrainingJob<ForecasterOptions, Forecaster>(options, model)
    {
        readonly ForecasterTask _task = new(model, data.Train, data.Valid, options.Batch, new Rng(options.Seed).Fork("order"));

        public override TrainingTask Task => _task;

        public override string Description => InWords(Model.Config);

        public override string? Parts => ForecasterPlanner.InWords(Model.Config);

        public override string Batch => $"{Options.Batch} × windows of {_task.Windows:N0}";

        public override string Unit => "steps";

        public override string LossUnit => $"{Model.Config.Head} loss of scaled values";

        public override string? HeldOut => data.Test.Count > 0 ? data.HeldOutName : null;                // the linear part has seen the validation

        protected override bool Finish(Forecaster best) => best.Finish(data.Train, data.Valid);

        protected override EvaluationReport Evaluate(Forecaster best, IProgress<double> progress) =>
            ForecastReport.Of(best, data.Test, new() { Windows = Options.TestWindows, Step = Options.TestStep }, progress);

        public override string NextCommand(string run) => $"unroll forecast {run}";
    }
}
