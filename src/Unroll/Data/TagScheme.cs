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

    /// <summary>B at the first word, E at the last, I between them, S for a span of one word; also with other letters, as BILOU and BMEWO.</summary>
    Bioes,
}

/// <summary>Words that belong together.</summary>
/// <param name="Type">What they are, such as PER; empty where tags are a letter alone.</param>
/// <param name="Start">The first word, from 0.</param>
/// <param name="Length">How many words, at least 1.</param>
internal readonly record struct TagSpan(string Type, int Start, int Length);

/// <summary>What the schemes of <see cref="TagScheme"/> mean: spans from tags, tags from spans, and which tag may follow which.</summary>
/// <remarks>
/// Tags may be spelled <c>B-PER</c>, <c>B_PER</c>, <c>PER-B</c> or <c>b-per</c>, or be a letter alone, <c>O</c> or <c>o</c> being outside. BILOU and
/// BMEWO (BMES) are BIOES by other letters. Tags that are brought to a scheme keep their spelling.
/// </remarks>
internal static class TagSchemes
{
    /// <summary>
    /// The scheme that tags are in: the one that fewest neighbours contradict; BIO, then IOB1 where that is equal. <see cref="TagScheme.None"/> where
    /// all are <c>O</c> or a tag is spelled in no way, or another way than the rest. Letters alone may be anything, so they are a scheme only where
    /// there is each of B, I and O, or of B, I, E and S, and no neighbours contradict it.
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
        var spelling = TagSpelling.Of(kinds);
        if (!kinds.All(spelling.Knows) || kinds.All(TagSpelling.IsOutside)) return TagScheme.None;
        var letters = kinds.Select(k => spelling.Parse(k).Letter).ToHashSet();
        var ends = letters.Contains('E') || letters.Contains('S');
        if (kinds.Any(k => k.Length == 1 && !TagSpelling.IsOutside(k)))
        {
            var scheme = ends ? TagScheme.Bioes : TagScheme.Bio;
            return letters.IsSupersetOf(ends ? "BIES" : "BIO") && Contradictions(scheme) == 0 ? scheme : TagScheme.None;
        }
        if (ends) return TagScheme.Bioes;
        return Contradictions(TagScheme.Bio) <= Contradictions(TagScheme.Iob1) ? TagScheme.Bio : TagScheme.Iob1;

        long Contradictions(TagScheme scheme) => pairs.Where(p => !Allows(scheme, spelling, p.Key.Before, p.Key.After)).Sum(p => p.Value);
    }

    /// <summary>
    /// What is doubtful about tags without a scheme: that some of them look as if they marked spans. A sentence for the user; null where there is nothing
    /// to say.
    /// </summary>
    /// <param name="tags">The tags, each once.</param>
    internal static string? DoubtOf(IReadOnlyCollection<string> tags)
    {
        var spelling = TagSpelling.Of(tags);
        var mark = tags.FirstOrDefault(t => t.Length > 1 && spelling.Knows(t)) ?? tags.FirstOrDefault(TagSpelling.IsOutside);
        var other = tags.FirstOrDefault(t => !spelling.Knows(t) || t.Length == 1 && !TagSpelling.IsOutside(t));
        if (mark is null || other is null) return null;
        return $"The scheme of the tags is not known: '{mark}' is a tag of spans, '{other}' is not of the same scheme. Each tag is learned for its word alone, and no span F1 "
            + "is measured. Known are BIO, IOB1, BIOES, BILOU and BMEWO, spelled as B-PER, B_PER, PER-B or b-per.";
    }

    /// <summary>The spans that tags of any scheme mark, as conlleval reads them: what stands where no span could go on begins one.</summary>
    /// <param name="tags">The tags of a sentence; one of no scheme counts as <c>O</c>.</param>
    public static List<TagSpan> Spans(IReadOnlyList<string> tags) => Spans(tags, TagSpelling.Of(tags));

    static List<TagSpan> Spans(IReadOnlyList<string> tags, TagSpelling spelling)
    {
        var spans = new List<TagSpan>();
        var start = -1;
        var before = spelling.Parse("O");
        for (var i = 0; i <= tags.Count; i++)
        {
            var tag = spelling.Parse(i < tags.Count ? tags[i] : "O");
            var begins = tag.Letter != 'O' && Begins(before, tag);
            if (start >= 0 && (begins || tag.Letter == 'O'))
            {
                spans.Add(new(before.Type, start, i - start));
                start = -1;
            }
            if (begins) start = i;
            before = tag;
        }
        return spans;
    }

    /// <summary>
    /// The same spans marked in another scheme, in the spelling that the tags have; the tags themselves for <see cref="TagScheme.None"/>. A tag of no
    /// scheme stays as it is.
    /// </summary>
    public static IReadOnlyList<string> Convert(IReadOnlyList<string> tags, TagScheme to) => Convert(tags, to, TagSpelling.Of(tags));

    /// <summary>The same spans marked in another scheme and spelling.</summary>
    internal static IReadOnlyList<string> Convert(IReadOnlyList<string> tags, TagScheme to, TagSpelling spelling)
    {
        if (to == TagScheme.None) return tags;
        var own = TagSpelling.Of(tags);
        string[] converted = [.. tags.Select(t => own.Knows(t) ? spelling.Outside : t)];
        var last = new TagSpan("", -1, 0);
        foreach (var span in Spans(tags, own))
        {
            for (var i = 0; i < span.Length; i++)
                converted[span.Start + i] = spelling.Write(to switch
                {
                    TagScheme.Iob1 => i == 0 && last.Type == span.Type && last.Start + last.Length == span.Start ? 'B' : 'I',
                    TagScheme.Bioes when span.Length == 1 => 'S',
                    TagScheme.Bioes when i == span.Length - 1 => 'E',
                    _ => i == 0 ? 'B' : 'I',
                }, span.Type);
            last = span;
        }
        return converted;
    }

    /// <summary>Which of these tags may begin a sentence, end one and follow each other; null where the scheme allows everything.</summary>
    public static TagConstraints? Constraints(TagScheme scheme, IReadOnlyList<string> tags)
    {
        if (scheme == TagScheme.None) return null;
        var spelling = TagSpelling.Of(tags);
        return new(
            [.. tags.Select(t => Allows(scheme, spelling, null, t))], [.. tags.Select(t => Allows(scheme, spelling, t, null))],
            [.. tags.SelectMany(_ => tags, (before, after) => Allows(scheme, spelling, before, after))]);
    }

    /// <summary>Whether a tag may follow another; null stands for the border of the sentence.</summary>
    static bool Allows(TagScheme scheme, TagSpelling spelling, string? before, string? after)
    {
        var (a, b) = (spelling.Parse(before ?? "O"), spelling.Parse(after ?? "O"));
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
}
