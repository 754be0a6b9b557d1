using Unroll.Kernels;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// A conditional random field over a sequence of tags (Lafferty, McCallum and Pereira 2001): beside the score e_t of every tag at every step,
/// its emission, each pair of neighbours has a score.
/// </summary>
/// <remarks>
/// <code>
/// score(y) = start[y₁] + Σ_t e_t[y_t] + Σ_t A[y_{t−1}, y_t] + end[y_n]        P(y) = e^score(y) / Z        Z = Σ_y e^score(y)
/// </code>
/// Parameters <c>start_transitions</c> [L], <c>end_transitions</c> [L] and <c>transitions</c> [L, L], from a tag to the next, named and begun as
/// pytorch-crf's, from U(−0.1, 0.1); none decays. Everything is computed with logarithms, so nothing overflows. A row of length 0 has one
/// sequence, the empty one, with score 0.
/// Safe for use by several threads, as long as none of them trains or changes it.
/// </remarks>
public sealed unsafe class LinearChainCrf : Module
{
    /// <summary>A field over <paramref name="tags"/> tags.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no tag.</exception>
    public LinearChainCrf(int tags, Rng rng)
    {
        if (tags < 1) Throw.OutOfRange(nameof(tags), tags, "at least 1");
        Start = Add("start_transitions", new Parameter(new(tags), decays: false));
        End = Add("end_transitions", new Parameter(new(tags), decays: false));
        Transitions = Add("transitions", new Parameter(new(tags, tags), decays: false));
        Init.UniformAll(this, 0.1, rng);
    }

    /// <summary>[L]: the score of beginning with each tag.</summary>
    public Parameter Start { get; }

    /// <summary>[L]: the score of ending with each tag.</summary>
    public Parameter End { get; }

    /// <summary>[L, L]: at [i, j] the score of tag j after tag i.</summary>
    public Parameter Transitions { get; }

    /// <summary>L, the number of tags.</summary>
    public int Tags => Start.Count;

    /// <summary>
    /// −ln P of the right tags, in nats, summed over the batch and divided by the number of tags that are known; 0 where none is. A tag that is
    /// not known is summed over: P is then that of all sequences with the known tags. Gradients are expected counts less those seen.
    /// </summary>
    /// <param name="emissions">[T, B, L].</param>
    /// <param name="targets">T·B tags, −1 where a tag is not known; past the end of a row they do not count.</param>
    /// <param name="lengths">How many steps of each row count; all where none are given.</param>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target is no tag.</exception>
    public Tensor Loss(Tensor emissions, ReadOnlySpan<int> targets, Lengths? lengths = null)
    {
        Check(emissions, lengths);
        int steps = emissions.Shape[0], batch = emissions.Shape[1];
        if (targets.Length != steps * batch) Throw.ValuesDoNotFit(targets.Length, new(steps, batch));
        var known = 0;
        for (var b = 0; b < batch; b++)
            for (var t = 0; t < (lengths?.Values[b] ?? steps); t++)
            {
                var target = targets[t * batch + b];
                if (target < -1 || target >= Tags) Throw.NoSuchId(target, t * batch + b, Tags);
                if (target >= 0) known++;
            }
        var recorded = Tape.IsRecording && (emissions.NeedsGradient || Start.Trainable || End.Trainable || Transitions.Trainable);
        var loss = Tensor.New(new());
        var (logs, marginals, pairs) = Run(emissions, targets, lengths, tags: recorded, pairs: recorded);
        double total = 0;
        foreach (var log in logs.Values) total += log;
        loss.Values[0] = known > 0 ? (Real)(total / known) : 0;
        if (Tape.Mark(loss, recorded)) Tape.Push<LossNode>().Set(this, emissions, loss, marginals, pairs, lengths, Math.Max(1, known));
        return loss;
    }

    /// <summary>ln Z of each row, [B]; no gradient flows through it.</summary>
    /// <inheritdoc cref="Loss"/>
    public Tensor LogPartition(Tensor emissions, Lengths? lengths = null)
    {
        Check(emissions, lengths);
        return Run(emissions, [], lengths, tags: false, pairs: false).LogSums;
    }

    /// <summary>The probability of every tag at every step, [T, B, L]; zeros past the end of a row. No gradient flows through it.</summary>
    /// <inheritdoc cref="Loss"/>
    public Tensor Marginals(Tensor emissions, Lengths? lengths = null) => Probabilities(emissions, lengths).Marginals;

    /// <summary>What <see cref="LogPartition"/> and <see cref="Marginals"/> give, in one go.</summary>
    internal (Tensor LogPartition, Tensor Marginals) Probabilities(Tensor emissions, Lengths? lengths)
    {
        Check(emissions, lengths);
        var (logs, marginals, _) = Run(emissions, [], lengths, tags: true, pairs: false);
        return (logs, marginals);
    }

    /// <summary>The sequences of tags with the highest scores, for each row, best first; equal ones in a fixed order.</summary>
    /// <param name="emissions">[T, B, L].</param>
    /// <param name="lengths">How many steps of each row count; all where none are given.</param>
    /// <param name="best">How many of a row, 1 to 1,024; fewer come where there are fewer.</param>
    /// <param name="constraints">What may be; everything where null. A row for which nothing may be gets no sequence.</param>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="best"/> is out of range.</exception>
    public IReadOnlyList<TagPath>[] Best(Tensor emissions, Lengths? lengths = null, int best = 1, TagConstraints? constraints = null)
    {
        Check(emissions, lengths);
        return Viterbi.Best(emissions, lengths, this, constraints, best);
    }

    void Check(Tensor emissions, Lengths? lengths)
    {
        var shape = emissions.Shape;
        if (shape.Rank != 3 || shape[2] != Tags) Throw.WrongShape(nameof(LinearChainCrf), nameof(emissions), shape, $"[T, B, {Tags}]");
        if (lengths is not null && (lengths.Values.Length != shape[1] || lengths.Steps != shape[0]))
            Throw.LengthsDoNotFit(lengths.Values.Length, lengths.Steps, shape);
    }

    /// <summary>Runs the forward pass, and where probabilities of tags, or of pairs of tags too, are wanted, the backward pass.</summary>
    (Tensor LogSums, Tensor Marginals, Tensor Pairs) Run(Tensor emissions, ReadOnlySpan<int> targets, Lengths? lengths, bool tags, bool pairs)
    {
        int steps = emissions.Shape[0], batch = emissions.Shape[1], n = Tags;
        Tensor logs = Tensor.New(new(batch)), marginals = default, counts = default;
        var room = Tensor.New(new(checked(emissions.Count + steps * batch + 2 * batch * n + n * n)));
        if (tags) marginals = Tensor.Zeros(emissions.Shape);
        if (pairs) counts = Tensor.Zeros(new(batch, n, n));
        fixed (int* t = targets, l = lengths is null ? default : lengths.Values)
        fixed (Real* e = emissions, start = Start, end = End, transitions = Transitions, sums = logs, alpha = room, m = marginals, c = counts)
        {
            var kernel = new CrfKernel
            {
                Emissions = e, Start = start, End = end, Transitions = transitions, LogSums = sums, Targets = t, Lengths = l,
                Steps = steps, Batch = batch, Tags = n, Alpha = alpha, Scales = alpha + emissions.Count, Marginals = m, Pairs = c,
            };
            if (tags)
            {
                kernel.Beta = kernel.Scales + steps * batch;
                kernel.Transposed = kernel.Beta + 2 * batch * n;
                for (var i = 0; i < n; i++)
                    for (var j = 0; j < n; j++) kernel.Transposed[j * n + i] = kernel.Transitions[i * n + j];
            }
            ThreadTeam.Run(kernel, batch, Ops.RowGrain(Math.Max(1, steps) * n));
        }
        return (logs, marginals, counts);
    }

    /// <summary>The gradients are known since the way forth: with s = dloss / known, de = s·P(tag), dA = s·Σ P(pair), and P means the difference.</summary>
    sealed class LossNode : Node
    {
        LinearChainCrf _crf = null!;
        Tensor _emissions, _loss, _marginals, _pairs;
        Lengths? _lengths;
        int _version, _known;

        public void Set(LinearChainCrf crf, Tensor emissions, Tensor loss, Tensor marginals, Tensor pairs, Lengths? lengths, int known)
        {
            (_crf, _emissions, _loss, _marginals, _pairs, _lengths, _known) = (crf, emissions, loss, marginals, pairs, lengths, known);
            _version = lengths?.Version ?? 0;
        }

        public override void Backward()
        {
            if (_lengths is not null && _lengths.Version != _version) Throw.LengthsChanged();
            var scale = _loss.Data.Gradient()[0] / _known;
            int steps = _emissions.Shape[0], batch = _emissions.Shape[1], tags = _crf.Tags;
            if (_emissions.NeedsGradient)
            {
                var de = _emissions.Data.GradientOrFresh(out var fresh);
                Ops.AddScaled(scale, _marginals.Values, de, fresh);
            }
            for (var b = 0; b < batch; b++)
            {
                var length = _lengths?.Values[b] ?? steps;
                if (length == 0) continue;
                AddTo(_crf.Start, _marginals.Values.Slice(b * tags, tags));
                AddTo(_crf.End, _marginals.Values.Slice(((length - 1) * batch + b) * tags, tags));
                AddTo(_crf.Transitions, _pairs.Values.Slice(b * tags * tags, tags * tags));
            }

            void AddTo(Parameter parameter, ReadOnlySpan<Real> from)
            {
                if (parameter.Trainable) Ops.AddScaled(scale, from, parameter.Tensor.Data.Gradient());
            }
        }
    }
}
