using Unroll.Layers;

namespace Unroll.Tasks;

/// <summary>Quantiles of distributions, and draws from them.</summary>
static class Distributions
{
    const int Halvings = 60, MostTerms = 200;

    /// <summary>The z with Φ(z) = p, by bisection of Φ.</summary>
    public static double NormalQuantile(double p) => Bisect(p, Normal, 10);

    /// <summary>The t with F(t) = p of Student's distribution with ν degrees of freedom, by bisection.</summary>
    public static double StudentQuantile(double p, double freedom) => Bisect(p, t =>
    {
        var tail = 0.5 * IncompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5);
        return t < 0 ? tail : 1 - tail;
    }, 1000);

    /// <summary>The least count k with F(k) ≥ p, of mean μ and variance μ + αμ²; F(k) = 1 − I(αμ / (1 + αμ); k + 1, 1/α).</summary>
    public static double NegativeBinomialQuantile(double p, double mean, double alpha)
    {
        var x = alpha * mean / (1 + alpha * mean);
        double low = -1, high = 1;
        while (1 - IncompleteBeta(x, high + 1, 1 / alpha) < p && high < 1e12) (low, high) = (high, 2 * high);
        while (high - low > 1)
        {
            var middle = Math.Floor((low + high) / 2);
            if (1 - IncompleteBeta(x, middle + 1, 1 / alpha) >= p) high = middle;
            else low = middle;
        }
        return high;
    }

    /// <summary>A draw from the gamma distribution of scale 1, by rejection (Marsaglia and Tsang 2000).</summary>
    /// <param name="shape">Above 0.</param>
    public static double NextGamma(double shape, Rng rng)
    {
        if (shape < 1) return NextGamma(shape + 1, rng) * Math.Pow(rng.NextDouble(), 1 / shape);
        var d = shape - 1.0 / 3;
        for (var c = 1 / Math.Sqrt(9 * d); ;)
        {
            var z = rng.NextNormal();
            var v = Math.Pow(1 + c * z, 3);
            if (v > 0 && Math.Log(1 - rng.NextDouble()) < 0.5 * z * z + d - d * v + d * Math.Log(v)) return d * v;
        }
    }

    static double Bisect(double p, Func<double, double> cumulative, double bound)
    {
        if (p == 0.5) return 0;
        double low = -bound, high = bound;
        for (var i = 0; i < Halvings; i++)
        {
            var middle = (low + high) / 2;
            if (cumulative(middle) < p) low = middle;
            else high = middle;
        }
        return (low + high) / 2;
    }

    /// <summary>Φ by its series around 0 (Marsaglia 2004): ½ + φ(z)(z + z³/3 + z⁵/(3·5) + …).</summary>
    public static double Normal(double z)
    {
        if (Math.Abs(z) > 8) return z < 0 ? 0 : 1;
        double sum = z, term = z;
        for (var i = 3; i < 2 * MostTerms && Math.Abs(term) > 1e-17; i += 2) sum += term *= z * z / i;
        return 0.5 + sum * Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
    }

    /// <summary>The regularised incomplete beta function I(x; a, b), by its continued fraction (Abramowitz and Stegun 26.5.8) after Lentz.</summary>
    internal static double IncompleteBeta(double x, double a, double b)
    {
        if (x <= 0) return 0;
        if (x >= 1) return 1;
        if (x > (a + 1) / (a + b + 2)) return 1 - IncompleteBeta(1 - x, b, a);
        double c = 1, d = NotZero(1 - (a + b) * x / (a + 1));
        var fraction = d = 1 / d;
        for (var m = 1; m <= MostTerms; m++)
        {
            var even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = 1 / NotZero(1 + even * d);
            c = NotZero(1 + even / c);
            fraction *= d * c;
            var odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 / NotZero(1 + odd * d);
            c = NotZero(1 + odd / c);
            fraction *= d * c;
            if (Math.Abs(d * c - 1) < 1e-14) break;
        }
        return fraction * Math.Exp(a * Math.Log(x) + b * Math.Log(1 - x) + GammaFunction.Log(a + b) - GammaFunction.Log(a) - GammaFunction.Log(b)) / a;
    }

    static double NotZero(double value) => Math.Abs(value) < 1e-300 ? 1e-300 : value;
}
