namespace Unroll;

/// <summary>Collects what is wrong with a file, to report all of it at once; keeps memory and message bounded for a hostile file.</summary>
internal sealed class ProblemList
{
    const int MostListed = 100;
    const int MostQuoted = 80;

    readonly List<string> _listed = [];

    /// <summary>As many problems were found as will be listed: to look for more is in vain.</summary>
    public bool IsFull => _listed.Count == MostListed;

    public bool IsEmpty => _listed.Count == 0;

    public void Add(string problem)
    {
        if (!IsFull) _listed.Add(problem);
    }

    /// <summary>Does nothing if there is no problem.</summary>
    /// <exception cref="InvalidFileException">There is one: every problem is listed, up to 100.</exception>
    public void ThrowIfAny(string title)
    {
        if (IsFull) title += $" (the first {MostListed} problems)";
        if (!IsEmpty) Throw.Problems(title, _listed);
    }

    /// <summary>Text of unknown origin made fit for a message: in quotes, cut after 80 characters, control characters as '?'.</summary>
    public static string Quote(string text)
    {
        var shown = text.Length <= MostQuoted ? text : string.Concat(text.AsSpan(0, MostQuoted), "…");
        return string.Create(shown.Length + 2, shown, static (quoted, shown) =>
        {
            quoted[0] = quoted[^1] = '\'';
            for (var i = 0; i < shown.Length; i++) quoted[i + 1] = char.IsControl(shown[i]) ? '?' : shown[i];
        });
    }

    /// <summary>A list of sizes or offsets for a message, <c>[2, 3]</c>, cut after 8.</summary>
    public static string Show<T>(IReadOnlyList<T> numbers) =>
        $"[{string.Join(", ", numbers.Take(8).Select(static n => $"{n}"))}{(numbers.Count > 8 ? ", …" : "")}]";
}
