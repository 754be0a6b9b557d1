using System.Globalization;
using System.Text;

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
        var names = Target.Select(Visible).ToArray();
        var margin = names.Select(WidthOf).DefaultIfEmpty(0).Max() + 1;
        var heads = Source.Select(s => Elements(Visible(s))).ToArray();
        var height = heads.Select(h => h.Count).DefaultIfEmpty(0).Max();
        for (var line = 0; line < height; line++)
        {
            text.Append(' ', margin);
            foreach (var head in heads)
            {
                var element = line - height + head.Count is >= 0 and var i ? head[i] : "";
                text.Append(element).Append(' ', Math.Max(0, CellWidth - WidthOf(element)));
            }
            EndLine(text);
        }
        for (var t = 0; t < Target.Count; t++)
        {
            text.Append(' ', margin - 1 - WidthOf(names[t])).Append(names[t]).Append(' ');
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

    /// <summary>What a reader sees as the characters of a text.</summary>
    static List<string> Elements(string text)
    {
        var elements = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            var length = StringInfo.GetNextTextElementLength(text.AsSpan(at));
            elements.Add(text.Substring(at, length));
            at += length;
        }
        return elements;
    }

    /// <summary>How many columns of a terminal a text takes: two for what Unicode's East Asian Width calls wide, none for marks.</summary>
    static int WidthOf(string text)
    {
        var width = 0;
        foreach (var element in Elements(text)) width += Rune.GetRuneAt(element, 0) is var first && IsWide(first.Value) ? 2 : 1;
        return width;
    }

    /// <summary>The blocks of Hangul, ideographs, kana, full-width forms and emoji.</summary>
    static bool IsWide(int rune) => rune is >= 0x1100 and <= 0x115F or >= 0x2E80 and <= 0x303E or >= 0x3041 and <= 0xA4CF or >= 0xA960 and <= 0xA97F
        or >= 0xAC00 and <= 0xD7A3 or >= 0xF900 and <= 0xFAFF or >= 0xFE30 and <= 0xFE6F or >= 0xFF00 and <= 0xFF60 or >= 0xFFE0 and <= 0xFFE6
        or >= 0x1F300 and <= 0x1F64F or >= 0x1F680 and <= 0x1F6FF or >= 0x1F900 and <= 0x1FAFF or >= 0x20000 and <= 0x3FFFD;
}
