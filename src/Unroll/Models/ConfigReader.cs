using System.Text.Json;

namespace Unroll.Models;

/// <summary>Reads a model's settings from JSON that nobody vouches for, and gathers what is wrong with them.</summary>
internal sealed class ConfigReader
{
    readonly JsonElement _json;
    readonly List<string> _problems = [];

    /// <param name="json">An object whose <c>model</c> is <paramref name="kind"/>.</param>
    /// <param name="kind">The kind of model that is expected.</param>
    /// <exception cref="UnrollException">It is no object, or of another kind.</exception>
    public ConfigReader(JsonElement json, string kind)
    {
        if (json.ValueKind != JsonValueKind.Object) Throw.BadConfig([$"expected an object, found {json.ValueKind}"]);
        if (KindOf(json) is var name && name != kind) Throw.BadConfig([$"this is a model of kind '{name}'; expected '{kind}'"]);
        _json = json;
    }

    /// <summary>The kind of model that an object says it is; an empty text where it does not say.</summary>
    public static string KindOf(JsonElement json) => json.TryGetProperty("model", out var e) && e.ValueKind == JsonValueKind.String ? TextOf(e) : "";

    public string Text(string key) => Read(key, JsonValueKind.String, "a text", TextOf, "");

    /// <summary>A whole number; −1 for any other number.</summary>
    public int Whole(string key) => Read(key, JsonValueKind.Number, "a number", e => e.TryGetInt32(out var i) ? i : -1, 1);

    public double Number(string key) => Read(key, JsonValueKind.Number, "a number", e => e.GetDouble(), 0);

    public bool Flag(string key) =>
        _json.TryGetProperty(key, out var e) && e.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? e.ValueKind == JsonValueKind.True
            : Missing(key, "true or false", false);

    /// <summary>A list of texts.</summary>
    public string[] Texts(string key) => List(key, JsonValueKind.String, "texts", TextOf);

    /// <summary>A list of numbers.</summary>
    public double[] Numbers(string key) => List(key, JsonValueKind.Number, "numbers", e => e.GetDouble());

    /// <summary>The settings, if each could be read and <paramref name="problems"/> finds nothing wrong with them together.</summary>
    /// <exception cref="UnrollException">Something is missing, of a wrong type or out of range; all is listed.</exception>
    public T Finish<T>(T config, Func<T, IReadOnlyList<string>> problems)
    {
        // A text that could not be read is empty, and wrong for that alone.
        var all = _problems.Concat(problems(config).Where(p => _problems.Count == 0 || !p.Contains(" is ''", StringComparison.Ordinal))).ToArray();
        return all.Length == 0 ? config : Throw.BadConfig<T>(all);
    }

    T[] List<T>(string key, JsonValueKind kind, string what, Func<JsonElement, T> get)
    {
        if (_json.TryGetProperty(key, out var e) && e.ValueKind == JsonValueKind.Array && e.EnumerateArray().All(i => i.ValueKind == kind))
            return [.. e.EnumerateArray().Select(get)];
        return Missing<T[]>(key, $"a list of {what}", []);
    }

    T Read<T>(string key, JsonValueKind kind, string expected, Func<JsonElement, T> get, T fallback) =>
        _json.TryGetProperty(key, out var e) && e.ValueKind == kind ? get(e) : Missing(key, expected, fallback);

    T Missing<T>(string key, string expected, T fallback)
    {
        _problems.Add($"'{key}' is {(_json.TryGetProperty(key, out var e) ? e.ValueKind.ToString() : "missing")}; expected {expected}");
        return fallback;
    }

    static string TextOf(JsonElement e)
    {
        try
        {
            return e.GetString()!;
        }
        catch (InvalidOperationException)                   // an escape for half of a surrogate pair
        {
            return "";
        }
    }
}
