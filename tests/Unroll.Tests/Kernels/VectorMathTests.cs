using Unroll.Kernels;

namespace Unroll.Tests.Kernels;

public unsafe class VectorMathTests
{
    const float SmallestNormal = 1.17549435e-38f;

    [Fact]
    public void Exp_is_exact_to_its_last_place() => Sweep<Exp>(Math.Exp, Tolerance.ExpUlp, flushBelow: SmallestNormal);

    [Fact]
    public void Log_is_exact_to_its_last_place() => Sweep<Log>(Math.Log, Tolerance.LogUlp, flushBelow: 0);

    [Fact]
    public void Sigmoid_is_exact_to_two_places() =>
        Sweep<Sigmoid>(x => 1 / (1 + Math.Exp(-x)), Tolerance.SigmoidUlp, flushBelow: SmallestNormal);

    [Fact]
    public void Tanh_is_exact_to_two_places_and_a_half() => Sweep<Tanh>(Math.Tanh, Tolerance.TanhUlp, flushBelow: 0);

    [Fact]
    public void Softplus_is_exact_to_three_places() => Sweep<Softplus>(Softplus, Tolerance.SoftplusUlp, flushBelow: 1.5f * SmallestNormal);

    [Theory]
    [InlineData(0f, 1f)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity, 0f)]
    [InlineData(88.7228394f, float.PositiveInfinity)]
    [InlineData(88.72283f, 3.40279851e38f)]
    [InlineData(-87.3365479f, 0f)]
    [InlineData(-1e30f, 0f)]
    [InlineData(float.NaN, float.NaN)]
    public void Exp_of_special_values(float x, float y) => Assert.Equal(y, Apply<Exp>(x));

    [Theory]
    [InlineData(0f, float.NegativeInfinity)]
    [InlineData(1f, 0f)]
    [InlineData(-1f, float.NaN)]
    [InlineData(float.Epsilon, -103.278931f)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity, float.NaN)]
    [InlineData(float.NaN, float.NaN)]
    public void Log_of_special_values(float x, float y) => Assert.Equal(y, Apply<Log>(x));

    [Theory]
    [InlineData(0f, 0f, 0.5f)]
    [InlineData(9.02f, 1f, 0.999879181f)]
    [InlineData(20f, 1f, 1f)]
    [InlineData(float.MaxValue, 1f, 1f)]
    [InlineData(float.PositiveInfinity, 1f, 1f)]
    [InlineData(-90f, -1f, 0f)]
    [InlineData(float.NegativeInfinity, -1f, 0f)]
    [InlineData(float.NaN, float.NaN, float.NaN)]
    public void Gates_saturate(float x, float tanh, float sigmoid)
    {
        Assert.Equal(tanh, Apply<Tanh>(x));
        Assert.Equal(sigmoid, Apply<Sigmoid>(x), 1e-7f);
    }

    [Theory]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity, 0f)]
    [InlineData(1e30f, 1e30f)]
    [InlineData(float.NaN, float.NaN)]
    public void Softplus_of_special_values(float x, float y) => Assert.Equal(y, Apply<Softplus>(x));

    [Fact]
    public void Tanh_is_odd_and_sigmoid_stays_between_0_and_1()
    {
        for (var x = 1e-6f; x < 120; x *= 1.0007f)
        {
            Assert.Equal(-Apply<Tanh>(x), Apply<Tanh>(-x));
            Assert.InRange(Apply<Tanh>(x), 0, 1);
            Assert.InRange(Apply<Sigmoid>(x), 0.5f, 1);
            Assert.InRange(Apply<Sigmoid>(-x), 0, 0.5f);
        }
    }

    static double Softplus(double x)
    {
        var u = Math.Exp(-Math.Abs(x));
        var v = 1 + u;
        return Math.Max(x, 0) + (v == 1 ? u : Math.Log(v) * u / (v - 1));
    }

    static float Apply<TOp>(float x) where TOp : IUnary
    {
        float y;
        TOp.Forward(Lane1.Of(x)).Store(&y);
        return y;
    }

    /// <summary>
    /// Every 97th of all bit patterns, in one lane (the other widths give the same bits). Where the exact result is below
    /// <paramref name="flushBelow"/>, any number between 0 and that will do.
    /// </summary>
    static void Sweep<TOp>(Func<double, double> exact, double tolerance, float flushBelow) where TOp : IUnary
    {
        const int Count = 1 << 12;
        var x = stackalloc float[Count];
        var y = stackalloc float[Count];
        var worst = (Ulp: 0.0, X: 0f, Y: 0f);
        for (ulong bits = 0; bits <= uint.MaxValue;)
        {
            for (var i = 0; i < Count; i++, bits += 97) x[i] = BitConverter.UInt32BitsToSingle((uint)bits);
            new UnaryKernel<TOp>(x, y).Run<Lane1>(0, Count);
            for (var i = 0; i < Count; i++)
            {
                var ulp = Ulp(y[i], exact(x[i]), flushBelow);
                if (!(ulp <= worst.Ulp)) worst = (ulp, x[i], y[i]);
            }
        }
        Assert.True(worst.Ulp <= tolerance, $"{worst.Ulp} units of the last place at x = {worst.X:R}: {worst.Y:R}");
    }

    static double Ulp(float y, double exact, float flushBelow)
    {
        var rounded = (float)exact;
        if (Math.Abs(exact) < flushBelow) return y >= 0 && y <= flushBelow ? 0 : double.PositiveInfinity;
        if (!float.IsFinite(rounded) || rounded == 0) return y.Equals(rounded) || (y == 0 && rounded == 0) ? 0 : double.PositiveInfinity;
        return Math.Abs(y - exact) / Math.ScaleB(1, Math.Max(Math.ILogB(exact), -126) - 23);
    }
}
