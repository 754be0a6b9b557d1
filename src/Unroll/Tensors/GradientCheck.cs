using System.Globalization;

namespace Unroll.Tensors;

/// <summary>One derivative, computed both ways.</summary>
/// <param name="Name">The parameter or tensor.</param>
/// <param name="Index">Which of its elements, row-major.</param>
/// <param name="Analytic">What <see cref="Tape.Backward"/> gave.</param>
/// <param name="Numeric">The central difference.</param>
public readonly record struct GradientDifference(string Name, int Index, double Analytic, double Numeric)
{
    /// <summary>For people.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Name}[{Index}]: analytic {Analytic:G9}, numeric {Numeric:G9}, difference {Analytic - Numeric:G3}");
}

/// <summary>What a gradient check found.</summary>
/// <param name="Checked">How many derivatives were compared.</param>
/// <param name="Differences">Those that differ by more than the tolerance, the worst first.</param>
public sealed record GradientReport(int Checked, IReadOnlyList<GradientDifference> Differences)
{
    /// <summary>Whether every derivative was as it should be.</summary>
    public bool IsRight => Differences.Count == 0;

    /// <summary>The worst ten, a line each.</summary>
    public override string ToString() => IsRight
        ? $"All {Checked} derivatives agree."
        : $"{Differences.Count} of {Checked} derivatives differ:\n  {string.Join("\n  ", Differences.Take(10).Select(static d => $"{d}"))}";
}

/// <summary>
/// Compares the gradients that the tape computes with central differences: dL/dw ≈ (L(w + ε) − L(w − ε)) / 2ε. For whoever writes a cell, an
/// operation or a loss.
/// </summary>
/// <remarks>
/// The library computes in single precision, where a difference carries few digits: the defaults are wide there (ε 1e-2, tolerances 1e-2)
/// and find a wrong formula, not a small error. Its own tests compile the same sources in double and use 1e-6, 1e-5 and 1e-3, which is the
/// floor. Near a kink (ReLU at 0) a difference is wrong and the gradient is right: choose inputs away from it.
/// </remarks>
public sealed record GradientCheck
{
    const bool IsDouble = sizeof(Real) == 8;

    /// <summary>ε, the step to either side. Default 1e-2 in single and 1e-6 in double precision; above 0.</summary>
    public double Epsilon { get; init; } = IsDouble ? 1e-6 : 1e-2;

    /// <summary>The difference that is always allowed. Default 1e-2 in single and 1e-5 in double precision.</summary>
    public double Absolute { get; init; } = IsDouble ? 1e-5 : 1e-2;

    /// <summary>What is allowed besides, times the numeric derivative. Default 1e-2 in single and 1e-3 in double precision.</summary>
    public double Relative { get; init; } = IsDouble ? 1e-3 : 1e-2;

    /// <summary>Elements tried in each parameter; where it has more, so many are drawn. Default 64, at least 1.</summary>
    public int Samples { get; init; } = 64;

    /// <summary>The seed that elements are drawn by. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Checks the derivatives of <paramref name="loss"/> with respect to parameters.</summary>
    /// <param name="loss">
    /// Computes a scalar from the parameters, the same one each time: what it draws at random it must draw alike in every call, under a
    /// recording tape, which is open when it is called.
    /// </param>
    /// <param name="parameters">What to check, with names for the report. Their gradients are cleared before and after.</param>
    /// <exception cref="ArgumentException">The loss is not a scalar.</exception>
    public GradientReport Run(Func<Tensor> loss, params IEnumerable<(string Name, Parameter Parameter)> parameters)
    {
        var all = parameters.ToArray();
        foreach (var (_, p) in all) p.ClearGradient();
        using (var tape = Tape.Record()) tape.Backward(loss());

        var rng = new Rng(Seed);
        var checkedCount = 0;
        var wrong = new List<GradientDifference>();
        foreach (var (name, parameter) in all)
        {
            foreach (var index in Choose(parameter.Count, rng))
            {
                var value = parameter.Values[index];
                var (high, low) = ((Real)(value + Epsilon), (Real)(value - Epsilon));
                double above = Evaluate(high), below = Evaluate(low);
                parameter.Edit()[index] = value;

                // The steps that were really made, which rounding may have changed a little.
                var found = new GradientDifference(name, index, parameter.Gradient[index], (above - below) / ((double)high - low));
                if (!(Math.Abs(found.Analytic - found.Numeric) <= Absolute + Relative * Math.Abs(found.Numeric))) wrong.Add(found);
                checkedCount++;

                double Evaluate(Real moved)
                {
                    parameter.Edit()[index] = moved;
                    using var tape = Tape.Record();
                    return loss().Scalar;
                }
            }
        }
        foreach (var (_, p) in all) p.ClearGradient();
        return new(checkedCount, [.. wrong.OrderByDescending(d => Math.Abs(d.Analytic - d.Numeric))]);
    }

    int[] Choose(int count, Rng rng)
    {
        var indices = Enumerable.Range(0, count).ToArray();
        if (count <= Samples) return indices;
        rng.Shuffle(indices.AsSpan());
        return indices[..Samples];
    }
}
