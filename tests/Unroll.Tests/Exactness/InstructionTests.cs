using Unroll.Tests.Cli;

namespace Unroll.Tests.Exactness;

/// <summary>The same seed gives the same file of weights after 200 iterations, whatever instructions the processor has or may use.</summary>
[Collection(nameof(TinyRun))]
public class InstructionTests(TinyRun tiny)
{
    static readonly string[] Options =
    [
        "--iterations", "200", "--embedding", "9", "--hidden", "17", "--layers", "2", "--batch", "3", "--steps", "7", "--dropout", "0.2", "--recurrent-dropout", "0.2", "--valid", "0", "--json",
    ];

    [Fact]
    public void Instructions_do_not_change_a_bit()
    {
        var expected = Train();
        Assert.Equal(expected, Train(("UNROLL_THREADS", "2")));
        Assert.Equal(expected, Train(("UNROLL_SIMD", "128")));
        Assert.Equal(expected, Train(("UNROLL_SIMD", "scalar")));
        Assert.Equal(expected, Train(("DOTNET_EnableAVX512", "0")));
        Assert.Equal(expected, Train(("DOTNET_EnableAVX2", "0")));
        Assert.Equal(expected, Train(("DOTNET_EnableHWIntrinsic", "0")));
    }

    [Fact]
    public void The_runtime_obeys_when_instructions_are_switched_off()
    {
        // The test above would be in vain if it did not: without AVX2 there are no registers of 256 bits to ask for.
        Command.RunWith([("DOTNET_EnableAVX2", "0"), ("UNROLL_SIMD", "256")], tiny.Arguments(tiny.Fresh())).Fails(2, "UNROLL_SIMD");
        Command.RunWith([("DOTNET_EnableAVX512", "0"), ("UNROLL_SIMD", "512")], tiny.Arguments(tiny.Fresh())).Fails(2, "UNROLL_SIMD");
        Command.RunWith([("DOTNET_EnableHWIntrinsic", "0"), ("UNROLL_SIMD", "128")], tiny.Arguments(tiny.Fresh())).Fails(2, "UNROLL_SIMD");
    }

    byte[] Train(params (string, string)[] environment)
    {
        var run = tiny.Fresh();
        var result = Command.RunWith(environment, ["train", "lm", "--data", tiny.DataPath, "--out", run, .. Options]);
        Assert.True(result.Code == 0, result.Error);        // where instructions are switched off a warning says that it is slow
        return File.ReadAllBytes(Path.Combine(run, "model.safetensors"));
    }
}
