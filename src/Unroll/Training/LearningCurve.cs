using Unroll.Pictures;

namespace Unroll.Training;

/// <summary>A line of a chart over iterations.</summary>
/// <param name="Style">The class of its colour.</param>
/// <param name="Name">What it is.</param>
/// <param name="Points">Iterations with values.</param>
internal sealed record Curve(string Style, string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>Draws training and validation loss over the iterations of a log.</summary>
internal static class LearningCurve
{
    const int Width = 800, Height = 450, Left = 64, Right = 24, Top = 40, Bottom = 52;
    const int MostPoints = 400;          // of a curve: what the eye can tell apart at this width
    const int TickWidth = 90, TickHeight = 60;

    /// <summary>The curves as a picture that stands alone: SVG, for light and dark pages, without script.</summary>
    /// <param name="entries">The log. Losses that are not finite are passed over; of a long run, means of neighbours are drawn.</param>
    public static string ToSvg(IReadOnlyList<LogEntry> entries)
    {
        var (train, valid) = (Points(entries, e => e.Loss), Points(entries, e => e.ValidLoss));
        var curves = new List<Curve>();
        if (train.Count > 0) curves.Add(new("s0", "training", train));
        if (valid.Count > 0) curves.Add(new("s1", $"validation, best {valid.Min(p => p.Y):G4} at {valid.MinBy(p => p.Y).X:N0}", valid));
        return Picture.Alone(Width, Height, "Loss", svg =>
        {
            if (curves.Count == 0) svg.Line($"""<text x="{Width / 2}" y="{Height / 2}" text-anchor="middle">nothing logged yet</text>""");
            else
            {
                var chart = Draw(svg, curves, Width, Height, "iteration");
                if (valid.Count > 0) chart.Dot("ring s1", valid.MinBy(p => p.Y).X, valid.Min(p => p.Y), 5);
            }
        });
    }

    /// <summary>The finite values of a log over its iterations.</summary>
    public static List<(double X, double Y)> Points(IReadOnlyList<LogEntry> entries, Func<LogEntry, double?> value) =>
        [.. entries.Where(e => value(e) is { } y && double.IsFinite(y)).Select(e => ((double)e.Iteration, value(e)!.Value))];

    /// <summary>Draws curves, each with a point at least.</summary>
    public static Chart Draw(MarkupText svg, IReadOnlyList<Curve> curves, int width, int height, string below)
    {
        var all = curves.SelectMany(c => c.Points).ToArray();
        IReadOnlyList<(string, string)> legend = [.. curves.Select(c => ($"line {c.Style}", c.Name))];
        var top = Top + Chart.LegendRow * (Chart.Rows(width - Right, legend) - 1);
        var x = Axis.OfNumbers(0, all.Max(p => p.X), Left, width - Right, ticks: width / TickWidth, grown: false);
        var y = Axis.OfNumbers(all.Min(p => p.Y), all.Max(p => p.Y), height - Bottom, top, ticks: height / TickHeight, grown: true);
        var chart = new Chart(svg, x, y);
        chart.Frame();
        chart.Name(below);
        foreach (var curve in curves)
        {
            chart.Line(curve.Style, Thin(curve.Points));
            if (curve.Points.Count <= MostPoints / 10)
                foreach (var p in curve.Points) chart.Dot($"dot {curve.Style}", p.X, p.Y, 3);
        }
        chart.Legend(Top - 20, legend);
        return chart;
    }

    /// <summary>Means of neighbours, where there are more points than can be told apart.</summary>
    static IReadOnlyList<(double X, double Y)> Thin(IReadOnlyList<(double X, double Y)> points)
    {
        var group = (points.Count + MostPoints - 1) / MostPoints;
        return group <= 1 ? points : [.. points.Chunk(group).Select(g => (g[^1].X, g.Average(p => p.Y)))];
    }
}
