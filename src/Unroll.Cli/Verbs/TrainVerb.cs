using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Unroll.Models;
using Unroll.Storage;

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
        var run = new RunFolder(output ?? FreeName());
        run.CheckFree();
        return Runner(run, settings, json).Run(Prepare(settings, null), null);
    }

    int Resume(string path, bool json)
    {
        var run = new RunFolder(path);
        if (!File.Exists(run.CheckpointPath))
            throw new UnrollException($"{path} holds no checkpoint.safetensors to go on from. Was the run ended before its first checkpoint?");
        var checkpoint = Checkpoint.Load<TModel>(run.CheckpointPath);
        var settings = FromJson(checkpoint.Options);
        if (settings.Problems.Count > 0) throw new UnrollException($"{run.CheckpointPath} is damaged: its options cannot be used", settings.Problems);
        return Runner(run, settings, json).Run(Prepare(settings, checkpoint.Model), checkpoint.Snapshot);
    }

    TrainingRunner Runner(RunFolder run, TSettings settings, bool json) =>
        new(Name, run, settings, JsonSerializer.SerializeToNode(settings, Json)!.AsObject(), json);

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
