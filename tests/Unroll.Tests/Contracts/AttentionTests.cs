using Unroll.Kernels;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tests.Contracts;

/// <summary>Attention against a plain reading of its equations, and what it keeps.</summary>
[Collection(nameof(ThreadTeam))]
public class AttentionTests
{
    const int Steps = 5, Sources = 7, Batch = 4, Size = 19;

    static readonly int[] SourceLengths = [4, 7, 0, 5];

    public static TheoryData<AttentionKind, bool, bool, int> Kinds()
    {
        var data = new TheoryData<AttentionKind, bool, bool, int>();
        foreach (var kind in Enum.GetValues<AttentionKind>())
            foreach (var scaled in new[] { false, true })
                foreach (var coverage in new[] { false, true })
                    foreach (var window in new[] { 0, 2 })
                        data.Add(kind, scaled, coverage, window);
        return data;
    }

    [Theory, MemberData(nameof(Kinds))]
    public void It_is_what_the_equations_say(AttentionKind kind, bool scaled, bool coverage, int window)
    {
        var trial = new Sample(kind, scaled, coverage, window);
        var (context, weights) = trial.Run();
        for (var t = 0; t < Steps; t++)
            for (var b = 0; b < Batch; b++)
            {
                var expected = trial.Weights(t, b);
                var found = weights[t][b].Values;
                for (var s = 0; s < Sources; s++) Assert.Equal(expected[s], found[s], Tolerance.Single);
                if (SourceLengths[b] > 0 && window == 0) Assert.Equal(1, expected.Sum(), 1e-9);
                for (var i = 0; i < Size; i++)
                {
                    double sum = 0;
                    for (var s = 0; s < Sources; s++) sum += expected[s] * trial.Values[s][b].Values[i];
                    Assert.Equal(sum, context[t][b].Values[i], Tolerance.Single);
                }
            }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void One_query_at_a_time_gives_the_same_bits(AttentionKind kind, bool scaled, bool coverage, int window)
    {
        var trial = new Sample(kind, scaled, coverage, window);
        var (context, weights) = trial.Run();
        for (var t = 0; t < Steps; t++)
        {
            var (c, w) = trial.Attention.Forward(trial.Queries[t..(t + 1)], trial.Memory, coverage: trial.Past(t..(t + 1)));
            Same.Bits(context[t].Values, c.Values, $"context {t}");
            Same.Bits(weights[t].Values, w.Values, $"weights {t}");
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Rows_may_read_any_row_of_the_memory(AttentionKind kind, bool scaled, bool coverage, int window)
    {
        var trial = new Sample(kind, scaled, coverage, window);
        int[] rows = [3, 3, 1, 3, 0, 0, 2];
        var shuffled = new Rng(5);
        var queries = Tensor.Zeros(new(1, rows.Length, Size));
        shuffled.FillUniform(queries.Values, -1, 1);
        var past = Tensor.Zeros(new(1, rows.Length, Sources));
        shuffled.FillUniform(past.Values, 0, 1);
        var (context, weights) = trial.Attention.Forward(queries, trial.Memory, rows, coverage: coverage ? past : default);
        for (var n = 0; n < rows.Length; n++)
        {
            var alone = trial.Attention.Forward(
                queries[0][n..(n + 1)].Reshape(new(1, 1, Size)), trial.Memory, [rows[n]], coverage: coverage ? past[0][n..(n + 1)].Reshape(new(1, 1, Sources)) : default);
            Same.Bits(alone.Context.Values, context[0][n].Values, $"context {n}");
            Same.Bits(alone.Weights.Values, weights[0][n].Values, $"weights {n}");
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Padding_changes_nothing_and_learns_nothing(AttentionKind kind, bool scaled, bool coverage, int window)
    {
        Sample clean = new(kind, scaled, coverage, window), dirty = new(kind, scaled, coverage, window);
        for (var b = 0; b < Batch; b++)
            for (var s = SourceLengths[b]; s < Sources; s++) dirty.Values[s][b].Values.Fill(float.NaN);
        var (a, b1) = (Gradients(clean), Gradients(dirty));
        Same.Bits(a.Output, b1.Output, "output");
        Same.Bits(a.Queries, b1.Queries, "gradient of the queries");
        for (var b = 0; b < Batch; b++)
            for (var s = 0; s < Sources; s++)
            {
                var at = (s * Batch + b) * Size;
                if (s < SourceLengths[b]) Same.Bits(a.Values.AsSpan(at, Size), b1.Values.AsSpan(at, Size), $"gradient of value {s} of row {b}");
                else if (kind == AttentionKind.Dot) Assert.All(b1.Values[at..(at + Size)], g => Assert.Equal(0, g));
            }

        static (float[] Output, float[] Queries, float[] Values) Gradients(Sample trial)
        {
            using var tape = Tape.Record();
            trial.Queries.WithGradient();
            trial.Values.WithGradient();
            var (context, weights) = trial.Attention.Forward(trial.Queries, trial.Attention.Remember(trial.Values, trial.Lengths), coverage: trial.Past(..));
            tape.Backward(Ops.Sum(Ops.Square(context)) + Ops.Sum(Ops.Square(weights)));
            return (context.ToArray(), trial.Queries.Gradient.ToArray(), trial.Values.Gradient.ToArray());
        }
    }

    [Theory]
    [InlineData(AttentionKind.General)]
    [InlineData(AttentionKind.Additive)]
    public void Any_number_of_threads_gives_the_same_bits(AttentionKind kind)
    {
        var threads = Compute.Threads;
        try
        {
            Compute.Threads = 1;
            var one = Learn();
            Compute.Threads = 3;
            var three = Learn();
            for (var i = 0; i < one.Length; i++) Same.Bits(one[i], three[i], $"result {i}");
        }
        finally
        {
            Compute.Threads = threads;
        }

        float[][] Learn()
        {
            const int Wide = 64, Many = 24;
            var rng = new Rng(8);
            var attention = new Attention(kind, Wide, Wide, Wide, rng, coverage: true);
            Tensor queries = Draw(20, Wide), values = Draw(30, Wide), past = Draw(20, 30);
            using var tape = Tape.Record();
            var (context, weights) = attention.Forward(queries, attention.Remember(values), coverage: past);
            tape.Backward(Ops.Sum(Ops.Square(context)) + Ops.Sum(Ops.Square(weights)));
            return [context.ToArray(), queries.Gradient.ToArray(), values.Gradient.ToArray(), past.Gradient.ToArray(),
                .. attention.Parameters.Select(p => p.Parameter.Gradient.ToArray())];

            Tensor Draw(int steps, int width)
            {
                var t = Tensor.Zeros(new(steps, Many, width));
                rng.FillUniform(t.Values, -1, 1);
                return t.WithGradient();
            }
        }
    }

    [Fact]
    public void Queries_past_their_row_get_zeros()
    {
        var trial = new Sample(AttentionKind.General, false, false, 0);
        var lengths = new Lengths([2, 5, 3, 0], Steps);
        var (context, weights) = trial.Attention.Forward(trial.Queries, trial.Memory, lengths: lengths);
        var (all, _) = trial.Run();
        for (var t = 0; t < Steps; t++)
            for (var b = 0; b < Batch; b++)
                if (t < lengths.Values[b]) Same.Bits(all[t][b].Values, context[t][b].Values, "context");
                else Assert.True(!context[t][b].Values.ContainsAnyExcept(0f) && !weights[t][b].Values.ContainsAnyExcept(0f));
    }

    [Fact]
    public void Sizes_that_do_not_fit_are_named()
    {
        var rng = new Rng(1);
        Assert.Contains("general attention", Assert.Throws<ArgumentException>(() => new Attention(AttentionKind.Dot, 3, 4, 3, rng)).Message, StringComparison.Ordinal);
        var attention = new Attention(AttentionKind.General, 3, 4, 3, rng, coverage: true);
        var memory = attention.Remember(Tensor.Zeros(new(2, 5, 4)));
        Assert.Throws<ArgumentException>(() => attention.Remember(Tensor.Zeros(new(2, 5, 3))));
        Assert.Throws<ArgumentException>(() => attention.Remember(Tensor.Zeros(new(2, 5, 4)), new Lengths([1], 2)));
        Assert.Throws<ArgumentException>(() => attention.Forward(Tensor.Zeros(new(1, 5, 4)), memory));
        Assert.Throws<ArgumentException>(() => attention.Forward(Tensor.Zeros(new(1, 4, 3)), memory));
        Assert.Throws<ArgumentException>(() => attention.Forward(Tensor.Zeros(new(1, 5, 3)), memory));        // no coverage
        Assert.Throws<ArgumentOutOfRangeException>(() => attention.Forward(Tensor.Zeros(new(1, 1, 3)), memory, [5]));
        Assert.Throws<InvalidOperationException>(() => attention.Forward(Tensor.Zeros(new(1, 1, 3)), default));
    }

    /// <summary>A memory, queries, and the weights by plain loops in double.</summary>
    sealed class Sample
    {
        readonly AttentionKind _kind;
        readonly bool _scaled, _coverage;
        readonly int _window;
        readonly Tensor _past = Tensor.Zeros(new(Steps, Batch, Sources));

        public Sample(AttentionKind kind, bool scaled, bool coverage, int window)
        {
            (_kind, _scaled, _coverage, _window) = (kind, scaled, coverage, window);
            var rng = new Rng(2);
            Attention = new Attention(kind, Size, Size, 11, rng, scaled, coverage, window);
            foreach (var values in new[] { Queries, Values }) rng.FillUniform(values.Values, -1.5, 1.5);
            rng.FillUniform(_past.Values, 0, 1);
        }

        public Attention Attention { get; }
        public Tensor Queries { get; } = Tensor.Zeros(new(Steps, Batch, Size));
        public Tensor Values { get; } = Tensor.Zeros(new(Sources, Batch, Size));
        public Lengths Lengths { get; } = new(SourceLengths, Sources);
        public AttentionMemory Memory => Attention.Remember(Values, Lengths);
        public Tensor Past(Range steps) => _coverage ? _past[steps] : default;
        public (Tensor Context, Tensor Weights) Run() => Attention.Forward(Queries, Memory, coverage: Past(..));

        public double[] Weights(int t, int b)
        {
            var h = Queries[t][b].Values.ToArray();
            var n = SourceLengths[b];
            var weights = new double[Sources];
            double p = 0;
            if (_window > 0) p = n / (1 + Math.Exp(-Product("position_score.weight", [.. Product("position.weight", h).Select(Math.Tanh)])[0]));
            var seen = Enumerable.Range(0, n).Where(s => _window == 0 || Math.Abs(s - p) <= _window).ToArray();
            var scores = seen.Select(s => Score(h, Values[s][b].Values.ToArray(), _past[t][b].Values[s])).ToArray();
            var total = scores.Sum(Math.Exp);
            for (var i = 0; i < seen.Length; i++)
                weights[seen[i]] = Math.Exp(scores[i]) / total * (_window == 0 ? 1 : Math.Exp(-2 * (seen[i] - p) * (seen[i] - p) / _window / _window));
            return weights;
        }

        double Score(float[] h, float[] m, double past)
        {
            var key = _kind == AttentionKind.Dot ? [.. m.Select(x => (double)x)] : Product("key.weight", m);
            var additive = _kind is AttentionKind.Additive or AttentionKind.Concat;
            var query = additive ? Product("query.weight", h) : [.. h.Select(x => (double)x)];
            var w = _coverage ? Weight("coverage") : [];
            var score = additive
                ? key.Select((k, i) => Weight("score")[i] * Math.Tanh(query[i] + k + (_coverage ? w[i] * past : 0))).Sum()
                : key.Zip(query, (k, q) => k * q).Sum() + (_coverage ? w[0] * past : 0);
            return _scaled ? score / Math.Sqrt(key.Length) : score;
        }

        float[] Weight(string name) => Attention.Parameters.Single(p => p.Name == name).Parameter.Values.ToArray();

        double[] Product<T>(string name, T[] x) where T : System.Numerics.INumber<T>
        {
            var w = Weight(name);
            return [.. Enumerable.Range(0, w.Length / x.Length).Select(i => Enumerable.Range(0, x.Length).Sum(j => w[i * x.Length + j] * double.CreateChecked(x[j])))];
        }
    }
}
