namespace Unroll.Layers;

/// <summary>What a pooling knows of one sequence that comes step by step.</summary>
/// <param name="size">P, the size of the vector.</param>
internal sealed class PooledSteps(int size)
{
    /// <summary>The vector of the steps so far [P]; zeros before the first.</summary>
    public Real[] Vector { get; } = new Real[size];

    /// <summary>A sum over the steps [P], where the pooling has one.</summary>
    public Real[] Sum { get; } = new Real[size];

    /// <summary>The largest score of a step, and the sum of e^(score − largest), where the pooling weighs steps.</summary>
    public (Real Most, Real Total) Scores { get; set; } = (Real.NegativeInfinity, 0);

    /// <summary>How many steps there were.</summary>
    public long Count { get; set; }

    /// <summary>Forgets all steps.</summary>
    public void Reset()
    {
        Array.Clear(Vector);
        Array.Clear(Sum);
        (Scores, Count) = ((Real.NegativeInfinity, 0), 0);
    }

    /// <summary>Takes over what another one knows.</summary>
    public void CopyFrom(PooledSteps other)
    {
        other.Vector.CopyTo(Vector, 0);
        other.Sum.CopyTo(Sum, 0);
        (Scores, Count) = (other.Scores, other.Count);
    }
}
