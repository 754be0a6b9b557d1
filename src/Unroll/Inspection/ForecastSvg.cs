using Unroll.Pictures;

namespace Unroll.Inspection;

/// <summary>Forecasts as one file of SVG, a chart for each below the other; for light and dark, without script.</summary>
internal static class ForecastSvg
{
    /// <summary>How many charts there are at most.</summary>
    public const int Most = 20;

    const int Width = 800, Height = 320, Head = 32, Note = 20;

    /// <summary>The picture; where there are more forecasts than <see cref="Most"/>, it says at its end how many are left out.</summary>
    /// <param name="pictures">The forecasts.</param>
    public static string Write(IReadOnlyList<ForecastPicture> pictures)
    {
        var shown = pictures.Take(Most).Select(p => p.Shown()).ToArray();
        var tops = new int[shown.Length + 1];
        for (var i = 0; i < shown.Length; i++) tops[i + 1] = tops[i] + Head + Height + (shown[i].Omission.Length > 0 ? Note : 0);
        var left = pictures.Count - shown.Length;
        var height = Math.Max(tops[^1], Head) + (left > 0 ? Head : 0);
        var title = $"Forecast of {(pictures.Count == 1 ? pictures[0].Title : $"{pictures.Count:N0} series")}";
        return Picture.Alone(Width, height, title, svg =>
        {
            for (var i = 0; i < shown.Length; i++)
            {
                svg.Line($"""<g transform="translate(0 {tops[i]})"><text class="head" x="16" y="24">{shown[i].Title}</text>""");
                if (shown[i].Omission.Length > 0) svg.Line($"""<text class="tick" x="16" y="{Head + Height + 8}">{shown[i].Omission}</text>""");
                svg.Line($"""<g transform="translate(0 {Head})">""");
                new ForecastChart(shown[i], Width, Height).Draw(svg);
                svg.Line($"</g></g>");
            }
            if (left > 0) svg.Line($"""<text class="tick" x="16" y="{height - 12}">{pictures.Count:N0} forecasts; the first {shown.Length:N0} are shown.</text>""");
        });
    }
}
