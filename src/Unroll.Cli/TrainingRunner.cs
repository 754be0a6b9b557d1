using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Unroll.Storage;
using Unroll.Training;

namespace Unroll.Cli;

/// <summary>Runs a training in its folder: shows how it goes, saves when told to stop, and says what came of it.</summary>
/// <param name="verb">What is trained, as in <c>unroll train lm</c>.</param>
/// <param name="run">Where it is kept.</param>
/// <param name="settings">What decides the result.</param>
/// <param name="options">The same, as the checkpoints store it.</param>
/// <param name="json">Whether the result is for programs.</param>
sealed class TrainingRunner(string verb, RunFolder run, TrainingSettings settings, JsonObject options, bool json)
{
    /// <returns>The exit code.</returns>
    public int Run(TrainingJob job, Snapshot? from)
    {
        var (model, task) = (job.Model, job.Task);
        var limits = settings.ToTrainerOptions(task.HasValidation);
        var iterations = Trainer.CountIterations(task, limits);
        using var display = new TrainingDisplay();
        var observers = new List<ITrainingObserver> { display };
        var trainer = new Trainer(task, settings.ToOptimizer(model.Parameters), settings.ToSchedule(iterations), limits,
            run.Store(model, options, task.HasValidation), observers);
        if (from is not null) trainer.Restore(from);

        // Everything fits: only now is anything written.
        if (from is null) run.Create();
        using var file = new FileStream(run.LogPath, from is null ? FileMode.CreateNew : FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        observers.Add(from is null ? new RunLog(file) : RunLog.Resume(file, trainer.Iteration));
        if (!json)
            Output.Table("", [
                ("model", $"{model.ParameterCount:N0} parameters: {job.Description}"),
                ("training", $"{iterations:N0} iterations of {settings.Batch} × {job.Row}{(from is null ? "" : ", resumed")}"),
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
        WriteCurve();
        return Finish(job, result);
    }

    static TrainingResult RunUntilStopped(Trainer trainer)
    {
        using var cancel = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
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

    int Finish(TrainingJob job, TrainingResult result)
    {
        var interrupted = result.End == TrainingEnd.Cancelled;
        if (json)
        {
            Output.Json(new JsonObject
            {
                ["run"] = run.Path,
                ["end"] = result.End.ToString().ToLowerInvariant(),
                ["valid_loss"] = result.Last?.Loss,
                ["best_valid_loss"] = double.IsFinite(result.BestLoss) ? result.BestLoss : null,
                ["best_iteration"] = result.BestIteration,
                ["iterations"] = result.Iterations,
                ["tokens_per_s"] = result.TokensPerSecond,
                ["seconds"] = result.Seconds,
            });
            return interrupted ? CommandRunner.Interrupted : CommandRunner.Done;
        }
        if (interrupted)
        {
            Console.Error.WriteLine($"Interrupted after {result.Iterations:N0} iterations. Go on with: unroll train {verb} --resume {run.Path}");
            return CommandRunner.Interrupted;
        }
        job.ShowEnd(File.Exists(run.ModelPath) ? ModelFile.Load(run.ModelPath) : job.Model, run, result);
        return CommandRunner.Done;
    }
}
