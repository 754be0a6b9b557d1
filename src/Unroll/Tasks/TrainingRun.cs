using System.Diagnostics;
using System.Text.Json.Nodes;
using Unroll.Storage;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>What came of a run.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Json">All figures, for programs.</param>
/// <param name="Report">How the best model does on what was held out; null where nothing was, or the run was cancelled.</param>
public sealed record RunResult(TrainingEnd End, JsonObject Json, EvaluationReport? Report)
{
    /// <summary>The training; null of a cross-validation as a whole.</summary>
    public TrainingJob? Job { get; init; }

    /// <summary>The model with the best weights; null where the run was cancelled.</summary>
    public SequenceModel? Best { get; init; }

    /// <summary>The run's folder.</summary>
    public required RunFolder Folder { get; init; }

    /// <summary>The losses, the speed and the time; null of a cross-validation as a whole.</summary>
    public TrainingResult? Training { get; init; }

    /// <summary>Mean and standard deviation of every figure over the folds of a cross-validation; none elsewhere.</summary>
    public IReadOnlyList<(string Name, double Mean, double Deviation)> Spread { get; init; } = [];

    /// <summary>How many iterations were made, of all folds.</summary>
    public long Iterations => Json["iterations"]!.GetValue<long>();
}

/// <summary>
/// A training in a folder of its own: the best model, checkpoints, a log and a learning curve. It goes on where it was interrupted, to the same bits. With
/// folds it is a training for each, in folders <c>fold-1</c>, ….
/// </summary>
/// <param name="task">What is learned.</param>
/// <param name="path">The folder.</param>
/// <param name="files">Reads data.</param>
/// <param name="observer">Is told how it goes; null for nobody.</param>
/// <remarks>Not safe for use by several threads; another process that would write the folder is refused.</remarks>
public sealed class TrainingRun(TaskDefinition task, string path, IDataFiles files, TaskObserver? observer = null)
{
    readonly TaskObserver _observer = observer ?? TaskObserver.None;

    /// <summary>A folder that does not exist yet: <c>runs/NAME</c>, or the next free name.</summary>
    public static string FreePath(TaskDefinition task)
    {
        for (var i = 1; ; i++)
        {
            var name = Path.Combine("runs", i == 1 ? task.Name : $"{task.Name}-{i}");
            if (!Directory.Exists(name) && !File.Exists(name)) return name;
        }
    }

    /// <summary>Trains from the beginning.</summary>
    /// <param name="options">What decides the result.</param>
    /// <param name="cancellation">Finishes the iteration and saves; <see cref="Resume"/> goes on.</param>
    /// <exception cref="UnrollException">The folder holds something, data cannot be read or does not fit, or the training diverged.</exception>
    public RunResult Start(TrainingOptions options, CancellationToken cancellation = default)
    {
        options = task.Checked(options);
        new RunFolder(path).CheckFree();
        return RunAll(options, cancellation);
    }

    /// <summary>Goes on with a run as if it had never been interrupted. What is done is not done again.</summary>
    /// <param name="cancellation">As for <see cref="Start"/>.</param>
    /// <exception cref="UnrollException">There is no checkpoint, it cannot be read, or the data has changed.</exception>
    public RunResult Resume(CancellationToken cancellation = default)
    {
        var first = new[] { path, FoldPath(0) }.Select(p => new RunFolder(p)).FirstOrDefault(r => File.Exists(r.CheckpointPath))
            ?? throw new InvalidFileException($"{path} holds no checkpoint.safetensors to go on from. Was the run ended before its first checkpoint?");
        return RunAll(Load(first).Options, cancellation);
    }

    string FoldPath(int fold) => Path.Combine(path, $"fold-{fold + 1}");

    (Checkpoint<SequenceModel> Checkpoint, TrainingOptions Options) Load(RunFolder run)
    {
        var checkpoint = task.LoadCheckpoint(run.CheckpointPath);
        try
        {
            return (checkpoint, task.FromJson(System.Text.Json.JsonDocument.Parse(checkpoint.Options.ToJsonString()).RootElement));
        }
        catch (UnrollException e)
        {
            throw new InvalidFileException($"{run.CheckpointPath} is damaged: {e.Message}", e);
        }
    }

    RunResult RunAll(TrainingOptions options, CancellationToken cancellation)
    {
        var folds = task.FoldsOf(options);
        if (folds.Count == 0) return RunOne(new(path), options, cancellation);
        var start = Stopwatch.GetTimestamp();
        var results = new List<RunResult>();
        for (var i = 0; i < folds.Count; i++)
        {
            _observer.OnFold(i + 1, folds.Count);
            results.Add(RunOne(new(FoldPath(i)), folds[i], cancellation));
            if (results[^1].End == TrainingEnd.Cancelled) break;
        }
        return Summary(results, Stopwatch.GetElapsedTime(start), folds.Count);
    }

    RunResult RunOne(RunFolder run, TrainingOptions options, CancellationToken cancellation)
    {
        if (!File.Exists(run.CheckpointPath)) return RunOne(run, task.Prepare(options, null, files, _observer), null, cancellation);
        using var held = run.Hold();
        var (checkpoint, stored) = Load(run);
        return RunOne(run, task.Prepare(stored, checkpoint.Model, files, _observer), checkpoint.Snapshot, cancellation);
    }

    RunResult RunOne(RunFolder run, TrainingJob job, CheckpointState? from, CancellationToken cancellation)
    {
        var model = job.Model;
        _observer.OnPhase(WorkPhase.Training);
        var observers = new List<ITrainingObserver> { _observer };
        var trainer = job.CreateTrainer(run.Store(model, task.ToJson(job.Options), job.Task.HasValidation), observers);
        if (from is not null) trainer.Restore(from);

        // Everything fits: only now is anything written.
        using var held = from is null ? run.Create() : null;
        using var file = new FileStream(run.LogPath, from is null ? FileMode.CreateNew : FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        var log = from is null ? new RunLog(file) : RunLog.Resume(file, trainer.Iteration);
        observers.Add(log);
        if (from is null && model.Notes[DataNotes.PlanKey] is JsonObject plan) log.OnPlan(plan);
        _observer.OnReady(job,
        [
            .. DataNotes.Rows(model.Notes[DataNotes.DataKey], doubts: false),
            .. PlanNotes.Rows(model.Notes[DataNotes.PlanKey]),
            .. job.Parts is { } parts ? [("parts", parts)] : Array.Empty<(string, string)>(),
            ("model", $"{model.ParameterCount:N0} parameters: {job.Description}"),
            ("training", $"{trainer.Iterations:N0} iterations of {job.Batch}{(from is null ? "" : ", resumed")}"),
            ("run", run.Path),
        ]);
        var result = trainer.Run(cancellation);
        if (result.End == TrainingEnd.Cancelled)
        {
            WriteCurve(run);
            return new(result.End, ToJson(run, result, model), null) { Folder = run, Job = job, Training = result };
        }
        var best = job.Task.KeepsBest || !File.Exists(run.ModelPath) ? model : ModelFile.Load(run.ModelPath);            // the best weights need not be the last
        if (job.Finish(best) || job.Task.KeepsBest) ModelFile.Save(run.ModelPath, best);
        EvaluationReport? report = null;
        if (job.HeldOut is { } name)
        {
            _observer.OnPhase(WorkPhase.Evaluating);
            report = job.Evaluate(best, new ProgressTo<double>(share => _observer.OnEvaluating(name, share)));
            log.OnScore(trainer.Iteration, trainer.Epoch, name, report.ToJson());
        }
        WriteCurve(run);
        var json = ToJson(run, result, model);
        if (report is not null) json[job.HeldOut!] = report.ToJson();
        var done = new RunResult(result.End, json, report) { Folder = run, Job = job, Best = best, Training = result };
        _observer.OnDone(done);
        return done;
    }

    static void WriteCurve(RunFolder run)
    {
        using var log = new FileStream(run.LogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        AtomicFile.Write(run.CurvePath, LearningCurve.ToSvg(RunLog.Read(log)));
    }

    static JsonObject ToJson(RunFolder run, TrainingResult result, SequenceModel model)
    {
        var json = new JsonObject { ["run"] = run.Path, ["data"] = model.Notes[DataNotes.DataKey]?.DeepClone() };
        if (model.Notes[DataNotes.PlanKey] is { } plan) json["plan"] = plan.DeepClone();
        json["end"] = result.End.ToString().ToLowerInvariant();
        json["valid_loss"] = result.Last?.Loss;
        json["best_valid_loss"] = double.IsFinite(result.BestLoss) ? result.BestLoss : null;
        json["best_iteration"] = result.BestIteration;
        json["iterations"] = result.Iterations;
        json["tokens_per_s"] = result.TokensPerSecond;
        json["seconds"] = result.Seconds;
        return json;
    }

    /// <summary>The mean and the spread over the folds; some folds may lack a figure, such as the area under the curve where all are of one class.</summary>
    RunResult Summary(IReadOnlyList<RunResult> folds, TimeSpan time, int count)
    {
        var scores = folds.Where(f => f.Report is not null).Select(f => f.Report!.Metrics.ToDictionary(m => m.Name, m => m.Value)).ToArray();
        var names = scores.Length == 0 ? [] : scores[0].Keys.Where(name => scores.All(s => s.ContainsKey(name))).ToArray();
        (string Name, double Mean, double Deviation)[] spread = [.. from name in names let figure = SpreadOf([.. scores.Select(s => s[name])]) select (name, figure.Mean, figure.Deviation)];
        var json = new JsonObject
        {
            ["run"] = path,
            ["end"] = folds[^1].Json["end"]!.DeepClone(),
            ["iterations"] = folds.Sum(f => f.Iterations),
            ["seconds"] = time.TotalSeconds,
            ["mean"] = new JsonObject(spread.Select(f => KeyValuePair.Create(f.Name, (JsonNode?)f.Mean))),
            ["spread"] = new JsonObject(spread.Select(f => KeyValuePair.Create(f.Name, (JsonNode?)f.Deviation))),
            ["folds"] = new JsonArray([.. folds.Select(f => f.Json.DeepClone())]),
        };
        return new(folds[^1].End, json, null) { Folder = new(path), Spread = scores.Length == count ? spread : [] };
    }

    /// <summary>The mean, and the standard deviation of a sample: √(Σ(x − x̄)² / (n − 1)).</summary>
    internal static (double Mean, double Deviation) SpreadOf(double[] values)
    {
        var mean = values.Average();
        return (mean, values.Length < 2 ? 0 : Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1)));
    }
}
