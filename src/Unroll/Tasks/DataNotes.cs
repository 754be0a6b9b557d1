using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>What a model notes of the data that it learned from: how it was read, what was detected, what was planned.</summary>
internal static class DataNotes
{
    /// <summary>The names of the notes.</summary>
    public const string ReadingKey = "reading", DataKey = "data", PlanKey = "plan", ForecastKey = "forecast";

    const string LeftOut = "left_out", Doubts = "doubts", Files = "files";

    /// <summary>How the data of a model was read.</summary>
    /// <exception cref="UnrollException">The note cannot be read.</exception>
    public static ReadingOptions ReadingOf(SequenceModel model)
    {
        if (model.Notes[ReadingKey] is not { } note) return new();
        if (note is not JsonObject) throw Unreadable("it is no object");
        var (reading, problems) = ReadingOptions.Settings.Read(System.Text.Json.JsonDocument.Parse(note.ToJsonString()).RootElement, new());
        return problems.Count == 0 ? reading : throw Unreadable(string.Join("; ", problems));

        static UnrollException Unreadable(string why) => new($"What the model notes of its data cannot be read: {why}. It may come from another version.");
    }

    /// <summary>The columns that told the series of a training apart; none where there was one series.</summary>
    public static IReadOnlyList<string> SeriesColumnsOf(SequenceModel model) => model.Notes[DataKey]?["series_column"] is JsonValue note && note.TryGetValue<string>(out var names) && names != "the file" ? names.Split(" + ") : [];

    /// <summary>Notes how the data was read, and what was detected.</summary>
    public static void Note(SequenceModel model, ReadingOptions reading, JsonObject data) =>
        (model.Notes[ReadingKey], model.Notes[DataKey]) = (ReadingOptions.Settings.ToJson(reading), data);

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
    /// <param name="doubts">Whether doubts are shown.</param>
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

/// <summary>What is found out about the data of a training: of what is learned from, and of all other files.</summary>
/// <remarks>Not safe for use by several threads at once.</remarks>
public sealed class DataReports
{
    readonly DataOptions _options;
    readonly TaskObserver _observer;
    readonly ReadingReport _others = new();

    internal DataReports(DataOptions options, TaskObserver observer) => (_options, _observer) = (options, observer);

    /// <summary>Of what is learned from.</summary>
    public ReadingReport Data { get; } = new();

    /// <summary>Where what is found out about these files goes.</summary>
    public ReadingReport For(IReadOnlyList<string> paths)
    {
        _observer.OnPhase(WorkPhase.Reading, paths);
        return ReferenceEquals(paths, _options.Files) ? Data : _others;
    }

    /// <summary>Says what is doubtful, and gives back the rest for the notes of the model.</summary>
    /// <param name="source">What the data is called where no file is named.</param>
    internal JsonObject Tell(string? source)
    {
        foreach (var doubt in Data.Doubts.Concat(_others.Doubts)) _observer.OnWarning(doubt);
        _observer.OnPhase(WorkPhase.Building);
        return DataNotes.ToJson(Data, source is null ? _options.Files : [source]);
    }
}
