using Unroll.Kernels;

namespace Unroll.Tests.Kernels;

public class SimdTests
{
    [Fact]
    public void The_widest_registers_are_taken_unless_fewer_bits_are_asked_for()
    {
        var widest = Simd.Choose(null);
        Assert.Equal(widest, Simd.Choose("  "));
        Assert.Equal(0, Simd.Choose("scalar"));
        Assert.Equal(0, Simd.Choose(" Scalar "));
        foreach (var bits in new[] { 128, 256, 512 })
            if (bits <= widest) Assert.Equal(bits, Simd.Choose($"{bits}"));
            else Assert.Contains($"{bits}-bit", Assert.ThrowsAny<UnrollException>(() => Simd.Choose($"{bits}")).Message);
    }

    [Theory]
    [InlineData("avx2")]
    [InlineData("64")]
    [InlineData("-1")]
    public void A_width_that_there_is_not_is_named(string asked)
    {
        var e = Assert.ThrowsAny<UnrollException>(() => Simd.Choose(asked));
        Assert.Contains($"'{asked}'", e.Message);
        Assert.Contains(Simd.Variable, e.Message);
    }
}
