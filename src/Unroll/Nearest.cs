namespace Unroll;

/// <summary>Finds the name that was probably meant.</summary>
static class Nearest
{
    /// <summary>" Did you mean X?" where a known name is near what was given; else nothing.</summary>
    public static string Question(string given, IEnumerable<string> known) => Of(given, known) is { } name ? $" Did you mean {name}?" : "";

    /// <summary>The known name that takes the fewest changes of a letter, or that begins so; null where none is near, or all letters change.</summary>
    public static string? Of(string given, IEnumerable<string> known)
    {
        var text = given.ToLowerInvariant();
        var least = (text.Trim('-').Length + 2) / 3;
        string? best = null;
        foreach (var name in known)
        {
            var distance = name.StartsWith(text, StringComparison.Ordinal) && text.Trim('-').Length >= 3 ? 1 : Distance(text, name.ToLowerInvariant());
            if (distance >= name.Length || distance > least || distance == least && best is not null) continue;
            (least, best) = (distance, name);
        }
        return best;
    }

    /// <summary>How many letters must be changed, added, left out or swapped with their neighbour.</summary>
    static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) d[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) d[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
            for (var j = 1; j <= b.Length; j++)
            {
                d[i, j] = Math.Min(Math.Min(d[i - 1, j], d[i, j - 1]) + 1, d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        return d[a.Length, b.Length];
    }
}
