namespace Unroll.Tests;

/// <summary>What an action takes from the managed heap.</summary>
static class Allocations
{
    const int Rounds = 5;

    /// <summary>
    /// Bytes taken by one call: the least of five, because the runtime itself takes memory now and then for a type or a method that it prepares
    /// meanwhile. What the action takes shows in every call.
    /// </summary>
    public static long Of(Action action)
    {
        var least = long.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}
