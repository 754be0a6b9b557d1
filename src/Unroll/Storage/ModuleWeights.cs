using Unroll.Layers;
using Unroll.Training;

namespace Unroll.Storage;

/// <summary>What a file and a module did not have in common; see <see cref="ModuleWeights.LoadWeights(Module, string, bool, Func{string, string})"/>.</summary>
/// <param name="Missing">Names of the module's parameters, as they were looked for, that the file lacks: these kept their weights.</param>
/// <param name="Unexpected">Names of the file's tensors that no parameter has: these were not read.</param>
public sealed record LoadedWeights(IReadOnlyList<string> Missing, IReadOnlyList<string> Unexpected);

/// <summary>
/// The weights of any module in a safetensors file, under PyTorch's names: what <c>torch.save</c> of a <c>state_dict</c> and <c>load_state_dict</c> do.
/// </summary>
/// <remarks>
/// A file has weights alone. A model of a task is saved with its settings and tokens by <c>ModelFile</c>; the weights of such a file
/// can be loaded here too. Weights that are shared (tied) stand in the file once, under the name of <see cref="Module.Parameters"/>.
/// Loading must not run beside other use of the module; several threads may save one module at the same time.
/// </remarks>
public static class ModuleWeights
{
    /// <summary>Writes the weights of a module; the file is replaced only when the new one is complete.</summary>
    /// <param name="module">The module.</param>
    /// <param name="path">The file.</param>
    /// <param name="name">Gives a parameter's name in the file from its name in the module; the same where null.</param>
    /// <param name="metadata">Texts to store beside the weights, which <see cref="SafetensorsFile.Metadata"/> gives back; <c>format: pt</c> is added, as PyTorch's files have it.</param>
    /// <exception cref="ArgumentException">Two parameters get one name, a name is not allowed, or a text is no well-formed Unicode.</exception>
    /// <exception cref="InvalidFileException">The file cannot be written; what stood there is unchanged.</exception>
    public static void SaveWeights(this Module module, string path, Func<string, string>? name = null, IReadOnlyDictionary<string, string>? metadata = null) =>
        Writer(module, name, metadata).Save(path);

    /// <summary>Writes the weights of a module to a stream, which stays open.</summary>
    /// <inheritdoc cref="SaveWeights(Module, string, Func{string, string}, IReadOnlyDictionary{string, string})"/>
    public static void SaveWeights(this Module module, Stream stream, Func<string, string>? name = null, IReadOnlyDictionary<string, string>? metadata = null) =>
        Writer(module, name, metadata).Write(stream);

    /// <summary>Reads weights into a module: all of them, or none where there is a problem.</summary>
    /// <param name="module">The module.</param>
    /// <param name="path">A file of single or double precision, half precision or bfloat16, whoever wrote it. Of a checkpoint the part <c>training.…</c> is passed over.</param>
    /// <param name="strict">Whether it is a problem if a parameter is not in the file, or a tensor of the file not in the module. Default true. A tensor of another shape, or of integers, always is.</param>
    /// <param name="name">Gives a parameter's name in the file from its name in the module; the same where null.</param>
    /// <returns>What is missing and what is unexpected; nothing where <paramref name="strict"/>.</returns>
    /// <exception cref="InvalidFileException">
    /// The file cannot be read or is not valid, or it does not fit the module: every problem is listed, and the module is unchanged.
    /// </exception>
    public static LoadedWeights LoadWeights(this Module module, string path, bool strict = true, Func<string, string>? name = null)
    {
        using var file = SafetensorsFile.Open(path);
        return Load(module, file, path, strict, name);
    }

    /// <summary>Reads weights from a stream, which stays open, into a module: all of them, or none where there is a problem.</summary>
    /// <param name="module">The module.</param>
    /// <param name="stream">Holds the file from its position 0 to its end.</param>
    /// <param name="strict">As for a path.</param>
    /// <param name="name">As for a path.</param>
    /// <returns>What is missing and what is unexpected; nothing where <paramref name="strict"/>.</returns>
    /// <exception cref="ArgumentException">The stream cannot seek.</exception>
    /// <exception cref="InvalidFileException">As for a path.</exception>
    public static LoadedWeights LoadWeights(this Module module, Stream stream, bool strict = true, Func<string, string>? name = null) =>
        Load(module, SafetensorsFile.Open(stream, "The stream"), "The stream", strict, name);

    static SafetensorsWriter Writer(Module module, Func<string, string>? name, IReadOnlyDictionary<string, string>? metadata)
    {
        var writer = new SafetensorsWriter { Metadata = { ["format"] = "pt" } };
        foreach (var (key, text) in metadata ?? new Dictionary<string, string>()) writer.Metadata[key] = text;
        foreach (var (own, parameter) in module.Parameters) writer.Add(name is null ? own : name(own), parameter.Shape.ToArray(), () => parameter.Values);
        return writer;
    }

    static LoadedWeights Load(Module module, SafetensorsFile file, string path, bool strict, Func<string, string>? name)
    {
        var wanted = name is null ? module.Parameters : [.. module.Parameters.Select(p => p with { Name = name(p.Name) })];
        var differences = Compare(file, wanted, strict,
            $"{path} does not fit the module, which is unchanged ({nameof(strict)}: false passes over what is missing or unexpected; {nameof(name)} looks for other names)");
        var found = wanted.Where(p => file.TryGet(p.Name, out _)).ToArray();
        var read = new Real[found.Length][];                                        // before any is changed: the file may fail half-way
        for (var i = 0; i < found.Length; i++) file.CopyTo(found[i].Name, read[i] = new Real[found[i].Parameter.Count]);
        for (var i = 0; i < found.Length; i++) read[i].CopyTo(found[i].Parameter.Edit());
        return differences;
    }

    /// <summary>Whether a tensor has numbers that weights can be read from.</summary>
    internal static bool IsReal(SafetensorsEntry entry) => entry.Type is SafetensorsType.F32 or SafetensorsType.F64 or SafetensorsType.F16 or SafetensorsType.BF16;

    /// <summary>Compares a file with parameters under the names that they have in it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="parameters">What is looked for.</param>
    /// <param name="strict">Whether all must be there and nothing else, but for a checkpoint's part.</param>
    /// <param name="title">Of the exception.</param>
    /// <exception cref="InvalidFileException">The file does not fit; all problems are listed.</exception>
    internal static LoadedWeights Compare(SafetensorsFile file, IReadOnlyList<NamedParameter> parameters, bool strict, string title)
    {
        var (problems, missing) = (new ProblemList(), new List<string>());
        foreach (var (name, parameter) in parameters)
            if (!file.TryGet(name, out var entry))
            {
                missing.Add(name);
                if (strict) problems.Add($"there is no tensor '{name}'");
            }
            else if (!entry.Shape.SequenceEqual(parameter.Shape.ToArray()))
                problems.Add($"tensor '{name}' is {ProblemList.Show(entry.Shape)}; expected {parameter.Shape}");
            else if (!IsReal(entry)) problems.Add($"tensor '{name}' holds {entry.TypeName}; expected F64, F32, F16 or BF16");
        var known = parameters.Select(p => p.Name).ToHashSet();
        string[] unexpected = [.. file.Entries.Select(e => e.Name)
            .Where(n => !known.Contains(n) && !n.StartsWith(CheckpointState.TrainingPart + ".", StringComparison.Ordinal))];
        foreach (var name in strict ? unexpected : [])
            problems.Add($"tensor {ProblemList.Quote(name)} belongs to no part of the model");
        problems.ThrowIfAny(title);
        return new(missing, unexpected);
    }
}
