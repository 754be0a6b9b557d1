namespace Unroll.Pictures;

/// <summary>A colour on light and on dark paper, as #rrggbb.</summary>
internal readonly record struct Colour(string Light, string Dark);

/// <summary>
/// The colours of all pictures and pages. Those of lines are told apart with protanopia, deuteranopia and tritanopia too, and stand out from the paper; weights go from blue
/// (negative) over the paper to orange (positive), the pair that all three leave apart. A test measures both.
/// </summary>
internal static class Palette
{
    public static readonly Colour Paper = new("#ffffff", "#0d1117");
    public static readonly Colour Ink = new("#1f2328", "#e6edf3");
    public static readonly Colour Faint = new("#57606a", "#9da7b3");
    public static readonly Colour Grid = new("#d8dee4", "#262c36");
    public static readonly Colour Edge = new("#8c959f", "#57606a");

    /// <summary>Colours of lines, the class <c>s0</c> and on.</summary>
    public static readonly IReadOnlyList<Colour> Lines = [new("#0969da", "#58a6ff"), new("#c25700", "#f0883e"), new("#205060", "#2d8686"), new("#bc79d2", "#d2d279"), Ink];

    /// <summary>The class of a line in the colour of text.</summary>
    public const string InkLine = "s4";

    /// <summary>What is positive or simply much.</summary>
    public static readonly Colour Warm = Lines[1];

    /// <summary>What is negative.</summary>
    public static readonly Colour Cold = Lines[0];

    /// <summary>Rules of CSS for the classes of pictures; plain colours and no variables, which not every program that shows SVG knows.</summary>
    public static readonly string Rules = $$"""
        svg text{font:13px system-ui,"Segoe UI","Noto Sans","Noto Sans CJK KR",Helvetica,Arial,sans-serif}
        .line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}.thin{stroke-width:1.25}.grid,.edge,.mark,.frame{fill:none;stroke-width:1}.ring{stroke-width:2}.heat,.cold{shape-rendering:crispEdges}
        .mark{stroke-dasharray:3 3}.band{stroke:none;fill-opacity:.16}.band.depth2{fill-opacity:.294}.band.depth3{fill-opacity:.407}
        svg text.head{font-size:15px;font-weight:600}
        {{Colours(c => c.Light)}}
        @media (prefers-color-scheme:dark){
        {{Colours(c => c.Dark)}}}
        """.ReplaceLineEndings("\n");

    /// <summary>The colours as variables of CSS, for pages.</summary>
    public static readonly string Variables = $$"""
        :root{color-scheme:light dark;{{VariablesOf(c => c.Light)}}}
        @media (prefers-color-scheme:dark){:root{{{VariablesOf(c => c.Dark)}}}
        }
        """.ReplaceLineEndings("\n");

    static string Colours(Func<Colour, string> of) =>
        $"svg text{{fill:{of(Ink)}}}svg text.tick{{fill:{of(Faint)}}}.paper,.ring{{fill:{of(Paper)}}}.grid{{stroke:{of(Grid)}}}.edge,.mark,.frame{{stroke:{of(Edge)}}}.fill-edge{{fill:{of(Edge)}}}.box{{fill:{of(Paper)};stroke:{of(Lines[0])}}}"
        + $".heat{{fill:{of(Warm)}}}.cold{{fill:{of(Cold)}}}\n"
        + string.Concat(Lines.Select((c, i) => $".line.s{i},.ring.s{i}{{stroke:{of(c)}}}.band.s{i},.dot.s{i},.bar.s{i}{{fill:{of(c)}}}"));

    static string VariablesOf(Func<Colour, string> of) =>
        $"--ink:{of(Ink)};--paper:{of(Paper)};--faint:{of(Faint)};--grid:{of(Grid)};--edge:{of(Edge)};--warm:{of(Warm)};--cold:{of(Cold)}";
}
