using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Data;

namespace Unroll.Cli;

/// <summary>What was told from data, for people, for programs, and for the notes of a model.</summary>
static class DataText
{
    /// <summary>The name that it has in the notes of a model.</summary>
    public const string NoteKey = "data";

    const string LeftOut = "left_out", Doubts = "doubts", Files = "files";

    /// <summary>Says on standard error what is doubtful, each once: whoever reads only results may see it too.</summary>
    public static void Warn(params IEnumerable<ReadingReport> reports)
    {
        foreach (var doubt in reports.SelectMany(r => r.Doubts))
            if (Terminal.Current.Warnings.Add(doubt)) Standard.Error.WriteLine($"warning: {doubt}");
    }

    /// <summary>The report for programs.</summary>
    /// <param name="report">What the reader found.</param>
    /// <param name="files">What was read.</param>
    public static JsonObject ToJson(ReadingReport report, IEnumerable<string> files)
    {
        var json = new JsonObject { [Files] = new JsonArray([.. files.Select(f => JsonValue.Create(NameOf(f)))]) };
        foreach (var (name, value) in report.Facts) json[name.Replace(' ', '_')] = report.Counts.TryGetValue(name, out var count) ? count : value;
        if (report.LeftOut.Count > 0) json[LeftOut] = new JsonObject(report.LeftOut.Select(l => KeyValuePair.Create(l.Reason, (JsonNode?)l.Count)));
        if (report.Doubts.Count > 0) json[Doubts] = new JsonArray([.. report.Doubts.Select(d => JsonValue.Create(d))]);
        return json;
    }

    /// <summary>The same for people, from what programs are told; nothing of a model without such notes.</summary>
    /// <param name="data">What programs are told.</param>
    /// <param name="doubts">Whether doubts are shown, which <see cref="Warn"/> says elsewhere.</param>
    public static IEnumerable<(string Name, string Value)> Rows(JsonNode? data, bool doubts = true)
    {
        if (data is not JsonObject json) yield break;
        yield return ("data", Join(json[Files]));
        foreach (var (name, value) in json)
            if (name is not (Files or LeftOut or Doubts)) yield return ($"  {name.Replace('_', ' ')}", Show(value));
        if (json[LeftOut] is JsonObject left && left.Count > 0) yield return ("  left out", string.Join("; ", left.Select(l => $"{l.Key}: {Show(l.Value)}")));
        if (doubts && json[Doubts] is JsonArray doubted)
            foreach (var doubt in doubted) yield return ("  doubt", Show(doubt));
    }

    /// <summary>A model is the same wherever its data stood, and tells no one how folders are named; so the name does.</summary>
    static string NameOf(string path) => path == Pipes.StandardInput ? "standard input" : path.StartsWith("/dev/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal) ? "a pipe" : Path.GetFileName(Path.TrimEndingDirectorySeparator(path));

    static string Join(JsonNode? files) => files is JsonArray array ? string.Join(", ", array.Select(Show)) : "";

    static string Show(JsonNode? value) => value is JsonValue v && v.TryGetValue<long>(out var count) ? count.ToString("N0", CultureInfo.InvariantCulture) : $"{value}";
}
