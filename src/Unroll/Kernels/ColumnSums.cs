using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>to[j] += Σ over rows of from[row, j], in order; a fresh to counts as zero.</summary>
internal unsafe struct ColumnSums : IKernel
{
    public Real* From, To;
    public int Rows, Columns;
    public bool Fresh;

    [MethodImpl(Jit.Hot)]
    public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        var j = from;
        for (; j <= to - 4 * V.Count; j += 4 * V.Count) Columns4<V>(j);      // wide strips, because rows lie far apart
        for (; j <= to - V.Count; j += V.Count) Column<V>(j);
        for (; j < to; j++) Column<Lane1>(j);
    }

    [MethodImpl(Jit.Inlined)]
    readonly void Columns4<V>(int j) where V : unmanaged, ILanes<V>
    {
        var w = V.Count;
        V s0 = default, s1 = default, s2 = default, s3 = default;
        if (!Fresh)
        {
            s0 = V.Load(To + j); s1 = V.Load(To + j + w);
            s2 = V.Load(To + j + 2 * w); s3 = V.Load(To + j + 3 * w);
        }
        var from = From + j;
        for (var i = 0; i < Rows; i++, from += Columns)
        {
            s0 += V.Load(from); s1 += V.Load(from + w);
            s2 += V.Load(from + 2 * w); s3 += V.Load(from + 3 * w);
        }
        s0.Store(To + j); s1.Store(To + j + w);
        s2.Store(To + j + 2 * w); s3.Store(To + j + 3 * w);
    }

    [MethodImpl(Jit.Inlined)]
    readonly void Column<V>(int j) where V : unmanaged, ILanes<V>
    {
        var sum = Fresh ? default : V.Load(To + j);
        for (var i = 0; i < Rows; i++) sum += V.Load(From + (nint)i * Columns + j);
        sum.Store(To + j);
    }
}
