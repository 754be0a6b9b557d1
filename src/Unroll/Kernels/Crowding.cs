using System.Diagnostics;

namespace Unroll.Kernels;

/// <summary>
/// What other programs leave of the processors, as far as threads that wait for each other can tell: an account of the time that sharing work has saved and lost.
/// It decides who does a piece of work and never what comes out.
/// </summary>
/// <remarks>
/// A loss says that a thread was held up. For a moment work is then cut finer, so that others can do what the one that is held up has not begun, and threads that
/// meet at every step are one fewer. If that loses too, a thread fewer is asked for a time that is long against what was lost. Written by whoever has the team.
/// </remarks>
internal static class Crowding
{
    const int Rest = 16;                                                    // times the loss: what trying again costs is a sixteenth
    static readonly long Moment = Stopwatch.Frequency / 10;                 // 0.1 s
    static readonly long Most = Stopwatch.Frequency / 200;                  // 5 ms of savings make up for later losses, and so for an interruption

    static long _crowdedUntil, _fewerUntil, _balance;
    static int _absent;

    /// <summary>Whether a thread was held up a moment ago.</summary>
    public static bool IsCrowded => Lasts(ref _crowdedUntil);

    /// <summary>Of so many threads, those that are worth asking.</summary>
    public static int Ready(int threads) => Lasts(ref _fewerUntil) ? Math.Max(1, threads - _absent) : threads;

    static bool Lasts(ref long until)
    {
        if (Volatile.Read(ref until) == 0) return false;                    // as on a quiet machine: no clock is read
        if (Stopwatch.GetTimestamp() < Volatile.Read(ref until)) return true;
        Volatile.Write(ref until, 0);
        return false;
    }

    /// <summary>As if nobody had ever been held up.</summary>
    internal static void Forget() => (_crowdedUntil, _fewerUntil, _balance, _absent) = (0, 0, 0, 0);

    /// <summary>Enters, in ticks, what sharing a piece of work has saved, and whether somebody had to wait long.</summary>
    public static void Account(long saved, bool waited)
    {
        var crowded = IsCrowded;
        _balance = Math.Min(_balance + saved, Most);
        if (_balance >= 0 && !(crowded && waited)) return;
        var now = Stopwatch.GetTimestamp();
        if (_balance < 0 && crowded)
        {
            _absent = Lasts(ref _fewerUntil) ? _absent + 1 : 1;
            Volatile.Write(ref _fewerUntil, now + Math.Min(Rest * -_balance, 2 * Moment));
        }
        if (_balance < 0) _balance = 0;
        Volatile.Write(ref _crowdedUntil, Math.Max(now, _fewerUntil) + Moment);
    }
}
