using System.Globalization;
using System.Text;

namespace Unroll.Inspection;

public sealed partial class AttentionMap
{
    const int Cell = 28, LetterWidth = 8, WideWidth = 15, Gap = 10, Edge = 16, LongestName = 24;

    // Plain colours and no variables of CSS, which not every program that shows SVG knows.
    const string Style = """
        text{font:13px system-ui,"Segoe UI","Noto Sans","Noto Sans CJK KR",Helvetica,Arial,sans-serif;fill:#24292f}
        .paper{fill:#ffffff}.grid{stroke:#d8dee4;stroke-width:1;fill:none}.heat{fill:#0969da}
        @media (prefers-color-scheme:dark){
        text{fill:#e6edf3}.paper{fill:#0d1117}.grid{stroke:#262c36}.heat{fill:#58a6ff}}
        """;

    const string PageStyle = """
        body{margin:2rem auto;max-width:70rem;padding:0 1rem;background:#ffffff;color:#24292f;font:15px/1.5 system-ui,"Segoe UI",Helvetica,Arial,sans-serif}
        h1{font-size:1.4rem}figure{margin:2rem 0;overflow-x:auto}figcaption p{margin:0}.source{color:#57606a}
        @media (prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}.source{color:#9da7b3}}
        """;

    /// <summary>The weights as a picture that stands alone: SVG, for light and dark pages, without script. A cell names its tokens and its weight when pointed at.</summary>
    public string ToSvg()
    {
        var svg = new StringBuilder();
        Draw(svg, $"<style>{Style.ReplaceLineEndings("\n")}</style>\n");
        return svg.ToString();
    }

    /// <summary>Pictures of several maps on one page that stands alone: HTML for light and dark, without script.</summary>
    /// <param name="maps">The maps, each below the texts that it joins.</param>
    /// <param name="title">What stands above them.</param>
    public static string ToHtml(IReadOnlyList<AttentionMap> maps, string title)
    {
        var page = new StringBuilder();
        page.Append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        page.Append("<meta name=\"color-scheme\" content=\"light dark\">\n");
        page.Append("<title>").Append(Escaped(title)).Append("</title>\n<style>\n");
        page.Append(PageStyle.ReplaceLineEndings("\n")).Append('\n').Append(Style.ReplaceLineEndings("\n")).Append("\n</style>\n</head>\n<body>\n");
        page.Append("<h1>").Append(Escaped(title)).Append("</h1>\n");
        foreach (var map in maps)
        {
            page.Append("<figure>\n<figcaption><p class=\"source\">").Append(Escaped(string.Join(' ', map.Source.Select(Visible))));
            page.Append("</p><p>").Append(Escaped(string.Join(' ', map.Target.Select(Visible)))).Append("</p></figcaption>\n");
            map.Draw(page, style: "");
            page.Append("</figure>\n");
        }
        return page.Append("</body>\n</html>\n").ToString();
    }

    void Draw(StringBuilder svg, string style)
    {
        var columns = Source.Select(Name).ToArray();
        var rows = Target.Select(Name).ToArray();
        var (left, top) = (Edge + Longest(rows) + Gap, Edge + Longest(columns) + Gap);
        var (width, height) = (left + Source.Count * Cell + Edge, top + Target.Count * Cell + Edge);
        Line(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\"><title>Attention</title>");
        svg.Append(style);
        Line(svg, $"<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>");
        for (var s = 0; s < columns.Length; s++)
            Line(svg, $"<text transform=\"translate({left + s * Cell + Cell / 2 + 5} {top - Gap}) rotate(-90)\">{Escaped(columns[s])}</text>");
        for (var t = 0; t < rows.Length; t++)
        {
            var y = top + t * Cell;
            Line(svg, $"<text x=\"{left - Gap}\" y=\"{y + Cell / 2 + 5}\" text-anchor=\"end\">{Escaped(rows[t])}</text>");
            for (var s = 0; s < columns.Length; s++)
            {
                Line(svg, $"<rect class=\"heat\" x=\"{left + s * Cell}\" y=\"{y}\" width=\"{Cell}\" height=\"{Cell}\" fill-opacity=\"{Strength(this[t][s]):F3}\">");
                Line(svg, $"<title>{Escaped(rows[t])} ← {Escaped(columns[s])}: {this[t][s]:F3}</title></rect>");
            }
        }
        for (var s = 0; s <= columns.Length; s++) Line(svg, $"<path class=\"grid\" d=\"M{left + s * Cell} {top}v{rows.Length * Cell}\"/>");
        for (var t = 0; t <= rows.Length; t++) Line(svg, $"<path class=\"grid\" d=\"M{left} {top + t * Cell}h{columns.Length * Cell}\"/>");
        svg.Append("</svg>\n");
    }

    static string Name(string token) => Elements(Visible(token)) is { Count: > LongestName } elements
        ? string.Concat(elements.Take(LongestName - 1)) + "…"
        : Visible(token);

    /// <summary>Room for the longest of some names: what letters are wide at most, as a rule.</summary>
    static int Longest(string[] names) =>
        names.Select(n => Elements(n).Sum(e => WidthOf(e) > 1 ? WideWidth : LetterWidth)).DefaultIfEmpty(0).Max();

    static void Line(StringBuilder svg, FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');

    static string Escaped(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal);
}
