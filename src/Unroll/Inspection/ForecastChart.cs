using Unroll.Pictures;

namespace Unroll.Inspection;

/// <summary>The chart of one forecast: history in the colour of text, the median and its intervals in blue, the actual values in orange.</summary>
internal sealed class ForecastChart
{
    const int Top = 24, Bottom = 36, Right = 16, Digit = 8, TickWidth = 64;

    readonly ForecastPicture _picture;
    readonly IReadOnlyList<(string, string)> _legend;

    /// <summary>Lays a chart out on paper of some size.</summary>
    /// <param name="picture">What is shown of it (<see cref="ForecastPicture.Shown"/>).</param>
    /// <param name="width">The width of the paper.</param>
    /// <param name="height">The height of the paper.</param>
    public ForecastChart(ForecastPicture picture, int width, int height)
    {
        (_picture, Width, Height) = (picture, width, height);
        _legend = [.. Legend(picture)];
        var rows = Chart.Rows(width - Right, _legend);
        var top = Top + Chart.LegendRow * rows;
        var (low, high) = picture.Values.Any() ? (picture.Values.Min(), picture.Values.Max()) : (0, 1);
        Y = Axis.OfNumbers(low, high, height - Bottom, top, ticks: Math.Max(2, (height - top - Bottom) / 45), grown: true);
        var left = 16 + Digit * Y.Ticks.Max(t => t.Label.Length);
        var ticks = Math.Max(2, (width - left - Right) / TickWidth);
        X = picture.Times is { Count: > 0 } times
            ? Axis.OfTimes(times[0], times[^1], left, width - Right, ticks)
            : Axis.OfNumbers(picture.FirstStep, picture.FirstStep + Math.Max(picture.Count - 1, 1), left, width - Right, ticks, grown: false, whole: true);
    }

    public int Width { get; }

    public int Height { get; }

    public Axis X { get; }

    public Axis Y { get; }

    /// <summary>The value on the axis to the right of each point.</summary>
    public double PlaceOf(int point) =>
        _picture.Times is { Count: > 0 } times ? (times[point] - times[0]).TotalSeconds : _picture.FirstStep + point;

    /// <summary>Draws it.</summary>
    public void Draw(MarkupText svg)
    {
        var chart = new Chart(svg, X, Y);
        var start = _picture.History.Length;
        var ahead = Enumerable.Range(start, _picture.Median.Length).Select(PlaceOf).ToArray();
        chart.Frame();
        foreach (var interval in _picture.WidestFirst) chart.Band("s0", ahead, interval.Low, interval.High);
        if (start > 0 && ahead.Length > 0) chart.Mark((PlaceOf(start - 1) + ahead[0]) / 2);
        chart.Line("s4 thin", [.. _picture.History.Select((y, i) => (PlaceOf(i), y))]);
        if (_picture.Truth is { } truth) chart.Line("s1 thin", [.. truth.Select((y, i) => (ahead[i], y))]);
        chart.Line("s0", [.. _picture.Median.Select((y, i) => (ahead[i], y))]);
        chart.Legend(Top - 6, _legend);
        if (!_picture.Values.Any()) svg.Line($"""<text x="{(X.From + X.To) / 2}" y="{(Y.From + Y.To) / 2}" text-anchor="middle">no values</text>""");
    }

    static IEnumerable<(string, string)> Legend(ForecastPicture picture)
    {
        if (picture.History.Length > 0) yield return ("line s4 thin", "history");
        if (picture.Truth is not null) yield return ("line s1 thin", "actual");
        yield return ("line s0", "median");
        // Bands lie on each other, so the narrower looks darker.
        var widths = picture.WidestFirst.ToArray();
        for (var i = widths.Length - 1; i >= 0; i--) yield return ($"band s0 depth{i + 1}", ForecastPicture.NameOf(widths[i]));
    }
}
