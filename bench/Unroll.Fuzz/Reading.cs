namespace Unroll.Fuzz;

/// <summary>Reads files on a thread of its own, so that one that does not end can be left behind.</summary>
sealed class Reading(Action read)
{
    readonly ManualResetEventSlim _ended = new();

    /// <summary>What was thrown; null if nothing was.</summary>
    public Exception? Thrown { get; private set; }

    /// <summary>The bytes that were taken from the managed heap, whatever was given back meanwhile.</summary>
    public long Bytes { get; private set; }

    /// <summary>Reads; false if it has not ended after so long.</summary>
    public bool Ends(TimeSpan within)
    {
        new Thread(Run, 1 << 20) { IsBackground = true }.Start();
        return _ended.Wait(within);
    }

    void Run()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            read();
        }
        catch (Exception e)
        {
            Thrown = e;
        }
        Bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        _ended.Set();
    }
}
