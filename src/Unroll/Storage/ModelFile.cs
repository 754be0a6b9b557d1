using System.Text.Json;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Models;

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
        LoadWeights(file, path, model.Parameters, ignore: _ => true);
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
        var config = LanguageModelConfig.FromJson(Parse(file, path, ConfigKey));
        var tokenizer = Tokenizer.FromJson(Parse(file, path, TokenizerKey));
        // The sizes in the metadata are believed only where the file has weights to match: nothing is allocated on its word alone.
        var weights = file.Entries.Where(e => e.Type is SafetensorsType.F32 or SafetensorsType.F64 or SafetensorsType.F16 or SafetensorsType.BF16).Sum(e => e.Count);
        var expected = LeastWeights(config, tokenizer.VocabularySize);
        if (weights < expected) Throw.Problems($"{path} is not a complete model", [$"it holds {weights} weights; its settings ask for at least {expected}"]);
        return new(config, tokenizer, new Rng(0));
    }

    static long LeastWeights(LanguageModelConfig c, long vocabulary) =>
        c.EmbeddingSize * vocabulary + (c.TiedWeights ? 0 : c.HiddenSize * vocabulary) + (long)c.HiddenSize * c.HiddenSize * c.Layers;

    /// <summary>Copies a file's tensors into parameters, after checking that all are there and of the right shape.</summary>
    /// <param name="ignore">Whether a tensor that no parameter asks for is none of this call's business.</param>
    internal static void LoadWeights(SafetensorsFile file, string path, IReadOnlyList<NamedParameter> parameters, Predicate<string> ignore)
    {
        var problems = new ProblemList();
        foreach (var (name, parameter) in parameters)
            if (!file.TryGet(name, out var entry)) problems.Add($"there is no tensor '{name}'");
            else if (!entry.Shape.SequenceEqual(parameter.Shape.ToArray()))
                problems.Add($"tensor '{name}' is {ProblemList.Show(entry.Shape)}; expected {parameter.Shape}");
        var known = parameters.Select(p => p.Name).ToHashSet();
        foreach (var entry in file.Entries)
            if (!known.Contains(entry.Name) && !ignore(entry.Name)) problems.Add($"tensor {ProblemList.Quote(entry.Name)} belongs to no part of the model");
        problems.ThrowIfAny($"{path} does not fit the model");
        foreach (var (name, parameter) in parameters) file.CopyTo(name, parameter.Edit());
    }

    internal static JsonElement Parse(SafetensorsFile file, string path, string key)
    {
        if (!file.Metadata.TryGetValue(key, out var text)) Throw.Problems($"{path} was not written by Unroll", [$"its metadata has no '{key}'"]);
        try
        {
            using var json = JsonDocument.Parse(text!);
            return json.RootElement.Clone();
        }
        catch (JsonException e)
        {
            Throw.Problems($"{path} is damaged", [$"'{key}' in its metadata is not JSON: {e.Message}"]);
            throw;
        }
    }
}
