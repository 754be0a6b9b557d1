using System.Collections.Concurrent;
using System.Text.Json;

namespace Unroll.Tests.Golden;

/// <summary>Numbers from PyTorch, written once by <c>tests/golden/make_golden.py</c> and only ever read here.</summary>
/// <example><c>GoldenFile.Load("recurrent")["lstm-2-bi-ragged"]["parameters"]["weight_ih_l0"].Doubles</c></example>
static class GoldenFile
{
    static readonly ConcurrentDictionary<string, GoldenNode> Loaded = new();

    /// <summary>Reads <c>golden/{topic}.json</c> from beside the tests, once per process.</summary>
    public static GoldenNode Load(string topic) => Loaded.GetOrAdd(topic, static t =>
    {
        using var stream = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "golden", t + ".json"));
        using var document = JsonDocument.Parse(stream);
        return new GoldenNode(document.RootElement.Clone());
    });
}

/// <summary>A place in a golden file: an object, a list, a number, or a tensor, which is an object with a shape and its data.</summary>
readonly struct GoldenNode(JsonElement json)
{
    public GoldenNode this[string name] => json.TryGetProperty(name, out var found)
        ? new(found)
        : throw new KeyNotFoundException($"No '{name}' among: {string.Join(", ", Names)}");

    public GoldenNode this[int index] => new(json[index]);

    public bool Has(string name) => json.TryGetProperty(name, out _);

    /// <summary>The names in an object, in the file's order.</summary>
    public IEnumerable<string> Names => json.EnumerateObject().Select(p => p.Name);

    /// <summary>The number of elements of a list.</summary>
    public int Count => json.GetArrayLength();

    public double Number => json.GetDouble();

    public int Integer => json.GetInt32();

    public bool Flag => json.GetBoolean();

    public string Text => json.GetString()!;

    public int[] Shape => [.. json.GetProperty("shape").EnumerateArray().Select(e => e.GetInt32())];

    /// <summary>The values of a tensor, row-major, or of a plain list of numbers.</summary>
    public double[] Doubles => [.. Data.Select(e => e.GetDouble())];

    /// <inheritdoc cref="Doubles"/>
    public float[] Floats => [.. Data.Select(e => (float)e.GetDouble())];

    /// <inheritdoc cref="Doubles"/>
    public int[] Integers => [.. Data.Select(e => e.GetInt32())];

    IEnumerable<JsonElement> Data => (json.ValueKind == JsonValueKind.Array ? json : json.GetProperty("data")).EnumerateArray();
}
