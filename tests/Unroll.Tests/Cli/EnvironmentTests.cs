using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Unroll.Tests.Cli;

/// <summary>What the environment says about how to compute: mistakes are exit code 2, before anything is done.</summary>
[Collection(nameof(TinyRun))]
public class EnvironmentTests(TinyRun tiny)
{
    [Theory]
    [InlineData("UNROLL_THREADS", "0", "The number of threads is '0'; expected a whole number from 1 to 256")]
    [InlineData("UNROLL_THREADS", "-1", "'-1'")]
    [InlineData("UNROLL_THREADS", "257", "'257'")]
    [InlineData("UNROLL_THREADS", "two", "'two'")]
    [InlineData("UNROLL_SIMD", "1024", "UNROLL_SIMD is '1024'; expected 512, 256, 128 or scalar")]
    [InlineData("UNROLL_SIMD", "wide", "'wide'")]
    public void A_mistake_is_named(string variable, string value, string message) =>
        Command.RunWith([(variable, value)], "info", tiny.Path).Fails(2, message);

    [Fact]
    public void A_width_that_the_processor_lacks_is_named()
    {
        if (Vector512.IsHardwareAccelerated) return;
        Command.RunWith([("UNROLL_SIMD", "512")], "info", tiny.Path).Fails(2, "UNROLL_SIMD asks for 512-bit registers, but this processor (or the runtime's settings) has");
    }

    [Theory, InlineData("64"), InlineData("256")]
    public void More_threads_than_processors_are_no_mistake(string threads) =>
        Command.RunWith([("UNROLL_THREADS", threads)], "info", tiny.Path, "--threads", threads).Succeeds();

    [Fact]
    public void Registers_that_are_switched_off_are_warned_of_once()
    {
        if (!Avx2.IsSupported) return;
        var result = Command.RunWith([("DOTNET_EnableAVX2", "0")], "info", tiny.Path);
        Assert.Equal(0, result.Code);
        Assert.StartsWith("warning: Unroll computes some twenty times slower than it could: AVX2", result.Error, StringComparison.Ordinal);
        Assert.Equal(1, result.Error.AsSpan().Count('\n'));
    }
}
