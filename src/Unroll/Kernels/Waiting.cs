using System.Diagnostics;

namespace Unroll.Kernels;

/// <summary>
/// How threads of a team wait for each other: they spin, since what they wait for is mostly some microseconds away; after longer than that they sleep.
/// A thread that spins on holds a processor which the one it waits for may lack.
/// </summary>
internal static class Waiting
{
    /// <summary>Spins, of some 40 ns, before a thread sleeps: a little longer than it takes to sleep and be woken, 60 µs.</summary>
    public const int Usual = 1500;

    /// <summary>8 µs, for who waits for a thread that may need this very processor.</summary>
    public const int Short = 200;

    /// <summary>
    /// 5 ms, longer than systems take a processor from a thread in favour of another. A thread that waits for one in need of a processor might give it its own; but
    /// then both stay on that one processor, and the neighbour has the other to itself.
    /// </summary>
    public const int Slice = 125_000;

    const int Often = 32;                       // spins: whoever spins for long lets others go first so often
    const int Doze = 1;                         // ms; whoever falls asleep anew offers its processor anew, which a system may take up late

    static readonly object Gate = new();
    static int _sleepers;

    [ThreadStatic] static long _slept;

    /// <summary>How long this thread has slept here since it was started, in ticks of <see cref="Stopwatch"/>.</summary>
    public static long Slept => _slept;

    /// <summary>Returns once the number is another, which it is made by <see cref="Change"/>; true if this thread slept meanwhile, which it does after so many spins.</summary>
    public static bool While(ref int place, int value, int spins = Usual)
    {
        for (var spin = 0; spin < spins; spin++)
        {
            if (Volatile.Read(ref place) != value) return false;
            if (spin < Usual || spin % Often != 0) Thread.SpinWait(1);
            else Thread.Yield();                            // to the other, if both are on one processor
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
