using Unroll.Kernels;

namespace Unroll;

/// <summary>How this process computes. Results have the same bits whatever is set here.</summary>
public static class Compute
{
    /// <summary>
    /// Threads that an operation is shared between, the caller's included; 1 to 256. Default: the number of processors, or what the environment
    /// variable UNROLL_THREADS says.
    /// </summary>
    /// <exception cref="UnrollException">The number is out of range, or an UNROLL_ variable has a value that cannot be.</exception>
    public static int Threads
    {
        get
        {
            Settings.Check();
            return Team.Threads;
        }
        set
        {
            Settings.Check();
            Team.Threads = value;
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
}
