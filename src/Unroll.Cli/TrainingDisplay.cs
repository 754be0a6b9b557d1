using Unroll.Training;

namespace Unroll.Cli;

/// <summary>Shows on a terminal how a training goes: a line that is written over, and a line that stays for every validation.</summary>
/// <param name="unit">What the speed is measured in.</param>
sealed class TrainingDisplay(string unit) : ITrainingObserver, IDisposable
{
    readonly ProgressLine _line = new("");

    public void OnStep(in StepReport r)
    {
        if (Output.ShowsProgress)
            // What matters most comes first: a narrow terminal shows no more.
            _line.Show($"{ProgressLine.Bar((double)r.Iteration / r.Iterations)} {r.Iteration:N0}/{r.Iterations:N0}  loss {r.Loss:F3}  {Time(r.Remaining)} left  "
                + $"{r.TokensPerSecond:N0} {unit}/s  lr {r.LearningRate:G3}  |g| {r.GradientNorm:F2}");
    }

    public void OnValidation(ValidationReport r)
    {
        if (!Output.ShowsProgress) return;
        _line.Dispose();
        var metrics = string.Concat(r.Result.Metrics.Select(m => $"  {m.Name.Replace('_', ' ')} {m.Value:F3}"));
        Standard.Error.WriteLine($"iteration {r.Iteration,7:N0}  epoch {r.Epoch,6:F2}  valid loss {r.Result.Loss:F4}{metrics}{(r.IsBest ? "  *" : "")}");
    }

    public void Dispose() => _line.Dispose();

    static string Time(TimeSpan t) => t.TotalHours >= 1 ? $"{(int)t.TotalHours}:{t:mm\\:ss}" : $"{t:m\\:ss}";
}
