using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>y[b] = Σ over the steps t that row b has of x[t, b], in order, over their number; zeros for a row without steps.</summary>
internal unsafe struct MeanOverTimeKernel : IKernel
{
    public Real* X, Y;
    public int* Lengths;
    public int Batch, Width;

    public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        for (var b = from; b < to; b++)
            Steps.Run<V, Column>(new(X + (nint)b * Width, (nint)Batch * Width, Lengths[b], Y + (nint)b * Width), 0, Width);
    }

    readonly struct Column(Real* x, nint apart, int steps, Real* y) : IStep
    {
        [MethodImpl(Jit.Inlined)]
        public void Step<V>(int i) where V : unmanaged, ILanes<V>
        {
            V sum = default;
            for (var t = 0; t < steps; t++) sum += V.Load(x + t * apart + i);
            (sum * V.Of(steps > 0 ? (Real)1 / steps : 0)).Store(y + i);
        }
    }
}

/// <summary>dx[t, b] += dy[b]/n at each of the n steps t that row b has.</summary>
internal unsafe struct MeanOverTimeBackwardKernel : IKernel
{
    public Real* DY, DX;
    public int* Lengths;
    public int Batch, Width;

    public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        for (var b = from; b < to; b++)
            for (var t = 0; t < Lengths[b]; t++)
                new AddScaledKernel((Real)1 / Lengths[b], DY + (nint)b * Width, DX + ((nint)t * Batch + b) * Width).Run<V>(0, Width);
    }
}

/// <summary>y[b] = the largest x[t, b] of the steps t that row b has, element by element, and the first step it stands at; zeros for a row without steps.</summary>
internal unsafe struct MaxOverTimeKernel : IKernel
{
    public Real* X, Y, At;
    public int* Lengths;
    public int Batch, Width;

    public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        for (var b = from; b < to; b++)
        {
            var row = (nint)b * Width;
            if (Lengths[b] > 0) Steps.Run<V, Column>(new(X + row, (nint)Batch * Width, Lengths[b], Y + row, At + row), 0, Width);
            else new Span<Real>(Y + row, Width).Clear();
        }
    }

    readonly struct Column(Real* x, nint apart, int steps, Real* y, Real* at) : IStep
    {
        [MethodImpl(Jit.Inlined)]
        public void Step<V>(int i) where V : unmanaged, ILanes<V>
        {
            V best = V.Load(x + i), place = default;             // a step's number is exact in a Real up to 2²⁴
            for (var t = 1; t < steps; t++)
            {
                var here = V.Load(x + t * apart + i);
                var larger = here > best;
                best = V.Select(larger, here, best);
                place = V.Select(larger, V.Of(t), place);
            }
            best.Store(y + i);
            place.Store(at + i);
        }
    }
}

/// <summary>dx[t, b] += dy[b] at the step t that the maximum stood at.</summary>
internal unsafe struct MaxOverTimeBackwardKernel : IKernel
{
    public Real* DY, At, DX;
    public int* Lengths;
    public int Batch, Width;

    public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        for (var b = from; b < to; b++)
        {
            if (Lengths[b] == 0) continue;
            var row = (nint)b * Width;
            for (var i = 0; i < Width; i++) DX[(nint)At[row + i] * Batch * Width + row + i] += DY[row + i];
        }
    }
}

/// <summary>
/// α[t, b] = softmax of s[t, b] over the steps t that row b has, and y[b] = Σ_t α[t, b]·x[t, b] in order. A row without steps gives zeros.
/// </summary>
internal unsafe struct AttentionKernel : IKernel
{
    public Real* X, Scores, Weights, Y;
    public int* Lengths;
    public int Batch, Width, Steps;

    public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        for (var b = from; b < to; b++)
        {
            Weigh(b);
            Kernels.Steps.Run<V, Column>(new(X + (nint)b * Width, (nint)Batch * Width, Weights + b, Batch, Lengths[b], Y + (nint)b * Width), 0, Width);
        }
    }

    readonly void Weigh(int b)
    {
        var max = Real.NegativeInfinity;
        for (var t = 0; t < Lengths[b]; t++) max = RealMath.Max(max, Scores[(nint)t * Batch + b]);
        Real sum = 0;
        for (var t = 0; t < Lengths[b]; t++)
        {
            var e = VectorMath.Exp(Lane1.Of(Scores[(nint)t * Batch + b] - max)).Value;
            Weights[(nint)t * Batch + b] = e;
            sum += e;
        }
        for (var t = 0; t < Steps; t++)
            if (t < Lengths[b]) Weights[(nint)t * Batch + b] /= sum;
            else Weights[(nint)t * Batch + b] = 0;
    }

    readonly struct Column(Real* x, nint apart, Real* weights, nint weightsApart, int steps, Real* y) : IStep
    {
        [MethodImpl(Jit.Inlined)]
        public void Step<V>(int i) where V : unmanaged, ILanes<V>
        {
            V sum = default;
            for (var t = 0; t < steps; t++) sum = V.Fma(V.Of(weights[t * weightsApart]), V.Load(x + t * apart + i), sum);
            sum.Store(y + i);
        }
    }
}

/// <summary>With dα_t = x_t·dy: ds_t += α_t (dα_t − Σ_k α_k dα_k), and dx_t += α_t dy. Either target may be null.</summary>
internal unsafe struct AttentionBackwardKernel : IKernel
{
    public Real* X, Weights, DY, DX, DScores, Slopes;
    public int* Lengths;
    public int Batch, Width;

    public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        for (var b = from; b < to; b++)
        {
            var dy = DY + (nint)b * Width;
            Real mean = 0;
            for (var t = 0; t < Lengths[b]; t++)
            {
                nint at = (nint)t * Batch + b, row = at * Width;
                Slopes[at] = (Real)Reduce.Total<V, Reduce.Product>(new(X + row, dy), Width);
                mean = RealMath.FusedMultiplyAdd(Weights[at], Slopes[at], mean);
                if (DX != null) new AddScaledKernel(Weights[at], dy, DX + row).Run<V>(0, Width);
            }
            if (DScores == null) continue;
            for (var t = 0; t < Lengths[b]; t++)
            {
                var at = (nint)t * Batch + b;
                DScores[at] = RealMath.FusedMultiplyAdd(Weights[at], Slopes[at] - mean, DScores[at]);
            }
        }
    }
}
