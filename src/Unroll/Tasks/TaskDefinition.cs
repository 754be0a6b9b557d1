using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Configuration;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>Settings that stand together.</summary>
/// <param name="Title">What they are about.</param>
/// <param name="Settings">The settings.</param>
public sealed record SettingGroup(string Title, IReadOnlyList<Setting> Settings);

/// <summary>What can be learned: the settings, the data, the model, its evaluation and its answers. A line in <see cref="TaskCatalog"/> for each.</summary>
/// <remarks>Safe for use by several threads.</remarks>
public abstract class TaskDefinition
{
    private protected TaskDefinition()                      // a task derives from the one with types, below
    {
    }

    /// <summary>The name of its command, such as <c>classify</c>.</summary>
    public abstract string Name { get; }

    /// <summary>What it is, in a sentence.</summary>
    public abstract string Description { get; }

    /// <summary>Commands that show how it is used.</summary>
    public abstract IReadOnlyList<string> Examples { get; }

    /// <summary>The settings of a training, under titles.</summary>
    public abstract IReadOnlyList<SettingGroup> Groups { get; }

    /// <summary>The name of its models in files.</summary>
    public abstract string ModelName { get; }

    /// <summary>What its models are: "a language model".</summary>
    public abstract string ModelText { get; }

    /// <summary>The class of its models.</summary>
    public abstract Type ModelType { get; }

    /// <summary>What a model does in the command that evaluates it: "a classifier gives labels".</summary>
    public abstract string EvaluationText { get; }

    /// <summary>The names of the options that an evaluation has for this task and not for every other.</summary>
    internal virtual IReadOnlyList<string> EvaluationOptions => [];

    /// <summary>Makes a model, its weights not read yet, from what a file says of it.</summary>
    /// <exception cref="UnrollException">The file does not make sense; all problems are listed.</exception>
    internal abstract SequenceModel Build(ModelDescription file);

    /// <summary>Options from values by setting, as a command line gives them.</summary>
    /// <exception cref="FormatException">A value cannot be read.</exception>
    internal abstract (TrainingOptions Options, IReadOnlyList<string> Problems) Parse(IReadOnlyDictionary<Setting, IReadOnlyList<string>> given);

    /// <summary>The default of a setting as it would be given; empty where there is none to show.</summary>
    internal abstract string DefaultOf(Setting setting);

    /// <summary>Options as JSON.</summary>
    public abstract JsonObject ToJson(TrainingOptions options);

    /// <summary>Options from JSON, such as a checkpoint has.</summary>
    /// <exception cref="UnrollException">Settings are missing, not known, of a wrong type or out of range; all are listed.</exception>
    public abstract TrainingOptions FromJson(JsonElement json);

    /// <summary>The options, with those marked as given that differ from their defaults.</summary>
    /// <exception cref="InvalidConfigurationException">Some are out of range; all are listed.</exception>
    internal abstract TrainingOptions Checked(TrainingOptions given);

    /// <summary>The options of each fold of a cross-validation; none where there is none.</summary>
    internal abstract IReadOnlyList<TrainingOptions> FoldsOf(TrainingOptions options);

    /// <summary>Reads the data; makes the model, unless there is one from a checkpoint.</summary>
    /// <exception cref="UnrollException">Data cannot be read, or does not fit.</exception>
    internal abstract TrainingJob Prepare(TrainingOptions options, SequenceModel? model, IDataFiles files, TaskObserver observer);

    /// <summary>Reads data; gives back what evaluates the model on it.</summary>
    /// <exception cref="UnrollException">Data cannot be read, or does not fit.</exception>
    internal abstract Func<Evaluation> PrepareEvaluation(SequenceModel model, EvaluationOptions options, IDataFiles files, TaskObserver observer);

    /// <summary>Reads a checkpoint of a training.</summary>
    /// <exception cref="UnrollException">It cannot be read, is damaged, or is of another task.</exception>
    internal abstract Checkpoint<SequenceModel> LoadCheckpoint(string path);

    /// <summary>The comparison of ways to learn the task; null where there is none.</summary>
    internal virtual ITaskStudy? Study => null;

    /// <summary>What there is to say of a model, for programs and people.</summary>
    internal abstract ModelFacts Describe(SequenceModel model);

    /// <summary>Answers texts and files, or says why the model does not.</summary>
    /// <exception cref="UnrollException">The model gives no answers of this kind.</exception>
    internal abstract Predictor CreatePredictor(SequenceModel model, PredictionOptions options, IDataFiles files, TaskObserver observer);

    /// <summary>Lets a model read while its gates and states are recorded.</summary>
    /// <exception cref="UnrollException">The model cannot be looked into, or there is nothing that it can read.</exception>
    internal virtual Inspected Inspect(SequenceModel model, InspectionInput input, IDataFiles files) => Throw.NotInspectable<Inspected>(ModelText);
}

/// <summary>What an evaluation found.</summary>
/// <param name="Report">How well the model does.</param>
/// <param name="Unit">What was counted for the speed.</param>
/// <param name="Count">How many of these there were.</param>
public sealed record Evaluation(EvaluationReport Report, string Unit, long Count);

/// <summary>What there is to say of one kind of model.</summary>
/// <param name="Json">For programs.</param>
/// <param name="Rows">For people.</param>
public sealed record ModelFacts(JsonObject Json, IReadOnlyList<(string Name, string Value)> Rows);

/// <summary>A task with its options, its models and what they learn from: what a task of your own derives from.</summary>
/// <remarks>
/// A training goes through <see cref="ProblemsOf"/>, <see cref="Read(TOptions, IDataFiles, DataReports)"/>, <see cref="CreateModel"/> and
/// <see cref="CreateJob(TOptions, TModel, DataSplit{TItem})"/>. One object serves several trainings at once, so it keeps no state.
/// Safe for use by several threads, where what derives from it is.
/// </remarks>
/// <typeparam name="TOptions">What decides the result of a training.</typeparam>
/// <typeparam name="TModel">The model.</typeparam>
/// <typeparam name="TItem">What it learns from.</typeparam>
public abstract class TaskDefinition<TOptions, TModel, TItem> : TaskDefinition where TOptions : TrainingOptions, new() where TModel : SequenceModel
{
    static readonly TOptions Defaults = new();

    IReadOnlyList<Setting<TOptions>>? _all;
    SettingList<TOptions>? _inFiles;
    IReadOnlyList<SettingGroup>? _groups;

    /// <inheritdoc/>
    public sealed override Type ModelType => typeof(TModel);

    /// <summary>The settings of a training, under titles; those without an option stand in files only.</summary>
    protected abstract IReadOnlyList<(string Title, SettingList<TOptions> Settings)> Settings { get; }

    IReadOnlyList<Setting<TOptions>> All => _all ??= [.. Settings.SelectMany(g => g.Settings)];

    SettingList<TOptions> InFiles => _inFiles ??= [.. All.Where(s => s.Name.Length > 0)];

    /// <inheritdoc/>
    public sealed override IReadOnlyList<SettingGroup> Groups => _groups ??=
        [.. Settings.Select(g => new SettingGroup(g.Title, [.. g.Settings.Where(s => s.Option.Length > 0)])).Where(g => g.Settings.Count > 0)];

    internal sealed override string DefaultOf(Setting setting) => setting.IsFitted ? "" : ((Setting<TOptions>)setting).Show(Defaults);

    internal sealed override (TrainingOptions Options, IReadOnlyList<string> Problems) Parse(IReadOnlyDictionary<Setting, IReadOnlyList<string>> given)
    {
        var options = Defaults;
        foreach (var (setting, values) in given) options = ((Setting<TOptions>)setting).Parse(options, values);
        options = options with { Given = [.. given.Keys.Select(s => s.Option)] };
        List<string> problems = [.. ProblemsOf(options)];
        foreach (var setting in given.Keys)
            if (((Setting<TOptions>)setting).Useless(options) is { } why) problems.Add($"{setting.Option} cannot be given: {why}.");
        if (problems.Count > 0) return (options, problems);
        options = Complete(options);
        return (options, [.. ConfigProblems(options)]);
    }

    /// <inheritdoc/>
    public sealed override JsonObject ToJson(TrainingOptions options) => InFiles.ToJson((TOptions)options);

    /// <inheritdoc/>
    public sealed override TOptions FromJson(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) throw new InvalidConfigurationException($"The options cannot be read: expected an object, found {json.ValueKind}.");
        var (options, problems) = InFiles.Read(json, Defaults);
        return problems.Count == 0 ? options : throw new InvalidConfigurationException("The options cannot be used; they may come from another version", problems);
    }

    internal sealed override TOptions Checked(TrainingOptions given)
    {
        var options = (TOptions)given;
        if (InFiles.Problems(options) is { Count: > 0 } problems) throw new InvalidConfigurationException("The options cannot be used", problems);
        return options with { Given = [.. options.Given.Union(All.Where(s => s.Option.Length > 0 && s.Show(options) != s.Show(Defaults)).Select(s => s.Option))] };
    }

    internal sealed override IReadOnlyList<TrainingOptions> FoldsOf(TrainingOptions options) => [.. options.Data.OfEachFold().Select(data => (TOptions)options with { Data = data })];

    internal sealed override TrainingJob Prepare(TrainingOptions options, SequenceModel? model, IDataFiles files, TaskObserver observer)
    {
        var reports = new DataReports(options.Data, observer);
        var data = Read((TOptions)options, files, reports);
        var told = reports.Tell(data.Source);
        if (model is not null) return CreateJob((TOptions)options, (TModel)model, data);
        var job = CreateJob((TOptions)options, data, observer);
        DataNotes.Note(job.Model, ReadingOf((TOptions)options, reports), told);
        return job;
    }

    /// <summary>Trains a model in memory: plans what is not given, trains, and keeps the weights that validate best.</summary>
    /// <param name="train">What is learned from.</param>
    /// <param name="valid">What is validated on; a share of the former where null, as the options say.</param>
    /// <param name="options">What decides the result; the defaults where null.</param>
    /// <param name="observer">Is told how it goes; nobody where null.</param>
    /// <param name="cancellation">Ends the training after an iteration, with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnrollException">The data cannot be learned from, or options are out of range.</exception>
    public TModel Train(IReadOnlyList<TItem> train, IReadOnlyList<TItem>? valid, TOptions? options, TaskObserver? observer, CancellationToken cancellation)
    {
        (options, observer) = (Checked(options ?? Defaults), observer ?? TaskObserver.None);
        observer.OnPhase(WorkPhase.Building);
        var job = CreateJob(options, Hold(options, train, valid), observer);
        observer.OnPhase(WorkPhase.Training);
        var best = job.Task is { HasValidation: true, KeepsBest: false } ? new BestWeights(job.Model) : null;
        if (job.CreateTrainer(best, observer).Run(cancellation).End == TrainingEnd.Cancelled) cancellation.ThrowIfCancellationRequested();
        best?.PutBack();
        job.Finish(job.Model);
        return (TModel)job.Model;
    }

    TrainingJob CreateJob(TOptions options, DataSplit<TItem> data, TaskObserver observer)
    {
        var (settled, model) = CreateModel(options, data, observer);
        return CreateJob(settled, model, data);
    }

    internal sealed override SequenceModel Build(ModelDescription file) => Read(file);

    internal sealed override Func<Evaluation> PrepareEvaluation(SequenceModel model, EvaluationOptions options, IDataFiles files, TaskObserver observer) =>
        PrepareEvaluation((TModel)model, options with { Reading = DataNotes.ReadingOf(model).With(options.Reading) }, files, observer);

    internal sealed override Checkpoint<SequenceModel> LoadCheckpoint(string path)
    {
        var checkpoint = Checkpoint.Load<TModel>(path);
        return new(checkpoint.Model, checkpoint.Snapshot, checkpoint.Options);
    }

    internal sealed override ModelFacts Describe(SequenceModel model) => Describe((TModel)model);

    internal sealed override Predictor CreatePredictor(SequenceModel model, PredictionOptions options, IDataFiles files, TaskObserver observer) =>
        CreatePredictor((TModel)model, options with { Reading = DataNotes.ReadingOf(model).With(options.Reading) }, files, observer);

    /// <summary>Makes a model, its weights not read yet, from what a file says of it.</summary>
    /// <exception cref="UnrollException">The file does not make sense; all problems are listed.</exception>
    protected abstract TModel Read(ModelDescription file);

    /// <summary>What is missing, or cannot stand together.</summary>
    protected abstract IEnumerable<string> ProblemsOf(TOptions options);

    /// <summary>The options with what follows from them.</summary>
    protected virtual TOptions Complete(TOptions options) => options with { Data = options.Data.Completed() };

    /// <summary>What is wrong with the model that the options ask for.</summary>
    protected virtual IEnumerable<string> ConfigProblems(TOptions options) => [];

    /// <summary>A plan with the values that the options were given.</summary>
    protected TOptions Settled(TOptions plan, TOptions given) => All.Where(s => given.Given.Contains(s.Option)).Aggregate(plan, (o, s) => s.Copy(o, given));

    /// <summary>Reads the data of a training and splits it.</summary>
    protected abstract DataSplit<TItem> Read(TOptions options, IDataFiles files, DataReports reports);

    /// <summary>Holds out what is validated on, where it is not given.</summary>
    protected virtual DataSplit<TItem> Hold(TOptions options, IReadOnlyList<TItem> train, IReadOnlyList<TItem>? valid) => options.Data.Hold(train, valid, options.Seed, UsualShare);

    /// <summary>The share of so many to validate on, where none is asked for.</summary>
    protected virtual double UsualShare(int count) => 0.1;

    /// <summary>How the data was read, for the notes of the model.</summary>
    protected virtual ReadingOptions ReadingOf(TOptions options, DataReports reports) => options.Data.Reading;

    /// <summary>A model with fresh weights that fits the options and the data; the options with what was chosen.</summary>
    protected abstract (TOptions Options, TModel Model) CreateModel(TOptions options, DataSplit<TItem> data, TaskObserver observer);

    /// <summary>The training of a model. What cannot be tested on shows here, not when the training has ended.</summary>
    protected abstract TrainingJob CreateJob(TOptions options, TModel model, DataSplit<TItem> data);

    /// <summary>Reads data; gives back what evaluates the model on it.</summary>
    /// <exception cref="UnrollException">Data cannot be read, or does not fit.</exception>
    protected abstract Func<Evaluation> PrepareEvaluation(TModel model, EvaluationOptions options, IDataFiles files, TaskObserver observer);

    /// <summary>What there is to say of a model, for programs and people.</summary>
    protected abstract ModelFacts Describe(TModel model);

    /// <summary>Answers texts and files.</summary>
    /// <exception cref="UnrollException">The model gives no answers of this kind.</exception>
    protected abstract Predictor CreatePredictor(TModel model, PredictionOptions options, IDataFiles files, TaskObserver observer);
}
