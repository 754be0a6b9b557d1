namespace Unroll.Pictures;

/// <summary>Draws values between two axes.</summary>
/// <param name="svg">Where it is drawn.</param>
/// <param name="x">The axis to the right.</param>
/// <param name="y">The axis upwards, from the lower end.</param>
internal sealed class Chart(MarkupText svg, Axis x, Axis y)
{
    const int Swatch = 22, Gap = 8, Letter = 8, LegendLeft = 16;

    /// <summary>The height of a row of a legend.</summary>
    public const int LegendRow = 18;

    /// <summary>The axis to the right.</summary>
    public Axis X => x;

    /// <summary>The axis upwards.</summary>
    public Axis Y => y;

    /// <summary>The lines behind the values, and the ticks with their labels.</summary>
    public void Frame()
    {
        foreach (var (value, label) in y.Ticks)
        {
            svg.Line($"""<path class="grid" d="M{x.From} {y.At(value)}H{x.To}"/>""");
            svg.Line($"""<text class="tick" x="{x.From - 8}" y="{y.At(value) + 4}" text-anchor="end">{label}</text>""");
        }
        svg.Line($"""<path class="edge" d="M{x.From} {y.From}H{x.To}"/>""");
        foreach (var (value, label) in x.Ticks)
        {
            svg.Line($"""<path class="edge" d="M{x.At(value)} {y.From}v5"/>""");
            svg.Line($"""<text class="tick" x="{x.At(value)}" y="{y.From + 20}" text-anchor="middle">{label}</text>""");
        }
    }

    /// <summary>What the axis to the right is of.</summary>
    public void Name(string below) => svg.Line($"""<text class="tick" x="{(x.From + x.To) / 2}" y="{y.From + 40}" text-anchor="middle">{below}</text>""");

    /// <summary>A line through points; what is not finite is a gap, and a point between gaps a dot.</summary>
    /// <param name="style">Classes beside <c>line</c>, such as <c>s0</c>.</param>
    /// <param name="points">The points.</param>
    public void Line(string style, IReadOnlyList<(double X, double Y)> points)
    {
        foreach (var (start, end) in Stretches(points.Count, i => double.IsFinite(points[i].Y)))
        {
            svg.Add($"""<polyline class="line {style}" points="{x.At(points[start].X)},{y.At(points[start].Y)}""");
            for (var i = start + 1; i < end; i++) svg.Add($" {x.At(points[i].X)},{y.At(points[i].Y)}");
            if (end == start + 1) svg.Add($" {x.At(points[start].X)},{y.At(points[start].Y)}");        // a line without length is a dot
            svg.Line($"\"/>");
        }
    }

    /// <summary>The area between two lines; what is not finite is a gap.</summary>
    /// <param name="style">Classes beside <c>band</c>, such as <c>s0</c>.</param>
    /// <param name="xs">Where the points are.</param>
    /// <param name="low">The lower line.</param>
    /// <param name="high">The upper line.</param>
    public void Band(string style, IReadOnlyList<double> xs, IReadOnlyList<double> low, IReadOnlyList<double> high)
    {
        foreach (var (start, end) in Stretches(xs.Count, i => double.IsFinite(low[i]) && double.IsFinite(high[i])))
        {
            svg.Add($"""<path class="band {style}" d="M""");
            // Of a single point the area has some width.
            var half = end == start + 1 ? 2.0 : 0;
            for (var i = start; i < end; i++) svg.Add($"{x.At(xs[i]) - half},{y.At(high[i])} ");
            if (half > 0) svg.Add($"{x.At(xs[start]) + half},{y.At(high[start])} {x.At(xs[start]) + half},{y.At(low[start])} ");
            for (var i = end - 1; i >= start; i--) svg.Add($"{x.At(xs[i]) - half},{y.At(low[i])} ");
            svg.Line($"Z\"/>");
        }
    }

    /// <summary>Bars from the lower end up to values.</summary>
    /// <param name="style">Classes beside <c>bar</c>.</param>
    /// <param name="bars">From where to where, and how high each is.</param>
    public void Bars(string style, IEnumerable<(double From, double To, double Y)> bars)
    {
        foreach (var (from, to, height) in bars)
            svg.Line($"""<rect class="bar {style}" x="{x.At(from)}" y="{y.At(height)}" width="{Math.Max(x.At(to) - x.At(from) - 1, 0.5)}" height="{y.From - y.At(height)}"/>""");
    }

    /// <summary>A dot at a point.</summary>
    public void Dot(string style, double atX, double atY, double radius) =>
        svg.Line($"""<circle class="{style}" cx="{x.At(atX)}" cy="{y.At(atY)}" r="{radius}"/>""");

    /// <summary>A dashed line upwards.</summary>
    public void Mark(double atX) => svg.Line($"""<path class="mark" d="M{x.At(atX)} {y.From}V{y.To}"/>""");

    /// <summary>What the lines are, one beside the other; in rows where they are wider than the paper.</summary>
    /// <param name="top">Where the first row is.</param>
    /// <param name="entries">The classes of a line or of a band, and what it is.</param>
    public void Legend(double top, IReadOnlyList<(string Style, string Text)> entries) => Legend(svg, top, x.To, entries);

    /// <summary>The same on paper of a width.</summary>
    public static void Legend(MarkupText svg, double top, double width, IReadOnlyList<(string Style, string Text)> entries)
    {
        foreach (var (left, row, style, text) in Layout(width, entries))
        {
            var at = top + LegendRow * row;
            if (style.StartsWith('b')) svg.Line($"""<rect class="{style}" x="{left}" y="{at - 6}" width="{Swatch}" height="12"/>""");
            else svg.Line($"""<path class="{style}" d="M{left} {at}h{Swatch}"/>""");
            svg.Line($"""<text x="{left + Swatch + Gap}" y="{at + 4}">{text}</text>""");
        }
    }

    /// <summary>How many rows a legend takes.</summary>
    public static int Rows(double width, IReadOnlyList<(string Style, string Text)> entries) => Layout(width, entries).Select(e => e.Row + 1).DefaultIfEmpty(0).Max();

    static IEnumerable<(double Left, int Row, string Style, string Text)> Layout(double width, IReadOnlyList<(string Style, string Text)> entries)
    {
        var (left, row) = (LegendLeft, 0);
        foreach (var (style, text) in entries)
        {
            var room = Swatch + Gap + Letter * Glyphs.WidthOf(text) + 2 * Gap;
            if (left > LegendLeft && left + room > width) (left, row) = (LegendLeft, row + 1);
            yield return (left, row, style, text);
            left += room;
        }
    }

    /// <summary>The stretches without gaps: from where up to where.</summary>
    static IEnumerable<(int Start, int End)> Stretches(int count, Func<int, bool> isThere)
    {
        for (var start = 0; start < count; start++)
        {
            if (!isThere(start)) continue;
            var end = start + 1;
            while (end < count && isThere(end)) end++;
            yield return (start, end);
            start = end;
        }
    }
}
