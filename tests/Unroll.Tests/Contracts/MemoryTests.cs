using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tests.Contracts;

/// <summary>What a training step and a streaming step take from the managed heap: nothing, after the first ones.</summary>
public class MemoryTests
{
    public static IEnumerable<object[]> Cells =>
        from kind in Trial.Kinds
        from composed in new[] { false, true }
        from ragged in new[] { false, true }
        select new object[] { kind.Name, composed, ragged };

    [Theory, MemberData(nameof(Cells))]
    public void A_training_step_allocates_nothing(string kind, bool composed, bool ragged)
    {
        var trial = new Trial(4);
        var layer = trial.Layer(kind, composed);
        var head = new Linear(trial.HiddenSize, 3, new Rng(1));
        var norm = new LayerNorm(trial.HiddenSize);
        var dropout = new Rng(2);
        var lengths = ragged ? new Lengths(trial.Lengths, trial.Steps) : null;
        var carried = layer.ZeroState(trial.Batch);
        var x = trial.Input();

        Assert.Equal(0, Steady(() =>
        {
            using var tape = Tape.Record();
            var (y, final) = layer.Forward(x, carried, lengths);
            carried.CopyFrom(final);
            var z = head.Forward(Ops.Dropout(norm.Forward(y), 0.1, dropout));
            var weights = Ops.Softmax(Ops.SumColumns(z));
            tape.Backward(Ops.Mean(Ops.Square(z)) + Ops.Sum(weights * weights) + Ops.Sum(Ops.SumFirst(z)));
            layer.ClearGradients();
        }));
    }

    [Theory, MemberData(nameof(Cells))]
    public void A_streaming_step_allocates_nothing_and_is_a_step_of_the_sequence(string kind, bool composed, bool ragged)
    {
        if (ragged) return;
        var trial = new Trial(5, sizes: (6, 4, 7, 12));
        var rng = new Rng(1);
        var cell = Trial.CellOf(kind, trial.HiddenSize, trial.HiddenSize, rng);
        Recurrent first = trial.Layer(kind, composed, Direction.Forward), second = new(cell) { Composed = composed };
        var layer = new Stacked([first, second]);
        Tensor x = trial.Input(), all = layer.Forward(x).Output;
        var state = layer.ZeroState(trial.Batch);
        var t = 0;

        Assert.Equal(0, Steady(() =>
        {
            if (t == trial.Steps)
            {
                state.Reset();
                t = 0;
            }
            using var scratch = Tape.Scratch();
            var (y, next) = layer.Forward(x[t..(t + 1)], state);
            state.CopyFrom(next);
            if (!y.Values.SequenceEqual(all[t].Values)) Assert.Fail($"Step {t} differs.");
            t++;
        }));
    }

    /// <summary>Bytes allocated by ten calls after two.</summary>
    static long Steady(Action step)
    {
        step();
        step();
        return Allocations.Of(() =>
        {
            for (var i = 0; i < 10; i++) step();
        });
    }
}
