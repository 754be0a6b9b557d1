using System.Diagnostics.CodeAnalysis;
using Unroll.Data;

namespace Unroll;

internal static partial class Throw
{
    [DoesNotReturn]
    public static void SentencesWithoutTags(IReadOnlyList<TaggedSentence> sentences)
    {
        const int Most = 10;
        var problems = sentences.Take(Most).Select(s => $"{s.Source}: {s.Words.Count} words, {s.Tags.Count} tags").ToList();
        if (sentences.Count > Most) problems.Add($"and {sentences.Count - Most:N0} more sentences");
        throw new DataMismatchException("Sentences need a tag for every word", problems);
    }

    [DoesNotReturn]
    public static void NoWords() => throw new DataMismatchException("There is no sentence with a word in it, so there is nothing to learn. Is this the right file?");

    [DoesNotReturn]
    public static void OneTag(string tag) => throw new DataMismatchException(
        $"All words have the tag '{tag}': there is nothing to tell apart. Is the column of the tags the right one?");

    [DoesNotReturn]
    public static void NoSpans(TagScheme scheme, string example) => throw new DataMismatchException(
        $"The tags mark no spans, so they cannot be brought to the scheme {scheme.ToString().ToLowerInvariant()}: expected O, B-…, I-…, E-… or S-…, "
        + $"found such as '{example}'. Leave the scheme out.");

    [DoesNotReturn]
    public static void NoTagSequence(string source) => throw new UnrollException(
        $"No sequence of tags has a score that is a number, for {source}. The model's weights are damaged or training diverged; "
        + "go back to an earlier checkpoint.");
}
