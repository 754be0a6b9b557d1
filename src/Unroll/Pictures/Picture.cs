namespace Unroll.Pictures;

/// <summary>Pictures as SVG, which stand alone or in a page; for light and dark, without script.</summary>
internal static class Picture
{
    /// <summary>The width of a picture in a page: on a wide screen, and on a phone.</summary>
    public const int DeskWidth = 860, PhoneWidth = 380;

    /// <summary>Both, with the classes of what is shown there.</summary>
    public static readonly IReadOnlyList<(string Device, int Width)> Widths = [("desk", DeskWidth), ("phone", PhoneWidth)];

    /// <summary>A file of its own.</summary>
    /// <param name="width">Its width; a program that shows it may scale it.</param>
    /// <param name="height">Its height.</param>
    /// <param name="title">What it shows, for those who do not see it.</param>
    /// <param name="draw">Draws on the paper.</param>
    public static string Alone(double width, double height, string title, Action<MarkupText> draw)
    {
        var svg = new MarkupText();
        svg.Line($"""<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img"><title>{title}</title>""");
        svg.Raw("<style>").Raw(Palette.Rules).Raw("</style>\n");
        svg.Line($"""<rect class="paper" width="{width}" height="{height}" rx="8"/>""");
        draw(svg);
        return svg.Raw("</svg>\n").ToString();
    }

    /// <summary>A part of a page, which has the colours.</summary>
    public static void In(MarkupText page, double width, double height, string title, Action<MarkupText> draw)
    {
        page.Line($"""<svg width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img"><title>{title}</title>""");
        draw(page);
        page.Raw("</svg>\n");
    }

    /// <summary>A part of a page that is drawn for wide screens and again for phones, so that its texts can be read on both.</summary>
    /// <param name="page">The page.</param>
    /// <param name="height">The height of both.</param>
    /// <param name="title">What it shows.</param>
    /// <param name="draw">Draws on paper of a width and a height.</param>
    public static void Twice(MarkupText page, int height, string title, Action<MarkupText, int, int> draw)
    {
        foreach (var (device, width) in Widths)
        {
            page.Line($"""<div class="{device}">""");
            In(page, width, height, title, svg => draw(svg, width, height));
            page.Line($"</div>");
        }
    }
}
