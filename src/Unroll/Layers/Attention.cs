using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>How a query and a step of the memory are compared.</summary>
public enum AttentionKind
{
    /// <summary>hᵀ·m (Luong 2015); both of one size.</summary>
    Dot,

    /// <summary>hᵀ·W·m (Luong 2015).</summary>
    General,

    /// <summary>vᵀ·tanh(W·[h; m]), asked with the state after the step (Luong 2015).</summary>
    Concat,

    /// <summary>vᵀ·tanh(W·h + U·m), asked with the state before the step, which the context then enters (Bahdanau 2014).</summary>
    Additive,
}

/// <summary>Attention: queries weigh the steps of a <see cref="AttentionMemory"/> and get the weighted sum of its values.</summary>
/// <remarks>
/// <code>
/// k_s = m_s (dot)   W_k m_s (general)   W_k m_s (concat, additive)                     once for a memory
/// q   = h   (dot, general)              W_q h   (concat, additive)                     once for a query
/// e_s = q·k_s + w·cov_s                 vᵀ tanh(q + k_s + w cov_s)                     times 1/√d where scaled
/// α   = softmax(e) over the steps of the row     c = Σ_s α_s m_s
/// </code>
/// <para>W·[h; m] of concat is W_q h + W_k m: the score is the additive one, and differs only in the state that asks.</para>
/// <para>
/// Local (Luong 2015, local-p): p = S·σ(v_pᵀ tanh(W_p h)) with S the row's length; only steps within p ± D are seen, and their weights are
/// multiplied by e^(−(s−p)²/2σ²), σ = D/2, after the softmax. Coverage: cov is the sum of the weights of all queries before (Tu 2016, See 2017); it
/// enters the score, and nothing writes to the memory. Scaled: by 1/√d, d the size of the keys (Vaswani 2017).
/// </para>
/// Parameters: <c>query.weight</c> [A, H], <c>key.weight</c> [A, M], <c>score</c> [A], <c>coverage</c> [A] or [1], <c>position.weight</c> [H, H],
/// <c>position_score.weight</c> [1, H]; no biases, as in the papers. All from U(−1/√n, 1/√n), n the size of what they are multiplied with.
/// Safe for use by several threads, as long as none of them trains or changes it.
/// </remarks>
public sealed partial class Attention : Module
{
    readonly Linear? _query, _key, _position, _positionScore;
    readonly Parameter? _score, _coverage;
    readonly bool _scaled;

    /// <summary>Attention with weights drawn from <paramref name="rng"/>.</summary>
    /// <param name="kind">The way of comparing.</param>
    /// <param name="querySize">H, the size of a query.</param>
    /// <param name="memorySize">M, the size of the memory's values.</param>
    /// <param name="size">A, the size that concat and additive compare in; H for the others, whatever is given.</param>
    /// <param name="rng">Where weights come from.</param>
    /// <param name="scaled">Whether scores are multiplied by 1/√d.</param>
    /// <param name="coverage">Whether what was attended to before enters the score.</param>
    /// <param name="window">D of local attention, at least 1; 0 for all steps.</param>
    /// <exception cref="ArgumentException">The sizes do not go together.</exception>
    public Attention(AttentionKind kind, int querySize, int memorySize, int size, Rng rng, bool scaled = false, bool coverage = false, int window = 0)
    {
        if (window < 0) Throw.OutOfRange(nameof(window), window, "0 (all steps) or more");
        if (kind == AttentionKind.Dot && querySize != memorySize) Throw.DotSizesDiffer(querySize, memorySize);
        IsAdditive = kind is AttentionKind.Concat or AttentionKind.Additive;
        (Kind, QuerySize, MemorySize, Size, Window, _scaled) = (kind, querySize, memorySize, IsAdditive ? size : querySize, window, scaled);
        if (IsAdditive) _query = Add("query", new Linear(querySize, Size, rng, bias: false));
        if (kind != AttentionKind.Dot) _key = Add("key", new Linear(memorySize, Size, rng, bias: false));
        if (IsAdditive) _score = Vector("score", Size);
        if (coverage) _coverage = Vector("coverage", IsAdditive ? Size : 1);
        if (window == 0) return;
        _position = Add("position", new Linear(querySize, querySize, rng, bias: false));
        _positionScore = Add("position_score", new Linear(querySize, 1, rng, bias: false));

        Parameter Vector(string name, int length)
        {
            var vector = Add(name, new Parameter(new(length)));
            Init.Uniform(vector, 1 / Math.Sqrt(length), rng);
            return vector;
        }
    }

    /// <summary>The way of comparing.</summary>
    public AttentionKind Kind { get; }

    /// <summary>H, the size of a query.</summary>
    public int QuerySize { get; }

    /// <summary>M, the size of the memory's values, and of a context.</summary>
    public int MemorySize { get; }

    /// <summary>A, the size of what is compared.</summary>
    public int Size { get; }

    /// <summary>D of local attention; 0 where all steps are seen.</summary>
    public int Window { get; }

    /// <summary>Whether what was attended to before enters the score.</summary>
    public bool HasCoverage => _coverage is not null;

    bool IsAdditive { get; }

    /// <summary>A memory of these values, with the keys of this attention.</summary>
    /// <param name="values">[S, B, M].</param>
    /// <param name="lengths">How many values of each row count; all where null.</param>
    /// <exception cref="ArgumentException">The shape does not fit.</exception>
    public AttentionMemory Remember(Tensor values, Lengths? lengths = null)
    {
        var shape = values.Shape;
        if (shape.Rank != 3 || shape[2] != MemorySize) Throw.WrongShape(nameof(Attention), nameof(values), shape, $"[S, B, {MemorySize}]");
        if (lengths is not null && (lengths.Values.Length != shape[1] || lengths.Steps != shape[0]))
            Throw.LengthsDoNotFit(lengths.Values.Length, lengths.Steps, shape);
        return new(values, _key?.Forward(values) ?? values, lengths is { AreFull: false } ? lengths : null);
    }

    /// <summary>Asks the memory.</summary>
    /// <param name="queries">[T, N, H].</param>
    /// <param name="memory">What is asked: made by <see cref="Remember"/>.</param>
    /// <param name="rows">Which row of the memory each of the N rows reads; the same where empty.</param>
    /// <param name="lengths">How many queries of each row count; all where null. The others get zeros.</param>
    /// <param name="coverage">[T, N, S], the sum of the weights before each query, if there is coverage.</param>
    /// <returns>Contexts [T, N, M] and weights [T, N, S], which are 0 past a memory row's length.</returns>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    public (Tensor Context, Tensor Weights) Forward(
        Tensor queries, AttentionMemory memory, ReadOnlySpan<int> rows = default, Lengths? lengths = null, Tensor coverage = default)
    {
        var shape = queries.Shape;
        if (memory.IsNone) Throw.NoMemory();
        if (shape.Rank != 3 || shape[2] != QuerySize) Throw.WrongShape(nameof(Attention), nameof(queries), shape, $"[T, N, {QuerySize}]");
        if (rows.Length != (rows.IsEmpty ? 0 : shape[1]) || (rows.IsEmpty && memory.Rows != shape[1])) Throw.MemoryRows(shape, memory.Rows);
        foreach (var row in rows)
            if ((uint)row >= (uint)memory.Rows) Throw.OutOfRange(nameof(rows), row, $"a row of the memory, which has {memory.Rows}");
        if (HasCoverage && (coverage.IsNone || coverage.Shape != new Shape(shape[0], shape[1], memory.Steps)))
            Throw.WrongShape(nameof(Attention), nameof(coverage), coverage.IsNone ? default : coverage.Shape, $"[{shape[0]}, {shape[1]}, {memory.Steps}]");
        var centers = Window > 0 ? Centers(queries, memory, rows) : default;
        return Attend(_query?.Forward(queries) ?? queries, memory, rows, lengths is { AreFull: false } ? lengths : null, HasCoverage ? coverage : default, centers);
    }

    /// <summary>p = S·σ(v_pᵀ tanh(W_p h)), [T, N].</summary>
    Tensor Centers(Tensor queries, AttentionMemory memory, ReadOnlySpan<int> rows)
    {
        var share = Ops.Sigmoid(_positionScore!.Forward(Ops.Tanh(_position!.Forward(queries))));           // [T, N, 1]
        var spans = Tensor.New(new(queries.Shape[1], 1));
        for (var n = 0; n < spans.Count; n++) spans.Values[n] = memory.LengthOf(rows.IsEmpty ? n : rows[n]);
        return share * spans;
    }

    Real Scale => _scaled ? (Real)(1 / Math.Sqrt(Size)) : 1;
}
