using System.Globalization;
using System.Text;

namespace Unroll.Training;

/// <summary>Draws training and validation loss over the iterations of a log.</summary>
internal static class LearningCurve
{
    const int Width = 800, Height = 450, Left = 64, Right = 24, Top = 40, Bottom = 52;
    const int MostPoints = 400;          // of a curve: what the eye can tell apart at this width

    const string Style = """
        text{font:13px system-ui,"Segoe UI",Helvetica,Arial,sans-serif;fill:#57606a}
        .paper{fill:#ffffff}.grid{stroke:#d8dee4;stroke-width:1}.axis{stroke:#8c959f;stroke-width:1}
        .train,.valid{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
        .train{stroke:#54aeff}.valid{stroke:#cf5f00}.dot{fill:#cf5f00}.best{fill:#ffffff;stroke:#cf5f00;stroke-width:2}
        @media (prefers-color-scheme:dark){
        text{fill:#9da7b3}.paper,.best{fill:#0d1117}.grid{stroke:#262c36}.axis{stroke:#57606a}
        .train{stroke:#388bfd}.valid,.best{stroke:#f0883e}.dot{fill:#f0883e}}
        """;

    /// <summary>The curves as a picture that stands alone: SVG, for light and dark pages, without script.</summary>
    /// <param name="entries">The log. Losses that are not finite are passed over; of a long run, means of neighbours are drawn.</param>
    public static string ToSvg(IReadOnlyList<LogEntry> entries)
    {
        var train = Points(entries, e => e.Loss);
        var valid = Points(entries, e => e.ValidLoss);
        var svg = new StringBuilder();
        Line(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" role=\"img\"><title>Loss</title>");
        svg.Append("<style>").Append(Style.ReplaceLineEndings("\n")).Append("</style>\n");
        Line(svg, $"<rect class=\"paper\" width=\"{Width}\" height=\"{Height}\" rx=\"8\"/>");
        if (train.Count + valid.Count == 0)
            Line(svg, $"<text x=\"{Width / 2}\" y=\"{Height / 2}\" text-anchor=\"middle\">nothing logged yet</text>");
        else
            Draw(svg, train, valid);
        return svg.Append("</svg>\n").ToString();
    }

    static List<(double X, double Y)> Points(IReadOnlyList<LogEntry> entries, Func<LogEntry, double?> loss) =>
        [.. entries.Where(e => loss(e) is { } y && double.IsFinite(y)).Select(e => ((double)e.Iteration, loss(e)!.Value))];

    /// <summary>Means of neighbours, where there are more points than can be told apart.</summary>
    static List<(double X, double Y)> Thin(List<(double X, double Y)> points)
    {
        var group = (points.Count + MostPoints - 1) / MostPoints;
        return group <= 1 ? points : [.. points.Chunk(group).Select(g => (g[^1].X, g.Average(p => p.Y)))];
    }

    static void Draw(StringBuilder svg, List<(double X, double Y)> train, List<(double X, double Y)> valid)
    {
        var all = train.Concat(valid).ToArray();
        var x = new Axis(0, all.Max(p => p.X), Left, Width - Right, ticks: 8, grown: false);
        var y = new Axis(all.Min(p => p.Y), all.Max(p => p.Y), Height - Bottom, Top, ticks: 6, grown: true);
        foreach (var tick in y.Ticks)
        {
            Line(svg, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y.At(tick):F1}\" y2=\"{y.At(tick):F1}\"/>");
            Line(svg, $"<text x=\"{Left - 10}\" y=\"{y.At(tick) + 4:F1}\" text-anchor=\"end\">{y.Label(tick)}</text>");
        }
        Line(svg, $"<line class=\"axis\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Height - Bottom}\" y2=\"{Height - Bottom}\"/>");
        foreach (var tick in x.Ticks)
        {
            Line(svg, $"<path class=\"axis\" d=\"M{x.At(tick):F1} {Height - Bottom}v5\"/>");
            Line(svg, $"<text x=\"{x.At(tick):F1}\" y=\"{Height - Bottom + 20}\" text-anchor=\"middle\">{x.Label(tick)}</text>");
        }
        Line(svg, $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 10}\" text-anchor=\"middle\">iteration</text>");
        Line(svg, $"<text x=\"{Left - 10}\" y=\"{Top - 16}\" text-anchor=\"end\">loss</text>");
        Curve(svg, "train", Thin(train), x, y);
        Curve(svg, "valid", Thin(valid), x, y);
        if (valid.Count <= MostPoints / 10)
            foreach (var p in valid) Line(svg, $"<circle class=\"dot\" cx=\"{x.At(p.X):F1}\" cy=\"{y.At(p.Y):F1}\" r=\"3\"/>");
        Legend(svg, train, valid, x, y);
    }

    static void Curve(StringBuilder svg, string name, List<(double X, double Y)> points, Axis x, Axis y)
    {
        if (points.Count == 0) return;
        svg.Append("<polyline class=\"").Append(name).Append("\" points=\"");
        if (points.Count == 1) points = [points[0], points[0]];        // a point alone is not drawn; a line without length is a dot
        foreach (var p in points) svg.Append(CultureInfo.InvariantCulture, $"{x.At(p.X):F1},{y.At(p.Y):F1} ");
        svg.Length--;
        svg.Append("\"/>\n");
    }

    static void Legend(StringBuilder svg, List<(double X, double Y)> train, List<(double X, double Y)> valid, Axis x, Axis y)
    {
        var left = Left + 16;
        if (train.Count > 0) Entry("train", "training");
        if (valid.Count == 0) return;
        var best = valid.MinBy(p => p.Y);
        Line(svg, $"<circle class=\"best\" cx=\"{x.At(best.X):F1}\" cy=\"{y.At(best.Y):F1}\" r=\"5\"/>");
        Entry("valid", string.Create(CultureInfo.InvariantCulture, $"validation, best {best.Y:G4} at {best.X:N0}"));

        void Entry(string name, string text)
        {
            const int Row = Top - 20, Swatch = 22, Gap = 8, Next = 130;
            Line(svg, $"<line class=\"{name}\" x1=\"{left}\" x2=\"{left + Swatch}\" y1=\"{Row}\" y2=\"{Row}\"/>");
            Line(svg, $"<text x=\"{left + Swatch + Gap}\" y=\"{Row + 4}\">{text}</text>");
            left += Next;
        }
    }

    static void Line(StringBuilder svg, FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');

    /// <summary>Round numbers between two ends, and where on the paper a number is.</summary>
    sealed class Axis
    {
        readonly double _low, _high, _from, _to, _step;

        public Axis(double low, double high, double from, double to, int ticks, bool grown)
        {
            if (high <= low) (low, high) = grown ? (low - 0.5, low + 0.5) : (low, low + 1);
            var rough = (high - low) / ticks;
            var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
            _step = power * (rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
            if (grown) (low, high) = (Math.Floor(low / _step) * _step, Math.Ceiling(high / _step) * _step);
            (_low, _high, _from, _to) = (low, high, from, to);
        }

        public IEnumerable<double> Ticks
        {
            get
            {
                for (var i = Math.Ceiling(_low / _step - 1e-9) + 0.0; i * _step <= _high + _step * 1e-9; i++) yield return i * _step;
            }
        }

        public double At(double value) => _from + (value - _low) / (_high - _low) * (_to - _from);

        public string Label(double tick)
        {
            var decimals = Math.Max(0, -(int)Math.Floor(Math.Log10(_step) + 1e-9));
            return tick.ToString(_step is >= 1e6 or < 1e-4 ? "G4" : $"N{decimals}", CultureInfo.InvariantCulture);
        }
    }
}
