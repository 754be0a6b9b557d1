namespace Unroll.Tests.Reference;

/// <summary>
/// One step of a GRU for one row, gates in PyTorch's order r z n, the reset gate applied after the recurrent product:
/// r, z = σ(W x + b + U h + d), n = tanh(W x + b + r⊙(U h + d)), h' = (1 − z)⊙n + z⊙h, each gate with its own rows of W, U, b, d.
/// </summary>
static class ReferenceGru
{
    /// <param name="W">[3H, I], row-major.</param>
    /// <param name="U">[3H, H], row-major.</param>
    /// <param name="b">[3H], the bias of the input product.</param>
    /// <param name="d">[3H], the bias of the recurrent product.</param>
    /// <param name="x">[I], the input.</param>
    /// <param name="h">[H], the state before.</param>
    /// <returns>The state after, [H].</returns>
    public static double[] Step(double[] W, double[] U, double[] b, double[] d, double[] x, double[] h)
    {
        var H = h.Length;
        var after = new double[H];
        for (var j = 0; j < H; j++)
        {
            var r = Sigmoid(Row(W, b, x, j) + Row(U, d, h, j));
            var z = Sigmoid(Row(W, b, x, H + j) + Row(U, d, h, H + j));
            var n = Math.Tanh(Row(W, b, x, 2 * H + j) + r * Row(U, d, h, 2 * H + j));
            after[j] = (1 - z) * n + z * h[j];
        }
        return after;
    }

    static double Row(double[] matrix, double[] bias, double[] vector, int row)
    {
        var sum = bias[row];
        for (var k = 0; k < vector.Length; k++) sum += matrix[row * vector.Length + k] * vector[k];
        return sum;
    }

    static double Sigmoid(double v) => 1 / (1 + Math.Exp(-v));
}
