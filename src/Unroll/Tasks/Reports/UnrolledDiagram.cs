using Unroll.Layers;
using Unroll.Pictures;

namespace Unroll.Tasks;

/// <summary>The recurrent layers of a model unrolled over time: a box for each layer and step with the shapes of what goes in and comes out.</summary>
internal static class UnrolledDiagram
{
    const int Steps = 4, BoxWidth = 118, BoxHeight = 46, GapX = 34, GapY = 40, Left = 190, Edge = 12, Top = 16;

    /// <summary>Adds the diagram.</summary>
    /// <param name="page">Where it is added.</param>
    /// <param name="model">The model.</param>
    /// <param name="tokens">What it read at the first steps; letters stand for them where it read nothing.</param>
    /// <param name="title">What it shows.</param>
    public static void Add(MarkupText page, SequenceModel model, IReadOnlyList<string> tokens, string title)
    {
        var layers = ReportWeights.RecurrentLayersOf(model).ToArray();
        if (layers.Length == 0) return;
        var width = Left + Steps * (BoxWidth + GapX) + Edge;
        var height = Top + layers.Length * (BoxHeight + GapY) + 30;
        page.Line($"""<div class="scroll" tabindex="0" role="group" aria-label="{title}">""");
        Picture.In(page, width, height, title, svg => Draw(svg, model, layers, tokens, height));
        page.Line($"</div>");
    }

    static void Draw(MarkupText svg, SequenceModel model, Recurrent[] layers, IReadOnlyList<string> tokens, int height)
    {
        svg.Line($"""<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class="fill-edge" d="M0 0L8 4L0 8z"/></marker></defs>""");
        for (var l = 0; l < layers.Length; l++)
        {
            var (cell, y) = (layers[l].Cell, height - 30 - (l + 1) * (BoxHeight + GapY) + GapY / 2);
            var forward = layers[l].Direction == Direction.Forward;
            svg.Line($"""<text x="{Edge}" y="{y + 18}">{Recorder.NameOf(layers[l], model) ?? $"layer {l}"}</text>""");
            svg.Line($"""<text class="tick" x="{Edge}" y="{y + 36}">{KindOf(cell)}, {cell.StateNames.Count} × [{cell.HiddenSize}]</text>""");
            for (var t = 0; t < Steps; t++)
            {
                var x = Left + t * (BoxWidth + GapX);
                svg.Line($"""<rect class="box" x="{x}" y="{y}" width="{BoxWidth}" height="{BoxHeight}" rx="6"/>""");
                svg.Line($"""<text x="{x + BoxWidth / 2}" y="{y + 20}" text-anchor="middle">{string.Join(", ", cell.StateNames.Select(s => $"{s}{Subscript(t)}"))}</text>""");
                svg.Line($"""<text class="tick" x="{x + BoxWidth / 2}" y="{y + 37}" text-anchor="middle">[{cell.InputSize}] → [{cell.HiddenSize}]</text>""");
                var (from, to) = forward ? (x - GapX, x) : (x + BoxWidth + GapX, x + BoxWidth);
                svg.Line($"""<path class="edge" marker-end="url(#tip)" d="M{from} {y + BoxHeight / 2}H{to}"/>""");
                svg.Line($"""<path class="edge" marker-end="url(#tip)" d="M{x + BoxWidth / 2} {y + BoxHeight + (l == 0 ? GapY / 2 : GapY)}V{y + BoxHeight}"/>""");
            }
        }
        for (var t = 0; t < Steps; t++)
            svg.Line($"""<text class="tick" x="{Left + t * (BoxWidth + GapX) + BoxWidth / 2}" y="{height - 8}" text-anchor="middle">{(t == Steps - 1 ? "…" : t < tokens.Count ? Glyphs.Cut(Glyphs.Visible(tokens[t]), 12) : $"x{Subscript(t)}")}</text>""");
    }

    static string KindOf(RecurrentCell cell) => cell.GetType().Name is var name && name.EndsWith("Cell", StringComparison.Ordinal) ? name[..^4].ToUpperInvariant() : name;

    static string Subscript(int t) => t == Steps - 1 ? "ₜ" : ((char)('₁' + t)).ToString();
}
