using System.Diagnostics;

namespace Unroll.Kernels;

/// <summary>
/// What other programs leave of the processors, as far as threads that wait for each other can tell: an account of the time that sharing work has saved and lost.
/// It decides who does a piece of work and never what comes out.
/// </summary>
/// <remarks>A loss says that a thread was held up. One thread fewer is asked then, for a time that is long against what was lost. Written by whoever has the team.</remarks>
internal static class Crowding
{
    const int Rest = 16;                                                    // times the loss: what trying again costs is a sixteenth
    static readonly long Longest = Stopwatch.Frequency / 5;                 // 0.2 s
    static readonly long Most = Stopwatch.Frequency / 200;                  // 5 ms of savings make up for later losses, and so for an interruption

    static long _until, _balance;
    static int _absent;

    /// <summary>Of so many threads, those that are worth asking.</summary>
    public static int Ready(int threads) => Lasts() ? Math.Max(1, threads - _absent) : threads;

    static bool Lasts()
    {
        if (Volatile.Read(ref _until) == 0) return false;                   // as on a quiet machine: no clock is read
        if (Stopwatch.GetTimestamp() < Volatile.Read(ref _until)) return true;
        Volatile.Write(ref _until, 0);
        return false;
    }

    /// <summary>Enters, in ticks, what sharing a piece of work has saved.</summary>
    public static void Account(long saved)
    {
        _balance = Math.Min(_balance + saved, Most);
        if (_balance >= 0) return;
        _absent = Lasts() ? _absent + 1 : 1;
        Volatile.Write(ref _until, Stopwatch.GetTimestamp() + Math.Min(-_balance * Rest, Longest));
        _balance = 0;
    }

    /// <summary>As if nobody had ever been held up.</summary>
    internal static void Forget() => (_until, _balance, _absent) = (0, 0, 0);
}
