namespace Unroll.Kernels;

/// <summary>
/// The <c>Count</c> largest numbers of each row, the largest first, of equal ones the one that stands first; and ln Σ e^x of the row. A number that is none
/// makes that sum none, and is passed over.
/// </summary>
internal unsafe struct TopKernel : IKernel
{
    const int Stretch = 64;               // numbers that are passed over together where none is large enough

    public Real* X, LogSums;
    public int* Ids;
    public int Columns, Count;

    public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        for (var r = from; r < to; r++)
        {
            var x = X + (nint)r * Columns;
            var found = Pick<V>(x, Ids + (nint)r * Count);
            var max = Reduce.Max<V>(x, Columns);
            var sum = (Real)Reduce.Total<V, SoftmaxKernel.ShiftedExp>(new(x, null, max), Columns);
            LogSums[r] = max + VectorMath.Log(Lane1.Of(sum)).Value;
            new Span<int>(Ids + (nint)r * Count + found, Count - found).Fill(-1);
        }
    }

    readonly int Pick<V>(Real* x, int* ids) where V : unmanaged, ILanes<V>
    {
        var found = 0;
        for (var start = 0; start < Columns; start += Stretch)
        {
            var end = Math.Min(Columns, start + Stretch);
            if (found == Count && Reduce.Max<V>(x + start, end - start) <= x[ids[Count - 1]]) continue;
            for (var i = start; i < end; i++)
            {
                if (Real.IsNaN(x[i]) || (found == Count && x[i] <= x[ids[Count - 1]])) continue;
                var at = found < Count ? found++ : Count - 1;
                for (; at > 0 && x[ids[at - 1]] < x[i]; at--) ids[at] = ids[at - 1];
                ids[at] = i;
            }
        }
        return found;
    }
}
