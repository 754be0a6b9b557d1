using System.Text;
using Unroll.Pictures;

namespace Unroll.Inspection;

public sealed partial class AttentionMap
{
    const string Shades = " ░▒▓█";
    const int CellWidth = 2;                     // columns of a terminal: as wide as a syllable or an ideograph

    /// <summary>
    /// The weights as shades for a terminal: a row for each token written, a column for each token read, whose letters stand below each other. A cell is
    /// blank below 1/8, and full from 7/8.
    /// </summary>
    public string ToText()
    {
        var text = new StringBuilder();
        var names = Target.Select(Glyphs.Visible).ToArray();
        var margin = names.Select(Glyphs.WidthOf).DefaultIfEmpty(0).Max() + 1;
        var heads = Source.Select(s => Glyphs.Elements(Glyphs.Visible(s))).ToArray();
        var height = heads.Select(h => h.Count).DefaultIfEmpty(0).Max();
        for (var line = 0; line < height; line++)
        {
            text.Append(' ', margin);
            foreach (var head in heads)
            {
                var element = line - height + head.Count is >= 0 and var i ? head[i] : "";
                text.Append(element).Append(' ', Math.Max(0, CellWidth - Glyphs.WidthOf(element)));
            }
            EndLine(text);
        }
        for (var t = 0; t < Target.Count; t++)
        {
            text.Append(' ', margin - 1 - Glyphs.WidthOf(names[t])).Append(names[t]).Append(' ');
            foreach (var weight in this[t]) text.Append(Shades[(int)Math.Round(Strength(weight) * (Shades.Length - 1), MidpointRounding.AwayFromZero)], CellWidth);
            EndLine(text);
        }
        return text.ToString();
    }

    static void EndLine(StringBuilder text)
    {
        while (text.Length > 0 && text[^1] == ' ') text.Length--;
        text.Append('\n');
    }
}
