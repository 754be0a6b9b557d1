using System.Collections;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Unroll.Configuration;

/// <summary>All settings of a record of options.</summary>
/// <remarks>Safe for use by several threads: it does not change.</remarks>
[CollectionBuilder(typeof(SettingList), nameof(SettingList.Create))]
public sealed class SettingList<T>(IReadOnlyList<Setting<T>> settings) : IReadOnlyList<Setting<T>>
{
    /// <inheritdoc/>
    public int Count => settings.Count;

    /// <inheritdoc/>
    public Setting<T> this[int index] => settings[index];

    /// <inheritdoc/>
    public IEnumerator<Setting<T>> GetEnumerator() => settings.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The same settings of a record that holds this one.</summary>
    public SettingList<TOuter> In<TOuter>(Func<TOuter, T> get, Func<TOuter, T, TOuter> set) => [.. settings.Select(s => s.In(get, set))];

    /// <summary>The same settings, which stand in no file: what holds them is written as a whole.</summary>
    internal SettingList<T> OutsideFiles => [.. settings.Select(s => s.With(inFiles: false))];

    /// <summary>Those that are options of the command; in a checkpoint they may be missing, for the model that it holds has them too.</summary>
    public SettingList<T> AsOptions => [.. settings.Where(s => s.Option.Length > 0).Select(s => s.With(optional: true))];

    /// <summary>The same settings, which are chosen to fit the data where they are not given.</summary>
    public SettingList<T> Fitted => [.. settings.Select(s => s.With(fitted: true))];

    /// <summary>The settings as JSON.</summary>
    public JsonObject ToJson(T options) => new(settings.Where(s => s.Name.Length > 0).Select(s => KeyValuePair.Create(s.Name, s.ToJson(options))));

    /// <summary>Reads JSON of unknown origin.</summary>
    /// <param name="json">An object.</param>
    /// <param name="start">The options where nothing is said.</param>
    /// <param name="strict">Whether names that are not known are a problem.</param>
    /// <returns>The options, and what is wrong: values that are missing, of a wrong type or out of range.</returns>
    public (T Options, IReadOnlyList<string> Problems) Read(JsonElement json, T start, bool strict = true)
    {
        var problems = new List<string>();
        var known = new HashSet<string>();
        foreach (var setting in settings.Where(s => s.Name.Length > 0))
        {
            var found = setting.FormerNames.Prepend(setting.Name).FirstOrDefault(n => json.TryGetProperty(n.TrimStart('!'), out _));
            foreach (var name in setting.FormerNames.Prepend(setting.Name)) known.Add(name.TrimStart('!'));
            if (found is null && setting.IsOptional) continue;
            if (found is null) problems.Add($"'{setting.Name}' is missing; expected {setting.Expected}");
            else if (!setting.TryRead(start, json.GetProperty(found.TrimStart('!')), found, out start)) problems.Add($"'{setting.Name}' is {Show(json.GetProperty(found.TrimStart('!')))}; expected {setting.Expected}");
        }
        if (strict) problems.AddRange(json.EnumerateObject().Where(p => !known.Contains(p.Name)).Select(p => $"{ProblemList.Quote(p.Name)} is no setting that is known"));
        problems.AddRange(Problems(start));
        return (start, problems);
    }

    static string Show(JsonElement json) => json.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? $"an {json.ValueKind.ToString().ToLowerInvariant()}" : ProblemList.Quote(json.GetRawText());

    /// <summary>What is out of range.</summary>
    public IReadOnlyList<string> Problems(T options) => [.. settings.Where(s => s.Name.Length > 0).Select(s => s.Problem(options)).OfType<string>()];
}

/// <summary>Makes lists of settings.</summary>
public static class SettingList
{
    /// <summary>A list of these.</summary>
    public static SettingList<T> Create<T>(ReadOnlySpan<Setting<T>> settings) => new(settings.ToArray());
}
