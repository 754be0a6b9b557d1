namespace Unroll.Layers;

/// <summary>ln Γ and its derivative ψ, for x above 0.</summary>
/// <remarks>Stirling's series from x = 8 on (Abramowitz and Stegun 6.1.41 and 6.3.18), below it Γ(x + 1) = x Γ(x); right to 12 digits.</remarks>
static class GammaFunction
{
    const double HalfLogTwoPi = 0.91893853320467274;
    const double Far = 8;

    public static double Log(double x)
    {
        double product = 1;
        for (; x < Far; x++) product *= x;
        var (inverse, square) = (1 / x, 1 / (x * x));
        return (x - 0.5) * Math.Log(x) - x + HalfLogTwoPi + inverse * (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square * (1.0 / 1680 - square / 1188)))) - Math.Log(product);
    }

    public static double Digamma(double x)
    {
        double sum = 0;
        for (; x < Far; x++) sum -= 1 / x;
        var square = 1 / (x * x);
        return sum + Math.Log(x) - 0.5 / x - square * (1.0 / 12 - square * (1.0 / 120 - square * (1.0 / 252 - square * (1.0 / 240 - square / 132))));
    }
}
