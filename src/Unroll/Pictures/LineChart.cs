namespace Unroll.Pictures;

/// <summary>A line of a chart.</summary>
/// <param name="Style">The class of its colour.</param>
/// <param name="Name">What it is.</param>
/// <param name="Points">Its points.</param>
internal sealed record Curve(string Style, string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>Draws curves between axes that fit them, with a legend.</summary>
internal static class LineChart
{
    const int Left = 64, Right = 24, Top = 40, Bottom = 52;
    const int MostPoints = 400;          // of a curve: what the eye can tell apart at this width
    const int TickWidth = 90, TickHeight = 60, PowerHeight = 40;

    /// <summary>Draws curves, of which one has a finite point at least.</summary>
    /// <param name="svg">Where they are drawn.</param>
    /// <param name="curves">The curves. What is not finite is a gap; on a logarithmic axis what is not positive is one too.</param>
    /// <param name="width">The width of the paper.</param>
    /// <param name="height">Its height.</param>
    /// <param name="below">What the axis to the right is of.</param>
    /// <param name="first">Where that axis begins.</param>
    /// <param name="logarithmic">Whether the axis upwards is logarithmic.</param>
    public static Chart Draw(MarkupText svg, IReadOnlyList<Curve> curves, int width, int height, string below, double first = 0, bool logarithmic = false)
    {
        if (logarithmic) curves = [.. curves.Select(c => c with { Points = [.. c.Points.Select(p => (p.X, LogOf(p.Y)))] })];
        double[] ys = [.. curves.SelectMany(c => c.Points).Select(p => p.Y).Where(double.IsFinite)];
        IReadOnlyList<(string, string)> legend = [.. curves.Select(c => ($"line {c.Style}", c.Name))];
        var top = Top + Chart.LegendRow * (Chart.Rows(width - Right, legend) - 1);
        var x = Axis.OfNumbers(first, curves.Max(c => c.Points.Count == 0 ? first : c.Points.Max(p => p.X)), Left, width - Right, width / TickWidth, grown: false, whole: true);
        var y = logarithmic ? Axis.OfPowers(ys.Min(), ys.Max(), height - Bottom, top, (height - Bottom - top) / PowerHeight)
            : Axis.OfNumbers(ys.Min(), ys.Max(), height - Bottom, top, height / TickHeight, grown: true);
        var chart = new Chart(svg, x, y);
        chart.Frame();
        chart.Name(below);
        foreach (var curve in curves)
        {
            chart.Line(curve.Style, Thin(curve.Points));
            if (curve.Points.Count <= MostPoints / 10)
                foreach (var p in curve.Points.Where(p => double.IsFinite(p.Y))) chart.Dot($"dot {curve.Style}", p.X, p.Y, 3);
        }
        chart.Legend(Top - 20, legend);
        return chart;
    }

    /// <summary>Where a value is on a logarithmic axis; not a number where it is not positive.</summary>
    public static double LogOf(double value) => value > 0 ? Math.Log10(value) : double.NaN;

    /// <summary>Means of neighbours, where there are more points than can be told apart.</summary>
    static IReadOnlyList<(double X, double Y)> Thin(IReadOnlyList<(double X, double Y)> points)
    {
        var group = (points.Count + MostPoints - 1) / MostPoints;
        return group <= 1 ? points : [.. points.Chunk(group).Select(g => (g[^1].X, g.Average(p => p.Y)))];
    }
}
