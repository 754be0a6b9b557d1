using Unroll.Kernels;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tests.Contracts;

/// <summary>Dropout inside the recurrence: the gates get m ⊙ h, with one mask m for all steps.</summary>
[Collection(nameof(ThreadTeam))]
public sealed class RecurrentDropoutTests : IDisposable
{
    const double P = 0.4;
    const int MaskSeed = 77;

    static readonly bool[] Both = [false, true];

    readonly int _threads = ThreadTeam.Threads;

    public void Dispose() => ThreadTeam.Threads = _threads;

    public static IEnumerable<object[]> CellsAndSeeds => Trial.CellsAndSeeds;

    public static IEnumerable<object[]> WithOneRecurrentWeight => CellsAndSeeds.Where(c => !((string)c[0]).StartsWith("coupled", StringComparison.Ordinal));

    static Dropout Fresh(double p = P) => new(p, new Rng(MaskSeed));

    [Theory, MemberData(nameof(CellsAndSeeds))]
    public void The_fused_twin_equals_the_composed_steps(string kind, int seed)
    {
        var trial = new Trial(seed);
        foreach (var initial in Both)
            foreach (var ragged in Both)
                trial.Run(trial.Layer(kind, composed: false, recurrentDropout: Fresh()), initial, ragged)
                    .IsNear(trial.Run(trial.Layer(kind, composed: true, recurrentDropout: Fresh()), initial, ragged), Tolerance.Single);
    }

    /// <summary>W·(m ⊙ h) = (W·diag m)·h: each row is what it is alone, without dropout, in a cell of its own with scaled weights.</summary>
    [Theory, MemberData(nameof(WithOneRecurrentWeight))]
    public void Dropped_units_are_columns_of_the_recurrent_weights(string kind, int seed)
    {
        var trial = new Trial(seed);
        foreach (var composed in Both)
        {
            var layer = trial.Layer(kind, composed, recurrentDropout: Fresh());
            var batch = trial.Run(layer, ragged: true);
            var recurrent = layer.Parameters.Single(p => p.Name == "weight_hh_l0");
            var sum = new float[recurrent.Parameter.Count];
            var rng = new Rng(MaskSeed);
            for (var b = 0; b < trial.Batch; b++)
            {
                float[] mask = [.. Enumerable.Range(0, trial.HiddenSize).Select(_ => rng.NextReal() >= (float)P ? (float)(1 / (1 - P)) : 0)];
                var scaled = trial.Layer(kind, composed);
                var weights = scaled.Parameters.Single(p => p.Name == "weight_hh_l0").Parameter.Edit();
                for (var i = 0; i < weights.Length; i++) weights[i] *= mask[i % trial.HiddenSize];
                var alone = trial.Row(b).Run(scaled);
                Same.Near(alone.Output, trial.RowOf(batch.Output, b, trial.HiddenSize), Tolerance.Single, $"output of row {b}");
                Same.Near(alone.Gradients["x"], trial.RowOf(batch.Gradients["x"], b, trial.InputSize), Tolerance.Single, $"gradient of x, row {b}");
                for (var i = 0; i < batch.Final.Length; i++)
                {
                    var part = (b * trial.HiddenSize)..((b + 1) * trial.HiddenSize);
                    Same.Near(alone.Final[i], batch.Final[i][part], Tolerance.Single, $"final state {i} of row {b}");
                    Same.Near(alone.Gradients[$"initial {i}"], batch.Gradients[$"initial {i}"][part], Tolerance.Single, $"gradient of initial {i}, row {b}");
                }
                for (var i = 0; i < sum.Length; i++) sum[i] += alone.Gradients[recurrent.Name][i] * mask[i % trial.HiddenSize];
            }
            Same.Near(sum, batch.Gradients[recurrent.Name], Tolerance.Single, "gradient of the recurrent weights");
        }
    }

    public static IEnumerable<object[]> Sizes =>
        from kind in new[] { "lstm", "gru", "rnn" }
        from size in new[] { (20, 17, 64), (20, 1, 256), (9, 3, 288), (24, 5, 40) }      // rows of their own, units, units, rows
        from ragged in Both
        select new object[] { kind, size.Item1, size.Item2, size.Item3, ragged };

    [Theory, MemberData(nameof(Sizes))]
    public void Any_number_of_threads_gives_the_same_bits_and_so_do_frozen_weights(string kind, int steps, int batch, int hidden, bool ragged)
    {
        var trial = new Trial(12, sizes: (steps, batch, 24, hidden));
        foreach (var direction in Enum.GetValues<Direction>())
        {
            Recurrent Layer() => trial.Layer(kind, composed: false, direction, Fresh());
            ThreadTeam.Threads = 1;
            var alone = trial.Run(Layer(), ragged: ragged);
            foreach (var threads in new[] { 1, 2, 3, 8 })
            {
                ThreadTeam.Threads = threads;
                trial.Run(Layer(), ragged: ragged).IsBitwise(alone);

                // A layer that learns nothing keeps nothing for the way back; its masks act all the same.
                var frozen = Layer();
                foreach (var (_, p) in frozen.Parameters) p.Trainable = false;
                using var tape = Tape.Record();
                var start = State.Of([.. Enumerable.Range(0, frozen.StateCount).Select(i => Tensor.From(trial.Initial[i], new(batch, hidden)))]);
                var (y, final) = frozen.Forward(trial.Input(), start, ragged ? new Lengths(trial.Lengths, steps) : null);
                Assert.False(y.NeedsGradient);
                Same.Bits(alone.Output, y.Values, "output");
                for (var i = 0; i < final.Count; i++) Same.Bits(alone.Final[i], final[i].Values, $"final state {i}");
            }
        }
    }

    [Theory, MemberData(nameof(CellsAndSeeds))]
    public void Each_direction_has_a_mask_of_its_own(string kind, int seed)
    {
        foreach (var ragged in Both)
        {
            var trial = new Trial(seed);
            RecurrentCell Cell(ulong weights) => Trial.CellOf(kind, trial.InputSize, trial.HiddenSize, new Rng(weights));
            var dropout = Fresh();
            Recurrent forward = new(Cell(1), Direction.Forward, dropout), backward = new(Cell(2), Direction.Backward, dropout);
            var layer = new Bidirectional(Cell(1), Cell(2), Fresh());
            var lengths = ragged ? new Lengths(trial.Lengths, trial.Steps) : null;
            using var tape = Tape.Record();
            var x = trial.Input();
            Tensor a = forward.Forward(x, default, lengths).Output, b = backward.Forward(x, default, lengths).Output;
            Same.Bits(Ops.ConcatColumns(a, b).Values, layer.Forward(x, default, lengths).Output.Values, "output");
        }
    }

    [Theory, MemberData(nameof(CellsAndSeeds))]
    public void Without_a_recording_tape_or_with_a_probability_of_zero_it_does_nothing(string kind, int seed)
    {
        foreach (var composed in Both)
            foreach (var ragged in Both)
            {
                var trial = new Trial(seed);
                var plain = trial.Layer(kind, composed);
                trial.Run(trial.Layer(kind, composed, recurrentDropout: Fresh(p: 0)), ragged: ragged).IsBitwise(trial.Run(plain, ragged: ragged));

                var rng = new Rng(MaskSeed);
                var (before, lengths) = (rng.State, ragged ? new Lengths(trial.Lengths, trial.Steps) : null);
                using var scratch = Tape.Scratch();
                var y = trial.Layer(kind, composed, recurrentDropout: new(P, rng)).Forward(trial.Input(), trial.Start(plain), lengths).Output;
                Same.Bits(plain.Forward(trial.Input(), trial.Start(plain), lengths).Output.Values, y.Values, "output");
                Assert.Equal(before, rng.State);
            }
    }

    [Fact]
    public void Every_forward_pass_draws_one_mask_of_rows_and_units()
    {
        var trial = new Trial(3, sizes: (6, 4, 5, 7));
        foreach (var composed in Both)
        {
            var rng = new Rng(MaskSeed);
            var layer = trial.Layer("gru", composed, Direction.Forward, new(P, rng));
            var first = trial.Run(layer);
            Assert.Equal(4UL * 7, rng.State.Count);
            Assert.False(first.Output.AsSpan().SequenceEqual(trial.Run(layer).Output));
            Assert.Equal(2 * 4UL * 7, rng.State.Count);
        }
    }

    [Theory, MemberData(nameof(CellsAndSeeds))]
    public void A_training_step_allocates_nothing(string kind, int seed)
    {
        var trial = new Trial(seed);
        foreach (var composed in Both)
        {
            var layer = trial.Layer(kind, composed, recurrentDropout: Fresh());
            var carried = layer.ZeroState(trial.Batch);
            var x = trial.Input();
            void Train()
            {
                using var tape = Tape.Record();
                var (y, final) = layer.Forward(x, carried);
                carried.CopyFrom(final);
                tape.Backward(Ops.Sum(Ops.Square(y)));
                layer.ClearGradients();
            }

            for (var i = 0; i < 3; i++) Train();
            Assert.Equal(0, Allocations.Of(Train));
        }
    }

    [Fact]
    public void A_cell_that_does_not_say_where_h_enters_is_refused_while_it_learns()
    {
        var layer = new Recurrent(new PlainCell(3), Direction.Forward, Fresh());
        var x = Tensor.Zeros(new(2, 4, 3));
        layer.Forward(x);
        using var tape = Tape.Record();
        var e = Assert.ThrowsAny<UnrollException>(() => layer.Forward(x));
        Assert.Contains($"{nameof(PlainCell)} was asked for a step with recurrent dropout", e.Message);
        Assert.Contains("Override Step(xg, h, state)", e.Message);
    }

    sealed class PlainCell(int size) : RecurrentCell(size, size)
    {
        public override State Step(Tensor xg, State state) => State.Of(Ops.Tanh(xg + state[0]));
    }
}
