using System.Diagnostics.CodeAnalysis;
using Unroll.Kernels;

namespace Unroll;

internal static partial class Throw
{
    [DoesNotReturn]
    public static T SimdUnknown<T>(string found) => throw new InvalidConfigurationException(
        $"{Simd.Variable} is '{found}'; expected 512, 256, 128 or scalar. Unset it to use the widest that this processor has.");

    [DoesNotReturn]
    public static T SimdMissing<T>(int asked, int widest) => throw new InvalidConfigurationException(
        $"{Simd.Variable} asks for {asked}-bit registers, but this processor (or the runtime's settings) has {(widest == 0 ? "none" : $"{widest} bits")}. "
        + "Unset it, or ask for less.");

    [DoesNotReturn]
    public static T ForceUnknown<T>(string found) => throw new InvalidConfigurationException(
        $"{Settings.ForceVariable} is '{found}'; expected composed. Unset it to run cells by their fused twins.");

    [DoesNotReturn]
    public static void BadEnvironment(string problem) => throw new InvalidConfigurationException(problem);

    [DoesNotReturn]
    public static T ThreadCount<T>(string found) => throw new InvalidConfigurationException(
        $"The number of threads is '{found}'; expected a whole number from 1 to {ThreadTeam.MaxThreads} ({ThreadTeam.Variable} or --threads).");
}
