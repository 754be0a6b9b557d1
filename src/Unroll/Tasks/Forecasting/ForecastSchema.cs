using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>A column as the model knows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Categories">Its texts, each a column of 0 and 1 for a covariate; none for numbers.</param>
/// <param name="Scale">What its numbers are scaled by.</param>
sealed record ForecastColumn(string Name, IReadOnlyList<string> Categories, ValueScale Scale)
{
    /// <summary>How many numbers a step has of it.</summary>
    public int Width => Math.Max(1, Categories.Count);

    /// <summary>The place of a text in <see cref="Categories"/>; −1 where it is not there.</summary>
    public int IndexOf(string text)
    {
        var at = Categories.Count - 1;
        while (at >= 0 && Categories[at] != text) at--;
        return at;
    }

    /// <summary>Number k of a value as the network reads it: scaled, or whether it is category k; what was before where it is missing.</summary>
    /// <param name="value">A number, or the place of a text in <see cref="Categories"/>.</param>
    public Real Scaled(double value, int k, Real before) =>
        double.IsNaN(value) ? before : Categories.Count > 0 ? (int)value == k ? 1 : 0 : (Real)Math.Clamp(Scale.Apply(value), -MostDeviations, MostDeviations);

    const double MostDeviations = 10;
}

/// <summary>What a forecaster knows of its columns, all of it from the training part: names, categories, scales, and the frequency.</summary>
sealed record ForecastSchema
{
    public TimeStep? Step { get; init; }

    public bool HasTimes { get; init; }

    /// <summary>Whether the training spans two years.</summary>
    public bool Years { get; init; }

    /// <summary>The columns to forecast; the scale is that of a typical series, for windows of all.</summary>
    public required IReadOnlyList<ForecastColumn> Targets { get; init; }

    /// <summary>The series of which each has weights of its own in the linear part, or a level and a season; none elsewhere.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>c of ln(y + c), by target.</summary>
    public required IReadOnlyList<double> LogShifts { get; init; }

    public required IReadOnlyList<ForecastColumn> Past { get; init; }

    public required IReadOnlyList<ForecastColumn> Future { get; init; }

    public required IReadOnlyList<ForecastColumn> Static { get; init; }

    /// <summary>The scales of the targets by series; none where windows have their own.</summary>
    public required IReadOnlyDictionary<string, ValueScale[]> Series { get; init; }

    public int PastWidth => Past.Sum(c => c.Width);

    public int FutureWidth => Future.Sum(c => c.Width);

    public JsonObject ToJson() => new()
    {
        ["step"] = Step?.ToString(), ["times"] = HasTimes, ["years"] = Years, ["targets"] = Write(Targets), ["log_shifts"] = new JsonArray([.. LogShifts.Select(c => JsonValue.Create(c))]),
        ["names"] = new JsonArray([.. Names.Select(n => JsonValue.Create(n))]), ["past"] = Write(Past), ["future"] = Write(Future), ["static"] = Write(Static),
        ["series"] = new JsonArray([.. Series.Select(s => new JsonObject { ["name"] = s.Key, ["scales"] = new JsonArray([.. s.Value.SelectMany(v => new[] { JsonValue.Create(v.Shift), JsonValue.Create(v.Scale) })]) })]),
    };

    static JsonArray Write(IReadOnlyList<ForecastColumn> columns) => new([.. columns.Select(c => new JsonObject
    {
        ["name"] = c.Name, ["categories"] = new JsonArray([.. c.Categories.Select(t => JsonValue.Create(t))]), ["shift"] = c.Scale.Shift, ["scale"] = c.Scale.Scale,
    })]);

    /// <exception cref="UnrollException">The JSON does not make sense.</exception>
    public static ForecastSchema FromJson(JsonElement json)
    {
        try
        {
            var targets = Read(json.GetProperty("targets"));
            var series = new Dictionary<string, ValueScale[]>(StringComparer.Ordinal);
            foreach (var one in json.GetProperty("series").EnumerateArray())
            {
                double[] numbers = [.. one.GetProperty("scales").EnumerateArray().Select(v => v.GetDouble())];
                if (numbers.Length != 2 * targets.Count) throw new FormatException("a series has scales of other targets");
                series[one.GetProperty("name").GetString()!] = [.. targets.Select((_, d) => Scale(numbers[2 * d], numbers[2 * d + 1]))];
            }
            var found = new ForecastSchema
            {
                Step = json.GetProperty("step").GetString() is { } step ? TimeStep.Parse(step) : null, HasTimes = json.GetProperty("times").GetBoolean(), Years = json.GetProperty("years").GetBoolean(),
                Targets = targets, LogShifts = [.. json.GetProperty("log_shifts").EnumerateArray().Select(v => v.GetDouble())],
                Names = [.. json.GetProperty("names").EnumerateArray().Select(n => n.GetString() ?? "")],
                Past = Read(json.GetProperty("past")), Future = Read(json.GetProperty("future")), Static = Read(json.GetProperty("static")), Series = series,
            };
            if (targets.Count == 0 || found.LogShifts.Count != targets.Count || found.HasTimes && found.Step is null) throw new FormatException("targets, shifts and times do not fit together");
            return found;
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            throw new InvalidConfigurationException($"The columns of the model cannot be read: {e.Message}", e);
        }
    }

    static IReadOnlyList<ForecastColumn> Read(JsonElement json) =>
    [
        .. json.EnumerateArray().Select(c => new ForecastColumn(
            c.GetProperty("name").GetString() ?? "", [.. c.GetProperty("categories").EnumerateArray().Select(t => t.GetString() ?? "")], Scale(c.GetProperty("shift").GetDouble(), c.GetProperty("scale").GetDouble()))),
    ];

    static ValueScale Scale(double shift, double scale) =>
        double.IsFinite(shift) && double.IsFinite(scale) && scale > 0 ? new(shift, scale) : throw new FormatException($"{shift} and {scale} are no scale");
}
