using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Unroll.Data;

/// <summary>Reads the parts of a tokenizer from untrusted JSON, and gathers what is wrong with it.</summary>
sealed class TokenizerReader(JsonElement json)
{
    const int MaxProblems = 20;

    readonly List<string> _problems = [];
    int _count;

    public IReadOnlyList<string> Problems =>
        _count <= MaxProblems ? _problems : [.. _problems, $"and {_count - MaxProblems:N0} more"];

    public bool Ok => _count == 0;

    public void Add(string problem)
    {
        if (_count++ < MaxProblems) _problems.Add(problem);
    }

    public string? Kind()
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            Add($"a JSON object is expected, not {Name(json)}");
            return null;
        }
        var kind = Member("kind", JsonValueKind.String) is { } value ? Text(value, "kind") : null;
        if (kind is not null && !Tokenizer.Kinds.Contains(kind))
            Add($"kind is '{kind.AsSpan(0, Math.Min(kind.Length, 40))}'; it must be one of {string.Join(", ", Tokenizer.Kinds)}");
        return kind;
    }

    /// <summary>A list, no longer than a vocabulary may be; empty if there is none, which is then a problem.</summary>
    public JsonElement[] List(string name)
    {
        if (Member(name, JsonValueKind.Array) is not { } list) return [];
        if (list.GetArrayLength() <= Vocabulary.MaxSize) return [.. list.EnumerateArray()];
        Add($"{name} has {list.GetArrayLength():N0} entries; at most {Vocabulary.MaxSize:N0} are allowed");
        return [];
    }

    public Vocabulary? Symbols(int specialCount)
    {
        var symbols = Array.ConvertAll(List("symbols"), s => Text(s, "symbols"));
        var counts = Array.ConvertAll(
            List("counts"), c => c.ValueKind == JsonValueKind.Number && c.TryGetInt64(out var count) ? count : -1);
        if (Ok && symbols.Length == 0) Add("symbols is empty");
        if (!Ok) return null;
        foreach (var problem in Vocabulary.Problems(symbols, counts, specialCount)) Add(problem);
        return Ok ? new Vocabulary(symbols, counts, specialCount) : null;
    }

    public static void Write(JsonObject json, Vocabulary vocabulary)
    {
        var symbols = new JsonArray();
        var counts = new JsonArray();
        for (var id = 0; id < vocabulary.Size; id++)
        {
            symbols.Add((JsonNode)vocabulary[id]);
            counts.Add((JsonNode)vocabulary.Counts[id]);
        }
        json["symbols"] = symbols;
        json["counts"] = counts;
    }

    /// <summary>Unicode's normal form of texts; none where nothing is said, as earlier versions wrote it.</summary>
    public NormalizationForm? Form()
    {
        if (!json.TryGetProperty("form", out var value)) return null;
        var name = value.ValueKind == JsonValueKind.String ? Text(value, "form") : value.GetRawText();
        if (TextNormalizer.FormNames.Contains(name)) return TextNormalizer.FormOf(name);
        Add($"form is {ProblemList.Quote(name)}; it must be one of {string.Join(", ", TextNormalizer.FormNames)}");
        return null;
    }

    public bool Flag(string name)
    {
        if (json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.ValueKind == JsonValueKind.True;
        Add($"{name} must be true or false");
        return false;
    }

    JsonElement? Member(string name, JsonValueKind kind)
    {
        if (!json.TryGetProperty(name, out var value)) Add($"{name} is missing");
        else if (value.ValueKind != kind) Add($"{name} is {Name(value)} where {kind} is expected");
        else return value;
        return null;
    }

    string Text(JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            Add($"{name} holds {Name(value)} where String is expected");
            return "";
        }
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)             // an escape for half of a surrogate pair
        {
            Add($"{name} holds text that is not well-formed");
            return "";
        }
    }

    static string Name(JsonElement value) => value.ValueKind.ToString();
}
