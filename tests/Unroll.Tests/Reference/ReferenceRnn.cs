namespace Unroll.Tests.Reference;

/// <summary>
/// One step of a plain recurrent cell for one row: h' = φ(W x + b + U h + d), φ = tanh or relu.
/// </summary>
static class ReferenceRnn
{
    /// <param name="W">[H, I], row-major.</param>
    /// <param name="U">[H, H], row-major.</param>
    /// <param name="b">[H], the bias of the input product.</param>
    /// <param name="d">[H], the bias of the recurrent product.</param>
    /// <param name="x">[I], the input.</param>
    /// <param name="h">[H], the state before.</param>
    /// <param name="relu">φ is relu instead of tanh.</param>
    /// <returns>The state after, [H].</returns>
    public static double[] Step(double[] W, double[] U, double[] b, double[] d, double[] x, double[] h, bool relu = false)
    {
        var after = new double[h.Length];
        for (var j = 0; j < h.Length; j++)
        {
            var sum = b[j] + d[j];
            for (var k = 0; k < x.Length; k++) sum += W[j * x.Length + k] * x[k];
            for (var k = 0; k < h.Length; k++) sum += U[j * h.Length + k] * h[k];
            after[j] = relu ? Math.Max(0, sum) : Math.Tanh(sum);
        }
        return after;
    }
}
