using System.Text.Json.Nodes;
using Unroll.Storage;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>
/// The folder of a run: <c>model.safetensors</c>, the best weights so far; <c>checkpoint.safetensors</c>, the last moment, from which the run
/// goes on; <c>log.jsonl</c>, its course; <c>curve.svg</c>, the same as a picture. While a process writes them, <c>.lock</c> keeps others
/// from doing so.
/// </summary>
/// <remarks>Safe for use by several threads: it does not change.</remarks>
/// <param name="path">The folder.</param>
public sealed class RunFolder(string path)
{
    /// <summary>The folder.</summary>
    public string Path { get; } = path;

    /// <summary>The file of the best weights.</summary>
    public string ModelPath => System.IO.Path.Combine(Path, "model.safetensors");

    /// <summary>The file of the last checkpoint.</summary>
    public string CheckpointPath => System.IO.Path.Combine(Path, "checkpoint.safetensors");

    /// <summary>The file of the log.</summary>
    public string LogPath => System.IO.Path.Combine(Path, "log.jsonl");

    /// <summary>The file of the learning curve.</summary>
    public string CurvePath => System.IO.Path.Combine(Path, "curve.svg");

    /// <summary>Makes sure that no run is overwritten.</summary>
    /// <exception cref="InvalidFileException">The folder exists and holds something, or is a file.</exception>
    public void CheckFree()
    {
        if (File.Exists(Path) || (Directory.Exists(Path) && Directory.EnumerateFileSystemEntries(Path).Any())) Throw.RunExists(Path);
    }

    /// <summary>Makes the folder, and holds it as <see cref="Hold"/> does.</summary>
    /// <exception cref="InvalidFileException">It exists and holds something, or cannot be made.</exception>
    public IDisposable Create()
    {
        CheckFree();
        try
        {
            Directory.CreateDirectory(Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Throw.CannotSave(Path, e.Message, e);
        }
        return Hold();
    }

    /// <summary>Keeps other processes from writing the run until what is returned is disposed of, or this process ends in whatever way.</summary>
    /// <exception cref="InvalidFileException">Another process writes it, or nothing can be written there.</exception>
    public IDisposable Hold() => FileLock.TryTake(System.IO.Path.Combine(Path, ".lock"), FileOptions.DeleteOnClose) ?? Throw.Held<IDisposable>(Path);

    /// <summary>The file of a model: the path itself, or that of the best weights where it is a run's folder.</summary>
    /// <exception cref="InvalidFileException">There is neither.</exception>
    public static string FindModel(string path)
    {
        if (File.Exists(path)) return path;
        var run = new RunFolder(path);
        return File.Exists(run.ModelPath) ? run.ModelPath
            : File.Exists(run.CheckpointPath) ? run.CheckpointPath
            : Throw.NoModel<string>(path, Directory.Exists(path));
    }

    /// <summary>Saves checkpoints of a model here.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">Stored with every checkpoint.</param>
    /// <param name="hasValidation">Whether there will be a best model; otherwise the last one is it.</param>
    public ICheckpointStore Store(SequenceModel model, JsonObject options, bool hasValidation) => new Checkpoints(this, model, options, hasValidation);

    sealed class Checkpoints(RunFolder run, SequenceModel model, JsonObject options, bool hasValidation) : ICheckpointStore
    {
        public void SaveLast(CheckpointState snapshot)
        {
            Checkpoint.Save(run.CheckpointPath, model, snapshot, options);
            if (!hasValidation) ModelFile.Save(run.ModelPath, model);
        }

        public void SaveBest(CheckpointState snapshot) => ModelFile.Save(run.ModelPath, model);
    }
}
