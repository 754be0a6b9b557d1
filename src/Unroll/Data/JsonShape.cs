using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Unroll.Data;

/// <summary>Tells JSON that is not one object a line, and what to do about it.</summary>
static partial class JsonShape
{
    /// <summary>Whether a text begins as JSON objects, or a list of them, do.</summary>
    public static bool IsJson(string text) => Start().IsMatch(text);

    /// <summary>Refuses a list of objects, objects over several lines and an object that holds the list.</summary>
    /// <exception cref="UnrollException">The text is one of these.</exception>
    public static void RefuseAllButLines(string path, string text)
    {
        var start = text.AsSpan().TrimStart();
        if (start.IsEmpty || start[0] is not ('{' or '[')) return;
        var first = start.IndexOf('\n') is >= 0 and var end ? start[..end] : start;
        var rest = start[first.Length..].Trim();
        if (start[0] == '[' && start[1..].TrimStart().StartsWith("]") && rest.IsEmpty) Throw.JsonWithoutObjects(path, "an empty JSON array");
        if (start[0] == '{' && start[1..].TrimStart() is ['}', .. var after] && after.IsWhiteSpace()) Throw.JsonWithoutObjects(path, "an empty JSON object");
        if (start[0] == '[' && (rest.IsEmpty || !IsComplete(first))) Throw.JsonNotLines(path, "a JSON array", "'.[]'");
        if (start[0] == '[') return;
        if (rest.IsEmpty || !IsComplete(first))
        {
            if (ListIn(start) is { } name) Throw.JsonNotLines(path, $"one JSON object with an array {ProblemList.Quote(name)}", $"'.[\"{name}\"][]'");
            if (!IsComplete(first) && IsComplete(start, several: true)) Throw.JsonNotLines(path, "JSON with objects over several lines", ".");
        }
    }

    static bool IsComplete(ReadOnlySpan<char> json, bool several = false)
    {
        try
        {
            var reader = new Utf8JsonReader(Bytes(json), new JsonReaderOptions { AllowMultipleValues = several });
            while (reader.Read()) ;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The first field of the only object that is an array of objects; null where there is none, or more than this object.</summary>
    static string? ListIn(ReadOnlySpan<char> json)
    {
        try
        {
            using var document = JsonDocument.Parse(Bytes(json));
            foreach (var field in document.RootElement.EnumerateObject())
                if (field.Value.ValueKind == JsonValueKind.Array && field.Value.GetArrayLength() > 0 && field.Value[0].ValueKind == JsonValueKind.Object) return field.Name;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)                   // the reader of lines says what and where
        {
            return null;
        }
        return null;
    }

    static byte[] Bytes(ReadOnlySpan<char> json)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(json)];
        Encoding.UTF8.GetBytes(json, bytes);
        return bytes;
    }

    [GeneratedRegex(@"^\s*(\{\s*(""|\})|\[\s*[\{\[""])")]
    private static partial Regex Start();
}
