using System.Diagnostics;
using System.Numerics;

namespace Unroll.Kernels;

/// <summary>The processors that this process may use.</summary>
internal static class Processors
{
    const string Variable = "DOTNET_PROCESSOR_COUNT";

    /// <summary>
    /// <see cref="Environment.ProcessorCount"/>, which counts affinity and limits of a container. DOTNET_PROCESSOR_COUNT can make it more than
    /// there are; threads that share a processor would wait for each other at every step, so the affinity counts then too.
    /// </summary>
    public static int Count { get; } = Choose(Environment.ProcessorCount, Environment.GetEnvironmentVariable(Variable) is null ? 0 : Affinity());

    /// <summary>The less of a number of processors and those in a mask of the first 64, which says nothing where it is empty or full.</summary>
    internal static int Choose(int told, ulong mask) => mask is 0 or ulong.MaxValue ? told : Math.Min(told, BitOperations.PopCount(mask));

    static ulong Affinity()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsWindows()) return 0;
        using var process = Process.GetCurrentProcess();
        return (ulong)process.ProcessorAffinity;
    }
}
