using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tests.Contracts;

/// <summary>What every cell keeps, fused and composed.</summary>
public class SequenceTests
{
    public static IEnumerable<object[]> CellsAndSeeds => Trial.CellsAndSeeds;

    static readonly bool[] Both = [false, true];

    [Theory, MemberData(nameof(CellsAndSeeds))]
    public void The_fused_twin_equals_the_composed_steps(string kind, int seed)
    {
        var trial = new Trial(seed);
        Recurrent fused = trial.Layer(kind, composed: false), composed = trial.Layer(kind, composed: true);
        foreach (var initial in Both)
            foreach (var ragged in Both)
                trial.Run(fused, initial, ragged).IsNear(trial.Run(composed, initial, ragged), Tolerance.Single);
    }

    [Theory, MemberData(nameof(CellsAndSeeds))]
    public void No_state_is_the_zero_state(string kind, int seed)
    {
        foreach (var composed in Both)
            foreach (var ragged in Both)
            {
                var trial = new Trial(seed).WithZeroState();
                var layer = trial.Layer(kind, composed);
                var without = trial.Run(layer, initial: false, ragged);
                var with = trial.Run(layer, initial: true, ragged);
                Same.Bits(with.Output, without.Output, "output");
                with.IsNear(without, Tolerance.Single);          // the gradients' products may be cut differently
            }
    }

    [Theory, MemberData(nameof(CellsAndSeeds))]
    public void Single_steps_and_chunks_are_the_sequence(string kind, int seed)
    {
        foreach (var composed in Both)
        {
            var trial = new Trial(seed);
            var layer = trial.Layer(kind, composed, Direction.Forward);
            Tensor x = trial.Input(), all = layer.Forward(x, trial.Start(layer)).Output;
            foreach (var chunk in new[] { 1, 2, 3 })
            {
                var state = trial.Start(layer);
                for (var t = 0; t < trial.Steps; t += chunk)
                {
                    var stretch = t..Math.Min(trial.Steps, t + chunk);
                    (var y, state) = layer.Forward(x[stretch], state);
                    Same.Bits(all[stretch].Values, y.Values, $"steps {stretch}");
                }
                var final = layer.Forward(x, trial.Start(layer)).Final;
                for (var i = 0; i < final.Count; i++) Same.Bits(final[i].Values, state[i].Values, $"final state {i}");
            }
        }
    }

    [Theory, MemberData(nameof(CellsAndSeeds))]
    public void A_backward_layer_is_a_forward_one_on_flipped_rows(string kind, int seed)
    {
        foreach (var composed in Both)
            foreach (var ragged in Both)
            {
                var trial = new Trial(seed);
                Recurrent backward = trial.Layer(kind, composed, Direction.Backward), forward = trial.Layer(kind, composed, Direction.Forward);
                var one = trial.Run(backward, ragged: ragged);
                var other = trial.Flipped(ragged).Run(forward, ragged: ragged);
                Same.Bits(trial.Flip(other.Output, trial.HiddenSize, ragged), one.Output, "output");
                Same.Near(trial.Flip(other.Gradients["x"], trial.InputSize, ragged), one.Gradients["x"], Tolerance.Single, "gradient of x");
                other.Gradients["x"] = one.Gradients["x"];
                one.IsNear(other with { Output = one.Output }, Tolerance.Single);
            }
    }

    [Theory, MemberData(nameof(CellsAndSeeds))]
    public void A_bidirectional_layer_is_its_two_directions_side_by_side(string kind, int seed)
    {
        foreach (var ragged in Both)
        {
            var trial = new Trial(seed, stateCount: 4);
            RecurrentCell Cell(ulong weights) => Trial.CellOf(kind, trial.InputSize, trial.HiddenSize, new Rng(weights));
            Recurrent forward = new(Cell(1)), backward = new(Cell(2), Direction.Backward);
            var layer = new Bidirectional(forward.Cell, backward.Cell);
            var lengths = ragged ? new Lengths(trial.Lengths, trial.Steps) : null;
            var x = trial.Input();
            var (y, final) = layer.Forward(x, trial.Start(layer), lengths);
            var n = forward.StateCount;
            var (a, s) = forward.Forward(x, trial.Start(layer).Slice(0, n), lengths);
            var (b, r) = backward.Forward(x, trial.Start(layer).Slice(n, n), lengths);
            Same.Bits(Ops.ConcatColumns(a, b).Values, y.Values, "output");
            for (var i = 0; i < n; i++)
            {
                Same.Bits(s[i].Values, final[i].Values, $"final state {i} forward");
                Same.Bits(r[i].Values, final[n + i].Values, $"final state {i} backward");
            }
        }
    }

    [Theory, MemberData(nameof(CellsAndSeeds))]
    public void Rows_in_another_order_give_the_same_rows(string kind, int seed)
    {
        foreach (var composed in Both)
            foreach (var ragged in Both)
            {
                var trial = new Trial(seed);
                var order = Enumerable.Range(0, trial.Batch).ToArray();
                trial.Rng.Shuffle(order.AsSpan());
                var layer = trial.Layer(kind, composed);
                var one = trial.Run(layer, ragged: ragged);
                var other = trial.Permuted(order).Run(layer, ragged: ragged);
                Same.Bits(trial.Permute(one.Output, order), other.Output, "output");
                Same.Bits(trial.Permute(one.Gradients["x"], order), other.Gradients["x"], "gradient of x");
                for (var i = 0; i < one.Final.Length; i++)
                {
                    Same.Bits(trial.PermuteState(one.Final[i], order), other.Final[i], $"final state {i}");
                    Same.Bits(trial.PermuteState(one.Gradients[$"initial {i}"], order), other.Gradients[$"initial {i}"], $"gradient of initial {i}");
                }
                foreach (var (name, _) in layer.Parameters)
                    Same.Near(one.Gradients[name], other.Gradients[name], Tolerance.Single, $"gradient of {name}");
            }
    }

    [Theory, MemberData(nameof(CellsAndSeeds))]
    public void Padding_is_invisible(string kind, int seed)
    {
        foreach (var composed in Both)
        {
            var trial = new Trial(seed);
            var layer = trial.Layer(kind, composed);
            var plain = trial.Run(layer, ragged: true);
            for (var t = 0; t < trial.Steps; t++)
                for (var b = 0; b < trial.Batch; b++)
                    if (t >= trial.Lengths[b])
                        Assert.All(plain.Output.AsSpan((t * trial.Batch + b) * trial.HiddenSize, trial.HiddenSize).ToArray(), v => Assert.Equal(0, v));

            // Whatever stands in the padding, even what is not a number, and however much of it there is.
            var padded = trial.Padded(3, float.NaN).Run(layer, ragged: true);
            Same.Bits(plain.Output, padded.Output.AsSpan(0, plain.Output.Length), "output");
            Same.Bits(plain.Gradients["x"], padded.Gradients["x"].AsSpan(0, trial.X.Length), "gradient of x");
            Assert.All(padded.Output[plain.Output.Length..], v => Assert.Equal(0, v));
            Assert.All(padded.Gradients["x"][trial.X.Length..], v => Assert.Equal(0, v));
            padded.Gradients["x"] = plain.Gradients["x"];
            if (composed) (padded with { Output = plain.Output }).IsNear(plain, Tolerance.Single);      // its weight sums see the zeros
            else (padded with { Output = plain.Output }).IsBitwise(plain);
        }
    }

    [Theory, MemberData(nameof(CellsAndSeeds))]
    public void A_row_of_a_ragged_batch_is_what_it_is_alone(string kind, int seed)
    {
        foreach (var composed in Both)
        {
            var trial = new Trial(seed);
            var layer = trial.Layer(kind, composed);
            var batch = trial.Run(layer, ragged: true);
            var gradients = layer.Parameters.ToDictionary(p => p.Name, p => new float[p.Parameter.Count]);
            for (var b = 0; b < trial.Batch; b++)
            {
                var alone = trial.Row(b).Run(layer);
                // Composed, the gradients that meet in a state are added in another order.
                var tolerance = composed || layer.Cell.Fused is null ? Tolerance.Single : 0;
                Same.Bits(alone.Output, trial.RowOf(batch.Output, b, trial.HiddenSize), $"output of row {b}");
                Same.Near(alone.Gradients["x"], trial.RowOf(batch.Gradients["x"], b, trial.InputSize), tolerance, $"gradient of x, row {b}");
                for (var i = 0; i < batch.Final.Length; i++)
                {
                    var part = (b * trial.HiddenSize)..((b + 1) * trial.HiddenSize);
                    Same.Bits(alone.Final[i], batch.Final[i][part], $"final state {i} of row {b}");
                    Same.Near(alone.Gradients[$"initial {i}"], batch.Gradients[$"initial {i}"][part], tolerance, $"gradient of initial {i}, row {b}");
                }
                foreach (var (name, sum) in gradients)
                    for (var j = 0; j < sum.Length; j++) sum[j] += alone.Gradients[name][j];
            }
            foreach (var (name, sum) in gradients) Same.Near(sum, batch.Gradients[name], Tolerance.Single, $"gradient of {name}");
        }
    }

    [Theory, MemberData(nameof(CellsAndSeeds))]
    public void A_batch_without_steps_or_rows_is_fine(string kind, int seed)
    {
        foreach (var composed in Both)
            foreach (var ragged in Both)
            {
                var trial = new Trial(seed);
                var layer = trial.Layer(kind, composed);
                var none = trial.WithSteps(0).Run(layer, ragged: ragged);
                Assert.Empty(none.Output);
                for (var i = 0; i < none.Final.Length; i++)
                {
                    Same.Bits(trial.Initial[i], none.Final[i], $"final state {i}");
                    Same.Bits(trial.S[i], none.Gradients[$"initial {i}"], $"gradient of initial {i}");
                }
                foreach (var (_, parameter) in layer.Parameters) Assert.All(parameter.Gradient.ToArray(), g => Assert.Equal(0, g));
                Assert.Empty(trial.WithoutRows().Run(layer, ragged: ragged).Output);
                foreach (var (_, parameter) in layer.Parameters) Assert.All(parameter.Gradient.ToArray(), g => Assert.Equal(0, g));
            }
    }

    [Fact]
    public void A_stack_is_one_layer_after_another()
    {
        var rng = new Rng(3);
        Recurrent a = new(new LstmCell(5, 7, rng)), b = new(new GruCell(7, 4, rng), Direction.Backward), c = new(new RnnCell(4, 9, rng));
        var stack = new Stacked([a, b, c]);
        var x = Tensor.From(new Trial(1).Numbers(6 * 3 * 5), new(6, 3, 5));
        var lengths = new Lengths([2, 6, 0], 6);
        var (y, final) = stack.Forward(x, default, lengths);
        var (p, s) = a.Forward(x, default, lengths);
        var (q, r) = b.Forward(p, default, lengths);
        var (z, u) = c.Forward(q, default, lengths);
        Same.Bits(z.Values, y.Values, "output");
        Tensor[] states = [s[0], s[1], r[0], u[0]];
        Assert.Equal(4, final.Count);
        for (var i = 0; i < 4; i++) Same.Bits(states[i].Values, final[i].Values, $"final state {i}");
        Assert.Equal(["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"], stack.Parameters.Take(4).Select(n => n.Name));
        Assert.Equal("bias_hh_l2", stack.Parameters[^1].Name);
    }
}
