using Unroll.Kernels;
using Unroll.Layers;

namespace Unroll.Training;

/// <summary>Keeps gradients from growing beyond bounds. Parameters without a gradient are passed over; nothing is allocated.</summary>
public static unsafe class Clip
{
    /// <summary>‖g‖, the Euclidean norm of all gradients together.</summary>
    public static double GradientNorm(IReadOnlyList<NamedParameter> parameters)
    {
        double squares = 0;
        for (var i = 0; i < parameters.Count; i++)
        {
            var parameter = parameters[i].Parameter;
            if (parameter.HasNoGradient) continue;
            var g = parameter.GradientToUse(out var marks);
            squares += Reduce.SumOfSquares(g, marks);
        }
        return Math.Sqrt(squares);
    }

    /// <summary>min(1, max / (‖g‖ + 1e-6)), as PyTorch: what leaves gradients of norm ‖g‖ with one of at most max; 1 where ‖g‖ is not finite.</summary>
    /// <param name="norm">‖g‖.</param>
    /// <param name="max">The largest norm to leave, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="max"/> is not above 0.</exception>
    public static double Factor(double norm, double max)
    {
        if (!(max > 0)) Throw.OutOfRange(nameof(max), max, "above 0");
        return double.IsFinite(norm) ? Math.Min(1, max / (norm + 1e-6)) : 1;
    }

    /// <summary>Scales all gradients by <see cref="Factor"/>: their direction stays.</summary>
    /// <param name="parameters">What is trained.</param>
    /// <param name="max">The largest norm to leave, above 0.</param>
    /// <returns>‖g‖ before. Where it is not finite the gradients are left as they are.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="max"/> is not above 0.</exception>
    public static double ByNorm(IReadOnlyList<NamedParameter> parameters, double max)
    {
        var norm = GradientNorm(parameters);
        var factor = Factor(norm, max);
        if (factor == 1) return norm;
        for (var i = 0; i < parameters.Count; i++)
        {
            var parameter = parameters[i].Parameter;
            if (parameter.HasNoGradient) continue;
            fixed (Real* g = parameter.GradientToUse(out _)) ThreadTeam.Run(new ScaleKernel(g, (Real)factor), parameter.Count, Optimizer.Grain);
        }
        return norm;
    }

    /// <summary>Moves every element of the gradients that is outside [−limit, limit] to its border.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="limit"/> is not above 0.</exception>
    public static void ByValue(IReadOnlyList<NamedParameter> parameters, double limit)
    {
        if (!((Real)limit > 0)) Throw.OutOfRange(nameof(limit), limit, "above 0");
        for (var i = 0; i < parameters.Count; i++)
        {
            var parameter = parameters[i].Parameter;
            if (parameter.HasNoGradient) continue;
            fixed (Real* g = parameter.GradientToUse(out _)) ThreadTeam.Run(new ClampKernel(g, (Real)limit), parameter.Count, Optimizer.Grain);
        }
    }
}
