namespace Unroll.Tasks;

/// <summary>How a model of several tasks read a text for one of them, step by step (as figures 5 and 6 of Liu, Qiu and Huang 2016).</summary>
/// <param name="Tokens">What it read: T tokens.</param>
/// <param name="Classes">The classes of the task, C names.</param>
/// <param name="Probabilities">Of each step the probabilities of all classes from the task's outputs up to it: T rows of C. A shared layer, which reads both ways, has read the whole text.</param>
/// <param name="SharedGate">
/// The gate g_s of the shared layer, from 0 to 1: a row of T for each of the H units, those that are most open at the last step first. Empty in architectures without such a gate.
/// </param>
/// <param name="Units">The number of the unit of each row of the gate.</param>
/// <remarks>Safe for use by several threads: it does not change.</remarks>
public sealed record TaskReading(
    IReadOnlyList<string> Tokens, IReadOnlyList<string> Classes, IReadOnlyList<IReadOnlyList<double>> Probabilities, IReadOnlyList<IReadOnlyList<double>> SharedGate, IReadOnlyList<int> Units)
{
    /// <summary>How far each token opens the gate: the mean over the units, T numbers; empty without a gate.</summary>
    public IReadOnlyList<double> Opening => SharedGate.Count == 0 ? [] : [.. Enumerable.Range(0, Tokens.Count).Select(t => SharedGate.Average(row => row[t]))];
}
