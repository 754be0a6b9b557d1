using System.Diagnostics.CodeAnalysis;

namespace Unroll;

/// <summary>
/// Refuses a second thread in an object that serves one at a time: a mistake that would give wrong answers without a word gives an exception, and the
/// thread that was there first is not disturbed.
/// </summary>
/// <remarks>A field of it must not be read-only. Several threads may use the object one after the other.</remarks>
internal struct SerialGuard
{
    int _entered;

    /// <summary>Enters until what is returned is disposed of.</summary>
    /// <exception cref="InvalidOperationException">Another thread is inside.</exception>
    [UnscopedRef]
    public Scope Enter(string type)
    {
        if (Interlocked.Exchange(ref _entered, 1) != 0) Throw.UsedByTwoThreads(type);
        return new(ref _entered);
    }

    public readonly ref struct Scope(ref int entered)
    {
        readonly ref int _entered = ref entered;

        public void Dispose() => Volatile.Write(ref _entered, 0);
    }
}
