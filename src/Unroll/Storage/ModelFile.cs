using System.Text.Json;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Training;

namespace Unroll.Storage;

/// <summary>
/// A model in one safetensors file: its weights under PyTorch's names, its settings and tokenizer as JSON in the metadata. PyTorch's loader
/// opens it; what a file from elsewhere needs to be opened here is that metadata.
/// </summary>
public static class ModelFile
{
    /// <summary>The metadata entry with the model's settings.</summary>
    public const string ConfigKey = "config";

    /// <summary>The metadata entry with the tokenizer.</summary>
    public const string TokenizerKey = "tokenizer";

    /// <summary>Writes a model; the file is replaced only when the new one is complete.</summary>
    /// <exception cref="UnrollException">The file cannot be written; what stood there is unchanged.</exception>
    public static void Save(string path, LanguageModel model)
    {
        var writer = new SafetensorsWriter();
        Describe(writer, model);
        foreach (var (name, parameter) in model.Parameters) writer.Add(name, parameter.Shape.ToArray(), () => parameter.Values);
        writer.Save(path);
    }

    /// <summary>Reads a model.</summary>
    /// <exception cref="UnrollException">The file cannot be read, is damaged, or is of something else; all problems are listed.</exception>
    public static LanguageModel Load(string path)
    {
        using var file = SafetensorsFile.Open(path);
        var model = Build(file, path);
        LoadWeights(file, path, model.Parameters);
        return model;
    }

    /// <summary>Metadata that every file of a model has. <c>format: pt</c> is what PyTorch's own files say.</summary>
    internal static void Describe(SafetensorsWriter writer, LanguageModel model)
    {
        writer.Metadata["format"] = "pt";
        writer.Metadata[ConfigKey] = model.Config.ToJson().ToJsonString();
        writer.Metadata[TokenizerKey] = model.Tokenizer.ToJson().ToJsonString();
    }

    /// <summary>A model as the metadata describes it, its weights not read yet.</summary>
    internal static LanguageModel Build(SafetensorsFile file, string path)
    {
        var problems = new ProblemList();
        var config = Read(ConfigKey, LanguageModelConfig.FromJson);
        var tokenizer = Read(TokenizerKey, Tokenizer.FromJson);
        problems.ThrowIfAny($"{path} is not a language model of Unroll");
        // The sizes in the metadata are believed only where the file has weights to match: nothing is allocated on its word alone.
        var weights = file.Entries.Where(IsReal).Sum(e => e.Count);
        var expected = config!.LeastWeights(tokenizer!.VocabularySize);
        if (weights < expected) Throw.Problems($"{path} is not a complete model", [$"it holds {weights} weights; its settings ask for at least {expected}"]);
        return new(config, tokenizer, new Rng(0));

        T? Read<T>(string key, Func<JsonElement, T> read) where T : class
        {
            try
            {
                return read(Parse(file, path, key));
            }
            catch (UnrollException e)
            {
                foreach (var problem in e.Problems) problems.Add(problem);
                return null;
            }
        }
    }

    static bool IsReal(SafetensorsEntry entry) => entry.Type is SafetensorsType.F32 or SafetensorsType.F64 or SafetensorsType.F16 or SafetensorsType.BF16;

    /// <summary>Copies a file's tensors into parameters, after checking that all are there, of the right shape, and no others but a checkpoint's.</summary>
    internal static void LoadWeights(SafetensorsFile file, string path, IReadOnlyList<NamedParameter> parameters)
    {
        var problems = new ProblemList();
        foreach (var (name, parameter) in parameters)
            if (!file.TryGet(name, out var entry)) problems.Add($"there is no tensor '{name}'");
            else if (!entry.Shape.SequenceEqual(parameter.Shape.ToArray()))
                problems.Add($"tensor '{name}' is {ProblemList.Show(entry.Shape)}; expected {parameter.Shape}");
            else if (!IsReal(entry)) problems.Add($"tensor '{name}' holds {entry.Type}; expected F64, F32, F16 or BF16");
        var known = parameters.Select(p => p.Name).ToHashSet();
        foreach (var entry in file.Entries)
            if (!known.Contains(entry.Name) && !entry.Name.StartsWith(Snapshot.TrainingPart + ".", StringComparison.Ordinal))
                problems.Add($"tensor {ProblemList.Quote(entry.Name)} belongs to no part of the model");
        problems.ThrowIfAny($"{path} does not fit the model");
        foreach (var (name, parameter) in parameters) file.CopyTo(name, parameter.Edit());
    }

    internal static JsonElement Parse(SafetensorsFile file, string path, string key)
    {
        if (!file.Metadata.TryGetValue(key, out var text)) Throw.Problems($"{path} was not written by Unroll", [$"its metadata has no '{key}'"]);
        try
        {
            using var json = JsonDocument.Parse(text!, new() { AllowDuplicateProperties = false });
            return json.RootElement.Clone();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            Throw.Problems($"{path} is damaged", [$"'{key}' in its metadata is not JSON: {e.Message}"]);
            throw;
        }
    }
}
