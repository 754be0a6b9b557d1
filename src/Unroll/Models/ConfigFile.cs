using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Configuration;

namespace Unroll.Models;

/// <summary>Writes and reads the configuration of a model in its file, by the list of its settings.</summary>
internal static class ConfigFile
{
    const string KindKey = "model";

    /// <summary>The settings as JSON, behind the kind of model.</summary>
    public static JsonObject ToJson<T>(string kind, SettingList<T> settings, T config)
    {
        var json = new JsonObject { [KindKey] = kind };
        foreach (var (name, value) in settings.ToJson(config)) json[name] = value?.DeepClone();
        return json;
    }

    /// <summary>The settings from JSON of unknown origin.</summary>
    /// <param name="json">An object whose <c>model</c> is <paramref name="kind"/>.</param>
    /// <param name="kind">The kind of model that is expected.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="start">The configuration where nothing is said.</param>
    /// <param name="problems">Finds what is wrong with settings together.</param>
    /// <exception cref="UnrollException">It is no object, of another kind, or settings are missing, of a wrong type or out of range; all are listed.</exception>
    public static T Read<T>(JsonElement json, string kind, SettingList<T> settings, T start, Func<T, IReadOnlyList<string>> problems)
    {
        if (json.ValueKind != JsonValueKind.Object) Throw.BadConfig([$"expected an object, found {json.ValueKind}"]);
        if (KindOf(json) is var name && name != kind) Throw.BadConfig([$"this is a model of kind '{name}'; expected '{kind}'"]);
        var (config, found) = settings.Read(json, start, strict: false);
        if (found.Count == 0) found = problems(config);
        return found.Count == 0 ? config : Throw.BadConfig<T>(found);
    }

    /// <summary>The kind of model that an object says it is; an empty text where it does not say.</summary>
    public static string KindOf(JsonElement json) => json.TryGetProperty(KindKey, out var e) && new TextKind("").TryRead(e, out var kind) ? kind : "";
}
