using System.Reflection;
using System.Runtime.InteropServices;

namespace Unroll.Bench;

/// <summary>What figures depend on beside the code.</summary>
static class Machine
{
    public static string Processor { get; } = File.Exists("/proc/cpuinfo") && File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) is { } line
        ? line[(line.IndexOf(':') + 1)..].Trim()
        : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();

    public static string Runtime => RuntimeInformation.FrameworkDescription;

    public static string System => RuntimeInformation.OSDescription;

    /// <summary>The library's commit, which the build writes into it behind a plus sign.</summary>
    public static string Commit { get; } =
        typeof(Compute).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+') is [_, { Length: >= 10 } commit] ? commit[..10] : "unknown";

    public static string Registers => Compute.RegisterBits == 0 ? "no vector registers" : $"{Compute.RegisterBits}-bit registers";

    public static string Summary => $"{Processor}, {Environment.ProcessorCount} processors, {Registers}, {Runtime}, {System}, commit {Commit}";
}
