using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Configuration;
using Unroll.Layers;

namespace Unroll.Tasks;

/// <summary>What a file says of its model besides the weights. It is believed only where it makes sense, and all that does not is listed at once.</summary>
/// <remarks>For one file and one thread.</remarks>
public sealed class ModelDescription
{
    const string KindKey = "model";

    readonly IReadOnlyDictionary<string, string> _metadata;
    readonly long _weights;
    readonly List<string> _problems = [];

    /// <param name="metadata">JSON by the names of the metadata entries.</param>
    /// <param name="weights">How many weights the file has.</param>
    internal ModelDescription(IReadOnlyDictionary<string, string> metadata, long weights) => (_metadata, _weights) = (metadata, weights);

    /// <summary>The kind of model that the file holds, or says it holds.</summary>
    /// <exception cref="UnrollException">It does not say, or names none that there is.</exception>
    internal TaskDefinition FindKind() => Read(SequenceModel.ConfigKey, json =>
    {
        if (json.ValueKind != JsonValueKind.Object) Throw.BadConfig([$"expected an object, found {json.ValueKind}"]);
        var name = KindOf(json);
        return TaskCatalog.All.FirstOrDefault(t => t.ModelName == name)
            ?? Throw.BadConfig<TaskDefinition>([$"this is a model of kind '{name}'; expected {string.Join(" or ", TaskCatalog.All.Select(t => $"'{t.ModelName}'"))}. A task of your own has to be registered first: TaskCatalog.Register"]);
    }) ?? Throw.BadConfig<TaskDefinition>(_problems);

    /// <summary>Reads one entry; where that fails, notes why and gives nothing.</summary>
    /// <param name="key">The name of the entry, such as <see cref="SequenceModel.ConfigKey"/>.</param>
    /// <param name="read">Reads its JSON, or throws an <see cref="UnrollException"/>.</param>
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
    internal string? Cell
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
    /// <param name="least">The fewest weights that a model of these settings can have.</param>
    /// <exception cref="UnrollException">The file has fewer weights than it claims.</exception>
    public void CheckWeights(long least)
    {
        if (_weights < least && (Cell is not { } cell || CellCatalog.IsShipped(cell))) Throw.BadConfig([$"it holds {_weights} weights; its settings ask for at least {least}"]);
    }

    /// <summary>The settings of a model as JSON, behind its kind, as <see cref="SequenceModel.Describe"/> gives them under <see cref="SequenceModel.ConfigKey"/>.</summary>
    /// <param name="kind">The kind of model: <see cref="SequenceModel.Kind"/>.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="config">Their values.</param>
    public static JsonObject WriteConfig<T>(string kind, SettingList<T> settings, T config)
    {
        var json = new JsonObject { [KindKey] = kind };
        foreach (var (name, value) in settings.ToJson(config)) json[name] = value?.DeepClone();
        return json;
    }

    /// <summary>The settings of a model from untrusted JSON.</summary>
    /// <param name="json">What <see cref="WriteConfig"/> wrote.</param>
    /// <param name="kind">The kind of model that is expected.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="start">The configuration where nothing is said.</param>
    /// <param name="problems">Finds what is wrong with settings together; null for nothing.</param>
    /// <exception cref="UnrollException">It is no object, of another kind, or settings are missing, of a wrong type or out of range; all are listed.</exception>
    public static T ReadConfig<T>(JsonElement json, string kind, SettingList<T> settings, T start, Func<T, IReadOnlyList<string>>? problems = null)
    {
        if (json.ValueKind != JsonValueKind.Object) Throw.BadConfig([$"expected an object, found {json.ValueKind}"]);
        if (KindOf(json) is var name && name != kind) Throw.BadConfig([$"this is a model of kind '{name}'; expected '{kind}'"]);
        var (config, found) = settings.Read(json, start, strict: false);
        if (found.Count == 0 && problems is not null) found = problems(config);
        return found.Count == 0 ? config : Throw.BadConfig<T>(found);
    }

    /// <summary>The kind of model that an object says it is; an empty text where it does not say.</summary>
    static string KindOf(JsonElement json) => json.TryGetProperty(KindKey, out var e) && new TextKind("").TryRead(e, out var kind) ? kind : "";

    JsonElement? Parse(string key)
    {
        if (!_metadata.TryGetValue(key, out var text)) return null;
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
