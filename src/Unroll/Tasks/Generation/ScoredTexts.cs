namespace Unroll.Tasks;

/// <summary>What the scores of texts share.</summary>
static class ScoredTexts
{
    /// <summary>The version of sacreBLEU whose numbers the scores are, as the tests know.</summary>
    public const string Version = "2.6.0";

    public static void Check(IReadOnlyList<string> outputs, IReadOnlyList<IReadOnlyList<string>> references)
    {
        if (outputs.Count == 0) Throw.OutOfRange(nameof(outputs), 0, "at least one text");
        if (references.Count != outputs.Count) Throw.CountsDiffer(nameof(references), references.Count, "outputs", outputs.Count);
        for (var i = 0; i < references.Count; i++)
            if (references[i].Count == 0) Throw.OutOfRange(nameof(references), i, "at least one text for each output");
    }

    /// <summary>How many references each output has; null if not all have as many.</summary>
    public static int? ReferencesOf(IReadOnlyList<IReadOnlyList<string>> references) =>
        references.All(r => r.Count == references[0].Count) ? references[0].Count : null;

    public static string Show(int? references) => references is { } count ? FormattableString.Invariant($"{count}") : "var";

    /// <summary>What stands between white space.</summary>
    public static string[] Split(string text)
    {
        var words = new List<string>();
        for (int i = 0, start = 0; i <= text.Length; i++)
        {
            if (i < text.Length && !IsSpace(text[i])) continue;
            if (i > start) words.Add(text[start..i]);
            start = i + 1;
        }
        return [.. words];
    }

    public static string TrimEnd(string text)
    {
        var end = text.Length;
        while (end > 0 && IsSpace(text[end - 1])) end--;
        return text[..end];
    }

    /// <summary>White space as Python has it, where the four separators of ASCII are among it.</summary>
    static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1C' and <= '\x1F';
}
