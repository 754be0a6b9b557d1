using System.Runtime.Intrinsics.X86;
using Unroll.Kernels;

namespace Unroll.Tests.Kernels;

/// <summary>Whoever computes slowly for want of registers is told.</summary>
public class SlowPathTests
{
    [Fact]
    public void What_is_compiled_for_the_processor_is_not_slow() => Assert.Null(SlowPath.Find(compiled: true));

    [Fact]
    public void Registers_that_are_there_and_not_used_are_named()
    {
        if (!Avx2.IsSupported) return;                          // nothing to be switched off
        Assert.Contains("DOTNET_EnableAVX2", SlowPath.Find(compiled: false));
    }
}
