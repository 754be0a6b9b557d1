using System.Runtime.InteropServices;

namespace Unroll.Kernels;

/// <summary>
/// Where threads that run at the same time wait for each other, many thousand times a second: nobody goes to sleep between two steps of a
/// sequence. Made of zeros; lives in unmanaged or pinned memory.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal unsafe struct SpinBarrier
{
    const int SpinsBeforeYield = 2000;

    [FieldOffset(0)] int _arrived;
    [FieldOffset(64)] int _round;               // in a cache line of its own: those who wait only read it
    [FieldOffset(68)] int _open;

    /// <summary>Returns once <paramref name="participants"/> threads have called it; then it is ready for the next round.</summary>
    public static void Wait(SpinBarrier* barrier, int participants)
    {
        var round = Volatile.Read(ref barrier->_round);
        if (Interlocked.Increment(ref barrier->_arrived) == participants)
        {
            barrier->_arrived = 0;
            Volatile.Write(ref barrier->_round, round + 1);
            return;
        }
        for (var spins = 0; Volatile.Read(ref barrier->_round) == round && Volatile.Read(ref barrier->_open) == 0; spins++)
            if (spins < SpinsBeforeYield) Thread.SpinWait(1);
            else Thread.Yield();                // more threads than processors: let the one that is missing run
    }

    /// <summary>Holds nobody up any more, because somebody will not come.</summary>
    public static void Open(SpinBarrier* barrier) => Volatile.Write(ref barrier->_open, 1);
}
