using System.CommandLine;
using System.Runtime.InteropServices;
using Unroll.Configuration;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll train TASK</c>: trains a model, or goes on with a training.</summary>
static class TrainVerb
{
    public static Command Create(TaskDefinition task)
    {
        (string Title, (Setting Setting, Option Option)[] Options)[] groups =
            [.. task.Groups.Select(g => (g.Title, g.Settings.Select(s => (s, s.ToOption(task.DefaultOf(s)))).ToArray()))];
        var output = CommonOptions.Of<string?>("--out", "RUN", $"Folder for the run; must not exist. Default runs/{task.Name}, or the next free name.").NotEmpty();
        var resume = CommonOptions.Of<string?>("--resume", "RUN", "Continue an interrupted run to the same result; options come from its checkpoint.").NotEmpty();
        var (threads, json, debug) = (CommonOptions.Threads(), CommonOptions.Json(), CommonOptions.Debug());
        var options = groups.SelectMany(g => g.Options).ToArray();
        var command = new Command(task.Name, task.Description);
        command.SetAction(parsed =>
        {
            CommonOptions.UseThreads(parsed.GetValue(threads));
            using var observer = new TrainingObserver(parsed.GetValue(json));
            if (parsed.GetValue(resume) is not { } path)
            {
                var (settings, problems) = task.Parse(parsed.ReadGiven(options));
                CommonOptions.Check(problems);
                path = parsed.GetValue(output) ?? TrainingRun.FreePath(task);
                return Finish(RunUntilStopped(cancellation => new TrainingRun(task, path, new CommandFiles(), observer).Start(settings, cancellation)), task, path, parsed.GetValue(json));
            }
            var given = options.Select(o => o.Option).Append(output).Where(parsed.Given).Select(o => o.Name).ToArray();
            if (given.Length > 0)
                throw new UsageException($"--resume takes all options from the run; {string.Join(", ", given)} cannot be given with it. Leave them out, or start another run.");
            return Finish(RunUntilStopped(cancellation => new TrainingRun(task, path, new CommandFiles(), observer).Resume(cancellation)), task, path, parsed.GetValue(json));
        });
        return command.WithHelp([.. groups.Select(g => new OptionGroup(g.Title, [.. g.Options.Select(o => o.Option)])), new("Run", [output, resume, threads, json, debug])], [.. task.Examples]);
    }

    /// <summary>Runs until it has ended, or the user or a closed pipe stops it: then it saves.</summary>
    public static T RunUntilStopped<T>(Func<CancellationToken, T> run)
    {
        using var cancel = new CancellationTokenSource();
        using var interrupt = Standard.OnSignal(PosixSignal.SIGINT, Stop);
        using var terminate = Standard.OnSignal(PosixSignal.SIGTERM, Stop);
        using var closed = ClosedPipe.Instead(cancel.Cancel);       // what has been learned is saved, as after Ctrl-C
        return run(cancel.Token);

        void Stop(PosixSignalContext signal)
        {
            if (cancel.IsCancellationRequested) return;             // a second Ctrl-C ends the process at once
            signal.Cancel = true;
            cancel.Cancel();
        }
    }

    static int Finish(RunResult result, TaskDefinition task, string path, bool json)
    {
        if (json) Output.Json(result.Json);
        else if (result.End == TrainingEnd.Cancelled) Standard.Error.WriteLine($"Interrupted after {result.Iterations:N0} iterations. Go on with: unroll train {task.Name} --resume {path}");
        else if (result.Spread.Count > 0) ReportView.Show(result.Json["folds"]!.AsArray().Count, result.Spread);
        return result.End == TrainingEnd.Cancelled ? CommandRunner.Interrupted : CommandRunner.Done;
    }
}
