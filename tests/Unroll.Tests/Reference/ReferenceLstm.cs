namespace Unroll.Tests.Reference;

/// <summary>
/// One step of an LSTM for one row, gates in PyTorch's order i f g o:
/// i, f, o = σ(W x + b + U h + d), g = tanh(W x + b + U h + d), c' = f⊙c + i⊙g, h' = o⊙tanh c', each gate with its own rows of W, U, b, d.
/// </summary>
static class ReferenceLstm
{
    /// <param name="W">[4H, I], row-major.</param>
    /// <param name="U">[4H, H], row-major.</param>
    /// <param name="b">[4H], the bias of the input product.</param>
    /// <param name="d">[4H], the bias of the recurrent product.</param>
    /// <param name="x">[I], the input.</param>
    /// <param name="h">[H], the output before.</param>
    /// <param name="c">[H], the cell before.</param>
    /// <returns>Output and cell after, [H] each.</returns>
    public static (double[] H, double[] C) Step(double[] W, double[] U, double[] b, double[] d, double[] x, double[] h, double[] c)
    {
        var H = h.Length;
        var hAfter = new double[H];
        var cAfter = new double[H];
        for (var j = 0; j < H; j++)
        {
            var i = Sigmoid(Sum(j));
            var f = Sigmoid(Sum(H + j));
            var g = Math.Tanh(Sum(2 * H + j));
            var o = Sigmoid(Sum(3 * H + j));
            cAfter[j] = f * c[j] + i * g;
            hAfter[j] = o * Math.Tanh(cAfter[j]);
        }
        return (hAfter, cAfter);

        double Sum(int row)
        {
            var sum = b[row] + d[row];
            for (var k = 0; k < x.Length; k++) sum += W[row * x.Length + k] * x[k];
            for (var k = 0; k < H; k++) sum += U[row * H + k] * h[k];
            return sum;
        }
    }

    static double Sigmoid(double v) => 1 / (1 + Math.Exp(-v));
}
