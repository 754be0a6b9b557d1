using Unroll.Pictures;

namespace Unroll.Inspection;

public sealed partial class AttentionMap
{
    const int Cell = 28, LetterWidth = 8, WideWidth = 15, Gap = 10, Edge = 16, LongestName = 24;
    const string PictureTitle = "Attention";

    /// <summary>The weights as a picture that stands alone: SVG, for light and dark pages, without script. A cell names its tokens and its weight when pointed at.</summary>
    public string ToSvg() => Size() is var (width, height) ? Picture.Alone(width, height, PictureTitle, Draw) : "";

    /// <summary>Pictures of several maps on one page that stands alone: HTML for light and dark, without script.</summary>
    /// <param name="maps">The maps, each below the texts that it joins.</param>
    /// <param name="title">What stands above them.</param>
    public static string ToHtml(IReadOnlyList<AttentionMap> maps, string title)
    {
        var page = new Page(title);
        foreach (var map in maps)
        {
            page.Body.Line($"""<figure><figcaption>{string.Join(' ', map.Source.Select(Glyphs.Visible))}<br>{string.Join(' ', map.Target.Select(Glyphs.Visible))}</figcaption>""");
            map.AddTo(page.Body);
            page.Body.Line($"</figure>");
        }
        return page.ToString();
    }

    /// <summary>The picture as a part of a page, which scrolls sideways where it is wider.</summary>
    internal void AddTo(MarkupText page, string title = PictureTitle)
    {
        var (width, height) = Size();
        page.Line($"""<div class="scroll" tabindex="0" role="group" aria-label="{title}">""");
        Picture.In(page, width, height, title, Draw);
        page.Line($"</div>");
    }

    (int Left, int Top) Corner() => (Edge + Longest(Target) + Gap, Edge + Longest(Source) + Gap);

    (int Width, int Height) Size() => Corner() is var (left, top) ? (left + Source.Count * Cell + Edge, top + Target.Count * Cell + Edge) : default;

    void Draw(MarkupText svg)
    {
        var (columns, rows) = (Source.Select(Name).ToArray(), Target.Select(Name).ToArray());
        var (left, top) = Corner();
        for (var s = 0; s < columns.Length; s++)
            svg.Line($"""<text transform="translate({left + s * Cell + Cell / 2 + 5} {top - Gap}) rotate(-90)">{columns[s]}</text>""");
        for (var t = 0; t < rows.Length; t++)
        {
            var y = top + t * Cell;
            svg.Line($"""<text x="{left - Gap}" y="{y + Cell / 2 + 5}" text-anchor="end">{rows[t]}</text>""");
            for (var s = 0; s < columns.Length; s++)
            {
                svg.Line($"""<rect class="heat" x="{left + s * Cell}" y="{y}" width="{Cell}" height="{Cell}" fill-opacity="{Strength(this[t][s]):F3}">""");
                svg.Line($"""<title>{rows[t]} ← {columns[s]}: {this[t][s]:F3}</title></rect>""");
            }
        }
        for (var s = 0; s <= columns.Length; s++) svg.Line($"""<path class="grid" d="M{left + s * Cell} {top}v{rows.Length * Cell}"/>""");
        for (var t = 0; t <= rows.Length; t++) svg.Line($"""<path class="grid" d="M{left} {top + t * Cell}h{columns.Length * Cell}"/>""");
    }

    static string Name(string token) => Glyphs.Cut(Glyphs.Visible(token), LongestName);

    /// <summary>Room for the longest of some names: what letters are wide at most, as a rule.</summary>
    static int Longest(IReadOnlyList<string> tokens) =>
        tokens.Select(t => Glyphs.Elements(Name(t)).Sum(e => Glyphs.WidthOf(e) > 1 ? WideWidth : LetterWidth)).DefaultIfEmpty(0).Max();
}
