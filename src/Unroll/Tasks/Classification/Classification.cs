namespace Unroll.Tasks;

/// <summary>What a classifier says of a sequence.</summary>
/// <remarks>Safe for use by several threads: it does not change.</remarks>
public sealed class Classification
{
    internal Classification(IReadOnlyList<string> classes, Real[] probabilities, bool multiLabel)
    {
        All = [.. classes.Select((name, c) => (name, (double)probabilities[c])).OrderByDescending(c => c.Item2)];
        Labels = multiLabel ? [.. All.Where(c => c.Probability >= 0.5).Select(c => c.Label)] : [All[0].Label];
    }

    /// <summary>The most probable class.</summary>
    public string Label => All[0].Label;

    /// <summary>Its probability, from 0 to 1.</summary>
    public double Probability => All[0].Probability;

    /// <summary>All classes with their probabilities, the most probable first.</summary>
    public IReadOnlyList<(string Label, double Probability)> All { get; }

    /// <summary>The classes that hold: the most probable one, or of a multi-label model all of at least one half, which may be none.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>The label and its probability.</summary>
    public override string ToString() => $"{Label} ({Probability:F3})";
}
