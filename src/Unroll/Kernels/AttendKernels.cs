using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>
/// Queries that read rows of a memory. Those of a memory row are worked on together: its steps are the columns of one product. A group of
/// queries stands at <c>First, First + Step, …</c>: all steps of a sequence, or rows next to each other that read the same.
/// </summary>
internal unsafe struct Attending
{
    public Real* Query, Keys, Values, ScoreWeights, Coverage, CoverageWeights, Centers, Weights, Context;
    public int* Groups, Starts, Lengths;
    public int Rows, Steps, Size, Width, Window;
    public bool Additive;
    public Real Scale;

    /// <summary>How many numbers describe a group.</summary>
    public const int GroupSize = 3;

    public readonly int LengthOf(int row) => Lengths == null ? Steps : Lengths[row];

    /// <summary>The steps that the query at <paramref name="at"/> sees: all, or those within the window around its center.</summary>
    public readonly (int From, int To) Sees(int at, int length)
    {
        if (Window == 0) return (0, length);
        var center = Centers[at];
        var from = Math.Clamp((int)RealMath.Ceiling(center - Window), 0, length);
        return (from, Math.Clamp((int)RealMath.Floor(center + Window) + 1, from, length));
    }

    /// <summary>1/σ² of the bell over the window: σ = D/2.</summary>
    public readonly Real InverseVariance => (Real)4 / Window / Window;
}

/// <summary>
/// e = scale·(q·k_s + w·cov_s), or scale·v·tanh(q + k_s + w·cov_s); α = softmax e over the steps that the query sees, by a bell
/// e^(−(s−p)²/2σ²) where there is a window; context = Σ_s α_s·value_s, in order of s.
/// </summary>
internal unsafe struct AttendKernel : IKernel
{
    public Attending A;

    public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        for (var row = from; row < to; row++)
            for (var g = A.Starts[row]; g < A.Starts[row + 1]; g++)
                Attend<V>(row, A.Groups[g * Attending.GroupSize], A.Groups[g * Attending.GroupSize + 1], A.Groups[g * Attending.GroupSize + 2]);
    }

    readonly void Attend<V>(int row, int first, int step, int count) where V : unmanaged, ILanes<V>
    {
        var length = A.LengthOf(row);
        Real* q = A.Query + (nint)first * A.Size, w = A.Weights + (nint)first * A.Steps, keys = A.Keys + (nint)row * A.Size;
        nint qRow = (nint)step * A.Size, wRow = (nint)step * A.Steps, apart = (nint)A.Rows * A.Size;
        if (!A.Additive) Gemm.Block<V>(q, qRow, 1, Factor.Raw(keys, 1, apart), null, 0, w, wRow, count, length, A.Size);
        for (var i = 0; i < count; i++)
        {
            var at = first + i * step;
            var (from, to) = A.Sees(at, length);
            var scores = w + i * wRow;
            var coverage = A.Coverage == null ? null : A.Coverage + (nint)at * A.Steps;
            if (A.Additive)
                for (var s = from; s < to; s++)
                    scores[s] = (Real)Reduce.Total<V, Score>(
                        new(q + i * qRow, keys + s * apart, A.ScoreWeights, A.CoverageWeights, coverage == null ? 0 : coverage[s]), A.Size);
            else if (coverage != null)
                for (var s = from; s < to; s++) scores[s] = RealMath.FusedMultiplyAdd(*A.CoverageWeights, coverage[s], scores[s]);
            Weigh<V>(scores, from, to, at);
        }
        var context = A.Context + (nint)first * A.Width;
        var value = A.Values + (nint)row * A.Width;
        Gemm.Block<V>(w, wRow, 1, Factor.Raw(value, (nint)A.Rows * A.Width, 1), null, 0, context, (nint)step * A.Width, count, A.Width, length);
    }

    readonly void Weigh<V>(Real* scores, int from, int to, int at) where V : unmanaged, ILanes<V>
    {
        new Span<Real>(scores, from).Clear();
        new Span<Real>(scores + to, A.Steps - to).Clear();
        if (from == to) return;
        var seen = scores + from;
        if (A.Scale != 1) new AffineKernel(seen, seen, A.Scale).Run<V>(0, to - from);
        new SoftmaxKernel { X = seen, Y = seen, Columns = to - from }.Run<V>(0, 1);
        for (var s = from; A.Window > 0 && s < to; s++) scores[s] *= Bell(s - A.Centers[at], A.InverseVariance);
    }

    /// <summary>e^(−d²/2σ²).</summary>
    public static Real Bell(Real distance, Real inverseVariance) => VectorMath.Exp(Lane1.Of(-distance * distance * inverseVariance / 2)).Value;

    /// <summary>v·tanh(q + k + w·cov), term by term.</summary>
    readonly struct Score(Real* q, Real* k, Real* v, Real* w, Real coverage) : ITerm
    {
        [MethodImpl(Jit.Inlined)]
        public V At<V>(int i) where V : unmanaged, ILanes<V>
        {
            var x = V.Load(q + i) + V.Load(k + i);
            if (w != null) x = V.Fma(V.Load(w + i), V.Of(coverage), x);
            return V.Load(v + i) * VectorMath.Tanh(x);
        }
    }
}

/// <summary>
/// The way back: dα = dα + dcontext·value_s, de = α dα − a Σ α dα with a the softmax and α = a·bell, and from de the gradients of all that
/// the scores were made of. Sums over all queries are kept apart for every memory row (<c>DScoreWeights</c>, <c>DCoverageWeights</c>
/// [rows, size]), so that threads can share the rows. A target may be null.
/// </summary>
internal unsafe struct AttendBackwardKernel : IKernel
{
    public Attending A;
    public Real* DContext, DWeights, DQuery, DKeys, DValues, DScoreWeights, DCoverage, DCoverageWeights, DCenters;

    /// <summary>Room: for the weights' slopes as many numbers as weights, for one score's terms <c>Size</c> a memory row.</summary>
    public Real* Slopes, Terms;

    public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        for (var row = from; row < to; row++)
            for (var g = A.Starts[row]; g < A.Starts[row + 1]; g++)
                Return<V>(row, A.Groups[g * Attending.GroupSize], A.Groups[g * Attending.GroupSize + 1], A.Groups[g * Attending.GroupSize + 2]);
    }

    readonly void Return<V>(int row, int first, int step, int count) where V : unmanaged, ILanes<V>
    {
        var length = A.LengthOf(row);
        if (length == 0) return;
        Real* w = A.Weights + (nint)first * A.Steps, de = Slopes + (nint)first * A.Steps, dc = DContext + (nint)first * A.Width;
        nint wRow = (nint)step * A.Steps, cRow = (nint)step * A.Width, valuesApart = (nint)A.Rows * A.Width;
        Gemm.Block<V>(dc, cRow, 1, Factor.Raw(A.Values + (nint)row * A.Width, 1, valuesApart), DWeights == null ? null : DWeights + (nint)first * A.Steps, wRow,
            de, wRow, count, length, A.Width);
        if (DValues != null)
        {
            var dv = DValues + (nint)row * A.Width;
            Gemm.Block<V>(w, 1, wRow, Factor.Raw(dc, cRow, 1), dv, valuesApart, dv, valuesApart, length, A.Width, count);
        }
        for (var i = 0; i < count; i++)
        {
            var at = first + i * step;
            var (from, to) = A.Sees(at, length);
            ToScores<V>(w + i * wRow, de + i * wRow, from, to, length, at);
            if (A.Additive) ToTerms<V>(row, at, de + i * wRow, from, to);
            else if (A.Coverage != null) ToCoverage(row, at, de + i * wRow, from, to);
        }
        if (A.Additive) return;
        Real* q = A.Query + (nint)first * A.Size, keys = A.Keys + (nint)row * A.Size;
        nint qRow = (nint)step * A.Size, keysApart = (nint)A.Rows * A.Size;
        if (DQuery != null)
        {
            var dq = DQuery + (nint)first * A.Size;
            Gemm.Block<V>(de, wRow, 1, Factor.Raw(keys, keysApart, 1), dq, qRow, dq, qRow, count, A.Size, length);
        }
        if (DKeys != null)
        {
            var dk = DKeys + (nint)row * A.Size;
            Gemm.Block<V>(de, 1, wRow, Factor.Raw(q, qRow, 1), dk, keysApart, dk, keysApart, length, A.Size, count);
        }
    }

    /// <summary>From dα to de, in place, already times the scale; and the gradient of the window's center.</summary>
    readonly void ToScores<V>(Real* w, Real* d, int from, int to, int length, int at) where V : unmanaged, ILanes<V>
    {
        new Span<Real>(d, from).Clear();
        new Span<Real>(d + to, length - to).Clear();
        var mean = (Real)Reduce.Total<V, Reduce.Product>(new(w + from, d + from), to - from);
        if (A.Window == 0)
        {
            Steps.Run<V, Slope>(new(w, d, mean, A.Scale), 0, to);
            return;
        }
        var inverse = A.InverseVariance;
        Real center = 0;
        for (var s = from; s < to; s++)
        {
            var distance = s - A.Centers[at];
            center = RealMath.FusedMultiplyAdd(w[s] * d[s], distance * inverse, center);
            d[s] = (w[s] * d[s] - w[s] / AttendKernel.Bell(distance, inverse) * mean) * A.Scale;
        }
        if (DCenters != null) DCenters[at] += center;
    }

    /// <summary>Through v·tanh(q + k + w·cov): with u the tangent, g = de·v·(1 − u²) goes to q, k and, by w and cov, to the other.</summary>
    readonly void ToTerms<V>(int row, int at, Real* de, int from, int to) where V : unmanaged, ILanes<V>
    {
        nint apart = (nint)A.Rows * A.Size, mine = (nint)row * A.Size, query = (nint)at * A.Size;
        for (var s = from; s < to; s++)
        {
            var coverage = A.Coverage == null ? 0 : A.Coverage[(nint)at * A.Steps + s];
            var terms = new TermsBack(
                A.Query + query, A.Keys + s * apart + mine, A.ScoreWeights, A.CoverageWeights, coverage, de[s], DQuery == null ? null : DQuery + query,
                DKeys == null ? null : DKeys + s * apart + mine, DScoreWeights + mine, A.Coverage == null ? null : DCoverageWeights + mine, Terms + mine);
            Steps.Run<V, TermsBack>(terms, 0, A.Size);
            if (DCoverage != null) DCoverage[(nint)at * A.Steps + s] += (Real)Reduce.Total<V, Reduce.Product>(new(Terms + mine, A.CoverageWeights), A.Size);
        }
    }

    readonly void ToCoverage(int row, int at, Real* de, int from, int to)
    {
        for (var s = from; s < to; s++)
        {
            var place = (nint)at * A.Steps + s;
            DCoverageWeights[row] = RealMath.FusedMultiplyAdd(de[s], A.Coverage[place], DCoverageWeights[row]);
            if (DCoverage != null) DCoverage[place] = RealMath.FusedMultiplyAdd(de[s], *A.CoverageWeights, DCoverage[place]);
        }
    }

    readonly struct Slope(Real* w, Real* d, Real mean, Real scale) : IStep
    {
        [MethodImpl(Jit.Inlined)]
        public void Step<V>(int i) where V : unmanaged, ILanes<V> => (V.Load(w + i) * (V.Load(d + i) - V.Of(mean)) * V.Of(scale)).Store(d + i);
    }

    readonly struct TermsBack(
        Real* q, Real* k, Real* v, Real* w, Real coverage, Real de, Real* dq, Real* dk, Real* dv, Real* dw, Real* terms) : IStep
    {
        [MethodImpl(Jit.Inlined)]
        public void Step<V>(int i) where V : unmanaged, ILanes<V>
        {
            var x = V.Load(q + i) + V.Load(k + i);
            if (dw != null) x = V.Fma(V.Load(w + i), V.Of(coverage), x);
            var u = VectorMath.Tanh(x);
            var g = V.Of(de) * V.Load(v + i) * (V.Of(1) - u * u);
            if (dq != null) (V.Load(dq + i) + g).Store(dq + i);
            if (dk != null) (V.Load(dk + i) + g).Store(dk + i);
            V.Fma(V.Of(de), u, V.Load(dv + i)).Store(dv + i);
            if (dw == null) return;
            V.Fma(V.Of(coverage), g, V.Load(dw + i)).Store(dw + i);
            g.Store(terms + i);
        }
    }
}
