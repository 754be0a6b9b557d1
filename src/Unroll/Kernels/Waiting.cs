using System.Diagnostics;

namespace Unroll.Kernels;

/// <summary>
/// How threads of a team wait for each other: they spin, since what they wait for is mostly some microseconds away; after longer than that they sleep.
/// A thread that spins on holds a processor which the one it waits for may lack.
/// </summary>
internal static class Waiting
{
    const int Most = 1500;                      // spins of some 40 ns: 60 µs, a little more than it takes to sleep and be woken
    const int Few = 200;                        // 8 µs
    const int Doze = 1;                         // ms; whoever falls asleep anew offers its processor anew, which a system may take up late

    static readonly object Gate = new();
    static int _sleepers;

    [ThreadStatic] static long _slept;

    /// <summary>How long this thread has slept here since it was started, in ticks of <see cref="Stopwatch"/>.</summary>
    public static long Slept => _slept;

    /// <summary>
    /// Returns once the number is another, which it is made by <see cref="Change"/>. True if this thread slept meanwhile;
    /// <paramref name="soon"/>, if it is to do so almost at once.
    /// </summary>
    public static bool While(ref int place, int value, bool soon = false)
    {
        for (var spins = soon ? Few : Most; spins > 0; spins--)
        {
            if (Volatile.Read(ref place) != value) return false;
            Thread.SpinWait(1);
        }
        Sleep(ref place, value);
        return true;
    }

    static void Sleep(ref int place, int value)
    {
        var start = Stopwatch.GetTimestamp();
        lock (Gate)
        {
            Interlocked.Increment(ref _sleepers);           // before the number is read again: whoever changes it thereafter wakes
            while (Volatile.Read(ref place) == value) Monitor.Wait(Gate, Doze);
            Interlocked.Decrement(ref _sleepers);
        }
        _slept += Stopwatch.GetTimestamp() - start;
    }

    /// <summary>Sets a number that others wait for.</summary>
    public static void Change(ref int place, int value)
    {
        Interlocked.Exchange(ref place, value);             // before the sleepers are counted
        if (Volatile.Read(ref _sleepers) == 0) return;
        lock (Gate) Monitor.PulseAll(Gate);
    }
}
