using System.CommandLine;
using Unroll.Configuration;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll study TASK</c>: compares ways to learn a task, each with several seeds.</summary>
static class StudyVerb
{
    public static Command Create()
    {
        var command = new Command("study", "Compare ways to learn a task, each with several seeds.");
        foreach (var task in TaskCatalog.All)
            if (task.Study is { } study) command.Add(Create(task, study));
        return command.WithHelp([]);
    }

    static Command Create(TaskDefinition task, ITaskStudy study)
    {
        (string Title, (Setting Setting, Option Option)[] Options)[] groups =
            [.. task.Groups.Select(g => (g.Title, g.Settings.Where(s => !study.Decided.Contains(s.Option)).Select(s => (s, s.ToOption(task.DefaultOf(s)))).ToArray())).Where(g => g.Item2.Length > 0)];
        var compared = new SettingsOf<StudyOptions>(study.Settings, new());
        var output = CommonOptions.Of("--out", "FOLDER", "Folder of the runs and results. An interrupted study goes on in it, with the same options.", $"studies/{task.Name}").NotEmpty();
        var (threads, json) = (CommonOptions.Threads(), CommonOptions.Json());
        var options = groups.SelectMany(g => g.Options).ToArray();
        var command = new Command(task.Name, "Compare the architectures with each task by itself: table, intervals, curve over the share of the data.");
        command.SetAction(parsed =>
        {
            CommonOptions.UseThreads(parsed.GetValue(threads));
            var given = parsed.ReadGiven(options);
            var what = compared.Read(parsed);
            var assumed = study.Assume(what);
            foreach (var setting in task.Groups.SelectMany(g => g.Settings))
                if (assumed.TryGetValue(setting.Option, out var values)) given[setting] = values;
            var (settings, problems) = task.Parse(given);
            CommonOptions.Check(problems);
            using var observer = new StudyObserver(parsed.GetValue(json));
            var path = parsed.GetValue(output)!;
            var result = TrainVerb.RunUntilStopped(cancellation => study.Run(settings, what, path, new CommandFiles(), observer, cancellation));
            observer.Dispose();
            if (parsed.GetValue(json)) Output.Json(result.Json);
            else if (!result.Completed) Standard.Error.WriteLine($"Interrupted. The same command goes on with {path}.");
            else ReportView.Show(result.Tables, result.Files);
            return result.Completed ? CommandRunner.Done : CommandRunner.Interrupted;
        });
        return command.WithHelp(
            [.. groups.Select(g => new OptionGroup(g.Title, [.. g.Options.Select(o => o.Option)])), new("Study", [.. compared.All, output, threads, json, CommonOptions.Debug()])],
            $"unroll study {task.Name} --task sst2=sst2.train,sst2.dev,sst2.test --task imdb=imdb_train.tsv,,imdb_test.tsv --out studies/reviews",
            $"unroll study {task.Name} --task spam=spam.tsv --task reviews=reviews.csv --test-every 10 --seeds 5 --fraction 5% --fraction 10% --variant single --variant shared+lm+tune");
    }
}

/// <summary>Shows how a study goes: a line for each run, and one that is written over.</summary>
sealed class StudyObserver(bool json) : CommandObserver(json)
{
    readonly ProgressLine _line = new("");
    readonly HashSet<string> _warnings = [];
    string _run = "";

    public override void OnStudy(string name, int number, int count)
    {
        _line.Dispose();
        EndProgress();
        _run = $"{number}/{count} {name}";
        if (ForPeople) Standard.Error.WriteLine($"run {_run}");
    }

    public override void OnPhase(WorkPhase phase, params IReadOnlyList<string> files)
    {
    }

    public override void OnWarning(string warning)
    {
        if (_warnings.Add(warning)) base.OnWarning(warning);             // once, not for every run
    }

    public override void OnStep(in StepReport r)
    {
        if (Output.ShowsProgress) _line.Show($"{ProgressLine.Bar((double)r.Iteration / r.Iterations)} {_run}: {r.Iteration:N0}/{r.Iterations:N0}  loss {r.Loss:F3}  {r.TokensPerSecond:N0} tokens/s");
    }

    public override void Dispose()
    {
        _line.Dispose();
        base.Dispose();
    }
}
