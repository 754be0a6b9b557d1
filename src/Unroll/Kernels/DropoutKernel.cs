using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>
/// y[t, i] = m[i]·x[t, i], or added to y, where m[i] is 0 with probability p and 1/(1 − p) otherwise: the i-th random number decides.
/// Outputs are the places i; each is worked on for all t.
/// </summary>
internal unsafe struct DropoutKernel : IKernel
{
    const int Chunk = 512;                  // the mask of so many places stays in the first-level cache while the repeats pass by

    public Real* X, Y;
    public RngState Mask;
    public int Places, Repeats;
    public Real P;
    public bool Add;

    [SkipLocalsInit]
    public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        var mask = stackalloc Real[Chunk];
        for (; from < to; from += Chunk)
        {
            var count = Math.Min(Chunk, to - from);
            Draw<V>(mask, Mask.Count + (ulong)from, count);
            for (var t = 0; t < Repeats; t++)
            {
                var at = (nint)t * Places + from;
                Apply<V>(X + at, mask, Y + at, count);
            }
        }
    }

    [MethodImpl(Jit.Hot)]
    readonly void Draw<V>(Real* mask, ulong first, int count) where V : unmanaged, ILanes<V>
    {
        var i = 0;
        for (; i <= count - V.Count; i += V.Count) Draw1<V>(mask + i, first + (ulong)i);
        for (; i < count; i++) Draw1<Lane1>(mask + i, first + (ulong)i);
    }

    [MethodImpl(Jit.Inlined)]
    readonly void Draw1<V>(Real* mask, ulong first) where V : unmanaged, ILanes<V> =>
        (V.Of(1 / (1 - P)) & (V.Random(Mask.Key, first) >= V.Of(P))).Store(mask);

    [MethodImpl(Jit.Hot)]
    readonly void Apply<V>(Real* x, Real* mask, Real* y, int count) where V : unmanaged, ILanes<V>
    {
        var i = 0;
        for (; i <= count - V.Count; i += V.Count) Apply1<V>(x + i, mask + i, y + i);
        for (; i < count; i++) Apply1<Lane1>(x + i, mask + i, y + i);
    }

    [MethodImpl(Jit.Inlined)]
    readonly void Apply1<V>(Real* x, Real* mask, Real* y) where V : unmanaged, ILanes<V> =>
        (Add ? V.Fma(V.Load(x), V.Load(mask), V.Load(y)) : V.Load(x) * V.Load(mask)).Store(y);
}
