using System.Globalization;
using Unroll.Pictures;

namespace Unroll.Inspection;

/// <summary>Forecasts as a page that stands alone: a chart for each, whose values are told when pointed at or by the arrow keys, and a table of the forecast.</summary>
internal static class ForecastPage
{
    /// <summary>How many charts there are at most.</summary>
    public const int Most = 50;

    const int Height = 360, PhoneHeight = 300;

    /// <summary>The page; where there are more forecasts than <see cref="Most"/>, it says so.</summary>
    /// <param name="pictures">The forecasts.</param>
    /// <param name="title">What stands above them.</param>
    public static string Write(IReadOnlyList<ForecastPicture> pictures, string title)
    {
        var page = new Page(title);
        page.AddStyle(ChartScript.Style);
        page.AddScript(ChartScript.Text);
        page.Body.Line($"""<p class="note">Point at a chart, or move to it with Tab and use the arrow keys, Page Up, Page Down, Home and End, to read its values.</p>""");
        if (pictures.Count > Most) page.Body.Line($"""<p class="note">{pictures.Count.ToString("N0", CultureInfo.InvariantCulture)} forecasts; the first {Most} are shown.</p>""");
        foreach (var picture in pictures.Take(Most)) Add(page.Body, picture.Shown());
        return page.ToString();
    }

    static void Add(MarkupText body, ForecastPicture picture)
    {
        var format = Figures.FormatOf(picture.Times ?? []);
        body.Line($"<section>\n<h2>{picture.Title}</h2>");
        if (picture.Omission.Length > 0) body.Line($"""<p class="note">{picture.Omission}</p>""");
        body.Line($"""<figure class="chart"><p class="readout" aria-hidden="true">&nbsp;</p>""");
        AddPlot(body, picture, new(picture, Picture.DeskWidth, Height), "desk");
        AddPlot(body, picture, new(picture, Picture.PhoneWidth, PhoneHeight), "phone");
        body.Line($"""<script type="application/json">{Readings(picture, format)}</script></figure>""");
        AddTable(body, picture, format);
        body.Line($"</section>");
    }

    static void AddPlot(MarkupText body, ForecastPicture picture, ForecastChart chart, string device) =>
        ChartScript.AddPlot(body, device, (chart.Width, chart.Height), (picture.Title, $"{picture.Title}, values by time"), picture.Count, $"{Math.Min(picture.Count, 1)} of {picture.Count} points",
            (chart.X, chart.PlaceOf), (chart.Y, i => ValuesAt(picture, i)), chart.Draw);

    /// <summary>The values of a point, with their classes.</summary>
    static IEnumerable<(string, double)> ValuesAt(ForecastPicture picture, int point)
    {
        if (point < picture.History.Length) return [("s4", picture.History[point])];
        var step = point - picture.History.Length;
        return picture.Truth is { } truth ? [("s0", picture.Median[step]), ("s1", truth[step])] : [("s0", picture.Median[step])];
    }

    /// <summary>What is told of each point, as a JSON list of texts.</summary>
    static MarkupText Readings(ForecastPicture picture, string format)
    {
        var texts = Enumerable.Range(0, picture.Count).Select(i => $"{TimeOf(picture, i, format)}: {ValuesOf(picture, i)}");
        return new MarkupText().Raw(ChartScript.Json(texts));
    }

    static string TimeOf(ForecastPicture picture, int point, string format) =>
        picture.Times is { Count: > 0 } times ? Figures.Of(times[point], format) : $"step {picture.FirstStep + point:N0}";

    static string ValuesOf(ForecastPicture picture, int point)
    {
        if (point < picture.History.Length) return double.IsFinite(picture.History[point]) ? $"history {Figures.Of(picture.History[point])}" : "missing";
        var step = point - picture.History.Length;
        IEnumerable<string> parts =
        [
            $"median {Figures.Of(picture.Median[step])}",
            .. picture.Intervals.OrderBy(i => i.Level).Select(i => $"{ForecastPicture.NameOf(i)} {Figures.Of(i.Low[step])} to {Figures.Of(i.High[step])}"),
            .. picture.Truth is { } truth && double.IsFinite(truth[step]) ? [$"actual {Figures.Of(truth[step])}"] : Array.Empty<string>(),
        ];
        return string.Join(", ", parts);
    }

    static void AddTable(MarkupText body, ForecastPicture picture, string format)
    {
        var intervals = picture.Intervals.OrderBy(i => i.Level).ToArray();
        body.Line($"""<details><summary>The forecast as a table</summary><div class="scroll" tabindex="0" role="group" aria-label="{picture.Title}, table"><table class="right">""");
        body.Add($"<tr><th scope=\"col\">{(picture.Times is null ? "step" : "time")}</th><th scope=\"col\">median</th>");
        foreach (var interval in intervals) body.Add($"<th scope=\"col\">{interval.Level * 100:0.##} % from</th><th scope=\"col\">to</th>");
        body.Line($"{new MarkupText().Raw(picture.Truth is null ? "" : "<th scope=\"col\">actual</th>")}</tr>");
        for (var step = 0; step < picture.Median.Length; step++)
        {
            body.Add($"<tr><th scope=\"row\">{TimeOf(picture, picture.History.Length + step, format)}</th><td>{Figures.Of(picture.Median[step])}</td>");
            foreach (var interval in intervals) body.Add($"<td>{Figures.Of(interval.Low[step])}</td><td>{Figures.Of(interval.High[step])}</td>");
            if (picture.Truth is { } truth) body.Add($"<td>{Figures.Of(truth[step])}</td>");
            body.Line($"</tr>");
        }
        body.Line($"</table></div></details>");
    }
}
