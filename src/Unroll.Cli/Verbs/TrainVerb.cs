using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Unroll.Cli.Reports;
using Unroll.Models;
using Unroll.Storage;
using Unroll.Training;

namespace Unroll.Cli.Verbs;

/// <summary>
/// A verb that trains. What all trainings share is here, in <see cref="TrainingOptions"/> and in <see cref="TrainingRunner"/>; a verb says what
/// it is called, which options are its own, and how a training is made of its settings.
/// </summary>
abstract class TrainVerb<TSettings, TModel> where TSettings : TrainingSettings where TModel : SequenceModel
{
    /// <summary>What is trained, as in <c>unroll train lm</c>.</summary>
    protected abstract string Name { get; }

    protected abstract string Description { get; }

    protected abstract string[] Examples { get; }

    protected abstract JsonTypeInfo<TSettings> Json { get; }

    /// <summary>The options that no other training has, under the titles they have in the help.</summary>
    protected abstract IReadOnlyList<OptionGroup> OwnOptions { get; }

    protected abstract TrainingOptions Shared { get; }

    /// <summary>The settings that the options ask for.</summary>
    /// <exception cref="UsageException">Options contradict each other.</exception>
    protected abstract TSettings Read(ParseResult parsed);

    /// <summary>Reads the data; makes the model, unless there is one from a checkpoint.</summary>
    protected abstract TrainingJob Prepare(TSettings settings, TModel? model);

    public Command Create()
    {
        var (threads, json, debug) = (CommonOptions.Threads(), CommonOptions.Json(), CommonOptions.Debug());
        OptionGroup[] decisive = [.. OwnOptions, new("Training", Shared.Training), new("Run", [Shared.Out])];
        var settings = decisive.SelectMany(g => g.Options).ToArray();
        var command = new Command(Name, Description);
        command.SetAction(parsed =>
        {
            CommonOptions.UseThreads(parsed.GetValue(threads));
            if (parsed.GetValue(Shared.Resume) is not { } path) return Start(Read(parsed), parsed.GetValue(Shared.Out), parsed.GetValue(json));
            var given = settings.Where(parsed.Given).Select(o => o.Name).ToArray();
            if (given.Length > 0)
                throw new UsageException($"--resume takes all options from the run; {string.Join(", ", given)} cannot be given with it. Leave them out, or start another run.");
            return Resume(path, parsed.GetValue(json));
        });
        return command.WithHelp([.. decisive[..^1], new("Run", [Shared.Out, Shared.Resume, threads, json, debug])], Examples);
    }

    int Start(TSettings settings, string? output, bool json)
    {
        var path = output ?? FreeName();
        new RunFolder(path).CheckFree();
        return RunAll(path, settings, json);
    }

    int Resume(string path, bool json)
    {
        var first = new[] { path, FoldPath(path, 0) }.Select(p => new RunFolder(p)).FirstOrDefault(r => File.Exists(r.CheckpointPath))
            ?? throw new UnrollException($"{path} holds no checkpoint.safetensors to go on from. Was the run ended before its first checkpoint?");
        return RunAll(path, Load(first).Settings, json);
    }

    /// <summary>Runs a training or, one after the other, those of all folds: what has begun goes on, and what is done is not done again.</summary>
    int RunAll(string path, TSettings settings, bool json)
    {
        TSettings[] folds = settings is LabelledSettings labelled ? [.. labelled.OfEachFold().Cast<TSettings>()] : [];
        var start = Stopwatch.GetTimestamp();
        var outcomes = new List<TrainingOutcome>();
        for (var i = 0; i < Math.Max(1, folds.Length); i++)
        {
            if (folds.Length > 0 && !json) Standard.Out.WriteLine($"fold {i + 1} of {folds.Length}");
            outcomes.Add(folds.Length == 0 ? RunOne(new(path), settings, !json) : RunOne(new(FoldPath(path, i)), folds[i], !json));
            if (outcomes[^1].Code != CommandRunner.Done) break;
        }
        var summary = folds.Length == 0 ? outcomes[0].Json : FoldReport.Summarise(path, outcomes, Stopwatch.GetElapsedTime(start), show: !json);
        if (json) Output.Json(summary);
        else if (outcomes[^1].Code == CommandRunner.Interrupted)
            Standard.Error.WriteLine($"Interrupted after {outcomes[^1].Json["iterations"]!.GetValue<long>():N0} iterations. Go on with: unroll train {Name} --resume {path}");
        return outcomes[^1].Code;
    }

    TrainingOutcome RunOne(RunFolder run, TSettings settings, bool forPeople)
    {
        if (!File.Exists(run.CheckpointPath)) return RunOne(run, Prepare(settings, null), null, forPeople);
        using var held = run.Hold();
        var (checkpoint, stored) = Load(run);
        return RunOne(run, Prepare(stored, checkpoint.Model), checkpoint.Snapshot, forPeople);
    }

    (Checkpoint<TModel> Checkpoint, TSettings Settings) Load(RunFolder run)
    {
        var checkpoint = Checkpoint.Load<TModel>(run.CheckpointPath);
        var settings = FromJson(checkpoint.Options);
        if (settings.Problems.Count > 0) throw new UnrollException($"{run.CheckpointPath} is damaged: its options cannot be used", settings.Problems);
        return (checkpoint, settings);
    }

    static string FoldPath(string path, int fold) => Path.Combine(path, $"fold-{fold + 1}");

    TrainingOutcome RunOne(RunFolder run, TrainingJob job, Snapshot? from, bool forPeople) =>
        new TrainingRunner(run, JsonSerializer.SerializeToNode((TSettings)job.Settings, Json)!.AsObject(), forPeople).Run(job, from);

    TSettings FromJson(JsonObject json)
    {
        try
        {
            return json.Deserialize(Json)!;
        }
        catch (JsonException e)
        {
            throw new UnrollException($"The options in the checkpoint cannot be read: {e.Message} It may come from another version.", e);
        }
    }

    string FreeName()
    {
        for (var i = 1; ; i++)
        {
            var name = Path.Combine("runs", i == 1 ? Name : $"{Name}-{i}");
            if (!Directory.Exists(name) && !File.Exists(name)) return name;
        }
    }
}
