using System.Text.Json.Nodes;
using Unroll.Storage;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>
/// A run at one moment in one safetensors file: the model as in <see cref="ModelFile"/>, and besides it, under <c>training.…</c>, the optimizer's
/// moments, the schedule, random states, and the place in the data.
/// </summary>
/// <param name="Model">The model with the weights of that moment.</param>
/// <param name="Snapshot">Everything the trainer needs to go on.</param>
/// <param name="Options">Whatever the caller stored with it, such as the options of the command that began the run.</param>
internal sealed record Checkpoint<T>(T Model, CheckpointState Snapshot, JsonObject Options) where T : SequenceModel;

/// <summary>Writes and reads the checkpoints of a run.</summary>
internal static class Checkpoint
{
    const string OptionsKey = "options";

    /// <summary>Writes a checkpoint; the one before is replaced only when the new one is complete.</summary>
    /// <exception cref="InvalidFileException">The file cannot be written; what stood there is unchanged.</exception>
    public static void Save(string path, SequenceModel model, CheckpointState snapshot, JsonObject options)
    {
        var writer = new SafetensorsWriter();
        ModelFile.Describe(writer, model);
        writer.Metadata[CheckpointState.TrainingPart] = snapshot.Values.ToJsonString();
        writer.Metadata[OptionsKey] = options.ToJsonString();
        foreach (var (name, tensor) in snapshot.Tensors) writer.Add(name, tensor.Shape.ToArray(), () => tensor.Values);
        writer.Save(path);
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <exception cref="InvalidFileException">The file cannot be read, is damaged, or is no checkpoint of such a model; all problems are listed.</exception>
    public static Checkpoint<T> Load<T>(string path) where T : SequenceModel
    {
        using var file = SafetensorsFile.Open(path);
        return ModelFile.InMemory(file, path, () => Read<T>(file, path));
    }

    static Checkpoint<T> Read<T>(SafetensorsFile file, string path) where T : SequenceModel
    {
        var model = ModelFile.Build<T>(file, path);
        ModelFile.LoadWeights(file, path, model.Parameters);
        var snapshot = new CheckpointState(ModelFile.ParseObject(file, path, CheckpointState.TrainingPart));
        var problems = new ProblemList();
        foreach (var entry in file.Entries)
            if (!ModuleWeights.IsReal(entry))
                problems.Add($"tensor {ProblemList.Quote(entry.Name)} holds {entry.TypeName}; expected F64, F32, F16 or BF16");
            else if (entry.Shape.Count > Shape.MaxRank || entry.Shape.Aggregate(1L, (n, d) => Math.Min(n, int.MaxValue + 1L) * Math.Max(1, d)) > int.MaxValue)
                problems.Add($"tensor {ProblemList.Quote(entry.Name)} has shape {ProblemList.Show(entry.Shape)}; expected at most {Shape.MaxRank} dimensions and {int.MaxValue:N0} elements");
        problems.ThrowIfAny($"{path} is no checkpoint");
        foreach (var entry in file.Entries)
        {
            var values = new Real[entry.Count];
            file.CopyTo(entry.Name, values);
            snapshot.Add(entry.Name, new CheckpointTensor(Shape.From(entry.Shape.ToArray()), values));
        }
        return new(model, snapshot, ModelFile.ParseObject(file, path, OptionsKey));
    }
}
