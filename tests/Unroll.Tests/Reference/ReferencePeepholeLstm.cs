namespace Unroll.Tests.Reference;

/// <summary>
/// One step of an LSTM with peepholes for one row, in plain loops (Graves 2013, equations 7 to 11), and of its kin in several tasks (Liu, Qiu and Huang 2016, equations of
/// models II and III): gates i, f, o see their own cell value, o the new one.
/// </summary>
static class ReferencePeepholeLstm
{
    /// <param name="W">[4H, I], rows i f g o.</param>
    /// <param name="U">[4H, H].</param>
    /// <param name="b">[4H].</param>
    /// <param name="d">[4H].</param>
    /// <param name="V">[3, H], of i, f and o.</param>
    public static (double[] H, double[] C) Step(double[] W, double[] U, double[] b, double[] d, double[] V, double[] x, double[] h, double[] c)
    {
        var H = h.Length;
        var (hAfter, cAfter) = (new double[H], new double[H]);
        for (var j = 0; j < H; j++)
        {
            var i = Sigmoid(Sum(j) + V[j] * c[j]);
            var f = Sigmoid(Sum(H + j) + V[H + j] * c[j]);
            cAfter[j] = f * c[j] + i * Math.Tanh(Sum(2 * H + j));
            var o = Sigmoid(Sum(3 * H + j) + V[2 * H + j] * cAfter[j]);
            hAfter[j] = o * Math.Tanh(cAfter[j]);
        }
        return (hAfter, cAfter);

        double Sum(int row) => b[row] + d[row] + Row(W, row, x) + Row(U, row, h);
    }

    /// <summary>Model III: the input is x then s; rows of W, U, b and d are i f g o m, those of Us the candidate's and the gate's.</summary>
    public static (double[] H, double[] C) SharedStep(double[] W, double[] U, double[] b, double[] d, double[] Us, double[]? V, double[] input, int own, double[] h, double[] c)
    {
        var H = h.Length;
        var (x, s) = (input[..own], input[own..]);
        var (hAfter, cAfter) = (new double[H], new double[H]);
        for (var j = 0; j < H; j++)
        {
            double In(int gate) => b[gate * H + j] + Row(W, gate * H + j, x);
            double Back(int gate) => d[gate * H + j] + Row(U, gate * H + j, h);
            double Peep(int gate, double cell) => V is null ? 0 : V[gate * H + j] * cell;
            var i = Sigmoid(In(0) + Back(0) + Peep(0, c[j]));
            var f = Sigmoid(In(1) + Back(1) + Peep(1, c[j]));
            var mine = Sigmoid(In(4) + Back(4));
            var shared = Sigmoid(In(4) + Row(Us, H + j, s));
            cAfter[j] = f * c[j] + i * Math.Tanh(In(2) + mine * Back(2) + shared * Row(Us, j, s));
            var o = Sigmoid(In(3) + Back(3) + Peep(2, cAfter[j]));
            hAfter[j] = o * Math.Tanh(cAfter[j]);
        }
        return (hAfter, cAfter);
    }

    /// <summary>Model III with a GRU, gates r z n.</summary>
    public static double[] SharedGruStep(double[] W, double[] U, double[] b, double[] d, double[] Us, double[] input, int own, double[] h)
    {
        var H = h.Length;
        var (x, s) = (input[..own], input[own..]);
        var after = new double[H];
        for (var j = 0; j < H; j++)
        {
            double In(int gate) => b[gate * H + j] + Row(W, gate * H + j, x);
            double Back(int gate) => d[gate * H + j] + Row(U, gate * H + j, h);
            double r = Sigmoid(In(0) + Back(0)), z = Sigmoid(In(1) + Back(1)), shared = Sigmoid(In(0) + Row(Us, H + j, s));
            after[j] = (1 - z) * Math.Tanh(In(2) + r * Back(2) + shared * Row(Us, j, s)) + z * h[j];
        }
        return after;
    }

    /// <summary>Model II: rows of W and b are i f g o and the gate, in each the tasks' units side by side; rows of U[i] are i f o, the gate, then the candidates of all tasks.</summary>
    public static (double[] H, double[] C) CoupledStep(double[] W, double[] b, double[][] U, double[]? V, double[] x, double[] h, double[] c)
    {
        var (M, H) = (U.Length, h.Length);
        var D = H / M;
        var (hAfter, cAfter) = (new double[H], new double[H]);
        for (var m = 0; m < M; m++)
            for (var j = 0; j < D; j++)
            {
                var unit = m * D + j;
                double[] Of(int task) => h[(task * D)..((task + 1) * D)];
                double In(int gate) => b[gate * H + unit] + Row(W, gate * H + unit, x);
                double Back(int part) => Row(U[m], part * D + j, Of(m));
                double Peep(int gate, double cell) => V is null ? 0 : V[gate * H + unit] * cell;
                var candidate = In(2);
                for (var i = 0; i < M; i++) candidate += Sigmoid(In(4) + Row(U[i], 3 * D + j, Of(i))) * Row(U[i], (4 + m) * D + j, Of(i));
                cAfter[unit] = Sigmoid(In(1) + Back(1) + Peep(1, c[unit])) * c[unit] + Sigmoid(In(0) + Back(0) + Peep(0, c[unit])) * Math.Tanh(candidate);
                hAfter[unit] = Sigmoid(In(3) + Back(2) + Peep(2, cAfter[unit])) * Math.Tanh(cAfter[unit]);
            }
        return (hAfter, cAfter);
    }

    /// <summary>Model II with a GRU: rows of W and b are r z n, those of U[i] z, r, then the candidates of all tasks.</summary>
    public static double[] CoupledGruStep(double[] W, double[] b, double[][] U, double[] x, double[] h)
    {
        var (M, H) = (U.Length, h.Length);
        var D = H / M;
        var after = new double[H];
        for (var m = 0; m < M; m++)
            for (var j = 0; j < D; j++)
            {
                var unit = m * D + j;
                double[] Of(int task) => h[(task * D)..((task + 1) * D)];
                double In(int gate) => b[gate * H + unit] + Row(W, gate * H + unit, x);
                var candidate = In(2);
                for (var i = 0; i < M; i++) candidate += Sigmoid(In(0) + Row(U[i], D + j, Of(i))) * Row(U[i], (2 + m) * D + j, Of(i));
                var z = Sigmoid(In(1) + Row(U[m], j, Of(m)));
                after[unit] = (1 - z) * Math.Tanh(candidate) + z * h[unit];
            }
        return after;
    }

    static double Row(double[] w, int row, double[] x)
    {
        double sum = 0;
        for (var k = 0; k < x.Length; k++) sum += w[row * x.Length + k] * x[k];
        return sum;
    }

    static double Sigmoid(double v) => 1 / (1 + Math.Exp(-v));
}
