namespace Unroll.Data;

/// <summary>A sentence with a tag for every word.</summary>
/// <param name="Words">The words.</param>
/// <param name="Tags">A tag for each word, or none at all where they are not known.</param>
/// <param name="Source">Where it stands, as a message names it: the file and its first line.</param>
public sealed record TaggedSentence(IReadOnlyList<string> Words, IReadOnlyList<string> Tags, string Source);
