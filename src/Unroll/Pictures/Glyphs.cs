using System.Globalization;
using System.Text;

namespace Unroll.Pictures;

/// <summary>Characters as a reader sees them, in pictures and on terminals.</summary>
internal static class Glyphs
{
    /// <summary>A text in which nothing is invisible: a space as ␣, other white space and control characters by their pictures.</summary>
    public static string Visible(string token)
    {
        if (token.Length == 0) return "∅";
        var visible = new StringBuilder(token.Length);
        foreach (var rune in token.EnumerateRunes())
            visible.Append(rune.Value switch
            {
                '\n' => "⏎",
                '\t' => "⇥",
                _ when Rune.IsWhiteSpace(rune) => "␣",
                _ when Rune.IsControl(rune) || rune.Value is 0xFFFE or 0xFFFF => "�",         // no characters of XML
                _ => rune.ToString(),
            });
        return visible.ToString();
    }

    /// <summary>What a reader sees as the characters of a text.</summary>
    public static List<string> Elements(string text)
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
    public static int WidthOf(string text)
    {
        var width = 0;
        foreach (var element in Elements(text)) width += Rune.GetRuneAt(element, 0) is var first && IsWide(first.Value) ? 2 : 1;
        return width;
    }

    /// <summary>A text of so many characters at most, the last an ellipsis where it was longer.</summary>
    public static string Cut(string text, int most) => Elements(text) is var elements && elements.Count > most ? string.Concat(elements.Take(most - 1)) + "…" : text;

    /// <summary>The blocks of Hangul, ideographs, kana, full-width forms and emoji.</summary>
    static bool IsWide(int rune) => rune is >= 0x1100 and <= 0x115F or >= 0x2E80 and <= 0x303E or >= 0x3041 and <= 0xA4CF or >= 0xA960 and <= 0xA97F
        or >= 0xAC00 and <= 0xD7A3 or >= 0xF900 and <= 0xFAFF or >= 0xFE30 and <= 0xFE6F or >= 0xFF00 and <= 0xFF60 or >= 0xFFE0 and <= 0xFFE6
        or >= 0x1F300 and <= 0x1F64F or >= 0x1F680 and <= 0x1F6FF or >= 0x1F900 and <= 0x1FAFF or >= 0x20000 and <= 0x3FFFD;
}
