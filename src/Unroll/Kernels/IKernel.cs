namespace Unroll.Kernels;

/// <summary>
/// Work on <c>count</c> independent outputs, any range of which can be done alone. A kernel is a struct of pointers and sizes;
/// <see cref="Team"/> runs it with this machine's register width on as many threads as pay.
/// </summary>
internal interface IKernel
{
    /// <summary>Computes outputs <paramref name="from"/> to <paramref name="to"/> (exclusive).</summary>
    void Run<V>(int from, int to) where V : unmanaged, ILanes<V>;
}
