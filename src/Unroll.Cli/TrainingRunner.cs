using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Unroll.Cli.Reports;
using Unroll.Models;
using Unroll.Storage;
using Unroll.Training;

namespace Unroll.Cli;

/// <summary>What came of a run.</summary>
/// <param name="Code">The exit code.</param>
/// <param name="Json">The result for programs.</param>
/// <param name="Score">How the best model does on what was held out; null where nothing was.</param>
sealed record TrainingOutcome(int Code, JsonObject Json, ScoreReport? Score);

/// <summary>Runs a training in its folder: shows how it goes, saves when told to stop, and says what came of it.</summary>
/// <param name="run">Where it is kept.</param>
/// <param name="options">What decides the result, as the checkpoints store it.</param>
/// <param name="forPeople">Whether anything is to be shown; otherwise the outcome is for a program.</param>
sealed class TrainingRunner(RunFolder run, JsonObject options, bool forPeople)
{
    /// <summary>Trains, from the beginning or from where a run was saved, which the caller holds.</summary>
    public TrainingOutcome Run(TrainingJob job, Snapshot? from)
    {
        var (settings, model, task) = (job.Settings, job.Model, job.Task);
        var limits = settings.ToTrainerOptions(task.HasValidation);
        var iterations = Trainer.CountIterations(task, limits);
        using var display = new TrainingDisplay(job.Unit);
        Work.Training();
        var observers = new List<ITrainingObserver> { display };
        var trainer = new Trainer(task, settings.ToOptimizer(model.Parameters), settings.ToSchedule(iterations), limits,
            run.Store(model, options, task.HasValidation), observers);
        if (from is not null) trainer.Restore(from);

        // Everything fits: only now is anything written.
        using var held = from is null ? run.Create() : null;
        using var file = new FileStream(run.LogPath, from is null ? FileMode.CreateNew : FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        var log = from is null ? new RunLog(file) : RunLog.Resume(file, trainer.Iteration);
        observers.Add(log);
        if (from is null && model.Notes[PlanText.NoteKey] is JsonObject plan) log.OnPlan(plan);
        if (forPeople)
            Output.Table("", [
                .. DataText.Rows(model.Notes[DataText.NoteKey], doubts: false),
                .. PlanText.Rows(model.Notes[PlanText.NoteKey]),
                .. job.Parts is { } parts ? [("parts", parts)] : Array.Empty<(string, string)>(),
                ("model", $"{model.ParameterCount:N0} parameters: {job.Description}"),
                ("training", $"{iterations:N0} iterations of {job.Batch}{(from is null ? "" : ", resumed")}"),
                ("run", run.Path),
            ]);
        TrainingResult result;
        try
        {
            result = RunUntilStopped(trainer);
        }
        finally
        {
            display.Dispose();
        }
        if (result.End == TrainingEnd.Cancelled)
        {
            WriteCurve();
            return new(CommandRunner.Interrupted, ToJson(result, model), null);
        }
        var best = Best(model);
        ScoreReport? score = null;
        if (job.HeldOut is { } name)
        {
            Work.Measuring();
            using var progress = new ProgressLine($"measuring on the {name} data");
            score = job.Measure(best, progress);
            log.OnScore(trainer.Iteration, trainer.Epoch, name, score.ToJson());
        }
        WriteCurve();
        var json = ToJson(result, model);
        if (score is not null) json[job.HeldOut!] = score.ToJson();
        if (forPeople) Show(job, best, result, score);
        return new(CommandRunner.Done, json, score);
    }

    static TrainingResult RunUntilStopped(Trainer trainer)
    {
        using var cancel = new CancellationTokenSource();
        using var interrupt = Standard.OnSignal(PosixSignal.SIGINT, Stop);
        using var terminate = Standard.OnSignal(PosixSignal.SIGTERM, Stop);
        using var closed = ClosedPipe.Instead(cancel.Cancel);       // what has been learned is saved, as after Ctrl-C
        return trainer.Run(cancel.Token);

        void Stop(PosixSignalContext signal)
        {
            if (cancel.IsCancellationRequested) return;             // a second Ctrl-C ends the process at once
            signal.Cancel = true;
            cancel.Cancel();
        }
    }

    void WriteCurve()
    {
        using var log = new FileStream(run.LogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        AtomicFile.Write(run.CurvePath, LearningCurve.ToSvg(RunLog.Read(log)));
    }

    /// <summary>The model with the best weights, which need not be the last.</summary>
    SequenceModel Best(SequenceModel last) => File.Exists(run.ModelPath) ? ModelFile.Load(run.ModelPath) : last;

    JsonObject ToJson(TrainingResult result, SequenceModel model) => new()
    {
        ["run"] = run.Path,
        ["data"] = model.Notes[DataText.NoteKey]?.DeepClone(),
        ["plan"] = model.Notes[PlanText.NoteKey]?.DeepClone(),
        ["end"] = result.End.ToString().ToLowerInvariant(),
        ["valid_loss"] = result.Last?.Loss,
        ["best_valid_loss"] = double.IsFinite(result.BestLoss) ? result.BestLoss : null,
        ["best_iteration"] = result.BestIteration,
        ["iterations"] = result.Iterations,
        ["tokens_per_s"] = result.TokensPerSecond,
        ["seconds"] = result.Seconds,
    };

    void Show(TrainingJob job, SequenceModel best, TrainingResult result, ScoreReport? score)
    {
        job.ShowSamples(best);
        score?.Show($"{job.HeldOut}");
        Output.Table("", [
            ("validation", result.Last is null ? "none" : $"{job.ShowLoss(result.Last.Loss)} at the end, {result.BestLoss:F4} at best (iteration {result.BestIteration:N0})"),
            ("speed", $"{result.TokensPerSecond:N0} {job.Unit}/s, {result.Seconds:N1} s of training"),
            ("model", run.ModelPath),
            ("curve", run.CurvePath),
            ("go on", job.Next(run)),
        ]);
    }
}
