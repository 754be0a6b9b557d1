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
    public static double Scale(long runs) => runs == 0 ? 0 : Gain / Math.Sqrt(runs);

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
        var most = (text.Length + 1) * (longest + placed);
        if (room.Length < most) room = new int[Math.Max(most, 2 * room.Length)];
        var count = 0;
        for (var start = -1; start < text.Length; start++)
        {
            var hash = 0UL;
            var last = Math.Min(longest, text.Length + 1 - start);          // the last token's run may have the end
            for (var length = 1; length <= last; length++)
            {
                var t = start + length - 1;
                hash = Extend(hash, t < 0 ? Beginning : t == text.Length ? End : CodeOf(text[t]));
                if (length >= FirstLength(start)) room[count++] = RowOf(hash, shift);
            }
        }
        for (var start = 0; start < text.Length; start++)
        {
            var hash = HashOf(start);
            for (var length = 1; length <= Math.Min(placed, text.Length - start); length++)
            {
                hash = Extend(hash, CodeOf(text[start + length - 1]));
                room[count++] = RowOf(hash, shift);
            }
        }
        return room.AsSpan(0, count);
    }

    // What a run is made of: the beginning of the text, its end, a token.
    const ulong Beginning = 1, End = 2;

    static ulong CodeOf(int token) => 3 + (ulong)token;

    static ulong Extend(ulong hash, ulong code) => (hash + code) * 6364136223846793005;                // Knuth's multiplier for 64 bits

    /// <summary>What the runs that are taken together with their place begin with.</summary>
    static ulong HashOf(long place) => Rng.Golden * (ulong)(place + 1);

    static int RowOf(ulong hash, int shift) => (int)((hash ^ hash >> 32) * Rng.Golden >> shift);

    /// <summary>An end alone is no run.</summary>
    static int FirstLength(int start) => start < 0 ? 2 : 1;

    /// <summary>A text that comes token by token.</summary>
    public sealed class Steps(NGramMember member)
    {
        // The hashes of the runs of 1, 2, … tokens that end with the last token, and how many there are; those with places likewise.
        readonly ulong[] _open = new ulong[member._longest], _placed = new ulong[member._placed];
        readonly double[] _sums = new double[member.Bias.Count];            // Σ W[row] of the runs so far
        int _openCount, _placedCount;
        long _tokens, _runs;

        /// <summary>Forgets the text.</summary>
        public void Reset()
        {
            Array.Clear(_sums);
            (_openCount, _placedCount, _tokens, _runs) = (0, 0, 0, 0);
        }

        /// <summary>Takes over the text of another one.</summary>
        public void CopyFrom(Steps other)
        {
            other._open.CopyTo(_open, 0);
            other._placed.CopyTo(_placed, 0);
            other._sums.CopyTo(_sums, 0);
            (_openCount, _placedCount, _tokens, _runs) = (other._openCount, other._placedCount, other._tokens, other._runs);
        }

        /// <summary>Reads one token more.</summary>
        public void Add(int token)
        {
            if (_tokens == 0 && _open.Length > 0) (_open[0], _openCount) = (Extend(0, Beginning), 1);
            var code = CodeOf(token);
            Grow(_open, ref _openCount, 0, code);
            Grow(_placed, ref _placedCount, HashOf(_tokens), code);
            _tokens++;
        }

        void Grow(ulong[] runs, ref int count, ulong fresh, ulong code)
        {
            if (runs.Length == 0) return;
            count = Math.Min(count + 1, runs.Length);
            for (var i = count - 1; i > 0; i--) runs[i] = Extend(runs[i - 1], code);
            runs[0] = Extend(fresh, code);
            for (var i = 0; i < count; i++) AddRow(_sums, runs[i]);
            _runs += count;
        }

        /// <summary>The scores [1, C] of the text so far, as if it ended here.</summary>
        public Tensor Score()
        {
            var logits = Tensor.New(new(1, _sums.Length));
            Span<Real> scores = logits.Values;
            var bias = member.Bias.Values;
            Span<double> sums = _sums.Length <= 256 ? stackalloc double[_sums.Length] : new double[_sums.Length];
            _sums.CopyTo(sums);
            var ends = Math.Min(_openCount, _open.Length - 1);              // the runs that have room for the end
            for (var i = 0; i < ends; i++) AddRow(sums, Extend(_open[i], End));
            if (_tokens == 0 && _open.Length > 1)
            {
                AddRow(sums, Extend(Extend(0, Beginning), End));
                ends = 1;
            }
            var scale = Scale(_runs + ends);
            for (var c = 0; c < scores.Length; c++) scores[c] = (Real)(scale * sums[c] + bias[c]);
            return logits;
        }

        void AddRow(Span<double> sums, ulong hash)
        {
            var row = member.Weight.Values.Slice(RowOf(hash, member._shift) * sums.Length, sums.Length);
            for (var c = 0; c < row.Length; c++) sums[c] += row[c];
        }
    }
}
