using Unroll.Pictures;

namespace Unroll.Training;

/// <summary>Draws training and validation loss over the iterations of a log.</summary>
internal static class LearningCurve
{
    const int Width = 800, Height = 450;

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
                var chart = LineChart.Draw(svg, curves, Width, Height, "iteration");
                if (valid.Count > 0) chart.Dot("ring s1", valid.MinBy(p => p.Y).X, valid.Min(p => p.Y), 5);
            }
        });
    }

    /// <summary>The finite values of a log over its iterations.</summary>
    public static List<(double X, double Y)> Points(IReadOnlyList<LogEntry> entries, Func<LogEntry, double?> value) =>
        [.. entries.Where(e => value(e) is { } y && double.IsFinite(y)).Select(e => ((double)e.Iteration, value(e)!.Value))];
}
