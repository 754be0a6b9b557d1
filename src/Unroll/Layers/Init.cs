using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>Starting values of weights.</summary>
public static class Init
{
    /// <summary>Uniform from [−<paramref name="bound"/>, <paramref name="bound"/>).</summary>
    public static void Uniform(Parameter parameter, double bound, Rng rng) => rng.FillUniform(parameter.Edit(), -bound, bound);

    /// <summary>Normal with mean 0.</summary>
    public static void Normal(Parameter parameter, double deviation, Rng rng) => rng.FillNormal(parameter.Edit(), 0, deviation);

    /// <summary>Every weight of a module from U(−<paramref name="bound"/>, <paramref name="bound"/>), as Zaremba 2014 does.</summary>
    public static void UniformAll(Module module, double bound, Rng rng)
    {
        foreach (var (_, parameter) in module.Parameters) Uniform(parameter, bound, rng);
    }

    /// <summary>PyTorch's default for recurrent cells: all from U(−1/√H, 1/√H).</summary>
    public static void Recurrent(RecurrentCell cell, int hiddenSize, Rng rng)
    {
        foreach (var (_, parameter) in cell.Parameters) Uniform(parameter, 1 / Math.Sqrt(hiddenSize), rng);
    }

    /// <summary>Uniform with bound √(6/(in + out)), for a weight [out, in] (Glorot and Bengio 2010, eq. 16).</summary>
    public static void Xavier(Parameter weight, Rng rng) => Uniform(weight, Math.Sqrt(6.0 / (weight.Shape[0] + weight.Shape[1])), rng);

    /// <summary>
    /// A random orthogonal matrix for each block of <paramref name="blocks"/> gates (Saxe, McClelland and Ganguli 2014): rows orthonormal where
    /// a block is at most as high as wide, columns otherwise.
    /// </summary>
    /// <exception cref="ArgumentException">The rows are not so many equal blocks.</exception>
    public static void Orthogonal(Parameter weight, Rng rng, int blocks = 1)
    {
        int rows = weight.Shape[0], columns = weight.Shape[1];
        if (blocks < 1 || rows % blocks != 0) Throw.WrongShape(nameof(Orthogonal), nameof(weight), weight.Shape, $"rows in {blocks} equal blocks");
        var height = rows / blocks;
        var target = weight.Edit();
        for (var block = 0; block < blocks; block++)
        {
            var basis = OrthonormalRows(Math.Min(height, columns), Math.Max(height, columns), rng);
            for (var i = 0; i < height; i++)
                for (var j = 0; j < columns; j++)
                    target[(block * height + i) * columns + j] = (Real)(height <= columns ? basis[i][j] : basis[j][i]);
        }
    }

    /// <summary>Ones on the diagonal of each block of gates, zeros elsewhere (IRNN; Le, Jaitly and Hinton 2015, with ReLU and zero biases).</summary>
    public static void Identity(Parameter weight)
    {
        int rows = weight.Shape[0], columns = weight.Shape[1];
        var target = weight.Edit();
        target.Clear();
        for (var i = 0; i < rows; i++) target[i * columns + i % columns] = 1;
    }

    /// <summary>
    /// Sets the bias of the forget gate (Jozefowicz, Zaremba and Sutskever 2015 advise 1): b_if = <paramref name="value"/>, b_hf = 0.
    /// </summary>
    public static void ForgetBias(LstmCell cell, double value = 1)
    {
        var h = cell.HiddenSize;
        cell.BiasIh.Edit().Slice(h, h).Fill((Real)value);
        cell.BiasHh.Edit().Slice(h, h).Clear();
    }

    /// <summary>
    /// Biases of the gates for dependencies of up to <paramref name="steps"/> steps (chrono initialisation; Tallec and Ollivier 2018): u = ln U(1, T − 1) for each unit, so that
    /// units remember for different times. LSTM: b_f = u, b_i = −u. GRU: b_z = u, since here z keeps. The other bias of these gates is 0; other cells stay as they are.
    /// </summary>
    /// <param name="cell">The cell.</param>
    /// <param name="steps">T, at least 3.</param>
    /// <param name="rng">Where the times come from.</param>
    /// <exception cref="ArgumentOutOfRangeException">T is below 3.</exception>
    public static void Chrono(RecurrentCell cell, int steps, Rng rng)
    {
        if (steps < 3) Throw.OutOfRange(nameof(steps), steps, "at least 3");
        var h = cell.HiddenSize;
        var times = new Real[h];
        for (var j = 0; j < h; j++) times[j] = (Real)Math.Log(1 + rng.NextDouble() * (steps - 2));
        if (cell is LstmCell lstm)
        {
            Set(lstm.BiasIh, lstm.BiasHh, 1, times, 1);                              // f
            Set(lstm.BiasIh, lstm.BiasHh, 0, times, -1);                             // i
        }
        else if (cell is GruCell gru) Set(gru.BiasIh, gru.BiasHh, 1, times, 1);      // z

        static void Set(Parameter bias, Parameter other, int gate, Real[] times, int sign)
        {
            var target = bias.Edit().Slice(gate * times.Length, times.Length);
            for (var j = 0; j < times.Length; j++) target[j] = sign * times[j];
            other.Edit().Slice(gate * times.Length, times.Length).Clear();
        }
    }

    // Gram and Schmidt, twice for accuracy, on normally distributed rows.
    static double[][] OrthonormalRows(int count, int length, Rng rng)
    {
        var rows = new double[count][];
        for (var i = 0; i < count; i++)
        {
            var row = rows[i] = new double[length];
            for (var j = 0; j < length; j++) row[j] = rng.NextNormal();
            for (var pass = 0; pass < 2; pass++)
                for (var k = 0; k < i; k++)
                {
                    double dot = 0;
                    for (var j = 0; j < length; j++) dot += row[j] * rows[k][j];
                    for (var j = 0; j < length; j++) row[j] -= dot * rows[k][j];
                }
            double norm = 0;
            foreach (var v in row) norm += v * v;
            norm = Math.Sqrt(norm);
            for (var j = 0; j < length; j++) row[j] /= norm;
        }
        return rows;
    }
}
