namespace Unroll.Data;

/// <summary>
/// How the tags of a scheme are spelled: <c>B-PER</c>, <c>B_PER</c>, <c>PER-B</c>, <c>b-per</c>, or a letter alone; E and S are also L and U (BILOU)
/// or E and W (BMEWO), and I is also M (BMES).
/// </summary>
/// <param name="Inside">The letter inside of a span.</param>
/// <param name="End">The letter at its end.</param>
/// <param name="Single">The letter of a span of one word.</param>
/// <param name="Separator">What stands between letter and type.</param>
/// <param name="TypeFirst">Whether the type stands before the letter.</param>
/// <param name="Lower">Whether the letters are small ones.</param>
/// <param name="Outside">The tag that is outside of all spans.</param>
readonly record struct TagSpelling(char Inside, char End, char Single, char Separator, bool TypeFirst, bool Lower, string Outside)
{
    const string Letters = "BIMELSUW", Separators = "-_:/.|";

    static readonly TagSpelling Usual = new('I', 'E', 'S', '-', TypeFirst: false, Lower: false, "O");

    /// <summary>The spelling of tags; that of <c>B-PER</c> where nothing else is seen.</summary>
    public static TagSpelling Of(IEnumerable<string> tags)
    {
        string[] kinds = [.. tags.Distinct()];
        var spelling = Usual with { TypeFirst = true };
        if (kinds.Count(spelling.Reads) <= kinds.Count(Usual.Reads)) spelling = Usual;
        if (kinds.Contains("o") && !kinds.Contains("O")) spelling = spelling with { Outside = "o" };
        string[] spans = [.. kinds.Where(t => !IsOutside(t) && spelling.Reads(t))];
        if (spans.Length == 0) return spelling;
        var letters = spans.Select(t => char.ToUpperInvariant(spelling.LetterOf(t))).ToHashSet();
        return spelling with
        {
            Inside = letters.Contains('M') ? 'M' : 'I',
            End = letters.Contains('L') ? 'L' : 'E',
            Single = letters.Contains('U') ? 'U' : letters.Contains('W') ? 'W' : 'S',
            Separator = spans.FirstOrDefault(t => t.Length > 1) is { } typed ? typed[spelling.TypeFirst ? ^2 : 1] : '-',
            Lower = spans.All(t => char.IsAsciiLetterLower(spelling.LetterOf(t))),
        };
    }

    /// <summary>Whether a tag is one of a scheme in this spelling.</summary>
    public bool Knows(string tag) => IsOutside(tag) || Reads(tag) && (tag.Length == 1 || tag[TypeFirst ? ^2 : 1] == Separator)
        && char.ToUpperInvariant(LetterOf(tag)) is var letter && (letter == 'B' || letter == Inside || letter == End || letter == Single);

    /// <summary>The letter of a tag, one of B, I, E, S and O, and its type; O of a tag in no spelling of a scheme.</summary>
    public (char Letter, string Type) Parse(string tag)
    {
        if (IsOutside(tag) || !Reads(tag)) return ('O', "");
        var letter = char.ToUpperInvariant(LetterOf(tag)) switch { 'M' => 'I', 'L' => 'E', 'U' or 'W' => 'S', var same => same };
        return (letter, tag.Length == 1 ? "" : TypeFirst ? tag[..^2] : tag[2..]);
    }

    /// <summary>The tag of a letter, one of B, I, E and S, and a type.</summary>
    public string Write(char letter, string type)
    {
        var spelled = letter switch { 'I' => Inside, 'E' => End, 'S' => Single, _ => letter };
        if (Lower) spelled = char.ToLowerInvariant(spelled);
        return type.Length == 0 ? $"{spelled}" : TypeFirst ? $"{type}{Separator}{spelled}" : $"{spelled}{Separator}{type}";
    }

    public static bool IsOutside(string tag) => tag is "O" or "o";

    bool Reads(string tag) => tag.Length > 0 && Letters.Contains(char.ToUpperInvariant(LetterOf(tag)))
        && (tag.Length == 1 || tag.Length > 2 && Separators.Contains(tag[TypeFirst ? ^2 : 1]));

    char LetterOf(string tag) => tag[TypeFirst ? ^1 : 0];
}
