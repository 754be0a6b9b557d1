using System.Text.Json;
using Unroll.Layers;

namespace Unroll.Models;

/// <summary>What a file says of its model besides the weights. It is believed only where it makes sense, and all that does not is listed at once.</summary>
/// <param name="metadata">JSON by the names of the metadata entries.</param>
/// <param name="weights">How many weights the file has.</param>
internal sealed class ModelDescription(IReadOnlyDictionary<string, string> metadata, long weights)
{
    readonly List<string> _problems = [];

    /// <summary>The kind of model that the file holds, or says it holds.</summary>
    /// <exception cref="UnrollException">It does not say, or names none that there is.</exception>
    public ModelKind FindKind() => Read(SequenceModel.ConfigKey, json =>
    {
        if (json.ValueKind != JsonValueKind.Object) Throw.BadConfig([$"expected an object, found {json.ValueKind}"]);
        var name = ConfigFile.KindOf(json);
        return ModelCatalog.All.FirstOrDefault(k => k.Name == name)
            ?? Throw.BadConfig<ModelKind>([$"this is a model of kind '{name}'; expected {string.Join(" or ", ModelCatalog.All.Select(k => $"'{k.Name}'"))}"]);
    }) ?? Throw.BadConfig<ModelKind>(_problems);

    /// <summary>Reads one entry; where that fails, notes why and gives nothing.</summary>
    public T? Read<T>(string key, Func<JsonElement, T> read) where T : class
    {
        try
        {
            return read(Parse(key) ?? Throw.NoMetadata<JsonElement>(key));
        }
        catch (UnrollException e)
        {
            _problems.AddRange(e.Problems);
            return null;
        }
    }

    /// <summary>Ends the reading where something was wrong.</summary>
    /// <exception cref="UnrollException">Something was; all of it is listed.</exception>
    public void Check()
    {
        if (_problems.Count > 0) Throw.BadConfig(_problems);
    }

    /// <summary>The kind of cell that the file names; null where it names none.</summary>
    public string? Cell
    {
        get
        {
            try
            {
                return Parse(SequenceModel.ConfigKey) is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty("cell", out var cell)
                    && cell.ValueKind == JsonValueKind.String ? cell.GetString() : null;
            }
            catch (Exception e) when (e is UnrollException or InvalidOperationException)
            {
                return null;
            }
        }
    }

    /// <summary>
    /// Sizes are believed only where the file has weights to match: nothing is allocated on its word alone. How few weights a registered cell needs is not known.
    /// </summary>
    /// <exception cref="UnrollException">The file has fewer weights than it claims.</exception>
    public void CheckWeights(long least)
    {
        if (weights < least && (Cell is not { } cell || CellCatalog.IsShipped(cell))) Throw.BadConfig([$"it holds {weights} weights; its settings ask for at least {least}"]);
    }

    JsonElement? Parse(string key)
    {
        if (!metadata.TryGetValue(key, out var text)) return null;
        try
        {
            using var json = JsonDocument.Parse(text, new() { AllowDuplicateProperties = false });
            return json.RootElement.Clone();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return Throw.MetadataNotJson<JsonElement>(key, e.Message);
        }
    }
}
