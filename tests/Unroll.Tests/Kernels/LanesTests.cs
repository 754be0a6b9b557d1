using System.Runtime.Intrinsics;
using Unroll.Kernels;

namespace Unroll.Tests.Kernels;

public unsafe class LanesTests
{
    static readonly float[] Special =
        [0f, -0f, 1f, -1f, 0.5f, 1.5f, 2.5f, -2.5f, 3e9f, 1e-38f, 1e-45f, -1e-45f, float.MaxValue, float.MinValue, 1e-40f,
         float.PositiveInfinity, float.NegativeInfinity, float.NaN];

    [Fact]
    public void Every_operation_gives_the_bits_of_one_lane_at_512_bits() => Compare<Lanes512>();

    [Fact]
    public void Every_operation_gives_the_bits_of_one_lane_at_256_bits() => Compare<Lanes256>();

    [Fact]
    public void Every_operation_gives_the_bits_of_one_lane_at_128_bits() => Compare<Lanes128>();

    [Fact]
    public void Multiply_add_without_the_instruction_rounds_once()
    {
        var rng = new Rng(3);
        for (var i = 0; i < 300_000; i++)
        {
            float a = Number(), b = Number(), c = Number();
            if (i % 3 == 1) c = MathF.ScaleB(-a * b, rng.Next(3) * -24);     // cancels, or decides a tie
            if (i % 3 == 2) (a, b, c) = (1 + Tiny(), 1 + Tiny(), MathF.ScaleB(1, rng.Next(3) * -24));
            var exact = MathF.FusedMultiplyAdd(a, b, c);
            var emulated = ExactFma.MultiplyAdd(Vector128.Create(a), Vector128.Create(b), Vector128.Create(c))[i & 3];
            if (!Same(exact, emulated)) Assert.Fail($"{a:R}·{b:R} + {c:R} = {exact:R}, not {emulated:R}");
        }

        float Tiny() => MathF.ScaleB(rng.Next(16), -23);
        float Number()
        {
            var bits = rng.NextUInt64();
            return (bits & 7) == 0 ? Special[(bits >> 3) % (ulong)Special.Length] : BitConverter.UInt32BitsToSingle((uint)(bits >> 32));
        }
    }

    static void Compare<V>() where V : unmanaged, ILanes<V>
    {
        var results = (Wide: Results<V>(), One: Results<Lane1>());
        Assert.Equal(results.One.Count, results.Wide.Count);
        foreach (var (name, expected) in results.One)
            for (var i = 0; i < expected.Length; i++)
                Assert.True(Same(expected[i], results.Wide[name][i]), $"{name}, case {i}: {expected[i]:R}, not {results.Wide[name][i]:R}");
    }

    static Dictionary<string, float[]> Results<V>() where V : unmanaged, ILanes<V> => new()
    {
        ["+"] = Map<V>((a, b, c) => a + b),
        ["-"] = Map<V>((a, b, c) => a - b),
        ["*"] = Map<V>((a, b, c) => a * b),
        ["/"] = Map<V>((a, b, c) => a / b),
        ["negate"] = Map<V>((a, b, c) => -a),
        ["&"] = Map<V>((a, b, c) => a & b),
        ["|"] = Map<V>((a, b, c) => a | b),
        [">"] = Map<V>((a, b, c) => (a > b) & V.Of(1)),
        ["<"] = Map<V>((a, b, c) => (a < b) & V.Of(1)),
        [">="] = Map<V>((a, b, c) => (a >= b) & V.Of(1)),
        ["<="] = Map<V>((a, b, c) => (a <= b) & V.Of(1)),
        ["fma"] = Map<V>(V.Fma),
        ["max"] = Map<V>((a, b, c) => V.Max(a, b)),
        ["min"] = Map<V>((a, b, c) => V.Min(a, b)),
        ["at least"] = Map<V>((a, b, c) => V.AtLeast(a, V.Of(-1.5f))),
        ["at most"] = Map<V>((a, b, c) => V.AtMost(a, V.Of(1.5f))),
        ["abs"] = Map<V>((a, b, c) => V.Abs(a)),
        ["sqrt"] = Map<V>((a, b, c) => V.Sqrt(a)),
        ["round"] = Map<V>((a, b, c) => V.Round(a)),
        ["select"] = Map<V>((a, b, c) => V.Select(a > b, b, c)),
        ["power of two"] = Map<V>((a, b, c) => V.Pow2FromLowBits(a)),
        ["exponent"] = Map<V>((a, b, c) => V.Exponent(V.Abs(a))),
        ["significand"] = Map<V>((a, b, c) => V.Significand(V.Abs(a))),
    };

    static float[] Map<V>(Func<V, V, V, V> operation) where V : unmanaged, ILanes<V>
    {
        var count = Special.Length * Special.Length;
        var padded = count + 15;
        float[] a = new float[padded], b = new float[padded], c = new float[padded], y = new float[padded];
        var rng = new Rng(5);
        for (var i = 0; i < padded; i++)
        {
            a[i] = Special[i % Special.Length];
            b[i] = Special[i / Special.Length % Special.Length];
            c[i] = 4 * (float)rng.NextDouble() - 2;
        }
        fixed (float* pa = a, pb = b, pc = c, py = y)
            for (var i = 0; i < count; i += V.Count)
                operation(V.Load(pa + i), V.Load(pb + i), V.Load(pc + i)).Store(py + i);
        return y[..count];
    }

    static bool Same(float a, float b) =>
        BitConverter.SingleToInt32Bits(a) == BitConverter.SingleToInt32Bits(b) || (float.IsNaN(a) && float.IsNaN(b));
}
