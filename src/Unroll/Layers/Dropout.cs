using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Sets each number to 0 with probability p and divides the others by 1 − p while a tape records; does nothing otherwise
/// (<see cref="Ops.Dropout"/>).
/// </summary>
/// <remarks>Safe for use by several threads where no tape records; while one does, it draws from its random numbers, which are not.</remarks>
public sealed class Dropout : Module
{
    /// <summary>Dropout with masks from <paramref name="rng"/>.</summary>
    /// <param name="p">From 0 to below 1.</param>
    /// <param name="rng">Where masks come from.</param>
    /// <param name="sameForAllSteps">One mask for all steps of a sequence (variational; Gal and Ghahramani 2016) rather than one a step.</param>
    /// <exception cref="ArgumentOutOfRangeException">p is out of range.</exception>
    public Dropout(double p, Rng rng, bool sameForAllSteps = false)
    {
        if (p is not (>= 0 and < 1)) Throw.OutOfRange(nameof(p), p, "from 0 to below 1");
        (P, Rng, SameForAllSteps) = (p, rng, sameForAllSteps);
    }

    /// <summary>Where masks come from.</summary>
    internal Rng Rng { get; }

    /// <summary>The probability of a zero.</summary>
    public double P { get; }

    /// <summary>Whether all steps of a sequence share a mask.</summary>
    public bool SameForAllSteps { get; }

    /// <summary>x with some numbers dropped; same shape.</summary>
    public Tensor Forward(Tensor x) => Ops.Dropout(x, P, Rng, SameForAllSteps);

    /// <summary>The mask by itself, to be used at many steps: 0 or 1/(1 − p); none where dropout does nothing.</summary>
    internal Tensor Mask(Shape shape) => Ops.DropoutMask(shape, P, Rng);
}
