using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>
/// For each row of a batch the logarithm of the sum over all sequences of tags of e^score, by the forward pass, and the probabilities of tags
/// and of pairs of tags, by the backward pass. With targets: of all sequences, less that of those which agree with the targets.
/// </summary>
/// <remarks>
/// With s_t the scores of step t, the first and last with those of starting and ending added, and A the transitions, everything is a logarithm:
/// <code>
/// α_t[j] = s_t[j] + ln Σᵢ e^(α_{t−1}[i] + A[i, j]) − c_t      c_t such that Σⱼ e^α_t[j] = 1       ln Z = Σ c_t
/// β_{t−1}[i] = ln Σⱼ e^(A[i, j] + s_t[j] + β_t[j] − c_t)      β of the last step 0
/// P(y_t = j) = e^(α_t[j] + β_t[j])
/// P(y_{t−1} = i, y_t = j) = e^(α_{t−1}[i] + A[i, j] + s_t[j] + β_t[j] − c_t)
/// </code>
/// Because every step is normalised the numbers stay small however long a row is. A target leaves one tag to its step, −1 all of them.
/// </remarks>
internal unsafe struct CrfKernel : IKernel
{
    public Real* Emissions;                             // [T, B, L]
    public Real* Start, End;                            // [L]
    public Real* Transitions, Transposed;               // [L, L]
    public Real* Alpha, Scales, Beta;                   // room: [T, B, L], [T, B], [B, 2L]
    public Real* LogSums;                               // [B]
    public Real* Marginals, Pairs;                      // [T, B, L] and [B, L, L], zeros at first; null where not wanted, pairs or both
    public int* Lengths;                                // [B]; null: all steps of every row
    public int* Targets;                                // [T, B]; null: none
    public int Steps, Batch, Tags;

    public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        for (var b = from; b < to; b++)
        {
            var sum = Walk<V>(b, limited: false, 1);
            if (Targets != null) sum -= Walk<V>(b, limited: true, -1);
            LogSums[b] = (Real)sum;
        }
    }

    /// <summary>ln Z of a row; its probabilities are added to what is there, times <paramref name="sign"/>.</summary>
    readonly double Walk<V>(int b, bool limited, Real sign) where V : unmanaged, ILanes<V>
    {
        var length = Lengths == null ? Steps : Lengths[b];
        double total = 0;
        for (var t = 0; t < length; t++)
        {
            var (lo, hi) = Range(t, b, limited);
            var alpha = Alpha + At(t, b);
            Score(t, b, length, alpha);
            if (t > 0)
            {
                var (from, to) = Range(t - 1, b, limited);
                Kernels.Steps.Run<V, LogSumStep>(new(Alpha + At(t - 1, b), Transitions, alpha, from, to, Tags), lo, hi);
            }
            var c = Scales[t * Batch + b] = LogSum<V>(alpha + lo, hi - lo);
            Kernels.Steps.Run<V, ShiftStep>(new(alpha, c), lo, hi);
            total += c;
        }
        if (Marginals != null) WalkBack<V>(b, length, limited, sign);
        return total;
    }

    readonly void WalkBack<V>(int b, int length, bool limited, Real sign) where V : unmanaged, ILanes<V>
    {
        Real* beta = Beta + (nint)b * 2 * Tags, next = beta + Tags;
        new Span<Real>(beta, Tags).Clear();
        for (var t = length - 1; t >= 0; t--)
        {
            var (lo, hi) = Range(t, b, limited);
            Kernels.Steps.Run<V, MarginalStep>(new(Alpha + At(t, b), beta, Marginals + At(t, b), sign), lo, hi);
            if (t == 0) break;
            Score(t, b, length, next);
            Kernels.Steps.Run<V, NextStep>(new(next, beta, Scales[t * Batch + b]), lo, hi);
            var (from, to) = Range(t - 1, b, limited);
            for (var i = from; Pairs != null && i < to; i++)
                Kernels.Steps.Run<V, PairStep>(
                    new(Alpha[At(t - 1, b) + i], Transitions + (nint)i * Tags, next, Pairs + ((nint)b * Tags + i) * Tags, sign), lo, hi);
            new Span<Real>(beta, Tags).Clear();
            Kernels.Steps.Run<V, LogSumStep>(new(next, Transposed, beta, lo, hi, Tags), from, to);
        }
    }

    readonly nint At(int t, int b) => ((nint)t * Batch + b) * Tags;

    /// <summary>The tags that a step may have.</summary>
    readonly (int From, int To) Range(int t, int b, bool limited) =>
        limited && Targets[t * Batch + b] is >= 0 and var tag ? (tag, tag + 1) : (0, Tags);

    /// <summary>s_t, the scores of a step with those of starting and ending there.</summary>
    readonly void Score(int t, int b, int length, Real* scores)
    {
        var emissions = Emissions + At(t, b);
        for (var j = 0; j < Tags; j++)
        {
            var s = emissions[j];
            if (t == 0) s += Start[j];
            if (t == length - 1) s += End[j];
            scores[j] = s;
        }
    }

    static Real LogSum<V>(Real* x, int n) where V : unmanaged, ILanes<V>
    {
        var max = Reduce.Max<V>(x, n);
        Real log;
        VectorMath.Log(Lane1.Of((Real)Reduce.Total<V, SoftmaxKernel.ShiftedExp>(new(x, null, max), n))).Store(&log);
        return max + log;
    }

    /// <summary>yⱼ += ln Σᵢ e^(xᵢ + M[i, j]) over from ≤ i &lt; to; the largest term is taken out first, so no exponential overflows.</summary>
    readonly struct LogSumStep(Real* x, Real* m, Real* y, int from, int to, int columns) : IStep
    {
        [MethodImpl(Jit.Inlined)]
        public void Step<V>(int j) where V : unmanaged, ILanes<V>
        {
            var max = V.Of(x[from]) + V.Load(m + (nint)from * columns + j);
            for (var i = from + 1; i < to; i++) max = V.Max(max, V.Of(x[i]) + V.Load(m + (nint)i * columns + j));
            var sum = V.Of(0);
            for (var i = from; i < to; i++) sum += VectorMath.Exp(V.Of(x[i]) + V.Load(m + (nint)i * columns + j) - max);
            (V.Load(y + j) + max + VectorMath.Log(sum)).Store(y + j);
        }
    }

    readonly struct ShiftStep(Real* x, Real shift) : IStep
    {
        [MethodImpl(Jit.Inlined)]
        public void Step<V>(int j) where V : unmanaged, ILanes<V> => (V.Load(x + j) - V.Of(shift)).Store(x + j);
    }

    readonly struct NextStep(Real* scores, Real* beta, Real shift) : IStep
    {
        [MethodImpl(Jit.Inlined)]
        public void Step<V>(int j) where V : unmanaged, ILanes<V> => (V.Load(scores + j) + V.Load(beta + j) - V.Of(shift)).Store(scores + j);
    }

    readonly struct MarginalStep(Real* alpha, Real* beta, Real* to, Real sign) : IStep
    {
        [MethodImpl(Jit.Inlined)]
        public void Step<V>(int j) where V : unmanaged, ILanes<V> =>
            V.Fma(V.Of(sign), VectorMath.Exp(V.Load(alpha + j) + V.Load(beta + j)), V.Load(to + j)).Store(to + j);
    }

    readonly struct PairStep(Real alpha, Real* transitions, Real* next, Real* to, Real sign) : IStep
    {
        [MethodImpl(Jit.Inlined)]
        public void Step<V>(int j) where V : unmanaged, ILanes<V> =>
            V.Fma(V.Of(sign), VectorMath.Exp(V.Of(alpha) + V.Load(transitions + j) + V.Load(next + j)), V.Load(to + j)).Store(to + j);
    }
}
