using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Configuration;
using Unroll.Data;
using Unroll.Kernels;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>Classification of texts for several tasks whose networks share layers.</summary>
internal sealed class MultiTaskDefinition : TaskDefinition<MultiTaskOptions, MultiTaskClassifier, TaskExample>, ITaskStudy
{
    const int LeastExamples = 20;                    // of a task: of fewer nothing can be validated
    const string ReadingsKey = "readings", SplitKey = "split";

    /// <summary>Options that a model to begin from has decided.</summary>
    static readonly HashSet<string> OfFreshModels =
    [
        .. MultiTaskOptions.ModelSettings.Concat(MultiTaskOptions.TextSettings).Select(s => s.Option), "--pretrain-lm", "--pretrain-epochs", "--epochs", "--sampling", "--task-weight", "--folds",
    ];

    public static MultiTaskDefinition Instance { get; } = new();

    public override string Name => "multitask";

    public override string Description => "Train classifiers of several tasks together, which share layers.";

    public override string ModelName => MultiTaskConfig.ModelName;

    public override string ModelText => "a classifier of several tasks";

    public override string EvaluationText => "a classifier of several tasks gives the labels of --task";

    internal override IReadOnlyList<string> EvaluationOptions { get; } = ["--task"];

    public override IReadOnlyList<string> Examples { get; } =
    [
        "unroll train multitask --task sst2=sst2.train,sst2.dev,sst2.test --task imdb=imdb_train.tsv,,imdb_test.tsv --out runs/reviews",
        "unroll train multitask --task sst2=sst2.train,sst2.dev,sst2.test --task subj=subj.all --read subj.encoding=latin-1 --test-every 10 --pretrain-lm --fine-tune",
        "unroll train multitask --task spam=spam.tsv --task reviews=reviews.csv --architecture uniform --fine-tune",
        "unroll train multitask --resume runs/reviews",
    ];

    protected override IReadOnlyList<(string Title, SettingList<MultiTaskOptions> Settings)> Settings { get; } =
    [
        ("Data", [.. MultiTaskOptions.DataSettings, TrainingOptions.GivenSetting<MultiTaskOptions>()]),
        ("Text", MultiTaskOptions.TextSettings),
        ("Model", MultiTaskOptions.ModelSettings),
        ("Phases", MultiTaskOptions.PhaseSettings),
        ("Training", MultiTaskOptions.CommonSettings),
    ];

    protected override MultiTaskClassifier Read(ModelDescription file) => MultiTaskClassifier.FromFile(file);

    protected override IEnumerable<string> ProblemsOf(MultiTaskOptions options)
    {
        IReadOnlyList<TaskData> tasks = [];
        if (options.Tasks.Count == 0) yield return "--task is missing: name each task and its files, --task NAME=TRAIN[,VALID[,TEST]].";
        if (Problem(() => tasks = options.ToData()) is { } form) yield return form;
        foreach (var twice in tasks.GroupBy(t => t.Name, StringComparer.Ordinal).Where(g => g.Count() > 1)) yield return $"--task names two tasks '{twice.Key}'; give each a name of its own.";
        if (tasks.Count == 1 && options.Model.Shares)
            yield return $"There is one task, '{tasks[0].Name}': --architecture {options.Model.Architecture} shares layers among several. Give another --task, or --architecture single.";
        foreach (var task in tasks)
            foreach (var problem in task.Reading.Problems) yield return $"Task {task.Name}: {problem}";
        if (tasks.Count > 0 && tasks.All(t => t.Test is not null))
        {
            if (options.Data.Folds is not null) yield return "--folds cannot be given: every task has a test file.";
            if (options.Data.TestEvery is not null) yield return "--test-every cannot be given: every task has a test file.";
        }
        if (tasks.Count > 0 && tasks.All(t => t.Valid is not null) && options.Given.Contains("--valid")) yield return "--valid cannot be given: every task has a file to validate on.";
        if (options.From is not null)
            foreach (var option in options.Given.Where(OfFreshModels.Contains)) yield return $"{option} cannot be given: the model of --from has it already.";
        if (tasks.Count > 0 && Problem(() => options.WeightsOf([.. tasks.Select(t => t.Name)])) is { } weights) yield return weights;
    }

    static string? Problem(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }

    /// <summary>The options with full paths, so that a run goes on wherever it is started.</summary>
    protected override MultiTaskOptions Complete(MultiTaskOptions options) => options with { Tasks = [.. options.Tasks.Select(t => TaskData.Parse(t).ToString())] };

    protected override IEnumerable<string> ConfigProblems(MultiTaskOptions options) => options.Model.Problems;

    protected override DataSplit<TaskExample> Read(MultiTaskOptions options, IDataFiles files, DataReports reports)
    {
        List<TaskExample> train = [], valid = [], test = [];
        foreach (var task in options.ToData())
        {
            var data = options.Data with
            {
                Files = [task.Train],
                ValidFile = task.Valid,
                ValidFraction = task.Valid is null ? options.Data.ValidFraction ?? MultiTaskOptions.DefaultValid : 0,
                Test = task.Test is null ? [] : [task.Test],
                TestEvery = task.Test is null ? options.Data.TestEvery : null,
                Folds = task.Test is null ? options.Data.Folds : null,
            };
            var split = data.Split(paths => files.ReadExamples(paths, task.Reading, report: reports.For(paths)), e => e.Source, options.Seed);
            train.AddRange(split.Train.Select(e => new TaskExample(task.Name, e)));
            valid.AddRange(split.Valid.Select(e => new TaskExample(task.Name, e)));
            test.AddRange(split.Test.Select(e => new TaskExample(task.Name, e)));
        }
        return Fraction(options, new(train, valid, test) { Source = string.Join(", ", options.ToData().Select(t => t.Name)) });
    }

    protected override DataSplit<TaskExample> Hold(MultiTaskOptions options, IReadOnlyList<TaskExample> train, IReadOnlyList<TaskExample>? valid)
    {
        if (valid is not null) return Fraction(options, new(train, valid, []));
        List<TaskExample> kept = [], held = [];
        foreach (var task in train.GroupBy(e => e.Task, StringComparer.Ordinal))
        {
            var (some, others) = options.Data.ValidFraction is { } share || task.Count() > 1
                ? Data.Split.ByFraction([.. task], options.Data.ValidFraction ?? MultiTaskOptions.DefaultValid, new Rng(options.Seed).Fork("validation"), e => string.Join('\n', e.Example.Labels))
                : ([.. task], []);
            kept.AddRange(some);
            held.AddRange(others);
        }
        return Fraction(options, new(kept, held, []));
    }

    /// <summary>A share of each task's data to learn from; a smaller share is a part of a larger one.</summary>
    static DataSplit<TaskExample> Fraction(MultiTaskOptions options, DataSplit<TaskExample> data)
    {
        if (options.TrainFraction >= 1) return data;
        var kept = new List<TaskExample>();
        foreach (var task in data.Train.GroupBy(e => e.Task, StringComparer.Ordinal))
        {
            TaskExample[] all = [.. task];
            new Rng(options.Seed).Fork("fraction").Shuffle<TaskExample>(all);
            kept.AddRange(all[..Math.Max(1, (int)Math.Round(options.TrainFraction * all.Length))]);
        }
        return data with { Train = kept };
    }

    protected override (MultiTaskOptions Options, MultiTaskClassifier Model) CreateModel(MultiTaskOptions options, DataSplit<TaskExample> data, TaskObserver observer)
    {
        var conflicts = options.Conflicts.ToList();
        if (Problem(() => options.WeightsOf([.. data.Train.Select(e => e.Task).Distinct(StringComparer.Ordinal)])) is { } weights) conflicts.Add(weights);
        if (conflicts.Count > 0) throw new InvalidConfigurationException("The options cannot be used", conflicts);
        WarnOfOverlap(data, observer);
        if (options.From is { } from) return LoadForFineTuning(options, from, data);
        var rng = new Rng(options.Seed);
        var (tasks, kind) = Check(options, data);
        if (tasks.Count == 1 && options.Model.Shares) throw new DataMismatchException($"There is one task, '{tasks[0].Name}': architecture {options.Model.Architecture} shares layers among several. Give another task, or architecture single.");
        var plan = new ClassifierPlan { Config = new() { Classes = [] }, Tokens = kind == "word" ? "term" : kind, MinCount = options.MinCount, Vocabulary = options.Vocabulary ?? (kind == "bpe" ? null : 30_000) };
        var tokenizer = plan.CreateTokenizer([.. data.Train.Select(e => e.Example)]);
        var config = options.Model;
        var vectors = options.Embeddings is { } path ? WordVectors.Read(path, Enumerable.Range(0, tokenizer.VocabularySize).Select(tokenizer.Symbol).ToHashSet()) : null;
        if (vectors is not null) config = config with { EmbeddingSize = vectors.Dimensions };
        var model = new MultiTaskClassifier(config, tasks, tokenizer, rng);
        if (vectors is not null && model.UseVectors(vectors, rng.Fork("vectors")) == 0)
            throw new DataMismatchException($"{options.Embeddings} has none of the {tokenizer.VocabularySize:N0} tokens of the data. Are its words of the same language and case?");
        if (vectors is null) model.ZeroUnseenEmbeddings([.. tasks.Select(t => data.Train.Where(e => e.Task == t.Name).Select(e => e.Example))]);
        if (options.Tasks.Count > 0) model.Notes[ReadingsKey] = new JsonObject(options.ToData().Select(t => KeyValuePair.Create(t.Name, (JsonNode?)ReadingOptions.Settings.ToJson(t.Reading))));
        model.Notes[SplitKey] = SplitOf(data);
        return (options with { Model = config }, model);
    }

    /// <summary>The tasks with their classes, and the kind of tokens that they share.</summary>
    /// <exception cref="DataMismatchException">A task cannot be learned, or they ask for different tokens.</exception>
    static (IReadOnlyList<TaskLabels> Tasks, string Tokens) Check(MultiTaskOptions options, DataSplit<TaskExample> data)
    {
        var names = options.Tasks.Count > 0 ? options.ToData().Select(t => t.Name).ToArray() : [.. data.Train.Select(e => e.Task).Distinct(StringComparer.Ordinal)];
        TaskLabels[] tasks = [.. names.Select(name => LabelsOf(name, data))];
        foreach (var task in tasks) CheckMeasurable(task, data);
        var kinds = names.Select(name => (Name: name, Kind: options.Tokens == ClassifierOptions.Auto ? ClassifierPlan.TokensFor([.. data.Train.Where(e => e.Task == name).Select(e => e.Example)]) : options.Tokens)).ToArray();
        return kinds.DistinctBy(k => k.Kind).Count() == 1 ? (tasks, kinds[0].Kind)
            : throw new DataMismatchException($"Tasks ask for different kinds of tokens: {string.Join(", ", kinds.Select(k => $"{k.Name} {(k.Kind == "term" ? "word" : k.Kind)}"))}. They share their tokens: give --tokens word, char, byte or bpe.");
    }

    /// <summary>Makes sure that tasks can be learned from all of the data, and from a share of it.</summary>
    /// <exception cref="DataMismatchException">One cannot, or they ask for different tokens.</exception>
    internal static void CheckShare(MultiTaskOptions options, DataSplit<TaskExample> data)
    {
        try
        {
            Check(options, Fraction(options, data));
        }
        catch (UnrollException e) when (options.TrainFraction < 1)
        {
            throw new DataMismatchException($"On {MultiTaskStudy.PercentOf(options.TrainFraction)} % of the data: {e.Message}", e);
        }
    }

    static void CheckMeasurable(TaskLabels task, DataSplit<TaskExample> data)
    {
        foreach (var (part, name) in new[] { (data.Valid, "validation"), (data.Test, "test") })
        {
            Example[] examples = [.. part.Where(e => e.Task == task.Name).Select(e => e.Example)];
            var problems = new ProblemList();
            foreach (var example in examples.Where(e => e.Labels.Count != 1)) problems.Add($"{example.Source} has {example.Labels.Count} labels; expected one");
            problems.ThrowIfAny($"The {name} examples of task {task.Name} cannot be measured on");
            var labels = examples.SelectMany(e => e.Labels).Distinct(StringComparer.Ordinal).ToArray();
            if (labels.Length > 0 && !labels.Any(task.Classes.Contains))
                throw new DataMismatchException($"Task {task.Name}: no label of its {name} examples, {FieldNames.Show(labels)}, is among those that it learns, {FieldNames.Show(task.Classes)}. Is this the right file, and the right column of it?");
        }
    }

    /// <summary>What tells how the data was split: a model that goes on with another split would be validated or tested on what it has learned from.</summary>
    static string SplitOf(DataSplit<TaskExample> data)
    {
        var hash = new Fnv();
        foreach (var part in new[] { data.Train, data.Valid })
            foreach (var example in part)
                foreach (var c in $"{example.Task}\n{example.Example.Text}\n") hash.Add(c);
        return hash.ToString();
    }

    /// <summary>Says where texts that a task is tested or validated on are among what another one learns from.</summary>
    static void WarnOfOverlap(DataSplit<TaskExample> data, TaskObserver observer)
    {
        var learned = data.Train.GroupBy(e => e.Task, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Select(e => e.Example.Text).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        foreach (var (part, name) in new[] { (data.Test, "test"), (data.Valid, "validation") })
            foreach (var held in part.GroupBy(e => e.Task, StringComparer.Ordinal))
                foreach (var (task, texts) in learned.Where(l => l.Key != held.Key))
                    if (held.Count(e => texts.Contains(e.Example.Text)) is > 0 and var count)
                        observer.OnWarning($"{count:N0} of {held.Count():N0} {name} texts of task {held.Key} are in the training data of task {task}: figures on them are too good.");
    }

    static ReadingOptions ReadingOf(MultiTaskClassifier model, string task)
    {
        if (model.Notes[ReadingsKey]?[task] is not JsonObject note) return new();
        return ReadingOptions.Settings.Read(JsonDocument.Parse(note.ToJsonString()).RootElement, new()).Options;
    }

    /// <summary>A model that has been trained, to be fine-tuned.</summary>
    static (MultiTaskOptions Options, MultiTaskClassifier Model) LoadForFineTuning(MultiTaskOptions options, string from, DataSplit<TaskExample> data)
    {
        var model = ModelFile.Load<MultiTaskClassifier>(RunFolder.FindModel(from));
        var (has, asked) = (model.Tasks.Select(t => t.Name).ToArray(), data.Train.Select(e => e.Task).Distinct(StringComparer.Ordinal).ToArray());
        if (!has.SequenceEqual(asked))
            throw new DataMismatchException($"{from} has the tasks {string.Join(", ", has)}; the data is of {string.Join(", ", asked)}. Fine-tune a model with all of its tasks, in the same order.");
        if (!model.Config.Shares) throw new DataMismatchException($"{from} is a model of the architecture single, whose tasks share nothing to begin from.");
        if (model.Notes[SplitKey]?.ToString() != SplitOf(data))
            throw new DataMismatchException($"{from} learned from another split of the data: its validation and test parts would be other ones. Give the same --task, --seed, --valid, --test-every and --train-fraction.");
        foreach (var task in model.Tasks)
            if (data.Train.FirstOrDefault(e => e.Task == task.Name && !e.Example.Labels.All(task.Classes.Contains)) is { } other)
                throw new DataMismatchException($"{other.Example.Source}: {ProblemList.Quote(other.Example.Labels[0])} is no class of task {task.Name} of {from}; expected one of {TextOf.Names(task.Classes)}.");
        return (options with { Model = model.Config }, model);
    }

    static TaskLabels LabelsOf(string name, DataSplit<TaskExample> data)
    {
        Example[] train = [.. data.Train.Where(e => e.Task == name).Select(e => e.Example)];
        var problems = new ProblemList();
        if (train.FirstOrDefault(e => e.Text is null) is { } series) problems.Add($"{series.Source} is a series; tasks that share layers read texts");
        if (train.Length + data.Valid.Count(e => e.Task == name) < LeastExamples) problems.Add($"there are {train.Length + data.Valid.Count(e => e.Task == name)} examples to learn from and validate on; expected at least {LeastExamples}");
        else if (!data.Valid.Any(e => e.Task == name)) problems.Add("nothing is left to validate on");
        foreach (var example in train.Where(e => e.Labels.Count != 1)) problems.Add($"{example.Source} has {example.Labels.Count} labels; expected one");
        string[] classes = [.. train.SelectMany(e => e.Labels).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (classes.Length == 1) problems.Add($"all examples have the label {ProblemList.Quote(classes[0])}: there is nothing to tell apart");
        problems.ThrowIfAny($"Task {name} cannot be learned");
        return new(name, classes);
    }

    internal override ITaskStudy Study => this;

    IReadOnlyList<string> ITaskStudy.Decided => MultiTaskStudy.Decided;

    SettingList<StudyOptions> ITaskStudy.Settings => StudyOptions.Settings;

    IReadOnlyDictionary<string, string[]> ITaskStudy.Assume(StudyOptions study) => MultiTaskStudy.Assume(study);

    StudyResult ITaskStudy.Run(TrainingOptions options, StudyOptions study, string path, IDataFiles files, TaskObserver observer, CancellationToken cancellation) =>
        new MultiTaskStudy((MultiTaskOptions)options, study, path, files, observer).Run(cancellation);

    /// <summary>All data as a training with these options has it.</summary>
    internal DataSplit<TaskExample> ReadAll(MultiTaskOptions options, IDataFiles files) => Read(options, files, new(options.Data, TaskObserver.None));

    protected override TrainingJob CreateJob(MultiTaskOptions options, MultiTaskClassifier model, DataSplit<TaskExample> data)
    {
        foreach (var task in model.Tasks) CheckMeasurable(task, data);
        var training = new MultiTaskTraining(model, data, options, new Rng(options.Seed).Fork("training"));
        return new Job(options with { Iterations = training.Iterations, CheckpointEvery = options.CheckpointEvery ?? options.ValidateEvery ?? Math.Max(1, training.BatchesPerEpoch / model.Tasks.Count) }, model, data, training);
    }

    protected override Func<Evaluation> PrepareEvaluation(MultiTaskClassifier model, EvaluationOptions options, IDataFiles files, TaskObserver observer)
    {
        var task = TaskOf(model, options.Task);
        observer.OnPhase(WorkPhase.Reading, options.Files);
        var examples = files.ReadExamples(options.Files, ReadingOf(model, task).With(options.Reading));
        return () => new(model.Evaluate(task, examples, options.Batch ?? 64, new ProgressTo<double>(share => observer.OnEvaluating("examples", share))), "examples", examples.Count);
    }

    /// <summary>The task that was asked for.</summary>
    /// <exception cref="UnrollException">None was, or there is none of that name.</exception>
    static string TaskOf(MultiTaskClassifier model, string? asked) =>
        asked is null ? throw new OptionException($"--task is missing: the model has the tasks {string.Join(", ", model.Tasks.Select(t => t.Name))}.") : model.Tasks[model.Find(asked)].Name;

    protected override ModelFacts Describe(MultiTaskClassifier model) => new(
        new()
        {
            ["tokens"] = model.Tokenizer.Kind,
            ["vocabulary"] = model.Tokenizer.VocabularySize,
            ["tasks"] = new JsonArray([.. model.Tasks.Select(t => JsonValue.Create(t.Name))]),
        },
        [
            ("model", InWords(model)), ("reads", $"texts: {model.Tokenizer.Kind}, {model.Tokenizer.VocabularySize:N0} symbols"),
            ("tasks", string.Join("; ", model.Tasks.Select(t => $"{t.Name} {TextOf.Names(t.Classes)}"))),
        ]);

    static string InWords(MultiTaskClassifier model)
    {
        var c = model.Config;
        return $"{model.Tasks.Count} tasks, {c.Architecture} architecture, {c.Cell} of {c.HiddenSize}, {c.Pooling}; {model.Tokenizer.VocabularySize:N0} {model.Tokenizer.Kind} tokens";
    }

    protected override Predictor CreatePredictor(MultiTaskClassifier model, PredictionOptions options, IDataFiles files, TaskObserver observer) =>
        options.Explain is not null and not ClassPredictor.None || options.Class is not null || options.Best is not null
            ? throw new OptionException("--explain, --class and --best cannot be given: a classifier of several tasks has none of them. 'unroll inspect' shows what its gates let in.")
            : new TaskPredictor(model, TaskOf(model, options.Task), ReadingOf(model, TaskOf(model, options.Task)).With(options.Reading), files, observer);

    internal override Inspected Inspect(SequenceModel model, InspectionInput input, IDataFiles files)
    {
        var (several, task) = ((MultiTaskClassifier)model, TaskOf((MultiTaskClassifier)model, input.Task));
        return InspectedModels.Read(several, task, input, ReadingOf(several, task), files);
    }

    sealed class TaskPredictor(MultiTaskClassifier model, string task, ReadingOptions reading, IDataFiles files, TaskObserver observer) : LabelPredictor(reading, files, observer)
    {
        protected override bool ReadsTexts => true;

        protected override IReadOnlyList<string> Classes => model.Tasks[model.Find(task)].Classes;

        protected override IEnumerable<Prediction> Of(Example[] examples) =>
            ThreadTeam.Map([.. examples.Zip(model.Predict(task, examples))], known => Tell(known.First, known.Second, json =>
            {
                json["task"] = task;
                return known.First.Text is { } text ? [new(text, 0)] : [];
            }));
    }

    sealed class Job(MultiTaskOptions options, MultiTaskClassifier model, DataSplit<TaskExample> data, MultiTaskTraining training) : TrainingJob<MultiTaskOptions, MultiTaskClassifier>(options, model)
    {
        public override TrainingTask Task => training;

        internal override Schedule CreateSchedule(long iterations) => new PhaseSchedule(training);

        public override string Description => InWords(Model);

        public override string? Parts => $"{data}: {string.Join(", ", Model.Tasks.Select(t => $"{t.Name} {data.Train.Count(e => e.Task == t.Name):N0}"))}";

        public override string Batch => $"{Options.Batch} × texts of {data.Train.Count:N0}";

        public override string LossUnit => "nats per example";

        public override string? HeldOut => data.HeldOutName;

        protected override EvaluationReport Evaluate(MultiTaskClassifier best, IProgress<double> progress)
        {
            // Tasks without a test set are left out where others have one: a validation set is no test.
            TaskLabels[] held = [.. best.Tasks.Where(t => data.HeldOut.Any(e => e.Task == t.Name))];
            return new MultiTaskReport([.. held.Select((t, m) => (t.Name, best.Evaluate(t.Name, Of(data.HeldOut, t.Name), progress: new ProgressTo<double>(share => progress.Report((m + share) / held.Length)))))]);
        }

        static IReadOnlyList<Example> Of(IReadOnlyList<TaskExample> all, string task) => [.. all.Where(e => e.Task == task).Select(e => e.Example)];

        public override string NextCommand(string run) => $"unroll predict {run} --task {Model.Tasks[0].Name} --text \"…\"";
    }
}
