using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tests.Tasks.Forecasting;

/// <summary>Quantiles, ln Γ and losses against other ways to their numbers.</summary>
public class DistributionsTests
{
    [Fact]
    public void Quantiles_of_known_distributions()
    {
        Assert.Equal(1.2815515655446004, Distributions.NormalQuantile(0.9), 1e-9);
        Assert.Equal(-1.959963984540054, Distributions.NormalQuantile(0.025), 1e-9);
        Assert.Equal(2.570581835636314, Distributions.StudentQuantile(0.975, 5), 1e-8);
        Assert.Equal(Math.Tan(Math.PI * 0.4), Distributions.StudentQuantile(0.9, 1), 1e-8);                // Cauchy
        Assert.Equal(0, Distributions.StudentQuantile(0.5, 3));
    }

    [Theory]
    [InlineData(3, 0.5)]
    [InlineData(0.2, 2)]
    [InlineData(50, 0.1)]
    public void Quantiles_of_counts_are_the_least_that_reach_the_level(double mean, double alpha)
    {
        foreach (var p in QuantileForecast.DefaultLevels)
        {
            double sum = 0, k = -1;
            while (sum < p)
            {
                k++;
                sum += Math.Exp(-Losses.NegativeBinomial(Tensor.From([(float)mean, (float)alpha], new(1, 2)), Tensor.From([(float)k], new(1))).Scalar);
            }
            Assert.Equal(k, Distributions.NegativeBinomialQuantile(p, mean, alpha));
        }
    }

    [Fact]
    public void Gamma_and_its_derivative()
    {
        double factorial = 1;
        for (var n = 1; n < 20; n++) Assert.Equal(Math.Log(factorial *= n), GammaFunction.Log(n + 1), 1e-10);
        Assert.Equal(0.5 * Math.Log(Math.PI), GammaFunction.Log(0.5), 1e-12);
        foreach (var x in new[] { 0.1, 1, 3.3, 40 }) Assert.Equal((GammaFunction.Log(x + 1e-5) - GammaFunction.Log(x - 1e-5)) / 2e-5, GammaFunction.Digamma(x), 1e-5);
    }

    /// <summary>The losses as their equations have them; a row without a target does not count.</summary>
    [Fact]
    public void Losses_are_those_of_their_densities()
    {
        float[] y = [0.3f, float.NaN, 2];
        var two = Tensor.From([0.1f, 0.5f, 0, 1, 1, 2], new(3, 2));
        double Normal(double x, double m, double s) => Math.Exp(-(x - m) * (x - m) / (2 * s * s)) / (s * Math.Sqrt(2 * Math.PI));
        Assert.Equal(-(Math.Log(Normal(0.3, 0.1, 0.5)) + Math.Log(Normal(2, 1, 2))) / 2, Losses.Gaussian(two, Tensor.From(y, new(3))).Scalar, 1e-5);
        double Cauchy(double x, double m, double s) => 1 / (Math.PI * s * (1 + (x - m) * (x - m) / (s * s)));
        var three = Tensor.From([0.1f, 0.5f, 1, 0, 1, 1, 1, 2, 1], new(3, 3));
        Assert.Equal(-(Math.Log(Cauchy(0.3, 0.1, 0.5)) + Math.Log(Cauchy(2, 1, 2))) / 2, Losses.StudentT(three, Tensor.From(y, new(3))).Scalar, 1e-5);
        Assert.Equal((0.2 * 0.2 + 0.4 * 0.2 + 0.2 * 1 + 0) / 4, Losses.Pinball(two, Tensor.From(y, new(3)), [0.2, 0.6]).Scalar, 1e-5);   // 0.3 between 0.1 and 0.5; 2 above 1 and at 2
        Assert.Equal(0, Losses.Gaussian(two, Tensor.From([float.NaN, float.NaN, float.NaN], new(3))).Scalar);
    }
}
