namespace Unroll.Layers;

/// <summary>Which tags may begin a sequence, end one, and follow each other.</summary>
/// <param name="Start">[L]: whether a sequence may begin with the tag.</param>
/// <param name="End">[L]: whether a sequence may end with it.</param>
/// <param name="Transitions">[L, L]: whether, at [i, j], tag j may follow tag i.</param>
public sealed record TagConstraints(IReadOnlyList<bool> Start, IReadOnlyList<bool> End, IReadOnlyList<bool> Transitions);
