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
            Steps.Run<V, DrawStep>(new(mask, Mask.Key, Mask.Count + (ulong)from, P), 0, count);
            for (var t = 0; t < Repeats; t++)
            {
                var at = (nint)t * Places + from;
                Steps.Run<V, ApplyStep>(new(X + at, mask, Y + at, Add), 0, count);
            }
        }
    }

    internal readonly struct DrawStep(Real* mask, ulong key, ulong first, Real p) : IStep
    {
        [MethodImpl(Jit.Inlined)]
        public void Step<V>(int i) where V : unmanaged, ILanes<V> =>
            (V.Of(1 / (1 - p)) & (V.Random(key, first + (ulong)i) >= V.Of(p))).Store(mask + i);
    }

    internal readonly struct ApplyStep(Real* x, Real* mask, Real* y, bool add) : IStep
    {
        [MethodImpl(Jit.Inlined)]
        public void Step<V>(int i) where V : unmanaged, ILanes<V> =>
            (add ? V.Fma(V.Load(x + i), V.Load(mask + i), V.Load(y + i)) : V.Load(x + i) * V.Load(mask + i)).Store(y + i);
    }
}

/// <summary>The mask m by itself.</summary>
internal unsafe struct DropoutMaskKernel : IKernel
{
    public Real* Y;
    public RngState Mask;
    public Real P;

    public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V> =>
        Steps.Run<V, DropoutKernel.DrawStep>(new(Y, Mask.Key, Mask.Count, P), from, to);
}
