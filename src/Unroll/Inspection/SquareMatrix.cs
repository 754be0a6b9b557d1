namespace Unroll.Inspection;

/// <summary>A square matrix in double precision, for its spectrum.</summary>
internal sealed class SquareMatrix(double[,] values)
{
    const int Squarings = 12, MostProducts = 500;
    const double Converged = 1e-10;

    readonly int _size = values.GetLength(0);

    /// <summary>σ₁, the largest singular value, by power iteration with AᵀA.</summary>
    public double SpectralNorm()
    {
        var v = new double[_size];
        var rng = new Rng(1);
        for (var i = 0; i < _size; i++) v[i] = rng.NextNormal();
        double norm = 0;
        Scale(v, 1 / Length(v));
        for (var k = 0; k < MostProducts; k++)
        {
            var u = Times(v, transposed: false);
            var next = Length(u);
            if (next == 0) return 0;
            v = Times(u, transposed: true);
            Scale(v, 1 / Length(v));
            if (Math.Abs(next - norm) <= Converged * next) return next;
            norm = next;
        }
        return norm;
    }

    /// <summary>
    /// ρ, the largest |λ|: ‖A²ⁿ‖ / ‖Aⁿ‖ = ρⁿ for large n (Gelfand), by repeated squaring, which complex and equal eigenvalues do not disturb.
    /// </summary>
    public double SpectralRadius()
    {
        var a = (double[,])values.Clone();
        double log = 0, before = 0;                              // of ‖A^(2^k)‖
        for (var k = 0; k <= Squarings; k++)
        {
            if (k > 0) (a, log, before) = (Square(a), 2 * log, log);
            double squares = 0;
            foreach (var x in a) squares += x * x;
            if (squares == 0) return 0;
            var norm = Math.Sqrt(squares);
            log += Math.Log(norm);
            for (var i = 0; i < _size; i++)
                for (var j = 0; j < _size; j++) a[i, j] /= norm;
        }
        return Math.Exp((log - before) / (1 << (Squarings - 1)));
    }

    double[,] Square(double[,] a)
    {
        var product = new double[_size, _size];
        for (var i = 0; i < _size; i++)
            for (var k = 0; k < _size; k++)
            {
                var x = a[i, k];
                if (x != 0)
                    for (var j = 0; j < _size; j++) product[i, j] += x * a[k, j];
            }
        return product;
    }

    double[] Times(double[] v, bool transposed)
    {
        var product = new double[_size];
        for (var i = 0; i < _size; i++)
            for (var j = 0; j < _size; j++)
                if (transposed) product[j] += values[i, j] * v[i];
                else product[i] += values[i, j] * v[j];
        return product;
    }

    static double Length(double[] v) => Math.Sqrt(v.Sum(x => x * x));

    static void Scale(double[] v, double factor)
    {
        for (var i = 0; i < v.Length; i++) v[i] *= factor;
    }
}
