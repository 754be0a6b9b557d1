using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Layers;
using Unroll.Models;

namespace Unroll.Storage;

/// <summary>
/// A model in one safetensors file: its weights under PyTorch's names, its settings and tokenizer as JSON in the metadata. PyTorch's loader
/// opens it; what a file from elsewhere needs to be opened here is that metadata.
/// </summary>
public static class ModelFile
{
    /// <summary>Writes a model; the file is replaced only when the new one is complete.</summary>
    /// <exception cref="UnrollException">The file cannot be written; what stood there is unchanged.</exception>
    public static void Save(string path, SequenceModel model)
    {
        var writer = new SafetensorsWriter();
        Describe(writer, model);
        foreach (var (name, parameter) in model.Parameters) writer.Add(name, parameter.Shape.ToArray(), () => parameter.Values);
        writer.Save(path);
    }

    /// <summary>Reads a model of whatever kind.</summary>
    /// <exception cref="UnrollException">The file cannot be read, is damaged, or is of something else; all problems are listed.</exception>
    public static SequenceModel Load(string path) => Load<SequenceModel>(path);

    /// <summary>Reads a model of one kind.</summary>
    /// <exception cref="UnrollException">The file cannot be read, is damaged, or holds a model of another kind or something else; all problems are listed.</exception>
    public static T Load<T>(string path) where T : SequenceModel
    {
        using var file = SafetensorsFile.Open(path);
        return InMemory(file, path, () =>
        {
            var model = Build<T>(file, path);
            LoadWeights(file, path, model.Parameters);
            return model;
        });
    }

    /// <summary>Reads; where memory runs out, says that it was this file for which it did.</summary>
    internal static T InMemory<T>(SafetensorsFile file, string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (OutOfMemoryException e)
        {
            return Throw.ModelNeedsMemory<T>(path, Total(file), e);
        }
    }

    /// <summary>Metadata that every file of a model has. <c>format: pt</c> is what PyTorch's own files say.</summary>
    internal static void Describe(SafetensorsWriter writer, SequenceModel model)
    {
        writer.Metadata["format"] = "pt";
        foreach (var (key, value) in model.Describe()) writer.Metadata[key] = value.ToJsonString();
        if (model.Notes.Count > 0) writer.Metadata[SequenceModel.NotesKey] = model.Notes.ToJsonString();
    }

    /// <summary>A model as the metadata describes it, its weights not read yet.</summary>
    internal static T Build<T>(SafetensorsFile file, string path) where T : SequenceModel
    {
        var description = new ModelDescription(file.Metadata, Total(file));
        var expected = ModelCatalog.For(typeof(T));
        ModelKind? kind = null;
        try
        {
            kind = description.FindKind();
            if (expected.Contains(kind))
            {
                var model = (T)kind.Build(description);
                if (file.Metadata.ContainsKey(SequenceModel.NotesKey)) model.Notes = ParseObject(file, path, SequenceModel.NotesKey);
                return model;
            }
        }
        catch (UnrollException e)
        {
            IReadOnlyList<string> problems = kind is not null && description.Cell is { } cell && CellCatalog.Find(cell) is null
                ? [.. e.Problems, $"if {ProblemList.Quote(cell)} is a cell of your own, call CellCatalog.Register with this name before you load the file"] : e.Problems;
            Throw.Problems($"{path} is not {kind?.Description ?? "a model"} of Unroll", problems);
        }
        return Throw.OtherModel<T>(path, kind.Description, string.Join(" or ", expected.Select(k => k.Description)));
    }

    /// <summary>How many numbers a file holds; each takes bytes of it.</summary>
    static long Total(SafetensorsFile file) => file.Entries.Where(IsReal).Sum(e => e.Count);

    internal static bool IsReal(SafetensorsEntry entry) => entry.Type is SafetensorsType.F32 or SafetensorsType.F64 or SafetensorsType.F16 or SafetensorsType.BF16;

    /// <summary>Copies a file's tensors into parameters, after checking that all are there, of the right shape, and no others but a checkpoint's.</summary>
    internal static void LoadWeights(SafetensorsFile file, string path, IReadOnlyList<NamedParameter> parameters)
    {
        ModuleWeights.Compare(file, parameters, strict: true, $"{path} does not fit the model");
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

    internal static JsonObject ParseObject(SafetensorsFile file, string path, string key)
    {
        var json = Parse(file, path, key);
        if (json.ValueKind != JsonValueKind.Object) Throw.Problems($"{path} is damaged", [$"'{key}' in its metadata is {json.ValueKind}; expected an object"]);
        return JsonObject.Create(json)!;
    }
}
