namespace Unroll.Kernels;

/// <summary>
/// Work on <c>count</c> independent outputs, any range of which can be done alone. A kernel is a struct of pointers and sizes;
/// <see cref="ThreadTeam"/> runs it with this machine's register width on as many threads as pay.
/// </summary>
internal interface IKernel
{
    /// <summary>Computes outputs <paramref name="from"/> to <paramref name="to"/> (exclusive).</summary>
    void Run<V>(int from, int to) where V : unmanaged, ILanes<V>;
}

/// <summary>
/// Work in parts that run at the same time, one a thread, and may wait for each other at a <see cref="SpinBarrier"/>. The work cannot
/// depend on the number of parts: where the threads are busy elsewhere it is asked for as part 0 of 1.
/// </summary>
internal interface IJointKernel
{
    /// <summary>Does part <paramref name="part"/> of <paramref name="parts"/>.</summary>
    void Run<V>(int part, int parts) where V : unmanaged, ILanes<V>;

    /// <summary>
    /// Lets those go that wait for part <paramref name="part"/>, which has thrown: what they go on to compute is of no use, but they come to an end.
    /// </summary>
    void Abandon(int part, int parts);
}
