using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli;

/// <summary>Shows what a task is doing: doubts always, progress where somebody looks, results where no program does.</summary>
/// <param name="json">Whether the results are for a program.</param>
class CommandObserver(bool json) : TaskObserver, IDisposable
{
    ProgressLine? _progress;

    protected bool ForPeople => !json;

    public override void OnPhase(WorkPhase phase, params IReadOnlyList<string> files)
    {
        EndProgress();
        switch (phase)
        {
            case WorkPhase.Reading: Work.Reading(files.Count > 0 ? files : ["the library's own source"]); break;
            case WorkPhase.Building: Work.Building(); break;
            case WorkPhase.Training: Work.Training(); break;
            case WorkPhase.Evaluating: Work.Measuring(); break;
            default: Work.Answering(); break;
        }
    }

    public override void OnWarning(string warning) => Warnings.Tell(warning);

    public override void OnPlanning(string candidate) => (_progress ??= new("planning")).Report(candidate);

    public override void OnEvaluating(string what, double share) => (_progress ??= new($"evaluating on the {what} data")).Report(share);

    protected void EndProgress()
    {
        _progress?.Dispose();
        _progress = null;
    }

    public virtual void Dispose() => EndProgress();
}

/// <summary>Shows how a training goes: a line that is written over, a line that stays for every validation, and what came of it.</summary>
sealed class TrainingObserver(bool json) : CommandObserver(json)
{
    readonly ProgressLine _line = new("");
    string _unit = "";

    public override void OnFold(int number, int count)
    {
        if (ForPeople) Standard.Out.WriteLine($"fold {number} of {count}");
    }

    public override void OnReady(TrainingJob job, IReadOnlyList<(string Name, string Value)> rows)
    {
        _unit = job.Unit;
        if (ForPeople) Output.Table("", rows);
    }

    public override void OnStep(in StepReport r)
    {
        if (Output.ShowsProgress)
            // What matters most comes first: a narrow terminal shows no more.
            _line.Show($"{ProgressLine.Bar((double)r.Iteration / r.Iterations)} {r.Iteration:N0}/{r.Iterations:N0}  loss {r.Loss:F3}  {Time(r.Remaining)} left  "
                + $"{r.TokensPerSecond:N0} {_unit}/s  lr {r.LearningRate:G3}  |g| {r.GradientNorm:F2}");
    }

    public override void OnValidation(ValidationReport r)
    {
        if (!Output.ShowsProgress) return;
        _line.Dispose();
        var metrics = string.Concat(r.Result.Metrics.Select(m => $"  {m.Name.Replace('_', ' ')} {m.Value:F3}"));
        Standard.Error.WriteLine($"iteration {r.Iteration,7:N0}  epoch {r.Epoch,6:F2}  valid loss {r.Result.Loss:F4}{metrics}{(r.IsBest ? "  *" : "")}");
    }

    public override void OnPhase(WorkPhase phase, params IReadOnlyList<string> files)
    {
        _line.Dispose();
        base.OnPhase(phase, files);
    }

    public override void OnDone(RunResult result)
    {
        _line.Dispose();
        EndProgress();
        if (!ForPeople) return;
        var (job, training) = (result.Job!, result.Training!);
        foreach (var sample in job.Samples(result.Best!))
        {
            if (sample is [var (name, text)] && text.Contains('\n')) Standard.Out.WriteLine($"— {name} —\n{text}\n");
            else Output.Table("", sample);
        }
        if (result.Report is { } report) ReportView.Show(job.HeldOut!, report);
        Output.Table("",
        [
            ("validation", training.Last is null ? "none" : $"{training.Last.Loss:F4} {job.LossUnit} at the end, {training.BestLoss:F4} at best (iteration {training.BestIteration:N0})"),
            ("speed", $"{training.TokensPerSecond:N0} {job.Unit}/s, {training.Seconds:N1} s of training"),
            ("model", result.Folder.ModelPath),
            ("curve", result.Folder.CurvePath),
            ("go on", job.NextCommand(result.Folder.Path)),
        ]);
    }

    public override void Dispose()
    {
        _line.Dispose();
        base.Dispose();
    }

    static string Time(TimeSpan t) => t.TotalHours >= 1 ? $"{(int)t.TotalHours}:{t:mm\\:ss}" : $"{t:m\\:ss}";
}
