using System.Globalization;
using System.Text.Json.Nodes;

namespace Unroll.Tasks;

/// <summary>Forecasts as text: JSON, and a table with a row for each step.</summary>
static class ForecastText
{
    /// <summary>The intervals that are told of where nobody asks for others, in percent.</summary>
    public static IReadOnlyList<double> UsualLevels { get; } = [80, 95];

    /// <summary>A forecast for programs: series, target, times, mean, median, and lo_L and hi_L of each interval of L %.</summary>
    public static JsonObject ToJson(Forecast forecast, IReadOnlyList<double> levels)
    {
        var json = new JsonObject
        {
            ["series"] = forecast.Series, ["target"] = forecast.Target, ["times"] = new JsonArray([.. forecast.Times.Select(t => JsonValue.Create(Show(t)))]),
            ["mean"] = Numbers(forecast.Mean), ["median"] = Numbers(forecast.Median),
        };
        foreach (var level in levels) (json[$"lo_{Name(level)}"], json[$"hi_{Name(level)}"]) = (Numbers(forecast.Quantile(0.5 - level / 200)), Numbers(forecast.Quantile(0.5 + level / 200)));
        return json;
    }

    /// <summary>A table: series, target, step from 1, time, mean, median, and the bounds of the intervals.</summary>
    public static void WriteCsv(TextWriter writer, IReadOnlyList<Forecast> forecasts, IReadOnlyList<double> levels)
    {
        writer.Write("series,target,step,time,mean,median");
        foreach (var level in levels) writer.Write($",lo_{Name(level)},hi_{Name(level)}");
        writer.Write('\n');
        foreach (var forecast in forecasts)
        {
            var bounds = levels.SelectMany(l => new[] { forecast.Quantile(0.5 - l / 200), forecast.Quantile(0.5 + l / 200) }).Prepend(forecast.Median).Prepend(forecast.Mean).ToArray();
            for (var h = 0; h < forecast.Mean.Count; h++)
            {
                writer.Write($"{Field(forecast.Series)},{Field(forecast.Target)},{h + 1},{(h < forecast.Times.Count ? Show(forecast.Times[h]) : "")}");
                foreach (var column in bounds) writer.Write($",{Number(column[h])}");
                writer.Write('\n');
            }
        }
    }

    public static string Show(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>A number that reads back to the same; empty for one that is missing.</summary>
    public static string Number(double value) => double.IsNaN(value) ? "" : value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>A field of a table between commas (RFC 4180).</summary>
    public static string Field(string text) => text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    static string Name(double level) => level.ToString("R", CultureInfo.InvariantCulture).Replace('.', '_');

    static JsonArray Numbers(IReadOnlyList<double> values) => new([.. values.Select(v => double.IsFinite(v) ? JsonValue.Create(v) : null)]);
}
