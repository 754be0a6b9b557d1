using Unroll.Layers;

namespace Unroll.Data;

/// <summary>How tags mark stretches of words, such as names: <c>O</c> is outside of all; <c>B-PER</c> and the like belong to one of type PER.</summary>
public enum TagScheme
{
    /// <summary>Each tag is for its word alone, such as a part of speech.</summary>
    None,

    /// <summary>I in a span; B only where a span begins right after another of its type (Ramshaw and Marcus 1995).</summary>
    Iob1,

    /// <summary>B at the first word of every span, I at the others; also named IOB2.</summary>
    Bio,

    /// <summary>B at the first word, E at the last, I between them, S for a span of one word.</summary>
    Bioes,
}

/// <summary>Words that belong together.</summary>
/// <param name="Type">What they are, such as PER; empty where tags are a letter alone.</param>
/// <param name="Start">The first word, from 0.</param>
/// <param name="Length">How many words, at least 1.</param>
public readonly record struct TagSpan(string Type, int Start, int Length);

/// <summary>What the schemes of <see cref="TagScheme"/> mean: spans from tags, tags from spans, and which tag may follow which.</summary>
public static class TagSchemes
{
    /// <summary>
    /// The scheme that tags are in: each is <c>O</c>, or one of the letters B, I, E, S alone or with a hyphen and a type. Of the schemes that know
    /// these letters it is the one that fewest neighbours contradict; BIO, then IOB1 where that is equal. <see cref="TagScheme.None"/> where a tag
    /// is of another form or all are <c>O</c>.
    /// </summary>
    /// <param name="sentences">The tags of each sentence.</param>
    public static TagScheme Recognise(IEnumerable<IReadOnlyList<string>> sentences)
    {
        var pairs = new Dictionary<(string? Before, string? After), long>();
        foreach (var tags in sentences)
            for (var i = 0; i <= tags.Count; i++)
            {
                var pair = (i == 0 ? null : tags[i - 1], i == tags.Count ? null : tags[i]);
                pairs[pair] = pairs.GetValueOrDefault(pair) + 1;
            }
        var kinds = pairs.Keys.Where(p => p.After is not null).Select(p => p.After!).Distinct().ToArray();
        if (kinds.Any(k => !IsSpanTag(k)) || kinds.All(k => k == "O")) return TagScheme.None;
        if (kinds.Any(k => k[0] is 'E' or 'S')) return TagScheme.Bioes;
        return Contradictions(TagScheme.Bio) <= Contradictions(TagScheme.Iob1) ? TagScheme.Bio : TagScheme.Iob1;

        long Contradictions(TagScheme scheme) => pairs.Where(p => !Allows(scheme, p.Key.Before, p.Key.After)).Sum(p => p.Value);
    }

    /// <summary>The spans that tags of any scheme mark, as conlleval reads them: what stands where no span could go on begins one.</summary>
    /// <param name="tags">The tags of a sentence; one of no scheme counts as <c>O</c>.</param>
    public static List<TagSpan> Spans(IReadOnlyList<string> tags)
    {
        var spans = new List<TagSpan>();
        var start = -1;
        for (var i = 0; i <= tags.Count; i++)
        {
            var tag = Parse(i < tags.Count ? tags[i] : "O");
            var before = Parse(i > 0 ? tags[i - 1] : "O");
            var begins = tag.Letter != 'O' && Begins(before, tag);
            if (start >= 0 && (begins || tag.Letter == 'O'))
            {
                spans.Add(new(before.Type, start, i - start));
                start = -1;
            }
            if (begins) start = i;
        }
        return spans;
    }

    /// <summary>The same spans marked in another scheme; the tags themselves for <see cref="TagScheme.None"/>. A tag of no scheme stays as it is.</summary>
    public static IReadOnlyList<string> Convert(IReadOnlyList<string> tags, TagScheme to)
    {
        if (to == TagScheme.None) return tags;
        string[] converted = [.. tags.Select(t => IsSpanTag(t) ? "O" : t)];
        var last = new TagSpan("", -1, 0);
        foreach (var span in Spans(tags))
        {
            for (var i = 0; i < span.Length; i++)
            {
                var letter = to switch
                {
                    TagScheme.Iob1 => i == 0 && last.Type == span.Type && last.Start + last.Length == span.Start ? "B" : "I",
                    TagScheme.Bioes when span.Length == 1 => "S",
                    TagScheme.Bioes when i == span.Length - 1 => "E",
                    _ => i == 0 ? "B" : "I",
                };
                converted[span.Start + i] = span.Type.Length == 0 ? letter : $"{letter}-{span.Type}";
            }
            last = span;
        }
        return converted;
    }

    /// <summary>Which of these tags may begin a sentence, end one and follow each other; null where the scheme allows everything.</summary>
    public static TagConstraints? Constraints(TagScheme scheme, IReadOnlyList<string> tags) => scheme == TagScheme.None ? null : new(
        [.. tags.Select(t => Allows(scheme, null, t))], [.. tags.Select(t => Allows(scheme, t, null))],
        [.. tags.SelectMany(_ => tags, (before, after) => Allows(scheme, before, after))]);

    /// <summary>Whether a tag may follow another; null stands for the border of the sentence.</summary>
    internal static bool Allows(TagScheme scheme, string? before, string? after)
    {
        var (a, b) = (Parse(before ?? "O"), Parse(after ?? "O"));
        var same = a.Letter != 'O' && b.Letter != 'O' && a.Type == b.Type;
        return scheme switch
        {
            TagScheme.Iob1 => b.Letter != 'B' || same,
            TagScheme.Bio => b.Letter != 'I' || same,
            TagScheme.Bioes => (a.Letter is 'B' or 'I') == (b.Letter is 'I' or 'E') && (b.Letter is not ('I' or 'E') || same),
            _ => true,
        };
    }

    static bool Begins((char Letter, string Type) before, (char Letter, string Type) tag) =>
        tag.Letter is 'B' or 'S' || before.Letter is 'O' or 'E' or 'S' || before.Type != tag.Type;

    static bool IsSpanTag(string tag) => tag == "O" || tag.Length > 0 && tag[0] is 'B' or 'I' or 'E' or 'S' && (tag.Length == 1 || tag[1] == '-');

    static (char Letter, string Type) Parse(string tag) =>
        tag == "O" || !IsSpanTag(tag) ? ('O', "") : (tag[0], tag.Length < 2 ? "" : tag[2..]);
}
