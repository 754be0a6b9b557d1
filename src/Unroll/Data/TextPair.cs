namespace Unroll.Data;

/// <summary>Two texts that belong together: a sentence and its translation, a question and its answer.</summary>
/// <param name="Source">What is read. It may be empty.</param>
/// <param name="Target">What is to be written. It may be empty.</param>
/// <param name="Place">Where the pair stands, as a message names it: the file and the line.</param>
public sealed record TextPair(string Source, string Target, string Place);
