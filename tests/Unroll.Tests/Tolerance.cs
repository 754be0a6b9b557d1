namespace Unroll.Tests;

/// <summary>Every tolerance of the tests, with its reason.</summary>
static class Tolerance
{
    /// <summary>Errors of the elementary functions in units of the last place: the largest found over all floats, rounded up.</summary>
    public const double ExpUlp = 0.91, LogUlp = 0.87, SigmoidUlp = 2, TanhUlp = 2.5, SoftplusUlp = 3;

    /// <summary>A pointwise function or derivative against double, relative: a few roundings of 6e-8 each, where 1 − y² cancels.</summary>
    public const double Pointwise = 1e-6;

    /// <summary>
    /// Two ways of computing the same sums in single precision over a few steps, against tolerance·(1 + |expected|): some hundred roundings
    /// of 6e-8 in a gradient.
    /// </summary>
    public const double Single = 2e-5;

    /// <summary>Weights after ten steps of Adam at a rate of 0.01: the first step divides each gradient by its own size, which enlarges its rounding.</summary>
    public const double TenSteps = 1e-4;

    /// <summary>A score in double against the same formula of another program, whose sums may be in another order.</summary>
    public const double Score = 1e-9;
}
