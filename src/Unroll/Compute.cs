using Unroll.Kernels;

namespace Unroll;

/// <summary>How this process computes. Results have the same bits whatever is set here.</summary>
public static class Compute
{
    /// <summary>
    /// Threads that an operation is shared between, the caller's included; 1 to 256. Default: the number of processors, or what the environment
    /// variable UNROLL_THREADS says. More than the processors that this process may use (<see cref="Environment.ProcessorCount"/>) are taken as that
    /// many: further ones would only be in each other's way.
    /// </summary>
    /// <remarks>Where other programs keep a thread from its processor, fewer threads work for a while.</remarks>
    /// <exception cref="UnrollException">The number is out of range, or an UNROLL_ variable has a value that cannot be.</exception>
    public static int Threads
    {
        get
        {
            Settings.Check();
            return ThreadTeam.Threads;
        }
        set
        {
            Settings.Check();
            ThreadTeam.Threads = value <= ThreadTeam.MaxThreads ? ThreadTeam.Allowed(value) : value;
        }
    }

    /// <summary>
    /// Bits of the registers that kernels use: 512, 256, 128, or 0 for one number at a time. The widest that the processor does well, or what the
    /// environment variable UNROLL_SIMD says.
    /// </summary>
    /// <exception cref="UnrollException">An UNROLL_ variable has a value that cannot be.</exception>
    public static int RegisterBits
    {
        get
        {
            Settings.Check();
            return Simd.Bits;
        }
    }

    /// <summary>
    /// Why kernels run many times slower than this processor could, and what to do about it; null where they do not, or where the environment variable
    /// UNROLL_SIMD asks for it. So it is where a program was published as native code without AVX2 and FMA, or the runtime's settings switch them off, or
    /// the processor has none. It is also told once to <see cref="System.Diagnostics.Trace"/> as a warning, before anything is computed.
    /// </summary>
    public static string? SlowPath => Kernels.SlowPath.Reason;
}
