namespace Unroll.Tasks;

/// <summary>An example as a classifier reads it.</summary>
/// <param name="Ids">The tokens of a text; none of a series.</param>
/// <param name="Values">The scaled numbers [T, F] of a series; none of a text.</param>
/// <param name="Steps">T, the number of tokens or steps.</param>
/// <param name="Classes">The numbers of its classes; −1 for one that the model does not know.</param>
public sealed record SequenceInput(int[] Ids, Real[] Values, int Steps, int[] Classes)
{
    /// <summary>Where each sentence ends, for the hierarchical encoder: ascending, the last at T. None otherwise.</summary>
    internal int[] SentenceEnds { get; init; } = [];

    /// <summary>The number of its only class where classes exclude each other; −1 where it is not known or there is none.</summary>
    public int Class => Classes.Length > 0 ? Classes[0] : -1;
}
