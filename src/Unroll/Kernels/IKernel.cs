namespace Unroll.Kernels;

/// <summary>Work on the elements of some array, at any width of registers and for any part of it.</summary>
internal interface IKernel
{
    /// <summary>Does the elements <paramref name="from"/> to <paramref name="to"/>, the last not included.</summary>
    void Run<V>(int from, int to) where V : unmanaged, ILanes<V>;
}
