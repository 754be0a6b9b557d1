using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Unroll.Data;

/// <summary>What is done to a text before it is cut into tokens. A model keeps it, so that what it is given later is treated as what it learned from.</summary>
public sealed record TextNormalizer
{
    /// <summary>The names of the normal forms, as <see cref="FormOf"/> takes them.</summary>
    public static IReadOnlyList<string> FormNames { get; } = ["none", "nfc", "nfd", "nfkc", "nfkd"];

    /// <summary>Unicode's normal form, or null to leave the text as it is; the default.</summary>
    public NormalizationForm? Form { get; init; }

    /// <summary>Whether letters become small ones, each by itself and whatever the language; false by default.</summary>
    public bool Lower { get; init; }

    /// <summary>The form of a name; null for <c>none</c>.</summary>
    /// <exception cref="UnrollException">The name is none of <see cref="FormNames"/>.</exception>
    public static NormalizationForm? FormOf(string name) => name switch
    {
        "none" => null,
        "nfc" => NormalizationForm.FormC,
        "nfd" => NormalizationForm.FormD,
        "nfkc" => NormalizationForm.FormKC,
        "nfkd" => NormalizationForm.FormKD,
        _ => throw Throw.UnknownForm(name, FormNames),
    };

    /// <summary>The text in the normal form, in small letters.</summary>
    public string Apply(string text)
    {
        if (Form is { } form) text = UnicodeForms.Normalize(text, form);
        return Lower ? text.ToLowerInvariant() : text;
    }

    /// <summary>All that <see cref="FromJson"/> needs.</summary>
    public JsonObject ToJson() => new() { ["form"] = NameOf(Form), ["lower"] = Lower };

    /// <summary>What <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="UnrollException">The value describes none.</exception>
    public static TextNormalizer FromJson(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Object
            && json.TryGetProperty("form", out var form) && form.ValueKind == JsonValueKind.String
            && json.TryGetProperty("lower", out var lower) && lower.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return new() { Form = FormOf(form.GetString()!), Lower = lower.GetBoolean() };
        throw Throw.BadNormalizer();
    }

    /// <summary>The name of a form, as <see cref="FormOf"/> takes it.</summary>
    internal static string NameOf(NormalizationForm? form) => FormNames[form switch
    {
        null => 0,
        NormalizationForm.FormC => 1,
        NormalizationForm.FormD => 2,
        NormalizationForm.FormKC => 3,
        _ => 4,
    }];
}
