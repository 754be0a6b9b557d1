using Unroll.Pictures;

namespace Unroll.Training;

/// <summary>Draws training and validation loss over the iterations of a log.</summary>
internal static class LearningCurve
{
    const int Width = 800, Height = 450, Left = 64, Right = 24, Top = 40, Bottom = 52;
    const int MostPoints = 400;          // of a curve: what the eye can tell apart at this width
    const string Title = "Loss", Train = "line s0", Valid = "line s1";

    /// <summary>The curves as a picture that stands alone: SVG, for light and dark pages, without script.</summary>
    /// <param name="entries">The log. Losses that are not finite are passed over; of a long run, means of neighbours are drawn.</param>
    public static string ToSvg(IReadOnlyList<LogEntry> entries) => Picture.Alone(Width, Height, Title, svg => Draw(svg, entries));

    static List<(double X, double Y)> Points(IReadOnlyList<LogEntry> entries, Func<LogEntry, double?> loss) =>
        [.. entries.Where(e => loss(e) is { } y && double.IsFinite(y)).Select(e => ((double)e.Iteration, loss(e)!.Value))];

    /// <summary>Means of neighbours, where there are more points than can be told apart.</summary>
    static List<(double X, double Y)> Thin(List<(double X, double Y)> points)
    {
        var group = (points.Count + MostPoints - 1) / MostPoints;
        return group <= 1 ? points : [.. points.Chunk(group).Select(g => (g[^1].X, g.Average(p => p.Y)))];
    }

    static void Draw(MarkupText svg, IReadOnlyList<LogEntry> entries)
    {
        var (train, valid) = (Points(entries, e => e.Loss), Points(entries, e => e.ValidLoss));
        if (train.Count + valid.Count == 0)
        {
            svg.Line($"""<text x="{Width / 2}" y="{Height / 2}" text-anchor="middle">nothing logged yet</text>""");
            return;
        }
        var all = train.Concat(valid).ToArray();
        var x = Axis.OfNumbers(0, all.Max(p => p.X), Left, Width - Right, ticks: 8, grown: false);
        var y = Axis.OfNumbers(all.Min(p => p.Y), all.Max(p => p.Y), Height - Bottom, Top, ticks: 6, grown: true);
        var chart = new Chart(svg, x, y);
        chart.Frame();
        chart.Names("iteration", "loss");
        chart.Line("s0", Thin(train));
        chart.Line("s1", Thin(valid));
        if (valid.Count <= MostPoints / 10)
            foreach (var p in valid) chart.Dot("dot s1", p.X, p.Y, 3);
        var legend = new List<(string, string)>();
        if (train.Count > 0) legend.Add((Train, "training"));
        if (valid.Count > 0)
        {
            var best = valid.MinBy(p => p.Y);
            chart.Dot("ring s1", best.X, best.Y, 5);
            legend.Add((Valid, $"validation, best {best.Y:G4} at {best.X:N0}"));
        }
        chart.Legend(Top - 20, legend);
    }
}
