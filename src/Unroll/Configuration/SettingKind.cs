using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Data;

namespace Unroll.Configuration;

/// <summary>What values a setting may have, and how they are written as text and as JSON.</summary>
internal abstract class SettingKind<V>
{
    /// <summary>What is expected, for messages: "a whole number, 1 to 64".</summary>
    public abstract string Expected { get; }

    /// <summary>The values, where they are a list of names.</summary>
    public virtual IReadOnlyList<string> Choices => [];

    public abstract bool TryParse(string text, out V value);

    public abstract bool Accepts(V value);

    public abstract JsonNode? ToJson(V value);

    public abstract bool TryRead(JsonElement json, out V value);

    /// <summary>The value as it would be given on a command line; empty for none.</summary>
    public virtual string Show(V value) => string.Create(CultureInfo.InvariantCulture, $"{value}");
}

/// <summary>Whole numbers within bounds.</summary>
internal sealed class WholeKind<V>(V least, V most) : SettingKind<V> where V : struct, IBinaryInteger<V>
{
    const long Unbounded = long.MaxValue;                   // as good as no bound, and not worth its digits

    public override string Expected => $"a whole number, {(Int128.CreateChecked(most) >= Unbounded ? string.Create(CultureInfo.InvariantCulture, $"{least} or more") : string.Create(CultureInfo.InvariantCulture, $"{least} to {most}"))}";

    public override bool TryParse(string text, out V value) => V.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && Accepts(value);

    public override bool Accepts(V value) => value >= least && value <= most;

    public override JsonNode? ToJson(V value) => JsonNode.Parse(Show(value));

    public override bool TryRead(JsonElement json, out V value)
    {
        value = default;
        return json.ValueKind == JsonValueKind.Number && V.TryParse(json.GetRawText(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }
}

/// <summary>Numbers within bounds, either of which may be excluded.</summary>
internal sealed class NumberKind(double least, double most, bool above = false, bool below = false) : SettingKind<double>
{
    public override string Expected => string.Create(CultureInfo.InvariantCulture,
        $"a number, {(above ? "above " : "")}{least}{(most == double.MaxValue ? above ? "" : " or more" : below ? $" to below {most}" : above ? $", at most {most}" : $" to {most}")}");

    public override bool TryParse(string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && Accepts(value);

    public override bool Accepts(double value) => value >= least && value <= most && !(above && value == least) && !(below && value == most);

    public override JsonNode? ToJson(double value) => value;

    public override bool TryRead(JsonElement json, out double value)
    {
        value = 0;
        return json.ValueKind == JsonValueKind.Number && json.TryGetDouble(out value);
    }
}

/// <summary>Texts that are not empty.</summary>
internal class TextKind(string what) : SettingKind<string>
{
    public override string Expected => what;

    public override bool TryParse(string text, out string value)
    {
        value = text;
        return Accepts(text);
    }

    public override bool Accepts(string value) => !string.IsNullOrWhiteSpace(value);

    public override JsonNode? ToJson(string value) => value;

    public override bool TryRead(JsonElement json, out string value)
    {
        value = "";
        if (json.ValueKind != JsonValueKind.String) return false;
        try
        {
            value = json.GetString()!;
            return true;
        }
        catch (InvalidOperationException)                   // an escape for half of a surrogate pair
        {
            return false;
        }
    }
}

/// <summary>Names of a list.</summary>
internal sealed class ChoiceKind(Func<IReadOnlyList<string>> choices) : TextKind("")
{
    public override IReadOnlyList<string> Choices => choices();

    public override string Expected => $"one of {string.Join(", ", Choices)}";

    public override bool Accepts(string value) => Choices.Contains(value);
}

/// <summary>The path of a file; a full one, so that a checkpoint finds it again. '-' is standard input.</summary>
internal sealed class PathKind(string what) : TextKind(what)
{
    public override bool TryParse(string text, out string value)
    {
        value = "";
        if (!Accepts(text)) return false;
        value = text == "-" ? Pipes.StandardInput : Path.GetFullPath(text);
        return true;
    }
}

/// <summary>Yes or no. A negated one is given to say no.</summary>
internal sealed class FlagKind(bool negated) : SettingKind<bool>
{
    public override string Expected => "true or false";

    public override bool TryParse(string text, out bool value)
    {
        value = !negated;
        return true;
    }

    public override bool Accepts(bool value) => true;

    public override JsonNode? ToJson(bool value) => value;

    public override bool TryRead(JsonElement json, out bool value)
    {
        value = json.ValueKind == JsonValueKind.True;
        return json.ValueKind is JsonValueKind.True or JsonValueKind.False;
    }
}

/// <summary>A value that may be missing: null in JSON.</summary>
internal sealed class OptionalKind<V>(SettingKind<V> inner) : SettingKind<V?> where V : struct
{
    public override string Expected => inner.Expected;

    public override bool TryParse(string text, out V? value)
    {
        var good = inner.TryParse(text, out var given);
        value = given;
        return good;
    }

    public override bool Accepts(V? value) => value is not { } given || inner.Accepts(given);

    public override JsonNode? ToJson(V? value) => value is { } given ? inner.ToJson(given) : null;

    public override bool TryRead(JsonElement json, out V? value)
    {
        value = null;
        if (json.ValueKind == JsonValueKind.Null) return true;
        var good = inner.TryRead(json, out var given);
        value = given;
        return good;
    }

    public override string Show(V? value) => value is { } given ? inner.Show(given) : "";
}

/// <summary>A text that may be missing: null in JSON.</summary>
internal sealed class OptionalTextKind(SettingKind<string> inner) : SettingKind<string?>
{
    public override string Expected => inner.Expected;

    public override IReadOnlyList<string> Choices => inner.Choices;

    public override bool TryParse(string text, out string? value)
    {
        var good = inner.TryParse(text, out var given);
        value = given;
        return good;
    }

    public override bool Accepts(string? value) => value is null || inner.Accepts(value);

    public override JsonNode? ToJson(string? value) => value is null ? null : inner.ToJson(value);

    public override bool TryRead(JsonElement json, out string? value)
    {
        value = null;
        if (json.ValueKind == JsonValueKind.Null) return true;
        var good = inner.TryRead(json, out var given);
        value = given;
        return good;
    }

    public override string Show(string? value) => value is null ? "" : inner.Show(value);
}

/// <summary>Texts of a kind; a single one may stand in JSON by itself, and null for none.</summary>
internal sealed class TextsKind(SettingKind<string> kind) : SettingKind<IReadOnlyList<string>>
{
    public override string Expected => $"a list: {kind.Expected}";

    public override bool TryParse(string text, out IReadOnlyList<string> value)
    {
        var good = kind.TryParse(text, out var path);
        value = [path];
        return good;
    }

    public override bool Accepts(IReadOnlyList<string> value) => true;

    public override JsonNode? ToJson(IReadOnlyList<string> value) => new JsonArray([.. value.Select(v => JsonValue.Create(v))]);

    public override bool TryRead(JsonElement json, out IReadOnlyList<string> value)
    {
        value = [];
        switch (json.ValueKind)
        {
            case JsonValueKind.Null:
                return true;
            case JsonValueKind.String:
                value = [json.GetString()!];
                return true;
            case JsonValueKind.Array when json.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String):
                value = [.. json.EnumerateArray().Select(e => e.GetString()!)];
                return true;
            default:
                return false;
        }
    }

    public override string Show(IReadOnlyList<string> value) => string.Join(' ', value.Select(kind.Show));
}

/// <summary>A file for each of some files.</summary>
internal sealed class PathMapKind : SettingKind<IReadOnlyDictionary<string, string>>
{
    public override string Expected => "an object of texts";

    public override bool TryParse(string text, out IReadOnlyDictionary<string, string> value) => throw new NotSupportedException();

    public override bool Accepts(IReadOnlyDictionary<string, string> value) => true;

    public override JsonNode? ToJson(IReadOnlyDictionary<string, string> value) => new JsonObject(value.Select(v => KeyValuePair.Create(v.Key, (JsonNode?)v.Value)));

    public override bool TryRead(JsonElement json, out IReadOnlyDictionary<string, string> value)
    {
        var map = new Dictionary<string, string>();
        value = map;
        if (json.ValueKind != JsonValueKind.Object) return false;
        foreach (var p in json.EnumerateObject())
        {
            if (p.Value.ValueKind != JsonValueKind.String) return false;
            map[p.Name] = p.Value.GetString()!;
        }
        return true;
    }
}

/// <summary>Settings of their own, as an object.</summary>
internal sealed class ObjectKind<V>(SettingList<V> settings, V none) : SettingKind<V> where V : class
{
    public override string Expected => "an object";

    public override bool TryParse(string text, out V value) => throw new NotSupportedException();

    public override bool Accepts(V value) => settings.Problems(value).Count == 0;

    public override JsonNode? ToJson(V value) => settings.ToJson(value);

    public override bool TryRead(JsonElement json, out V value)
    {
        value = none;
        if (json.ValueKind != JsonValueKind.Object) return false;
        (value, var problems) = settings.Read(json, none);
        return problems.Count == 0;
    }
}
