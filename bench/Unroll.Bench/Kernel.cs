namespace Unroll.Bench;

/// <summary>A piece of work in two versions.</summary>
/// <param name="Shape">Its sizes, for people.</param>
/// <param name="Work">Operations, or bytes that must be moved, in a run.</param>
/// <param name="Unit">GFLOP/s or GB/s: what <paramref name="Work"/> counts.</param>
/// <param name="Fast">The library's version.</param>
/// <param name="Baseline">The version that it is compared with.</param>
/// <param name="Results">What the latest runs of both have computed.</param>
sealed record Kernel(string Shape, double Work, string Unit, Action Fast, Action Baseline, Func<(float[] Fast, float[] Baseline)> Results)
{
    // Sums of some thousand terms in another order and functions 3 units off in the last place stay below a tenth of it.
    const double Tolerance = 1e-4;

    public const string Operations = "GFLOP/s", Bytes = "GB/s";

    /// <summary>Runs both once and compares what comes out: what is wrong is not worth timing.</summary>
    public void Check(string name)
    {
        Fast();
        Baseline();
        var (fast, baseline) = Results();
        if (fast.Length != baseline.Length) throw new InvalidOperationException($"{name}: {fast.Length} numbers against {baseline.Length}.");
        for (var i = 0; i < fast.Length; i++)
            if (!(Math.Abs(fast[i] - baseline[i]) <= Tolerance * (1 + Math.Abs(baseline[i]))))
                throw new InvalidOperationException($"{name}: number {i} is {fast[i]:G9}, and {baseline[i]:G9} in the baseline.");
    }

    public double Rate(double seconds) => Work / seconds / 1e9;
}
