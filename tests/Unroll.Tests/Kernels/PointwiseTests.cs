using Unroll.Kernels;

namespace Unroll.Tests.Kernels;

public unsafe class PointwiseTests
{
    const int Longest = 2048;
    const int Margin = 16;
    const float Guard = 12345.678f;

    static readonly int[] Lengths = [.. Enumerable.Range(0, 131), Longest];

    [Fact] public void Tanh() => Unary<Tanh>(Math.Tanh, x => 1 - Math.Tanh(x) * Math.Tanh(x));
    [Fact] public void Sigmoid() => Unary<Sigmoid>(Logistic, x => Logistic(x) * Logistic(-x));
    [Fact] public void Relu() => Unary<Relu>(x => x < 0 ? 0 : x, x => x > 0 ? 1 : 0);
    [Fact] public void Exp() => Unary<Exp>(Math.Exp, Math.Exp);
    [Fact] public void Log() => Unary<Log>(Math.Log, x => 1 / x);
    [Fact] public void Sqrt() => Unary<Sqrt>(Math.Sqrt, x => 0.5 / Math.Sqrt(x));
    [Fact] public void Square() => Unary<Square>(x => x * x, x => 2 * x);
    [Fact] public void Abs() => Unary<Abs>(Math.Abs, x => x > 0 ? 1 : x < 0 ? -1 : 0);
    [Fact] public void Negate() => Unary<Negate>(x => -x, x => -1);
    [Fact] public void Reciprocal() => Unary<Reciprocal>(x => 1 / x, x => -1 / (x * x));
    [Fact] public void Softplus() => Unary<Softplus>(LogOnePlusExp, Logistic);
    [Fact] public void LogSigmoid() => Unary<LogSigmoid>(x => -LogOnePlusExp(-x), x => Logistic(-x));

    [Fact] public void Add() => Binary<Add>((a, b) => a + b, (a, b) => 1, (a, b) => 1);
    [Fact] public void Subtract() => Binary<Subtract>((a, b) => a - b, (a, b) => 1, (a, b) => -1);
    [Fact] public void Multiply() => Binary<Multiply>((a, b) => a * b, (a, b) => b, (a, b) => a);
    [Fact] public void Divide() => Binary<Divide>((a, b) => a / b, (a, b) => 1 / b, (a, b) => -a / (b * b));
    [Fact] public void Maximum() => Binary<Maximum>(Math.Max, Greater, (a, b) => Greater(b, a));
    [Fact] public void Minimum() => Binary<Minimum>(Math.Min, (a, b) => Greater(b, a), Greater);

    [Fact]
    public void A_binary_kernel_leaves_out_the_gradient_that_is_not_wanted()
    {
        float a = 3, b = 5, y = 15, dy = 2, da = 1, db = 1;
        new BinaryBackwardKernel<Multiply>(&a, &b, &y, &dy, &da, null).Run<Lane1>(0, 1);
        Assert.Equal((11f, 1f), (da, db));
        new BinaryBackwardKernel<Multiply>(&a, &b, &y, &dy, null, &db).Run<Lane1>(0, 1);
        Assert.Equal((11f, 7f), (da, db));
    }

    static double Logistic(double x) => 1 / (1 + Math.Exp(-x));
    static double Greater(double a, double b) => a > b ? 1 : a < b ? 0 : 0.5;

    static double LogOnePlusExp(double x)
    {
        var u = Math.Exp(-Math.Abs(x));
        var v = 1 + u;
        return Math.Max(x, 0) + (v == 1 ? u : Math.Log(v) * u / (v - 1));
    }

    static void Unary<TOp>(Func<double, double> f, Func<double, double> derivative) where TOp : IUnary
    {
        float[] x = Input(1), dy = Input(2, special: false), y = Run<Lane1>(), dx = Back<Lane1>();
        for (var i = 0; i < Longest; i++)
        {
            Near(f(x[i]), y[Margin + i], x[i]);
            if (float.IsFinite(y[Margin + i])) Near(1 + dy[i] * derivative(x[i]), dx[Margin + i], x[i]);
        }
        Same<Lanes128>();
        Same<Lanes256>();
        Same<Lanes512>();

        void Same<V>() where V : unmanaged, ILanes<V>
        {
            foreach (var length in Lengths)
                for (var offset = 0; offset < (length == Longest ? 1 : 3); offset++)
                {
                    SameBits(y, Run<V>(offset, length), offset, length);
                    SameBits(dx, Back<V>(offset, length), offset, length);
                }
        }

        float[] Run<V>(int from = 0, int length = Longest) where V : unmanaged, ILanes<V>
        {
            var result = Guarded(from, length, 0);
            fixed (float* px = x, pr = result) new UnaryKernel<TOp>(px, pr + Margin).Run<V>(from, from + length);
            return result;
        }

        float[] Back<V>(int from = 0, int length = Longest) where V : unmanaged, ILanes<V>
        {
            var result = Guarded(from, length, 1);
            fixed (float* px = x, py = y, pd = dy, pr = result)
                new UnaryBackwardKernel<TOp>(px, py + Margin, pd, pr + Margin).Run<V>(from, from + length);
            return result;
        }
    }

    static void Binary<TOp>(Func<double, double, double> f, Func<double, double, double> slopeA, Func<double, double, double> slopeB)
        where TOp : IBinary
    {
        float[] a = Input(1), b = Input(3), dy = Input(2, special: false), y = Run<Lane1>();
        var (da, db) = Back<Lane1>();
        for (var i = 0; i < Longest; i++)
        {
            Near(f(a[i], b[i]), y[Margin + i], a[i]);
            if (!float.IsFinite(y[Margin + i])) continue;
            Near(1 + dy[i] * slopeA(a[i], b[i]), da[Margin + i], a[i]);
            Near(1 + dy[i] * slopeB(a[i], b[i]), db[Margin + i], a[i]);
        }
        Same<Lanes128>();
        Same<Lanes256>();
        Same<Lanes512>();

        void Same<V>() where V : unmanaged, ILanes<V>
        {
            foreach (var length in Lengths)
                for (var offset = 0; offset < (length == Longest ? 1 : 3); offset++)
                {
                    SameBits(y, Run<V>(offset, length), offset, length);
                    var (wideA, wideB) = Back<V>(offset, length);
                    SameBits(da, wideA, offset, length);
                    SameBits(db, wideB, offset, length);
                }
        }

        float[] Run<V>(int from = 0, int length = Longest) where V : unmanaged, ILanes<V>
        {
            var result = Guarded(from, length, 0);
            fixed (float* pa = a, pb = b, pr = result) new BinaryKernel<TOp>(pa, pb, pr + Margin).Run<V>(from, from + length);
            return result;
        }

        (float[] A, float[] B) Back<V>(int from = 0, int length = Longest) where V : unmanaged, ILanes<V>
        {
            float[] first = Guarded(from, length, 1), second = Guarded(from, length, 1);
            fixed (float* pa = a, pb = b, py = y, pd = dy, p1 = first, p2 = second)
                new BinaryBackwardKernel<TOp>(pa, pb, py + Margin, pd, p1 + Margin, p2 + Margin).Run<V>(from, from + length);
            return (first, second);
        }
    }

    /// <summary>Numbers of all sizes with special ones strewn in.</summary>
    static float[] Input(int seed, bool special = true)
    {
        float[] odd = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1e4f, -1e4f, 0f, -0f, 1f];
        var rng = new Rng((ulong)seed);
        var x = new float[Longest];
        for (var i = 0; i < x.Length; i++)
            x[i] = special && rng.Next(8) == 0 ? odd[rng.Next(odd.Length)] : (float)(rng.NextDouble() * 8 - 4);
        return x;
    }

    static float[] Guarded(int from, int length, float value)
    {
        var array = new float[Longest + 2 * Margin];
        Array.Fill(array, Guard);
        array.AsSpan(Margin + from, length).Fill(value);
        return array;
    }

    static void Near(double expected, float actual, float x)
    {
        var near = double.IsFinite((float)expected)
            ? Math.Abs(expected - actual) <= Tolerance.Pointwise * (1 + Math.Abs(expected))
            : actual.Equals((float)expected);
        if (!near) Assert.Fail($"x = {x:R}: {expected}, not {actual:R}");
    }

    static void SameBits(float[] expected, float[] actual, int from, int length)
    {
        for (var i = 0; i < actual.Length; i++)
        {
            var want = i >= Margin + from && i < Margin + from + length ? expected[i] : Guard;
            var same = BitConverter.SingleToInt32Bits(want) == BitConverter.SingleToInt32Bits(actual[i]);
            if (!same && !(float.IsNaN(want) && float.IsNaN(actual[i])))
                Assert.Fail($"element {i - Margin} of {from}…{from + length}: {want:R}, not {actual[i]:R}");
        }
    }
}
