using Unroll.Kernels;

namespace Unroll.Tasks;

/// <summary>How the next token is chosen from a distribution.</summary>
public readonly record struct SamplingOptions
{
    /// <summary>The defaults.</summary>
    public SamplingOptions() { }

    /// <summary>Logits are divided by this: below 1 makes likely tokens likelier, above 1 the draw more even; 0 always takes the most likely token. Default 1.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Only the so many most likely tokens are drawn from; 0 for all. Default 0.</summary>
    public int TopK { get; init; }

    /// <summary>Only the most likely tokens that together reach this probability are drawn from (Holtzman 2020); above 0 to 1. Default 1.</summary>
    public double TopP { get; init; } = 1;
}

/// <summary>Draws tokens from logits. Allocates nothing after it was made.</summary>
/// <remarks>
/// Not safe for use by several threads at once: the second one that draws meanwhile gets an <see cref="InvalidOperationException"/>.
/// </remarks>
public sealed unsafe class Sampler
{
    readonly SamplingOptions _options;
    readonly Rng _rng;
    Real[] _probabilities = [];
    int[] _order = [];
    SerialGuard _guard;

    /// <summary>A sampler that draws with <paramref name="rng"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public Sampler(SamplingOptions options, Rng rng)
    {
        if (options.Temperature is not (>= 0 and <= 100)) Throw.OutOfRange(nameof(options.Temperature), options.Temperature, "from 0 (greedy) to 100");
        if (options.TopK < 0) Throw.OutOfRange(nameof(options.TopK), options.TopK, "0 (all) or more");
        if (options.TopP is not (> 0 and <= 1)) Throw.OutOfRange(nameof(options.TopP), options.TopP, "above 0, at most 1");
        (_options, _rng) = (options, rng);
    }

    /// <summary>The next token. Ties go to the smaller id.</summary>
    /// <exception cref="UnrollException">A logit is not a number.</exception>
    public int Next(ReadOnlySpan<Real> logits)
    {
        using var alone = _guard.Enter(nameof(Sampler));
        var best = 0;
        for (var i = 0; i < logits.Length; i++)
        {
            if (Real.IsNaN(logits[i])) Throw.LogitNotANumber(i);
            if (logits[i] > logits[best]) best = i;
        }
        Real max = logits[best], inverse = (Real)(1 / _options.Temperature), sum = 0;
        if (_options.TopK == 1 || !Real.IsFinite(inverse) || !Real.IsFinite(max)) return best;

        if (_probabilities.Length < logits.Length) (_probabilities, _order) = (new Real[logits.Length], new int[logits.Length]);
        var p = _probabilities.AsSpan(0, logits.Length);
        for (var i = 0; i < p.Length; i++) p[i] = (logits[i] - max) * inverse;
        fixed (Real* x = p) new UnaryKernel<Exp>(x, x).Run<Lane1>(0, p.Length);
        for (var i = 0; i < p.Length; i++) sum += p[i];

        var all = _options is { TopK: 0, TopP: 1 } || (_options.TopK >= p.Length && _options.TopP == 1);
        if (all) return Draw(p, default, sum);
        var order = _order.AsSpan(0, p.Length);
        for (var i = 0; i < order.Length; i++) order[i] = i;
        for (var i = 0; i < p.Length; i++) p[i] = -p[i];                 // ascending order of −p is descending order of p, and the sort is stable by id
        StableSort(p, order);
        for (var i = 0; i < p.Length; i++) p[i] = -p[i];
        var kept = _options.TopK == 0 ? p.Length : Math.Min(_options.TopK, p.Length);
        Real reached = 0, enough = sum * (Real)_options.TopP;
        for (var i = 0; i < kept; i++)
        {
            reached += p[i];
            if (_options.TopP < 1 && reached >= enough) kept = i + 1;
        }
        return Draw(p[..kept], order, reached);
    }

    int Draw(ReadOnlySpan<Real> p, ReadOnlySpan<int> ids, Real sum)
    {
        var left = _rng.NextReal() * sum;
        var i = 0;
        for (; i < p.Length - 1 && left >= p[i]; i++) left -= p[i];
        while (i > 0 && p[i] == 0) i--;                                  // rounding may leave a rest at the end; never draw the impossible
        return ids.IsEmpty ? i : ids[i];
    }

    /// <summary>Sorts keys and ids; equal keys by id, so that the result does not depend on the sort.</summary>
    static void StableSort(Span<Real> keys, Span<int> ids)
    {
        keys.Sort(ids);
        for (int from = 0, to; from < keys.Length; from = to)
        {
            to = from + 1;
            while (to < keys.Length && keys[to] == keys[from]) to++;
            if (to - from > 1) ids[from..to].Sort();
        }
    }
}
