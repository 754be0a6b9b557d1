using System.Text.Json.Nodes;
using Unroll.Configuration;
using Unroll.Data;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>Classification: a text or a series in, a label out.</summary>
internal sealed class ClassificationDefinition : TaskDefinition<ClassifierOptions, SequenceClassifier, Example>
{
    /// <summary>Options that speak of networks, so that there has to be one.</summary>
    static readonly HashSet<string> OfNetworks =
        [.. ClassifierOptions.ModelSettings.Select(s => s.Option).Except(["--ngrams", "--max-steps"]), "--embeddings", "--iterations", "--epochs"];

    public static ClassificationDefinition Instance { get; } = new();

    public override string Name => "classify";

    public override string Description => "Train a classifier: it reads a text or a series and gives it a label.";

    public override string ModelName => SequenceClassifierConfig.ModelName;

    public override string ModelText => "a sequence classifier";

    public override string EvaluationText => "a classifier gives labels";

    public override IReadOnlyList<string> Examples { get; } =
    [
        "unroll train classify --data reviews.csv",
        "unroll train classify --data SMSSpamCollection --test-every 5 --out runs/spam",
        "unroll train classify --data SMSSpamCollection --test-every 5 --effort quick",
        "unroll train classify --data ratings_train.txt --test ratings_test.txt --text document --label label --tokens char",
        "unroll train classify --data names/*.txt --test-every 10 --class-weights 0.5",
        "unroll train classify --data train.tsv --test test.tsv --pooling attention --embeddings glove.6B.100d.txt",
        "unroll train classify --data subj.all --encoding latin-1 --folds 10",
        "unroll train classify --data train-images-idx3-ubyte.gz --test t10k-images-idx3-ubyte.gz",
        "unroll train classify --data recordings --test-match \"_[0-4]\\.wav\"",
        "unroll train classify --data series_TRAIN.ts --test series_TEST.ts --encoder mlp",
        "unroll train classify --resume runs/spam",
    ];

    protected override IReadOnlyList<(string Title, SettingList<ClassifierOptions> Settings)> Settings { get; } =
    [
        ("Data",
        [
            .. DataOptions.Given("Texts or series with labels; a folder with a subfolder or file for each label; several files.", ReadingOptions.OfExamples).In<ClassifierOptions>(o => o.Data, (o, v) => o with { Data = v }),
            .. DataOptions.LabelledInFiles.In<ClassifierOptions>(o => o.Data, (o, v) => o with { Data = v }),
            TrainingOptions.GivenSetting<ClassifierOptions>(),
        ]),
        ("Plan: fits the data unless set below", ClassifierOptions.EffortSettings),
        ("Text (default: fits the data)", ClassifierOptions.TextSettings),
        ("Model (default: fits the data)", ClassifierOptions.ModelSettings),
        ("Loss", ClassifierOptions.LossSettings),
        ("Training", TrainingOptions.Common<ClassifierOptions>("Default: see --epochs.", "Default: one epoch.").Fitted),
    ];

    protected override SequenceClassifier Read(ModelDescription file) => SequenceClassifier.FromFile(file);

    protected override IEnumerable<string> ProblemsOf(ClassifierOptions options)
    {
        var (given, config) = (options.Given, options.Plan.Config);
        foreach (var problem in options.Data.Problems("--data is missing: name the file or folder to learn from.")) yield return problem;
        foreach (var problem in options.VariationalProblems(config.Dropout)) yield return problem;
        if (config.FrozenEmbedding && options.Embeddings is null) yield return "--frozen cannot be given: there are no --embeddings.";
        if (given.Contains("--embedding") && options.Embeddings is not null) yield return "--embedding cannot be given: the vectors of --embeddings have a size.";
        if (given.Contains("--members") && config.Members == 0 && (config.Encoder == "mlp" || given.Contains("--ngrams") && config.NGrams == 0))
            yield return "--members cannot be given: without networks and n-grams there is no model.";
    }

    protected override DataSplit<Example> Read(ClassifierOptions options, IDataFiles files, DataReports reports)
    {
        var data = options.Data.Split(paths => files.ReadExamples(paths, options.Data.Reading, report: reports.For(paths)), e => e.Source, options.Seed);
        CheckClasses([.. data.Train, .. data.Valid, .. data.Test]);
        return data;
    }

    protected override (ClassifierOptions Options, SequenceClassifier Model) CreateModel(ClassifierOptions options, DataSplit<Example> data, TaskObserver observer)
    {
        options = Planned(options, data.Train, observer);
        var model = Build(options, data.Train);
        model.Notes[DataNotes.PlanKey] = ToJson(options.Plan);
        return (options, model);
    }

    protected override TrainingJob CreateJob(ClassifierOptions options, SequenceClassifier model, DataSplit<Example> data)
    {
        model.Prepare(data.Test);
        return new Job(options, model, data);
    }

    /// <summary>The options with everything that was not given as a plan has it that fits the examples.</summary>
    ClassifierOptions Planned(ClassifierOptions asked, IReadOnlyList<Example> train, TaskObserver observer)
    {
        var given = asked.Given.ToHashSet();
        var keepNetworks = given.Overlaps(OfNetworks) && !(given.Contains("--members") && asked.Plan.Config.Members == 0);
        var tokens = asked.Tokens switch { ClassifierOptions.Auto => null, "word" => "term", _ => asked.Tokens };
        var plan = ClassifierPlan.For(train, tokens, asked.Plan.Effort, Settle, keepNetworks, new Rng(asked.Seed).Fork("plan"), new ProgressTo<string>(observer.OnPlanning));
        var (c, batch) = (plan.Config, plan.Task.Batch);
        var epochs = asked.Iterations is null ? plan.Epochs : asked.Epochs;
        var perEpoch = c.Members == 0 ? 1 : (train.Count + batch - 1) / batch;
        var iterations = asked.Iterations ?? Math.Max(1, (long)epochs! * perEpoch / asked.Accumulate);
        return asked with
        {
            Plan = plan,
            Tokens = plan.Tokens == "term" ? "word" : plan.Tokens,
            Batch = batch,
            Epochs = epochs,
            LearningRate = given.Contains("--lr") ? asked.LearningRate : plan.LearningRate,
            WeightDecay = plan.WeightDecay,
            Clip = given.Contains("--clip") ? asked.Clip : plan.ClipNormOf(c.Members),
            Average = plan.AverageDecay,
            WarmUp = given.Contains("--warmup") ? asked.WarmUp : Math.Min(100, iterations / 10 + 1),
        };

        // A candidate with what was given.
        ClassifierPlan Settle(ClassifierPlan candidate)
        {
            candidate = Settled(asked with { Plan = candidate }, asked).Plan;
            var (c, isText, batch) = (candidate.Config, candidate.Config.Features == 0, given.Contains("--batch") ? asked.Batch : candidate.Task.Batch);
            return candidate with
            {
                Config = c with
                {
                    RecurrentDropout = c.Encoder == "mlp" ? 0 : c.RecurrentDropout,
                    NGrams = !isText || c.Encoder == "mlp" && !given.Contains("--ngrams") ? 0 : c.NGrams,           // a baseline is to be plain
                    NGramPositions = given.Contains("--ngrams") ? 0 : c.NGramPositions,
                    NGramShare = asked.Embeddings is null ? c.NGramShare : 0.5,                                  // networks are tried without the vectors
                    FrozenEmbedding = false,
                    WordDropout = isText ? c.WordDropout : 0,
                    EmbeddingDropout = isText ? c.EmbeddingDropout : 0,
                },
                Task = candidate.Task with { Batch = batch },
                Epochs = asked.Epochs ?? (asked.Iterations is { } n ? (int)Math.Clamp(n * batch / train.Count, 1, int.MaxValue) : candidate.Epochs),
                // What is tried is tried with the usual optimizer.
                LearningRate = given.Contains("--optimizer") || !given.Contains("--lr") ? candidate.LearningRate : asked.LearningRate,
                WeightDecay = given.Contains("--weight-decay") ? asked.WeightDecay : candidate.WeightDecay,
                AverageDecay = given.Contains("--average") ? asked.Average : candidate.AverageDecay,
            };
        }
    }

    /// <summary>Refuses data in which nearly every example has a label of its own: what was taken for labels is none, and nothing can be learned of it.</summary>
    static void CheckClasses(IReadOnlyList<Example> examples)
    {
        const int Few = 20;
        var labels = examples.SelectMany(e => e.Labels).Distinct(StringComparer.Ordinal).ToArray();
        if (examples.Count >= Few && labels.Length > examples.Count / 2 && examples.All(e => e.Labels.Count <= 1))
            throw new DataMismatchException($"{labels.Length:N0} different labels for {examples.Count:N0} examples, such as '{labels[0]}' and '{labels[1]}': nearly every example is a class of its own. Name the column of the labels with --label, or the format with --format.");
    }

    static SequenceClassifier Build(ClassifierOptions options, IReadOnlyList<Example> train)
    {
        var (plan, config, rng) = (options.Plan, options.Plan.Config, new Rng(options.Seed));
        if (config.Features > 0)
        {
            // Without recurrence all series are brought to one length.
            var flat = config.Encoder == "mlp" && config.MaxSteps == 0;
            return (flat ? plan with { Config = config with { MaxSteps = Math.Max(1, train.Max(e => e.Series?.Steps ?? 0)) } } : plan).CreateModel(train, rng);
        }
        if (options.Embeddings is not { } path) return plan.CreateModel(train, rng);
        var tokenizer = plan.CreateTokenizer(train);
        var vectors = WordVectors.Read(path, Enumerable.Range(0, tokenizer.VocabularySize).Select(tokenizer.Symbol).ToHashSet());
        var frozen = options.Given.Contains("--frozen");
        var model = new SequenceClassifier(config with { EmbeddingSize = vectors.Dimensions, FrozenEmbedding = frozen }, tokenizer, null, rng);
        if (model.UseVectors(vectors, rng.Fork("vectors")) == 0)
            throw new DataMismatchException($"{path} has none of the {tokenizer.VocabularySize:N0} tokens of the data, such as '{tokenizer.Symbol(tokenizer.VocabularySize / 2)}'. Are its words of the same language and case?");
        return model;
    }

    /// <summary>A plan for programs, and for the notes of a model.</summary>
    static JsonObject ToJson(ClassifierPlan plan) => new()
    {
        ["effort"] = plan.Effort.ToString().ToLowerInvariant(),
        ["memory_bytes"] = plan.Memory,
        ["operations"] = plan.Operations,
        ["trials"] = new JsonArray([.. plan.Trials.Select(t => new JsonObject { ["candidate"] = t.Candidate, ["loss"] = t.Loss, ["accuracy"] = t.Accuracy, ["taken"] = t.Taken })]),
    };

    protected override Func<Evaluation> PrepareEvaluation(SequenceClassifier model, EvaluationOptions options, IDataFiles files, TaskObserver observer)
    {
        observer.OnPhase(WorkPhase.Reading, options.Files);
        var examples = files.ReadExamples(options.Files, options.Reading);
        return () => new(
            new ClassificationReport(SequenceClassifierTask.Evaluate(model, examples, options.Batch ?? 64, new ProgressTo<double>(share => observer.OnEvaluating("examples", share)))), "examples", examples.Count);
    }

    protected override ModelFacts Describe(SequenceClassifier model) => new(
        new() { ["tokens"] = model.Tokenizer?.Kind, ["vocabulary"] = model.Tokenizer?.VocabularySize },
        [
            ("model", InWords(model)),
            ("reads", model.Tokenizer is { } t ? $"texts: {t.Kind}, {t.VocabularySize:N0} symbols" : $"series: {model.Config.Features:N0} features a step"),
            ("classes", TextOf.Names(model.Config.Classes)),
        ]);

    static string InWords(SequenceClassifier model)
    {
        var c = model.Config;
        var input = model.Tokenizer is { } t ? $"{t.VocabularySize:N0} {t.Kind} tokens" : $"{c.Features:N0} features";
        var layers = c.Encoder == "mlp"
            ? $"{c.Layers} × mlp of {c.HiddenSize}"
            : $"{c.Layers} × {c.Cell} of {c.HiddenSize}{(c.Bidirectional ? ", bidirectional" : "")}, {c.Pooling}{(c.Encoder == "rnn" ? "" : $", {c.Encoder}")}";
        var linear = $"linear model over n-grams of 1 to {c.NGrams} tokens{(c.NGramPositions > 0 ? $", of 1 to {c.NGramPositions} by position" : "")}";
        var parts = c.NGrams == 0 ? layers : c.Members == 0 ? linear : $"{layers}, {linear} (share {c.NGramShare:0.0#})";
        return $"{(c.Members > 1 ? $"{c.Members} networks of " : "")}{parts}; {input}, {c.Classes.Count:N0} classes{(c.MultiLabel ? ", multi-label" : "")}";
    }

    internal override Inspected Inspect(SequenceModel model, InspectionInput input, IDataFiles files) => InspectedModels.Read((SequenceClassifier)model, input, DataNotes.ReadingOf(model), files);

    protected override Predictor CreatePredictor(SequenceClassifier model, PredictionOptions options, IDataFiles files, TaskObserver observer)
    {
        if (options.Best is not null) throw new OptionException("--best cannot be given: only taggers have it.");
        return new ClassPredictor(model, options.Reading, options.Explain ?? (options.Explains || options.Class is not null ? ClassPredictor.Best(model) : ClassPredictor.None), options.Class, files, observer);
    }

    sealed class Job(ClassifierOptions options, SequenceClassifier model, DataSplit<Example> data) : TrainingJob<ClassifierOptions, SequenceClassifier>(options, model)
    {
        public override TrainingTask Task { get; } = new SequenceClassifierTask(
            model, data.Train, data.Valid, options.Plan.Task with { Batch = options.Batch }, new Rng(options.Seed).Fork("order"));

        public override string Description => InWords(Model);

        public override string? Parts => data.ToString();

        public override string Batch => $"{Options.Batch} × examples of {data.Train.Count:N0}";

        public override string Unit => Model.Tokenizer is null ? "steps" : "tokens";

        public override string LossUnit => "nats per example";

        public override string? HeldOut => data.HeldOutName;

        protected override EvaluationReport Evaluate(SequenceClassifier best, IProgress<double> progress) =>
            new ClassificationReport(SequenceClassifierTask.Evaluate(best, data.HeldOut, progress: progress));

        public override string NextCommand(string run) => Model.Tokenizer is null ? $"unroll predict {run} FILE" : $"unroll predict {run} --text \"…\"";
    }
}
