using Unroll.Kernels;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tests.Layers;

/// <summary>The field against all sequences of tags, counted out in double.</summary>
[Collection(nameof(ThreadTeam))]
public sealed class LinearChainCrfTests : IDisposable
{
    readonly int _threads = ThreadTeam.Threads;

    public void Dispose() => ThreadTeam.Threads = _threads;

    public static TheoryData<int, int[]> Shapes => new()
    {
        { 1, [3, 1] }, { 2, [4, 0, 1, 2] }, { 3, [5, 3] }, { 5, [4, 4, 2] }, { 9, [3, 2, 3] }, { 17, [2, 1, 2] },
    };

    [Theory, MemberData(nameof(Shapes))]
    public void Partition_marginals_and_loss_are_those_of_all_sequences(int tags, int[] rows)
    {
        var (crf, emissions, lengths) = Sample(tags, rows);
        var rng = new Rng(5);
        var targets = Enumerable.Range(0, emissions.Shape.Rows).Select(_ => rng.Next(tags + 1) - 1).ToArray();   // some are not known
        Tensor logs = crf.LogPartition(emissions, lengths), marginals = crf.Marginals(emissions, lengths);
        double nats = 0;
        var known = 0;
        for (var b = 0; b < rows.Length; b++)
        {
            var all = All(crf, emissions, b, rows[b]);
            var z = all.Sum(p => Math.Exp(p.Score));
            Near(Math.Log(z), logs.Values[b]);
            for (var t = 0; t < lengths.Steps; t++)
                for (var tag = 0; tag < tags; tag++)
                    Near(t < rows[b] ? all.Where(p => p.Tags[t] == tag).Sum(p => Math.Exp(p.Score)) / z : 0, marginals[t][b].Values[tag]);
            nats += Math.Log(z) - Math.Log(all.Where(p => p.Tags.Select((tag, t) => targets[t * rows.Length + b] is var g && (g < 0 || g == tag)).All(x => x))
                .Sum(p => Math.Exp(p.Score)));
            known += Enumerable.Range(0, rows[b]).Count(t => targets[t * rows.Length + b] >= 0);
        }
        Near(known == 0 ? 0 : nats / known, crf.Loss(emissions, targets, lengths).Scalar);
    }

    [Theory, MemberData(nameof(Shapes))]
    public void The_best_sequences_are_those_of_all_sorted(int tags, int[] rows)
    {
        var (crf, emissions, lengths) = Sample(tags, rows);
        foreach (var constrained in new[] { false, true })
        {
            var constraints = constrained ? Random(tags) : null;
            var found = crf.Best(emissions, lengths, best: 7, constraints);
            for (var b = 0; b < rows.Length; b++)
            {
                var expected = All(crf, emissions, b, rows[b]).Where(p => constraints is null || IsAllowed(constraints, p.Tags, tags))
                    .OrderByDescending(p => p.Score).Take(7).ToArray();
                Assert.Equal(expected.Select(p => string.Join(' ', p.Tags)), found[b].Select(p => string.Join(' ', p.Tags)));
                foreach (var (e, f) in expected.Zip(found[b])) Near(e.Score, f.Score);
            }
            Assert.Equal(found.Select(f => f.FirstOrDefault()?.Tags), crf.Best(emissions, lengths, 1, constraints).Select(f => f.FirstOrDefault()?.Tags));
        }
    }

    [Fact]
    public void Padding_is_invisible_and_rows_do_not_see_each_other()
    {
        var (crf, emissions, lengths) = Sample(6, [5, 2, 4]);
        var targets = new int[15];
        var (loss, gradient) = LossOf(emissions, lengths, targets);
        emissions.Values.Slice(((4 * 3) + 1) * 6, 6).Fill(float.NaN);            // past the end of row 1
        targets[13] = 99;
        var (again, gradientAgain) = LossOf(emissions, lengths, targets);
        Assert.Equal(loss, again);
        Assert.Equal(gradient, gradientAgain);

        (float, float[]) LossOf(Tensor e, Lengths l, int[] t)
        {
            crf.ClearGradients();
            using var tape = Tape.Record();
            var cost = crf.Loss(e, t, l);
            tape.Backward(cost);
            return (cost.Scalar, [.. crf.Parameters.SelectMany(p => p.Parameter.Gradient.ToArray())]);
        }
    }

    [Fact]
    public void A_thousand_steps_of_large_scores_overflow_nothing()
    {
        var crf = new LinearChainCrf(4, new Rng(1));
        var rng = new Rng(2);
        var values = new float[1000 * 4];
        rng.FillUniform(values, -100, 100);
        var marginals = crf.Marginals(Tensor.From(values, new(1000, 1, 4)));
        // Sums of such numbers are rounded by up to 1e-5 at every step, and the roundings of a thousand steps wander.
        for (var t = 0; t < 1000; t++) Assert.Equal(1, marginals[t].ToArray().Sum(), 2e-3);
        Assert.True(float.IsFinite(crf.LogPartition(Tensor.From(values, new(1000, 1, 4))).Values[0]));
    }

    [Fact]
    public void Threads_do_not_change_a_bit()
    {
        var rng = new Rng(3);
        int[] rows = [.. Enumerable.Range(0, 23).Select(_ => rng.Next(40))];
        var results = new List<float[]>();
        foreach (var threads in new[] { 1, 2, 5 })
        {
            ThreadTeam.Threads = threads;
            var (crf, values, lengths) = Sample(17, rows);
            var emissions = new Parameter(values.Shape);
            values.Values.CopyTo(emissions.Edit());
            using var tape = Tape.Record();
            var cost = crf.Loss(emissions, new int[values.Shape.Rows], lengths);
            tape.Backward(cost);
            var best = crf.Best(emissions, lengths, 3).SelectMany(r => r).Select(p => (float)p.Score);
            results.Add([cost.Scalar, .. emissions.Gradient, .. crf.Parameters.SelectMany(p => p.Parameter.Gradient.ToArray()), .. best]);
        }
        Assert.Equal(results[0], results[1]);
        Assert.Equal(results[0], results[2]);
    }

    [Fact]
    public void A_training_step_allocates_nothing()
    {
        var (crf, values, lengths) = Sample(5, [6, 3, 0, 6]);
        var targets = new int[values.Shape.Rows];
        void Step()
        {
            using var tape = Tape.Record();
            tape.Backward(crf.Loss(values, targets, lengths));
            crf.ClearGradients();
        }
        Step();
        Step();
        Assert.Equal(0, Allocations.Of(Step));
    }

    [Fact]
    public void Wrong_shapes_and_targets_are_refused()
    {
        var (crf, emissions, lengths) = Sample(3, [2, 2]);
        Assert.Throws<ArgumentException>(() => crf.Loss(Tensor.Zeros(new(2, 2, 4)), new int[4], lengths));
        Assert.Throws<ArgumentException>(() => crf.Loss(emissions, new int[3], lengths));
        Assert.Throws<ArgumentException>(() => crf.Loss(emissions, new int[4], new Lengths([1], 2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => crf.Loss(emissions, [0, 1, 3, 0], lengths));
        Assert.Throws<ArgumentOutOfRangeException>(() => crf.Best(emissions, lengths, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinearChainCrf(0, new Rng(1)));
    }

    static (LinearChainCrf, Tensor, Lengths) Sample(int tags, int[] rows)
    {
        var rng = new Rng((ulong)(tags + 1));
        var crf = new LinearChainCrf(tags, rng);
        Init.UniformAll(crf, 2, rng);
        var emissions = Tensor.Zeros(new(rows.Max(), rows.Length, tags));
        rng.FillUniform(emissions.Values, -3, 3);
        return (crf, emissions, new Lengths(rows, rows.Max()));
    }

    static List<(int[] Tags, double Score)> All(LinearChainCrf crf, Tensor emissions, int row, int length)
    {
        var all = new List<(int[] Tags, double Score)> { ([], 0) };
        for (var t = 0; t < length; t++)
            all = [.. all.SelectMany(_ => Enumerable.Range(0, crf.Tags), (p, tag) => ((int[])[.. p.Tags, tag],
                p.Score + emissions[t][row].Values[tag] + (t == 0 ? crf.Start.Values[tag] : crf.Transitions.Values[p.Tags[^1] * crf.Tags + tag])
                + (t == length - 1 ? crf.End.Values[tag] : 0)))];
        return all;
    }

    static TagConstraints Random(int tags)
    {
        var rng = new Rng(9);
        bool[] Some(int count) => [.. Enumerable.Range(0, count).Select(_ => rng.Next(3) > 0)];
        return new(Some(tags), Some(tags), Some(tags * tags));
    }

    static bool IsAllowed(TagConstraints c, int[] path, int tags) => path.Length == 0
        || c.Start[path[0]] && c.End[path[^1]] && path.Zip(path.Skip(1)).All(p => c.Transitions[p.First * tags + p.Second]);

    static void Near(double expected, double actual) => Assert.Equal(expected, actual, Tolerance.Single * (1 + Math.Abs(expected)));
}
