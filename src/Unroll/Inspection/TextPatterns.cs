namespace Unroll.Inspection;

/// <summary>What a unit may follow in a text: a number for each character, of the text up to and with that character, as a state after reading it can know.</summary>
/// <remarks>Safe for use by several threads.</remarks>
public static class TextPatterns
{
    const int TabWidth = 4;

    /// <summary>The patterns by name, for <see cref="UnitSearch.Rank"/>.</summary>
    public static IReadOnlyList<(string Name, Func<string, double[]> Of)> All { get; } =
    [
        ("quotes", Quotes), ("brackets", Brackets), ("digits", t => Where(t, char.IsDigit)), ("upper", t => Where(t, char.IsUpper)), ("spaces", t => Where(t, char.IsWhiteSpace)),
        ("line position", LinePosition), ("line length", LineLength), ("indentation", Indentation),
    ];

    /// <summary>1 where a predicate holds, 0 elsewhere.</summary>
    public static double[] Where(string text, Func<char, bool> predicate) => [.. text.Select(c => predicate(c) ? 1.0 : 0)];

    /// <summary>1 inside of quotes, the opening one included: <c>"…"</c>, <c>“…”</c>, <c>«…»</c>.</summary>
    public static double[] Quotes(string text)
    {
        var inside = false;
        return Follow(text, c => (inside = c switch { '"' => !inside, '“' or '«' => true, '”' or '»' => false, _ => inside }) ? 1 : 0);
    }

    /// <summary>How many brackets are open: ( [ {.</summary>
    public static double[] Brackets(string text)
    {
        var depth = 0;
        return Follow(text, c => depth = c is '(' or '[' or '{' ? depth + 1 : c is ')' or ']' or '}' ? Math.Max(0, depth - 1) : depth);
    }

    /// <summary>How many characters of the line have been read; 0 at its end.</summary>
    public static double[] LinePosition(string text)
    {
        var position = 0;
        return Follow(text, c => position = c == '\n' ? 0 : position + 1);
    }

    /// <summary>How many characters the line has, of every character in it.</summary>
    public static double[] LineLength(string text)
    {
        var lengths = new double[text.Length];
        for (int start = 0, end; start < text.Length; start = end + 1)
        {
            end = text.IndexOf('\n', start);
            if (end < 0) end = text.Length;
            lengths.AsSpan(start, Math.Min(end + 1, text.Length) - start).Fill(end - start);
        }
        return lengths;
    }

    /// <summary>How many columns of spaces and tabs the line began with, a tab being 4.</summary>
    public static double[] Indentation(string text)
    {
        var (width, begins) = (0, true);
        return Follow(text, c =>
        {
            if (c == '\n') (width, begins) = (0, true);
            else if (begins && c is ' ' or '\t') width += c == '\t' ? TabWidth : 1;
            else begins = false;
            return width;
        });
    }

    /// <summary>A pattern of characters as one of tokens: that of each token's last character.</summary>
    /// <param name="pattern">A number for each character.</param>
    /// <param name="tokens">The tokens, which make up the text one after the other.</param>
    /// <exception cref="ArgumentException">The tokens have more or fewer characters than there are numbers.</exception>
    public static double[] ByToken(IReadOnlyList<double> pattern, IReadOnlyList<string> tokens)
    {
        var characters = tokens.Sum(t => t.Length);
        if (characters != pattern.Count) Throw.CountsDiffer(nameof(pattern), pattern.Count, "characters of the tokens", characters);
        var (found, end) = (new double[tokens.Count], 0);
        for (var i = 0; i < found.Length; i++)
        {
            end += tokens[i].Length;
            found[i] = end == 0 ? 0 : pattern[end - 1];
        }
        return found;
    }

    static double[] Follow(string text, Func<char, double> next) => [.. text.Select(next)];
}
