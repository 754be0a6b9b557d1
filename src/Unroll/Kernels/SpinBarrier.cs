using System.Runtime.InteropServices;

namespace Unroll.Kernels;

/// <summary>
/// Where threads that run at the same time wait for each other, many thousand times a second: nobody goes to sleep between two steps of a
/// sequence, unless another is held up. Made of zeros; lives in unmanaged or pinned memory.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal unsafe struct SpinBarrier
{
    [FieldOffset(0)] int _arrived;
    [FieldOffset(64)] int _round;               // in a cache line of its own: those who wait only read it
    [FieldOffset(68)] int _open;
    [FieldOffset(72)] int _slow;                // the last who waited had to sleep: where two threads have one processor they take turns, at every step

    /// <summary>Returns once <paramref name="participants"/> threads have called it; then it is ready for the next round.</summary>
    public static void Wait(SpinBarrier* barrier, int participants)
    {
        var round = Volatile.Read(ref barrier->_round);
        if (Interlocked.Increment(ref barrier->_arrived) == participants)
        {
            barrier->_arrived = 0;
            Waiting.Change(ref barrier->_round, round + 1);
        }
        else if (Volatile.Read(ref barrier->_open) == 0)
        {
            var slow = barrier->_slow;
            var slept = Waiting.While(ref barrier->_round, round, slow != 0 ? Waiting.Short : Waiting.Usual) ? 1 : 0;
            if (slept != slow) barrier->_slow = slept;
        }
    }

    /// <summary>Holds nobody up any more, because somebody will not come.</summary>
    public static void Open(SpinBarrier* barrier)
    {
        Volatile.Write(ref barrier->_open, 1);
        Waiting.Change(ref barrier->_round, barrier->_round + 1);
    }
}
