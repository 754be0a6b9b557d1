using Unroll.Kernels;

namespace Unroll.Tasks;

/// <summary>
/// Fits the <see cref="NGramMember"/> of a classifier to examples: logistic regression by stochastic gradient descent, one example at a time, with the
/// steps of AdaGrad (Duchi 2011), which are large for what is rare. A step touches the rows of one text only, so all of it takes seconds.
/// </summary>
/// <remarks>
/// <code>
/// d = v_y (p − y)                       of the weighted loss with respect to the logits, p = softmax or σ
/// g = s d,  a ← a + g²,  w ← w − η g / √(a + ε)       in every row of the text that is not dropped
/// </code>
/// Runs are dropped with probability p, the others being divided by 1 − p: a regularisation that suits what is rare (Wager 2013). η falls from 0.1 to 0.
/// </remarks>
internal sealed class NGramFit
{
    const double Rate = 0.1, BiasRate = 0.01, Epsilon = 0.01;

    readonly NGramMember _member;
    readonly bool _multiLabel;
    readonly Real[] _classWeights;             // none: all count alike
    readonly int _epochs;
    readonly double _dropout;

    public NGramFit(NGramMember member, bool multiLabel, Real[] classWeights, int epochs = 10, double dropout = 0.3) =>
        (_member, _multiLabel, _classWeights, _epochs, _dropout) = (member, multiLabel, classWeights, epochs, dropout);

    /// <summary>Whether the member has not been fitted: what is loaded keeps its weights.</summary>
    public static bool IsDue(NGramMember member) => !member.Bias.Values.ContainsAnyExcept((Real)0);

    /// <summary>Finds the weights; the same for the same examples and generator, which is advanced.</summary>
    public void Run(IReadOnlyList<SequenceInput> inputs, Rng rng)
    {
        var classes = _member.Bias.Count;
        var order = Enumerable.Range(0, inputs.Count).ToArray();
        var (slopes, squares, sums) = (new Real[classes], new Real[classes], new Real[_member.Weight.Count]);
        int[] room = [];
        for (var (epoch, step) = (0, 0L); epoch < _epochs; epoch++)
        {
            rng.Shuffle<int>(order);
            foreach (var i in order)
            {
                var rows = _member.Rows(inputs[i].Ids, ref room);
                var scale = NGramMember.Scale(rows.Length) / (1 - _dropout);
                var kept = rows[..Drop(rows, rng)];
                _member.Score(kept, scale, slopes);
                Differentiate(slopes, inputs[i]);
                var left = 1 - (double)step++ / ((long)_epochs * inputs.Count);
                var bias = _member.Bias.Edit();
                for (var c = 0; c < classes; c++) bias[c] -= (Real)(BiasRate * left) * slopes[c];
                Step(kept, slopes, squares, sums, scale, (Real)(Rate * left));
            }
        }
    }

    /// <summary>Makes of the logits of an example their derivatives, v_y (p − y).</summary>
    public void Differentiate(Span<Real> logits, SequenceInput input)
    {
        if (_multiLabel)
        {
            foreach (ref var x in logits) x = VectorMath.Sigmoid(Lane1.Of(x)).Value;
        }
        else
        {
            Real max = Real.NegativeInfinity, sum = 0;
            foreach (var x in logits) max = RealMath.Max(max, x);
            foreach (ref var x in logits) sum += x = VectorMath.Exp(Lane1.Of(x - max)).Value;
            foreach (ref var x in logits) x /= sum;
        }
        foreach (var c in input.Classes) logits[c] -= 1;
        if (_classWeights.Length == 0) return;
        foreach (ref var d in logits) d *= _classWeights[input.Class];
    }

    /// <summary>Moves the rows that stay to the front, and counts them.</summary>
    int Drop(Span<int> rows, Rng rng)
    {
        var (each, kept) = (rng.Skip(rows.Length), 0);
        for (var i = 0; i < rows.Length; i++)
            if (Rng.ToReal(Rng.At(each.Key, each.Count + (ulong)i)) >= (Real)_dropout) rows[kept++] = rows[i];
        return kept;
    }

    void Step(ReadOnlySpan<int> rows, Span<Real> slopes, Span<Real> squares, Span<Real> sums, double scale, Real rate)
    {
        for (var c = 0; c < slopes.Length; c++)
        {
            slopes[c] *= (Real)scale;
            squares[c] = slopes[c] * slopes[c];
            slopes[c] *= rate;
        }
        var weight = _member.Weight.Edit();
        foreach (var row in rows)
        {
            var w = weight.Slice(row * slopes.Length, slopes.Length);
            var a = sums.Slice(row * slopes.Length, slopes.Length);
            for (var c = 0; c < w.Length; c++)
            {
                a[c] += squares[c];
                w[c] -= slopes[c] / RealMath.Sqrt(a[c] + (Real)Epsilon);
            }
        }
    }
}
