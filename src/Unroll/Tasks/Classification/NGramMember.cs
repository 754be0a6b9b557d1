using System.Numerics;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>
/// The linear member of a <see cref="SequenceClassifier"/>: over the n runs g of 1 to N tokens of a text, its two ends being tokens too, and the runs
/// of 1 to P tokens taken together with where they begin,
/// <code>
/// logits = s Σ_g W[h(g)] + b,   s = 4/√n
/// </code>
/// </summary>
/// <remarks>
/// W [R, C] <c>weight</c>, b [C] <c>bias</c>; both begin at 0. h is a hash, so that no list of runs is kept; two runs may share a row (Weinberger
/// 2009). The root makes scores of long and of short texts comparable. It is no part of the networks' training: <c>NGramFit</c> finds its weights.
/// </remarks>
internal sealed class NGramMember : Module
{
    const double Gain = 4;                 // scores of some size from weights within the reach of a few steps

    readonly int _longest, _placed, _shift;

    public NGramMember(SequenceClassifierConfig config)
    {
        (_longest, _placed, _shift) = (config.NGrams, config.NGramPositions, 64 - BitOperations.Log2((uint)config.NGramRows));
        Weight = Add("weight", new Parameter(new(config.NGramRows, config.Classes.Count)) { Trainable = false });
        Bias = Add("bias", new Parameter(new(config.Classes.Count)) { Trainable = false });
    }

    public Parameter Weight { get; }

    public Parameter Bias { get; }

    /// <summary>s for a text of so many runs; 0 where there is none.</summary>
    public static double Scale(int runs) => runs == 0 ? 0 : Gain / Math.Sqrt(runs);

    /// <summary>Scores of all classes before softmax or σ [B, C].</summary>
    /// <param name="texts">The tokens of each text.</param>
    public Tensor Forward(IReadOnlyList<int[]> texts)
    {
        var logits = Tensor.New(new(texts.Count, Bias.Count));
        int[] room = [];
        for (var b = 0; b < texts.Count; b++)
        {
            var rows = Rows(texts[b], ref room);
            Score(rows, Scale(rows.Length), logits[b].Values);
        }
        return logits;
    }

    /// <summary>The scores of a text whose runs have these rows [C].</summary>
    public void Score(ReadOnlySpan<int> rows, double scale, Span<Real> logits)
    {
        var weight = Weight.Values;
        var bias = Bias.Values;
        logits.Clear();
        foreach (var row in rows)
        {
            var w = weight.Slice(row * logits.Length, logits.Length);
            for (var c = 0; c < w.Length; c++) logits[c] += w[c];
        }
        for (var c = 0; c < logits.Length; c++) logits[c] = RealMath.FusedMultiplyAdd((Real)scale, logits[c], bias[c]);
    }

    /// <summary>What each token has of a class's score: its runs' weights, each shared among the tokens of the run. They sum up to the score without its bias, unless there is no token.</summary>
    public double[] Shares(int[] text, int c)
    {
        int[] room = [];
        var rows = Rows(text, ref room);
        var (shares, scale, at) = (new double[text.Length], Scale(rows.Length), 0);
        for (var start = -1; start < text.Length; start++)
            for (var length = FirstLength(start); length <= Math.Min(_longest, text.Length + 1 - start); length++) Share(start, length, rows[at++]);
        for (var start = 0; start < text.Length; start++)
            for (var length = 1; length <= Math.Min(_placed, text.Length - start); length++) Share(start, length, rows[at++]);
        return shares;

        void Share(int start, int length, int row)
        {
            var (from, to) = (Math.Max(0, start), Math.Min(text.Length, start + length));
            var weight = scale * Weight.Values[row * Bias.Count + c];
            for (var t = from; t < to; t++) shares[t] += weight / (to - from);
        }
    }

    /// <summary>The row of each run of a text, by where it begins and then by its length; then those of runs and places likewise.</summary>
    /// <param name="text">The tokens.</param>
    /// <param name="room">Where they are written; replaced where it is too small.</param>
    public Span<int> Rows(int[] text, ref int[] room) => Rows(text, _longest, _placed, _shift, ref room);

    /// <summary>The same for a member that need not be there: hashes of 64 − <paramref name="shift"/> bits.</summary>
    public static Span<int> Rows(int[] text, int longest, int placed, int shift, ref int[] room)
    {
        const ulong Multiplier = 6364136223846793005;               // Knuth's for 64 bits
        var most = (text.Length + 1) * (longest + placed);
        if (room.Length < most) room = new int[Math.Max(most, 2 * room.Length)];
        var count = 0;
        for (var start = -1; start < text.Length; start++)
        {
            var hash = 0UL;
            var last = Math.Min(longest, text.Length + 1 - start);          // the last token's run may have the end
            for (var length = 1; length <= last; length++)
            {
                // The beginning is 1, the end 2, a token 3 and its number.
                var t = start + length - 1;
                hash = (hash + (t < 0 ? 1 : t == text.Length ? 2 : 3 + (ulong)text[t])) * Multiplier;
                if (length >= FirstLength(start)) room[count++] = Row(hash);
            }
        }
        for (var start = 0; start < text.Length; start++)
        {
            var hash = Rng.Golden * (ulong)(start + 1);
            for (var length = 1; length <= Math.Min(placed, text.Length - start); length++)
            {
                hash = (hash + 3 + (ulong)text[start + length - 1]) * Multiplier;
                room[count++] = Row(hash);
            }
        }
        return room.AsSpan(0, count);

        int Row(ulong hash) => (int)((hash ^ hash >> 32) * Rng.Golden >> shift);
    }

    /// <summary>An end alone is no run.</summary>
    static int FirstLength(int start) => start < 0 ? 2 : 1;
}
