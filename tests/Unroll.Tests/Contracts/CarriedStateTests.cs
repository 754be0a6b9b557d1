using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tests.Contracts;

/// <summary>A state that is carried from chunk to chunk may be moved on as soon as the next one is known, before the way back.</summary>
public class CarriedStateTests
{
    public static IEnumerable<object[]> Cells =>
        from kind in Trial.Kinds
        from composed in new[] { false, true }
        from ragged in new[] { false, true }
        select new object[] { kind.Name, composed, ragged };

    [Theory, MemberData(nameof(Cells))]
    public void Gradients_are_those_of_the_state_that_was_given(string kind, bool composed, bool ragged)
    {
        var trial = new Trial(21, sizes: (4, 3, 5, 20));
        var layer = new Stacked([trial.Layer(kind, composed), new Recurrent(Trial.CellOf(kind, 20, 7, new Rng(2))) { Composed = composed }]);

        float[][] Gradients(bool withGradient, bool early)
        {
            var carried = layer.ZeroState(trial.Batch);
            for (var i = 0; withGradient && i < carried.Count; i++) carried[i].WithGradient();
            for (var i = 0; i < carried.Count; i++) trial.Initial[i % 2].AsSpan(0, carried[i].Count).CopyTo(carried[i].Values);
            layer.ClearGradients();
            using var tape = Tape.Record();
            var (y, final) = layer.Forward(trial.Input(), carried, ragged ? new Lengths(trial.Lengths, trial.Steps) : null);
            var loss = Ops.Sum(Ops.Square(y));
            if (early) carried.CopyFrom(final);
            tape.Backward(loss);
            return [.. layer.Parameters.Select(p => p.Parameter.Gradient.ToArray()), .. Enumerable.Range(0, carried.Count).Select(i => carried[i].Gradient.ToArray())];
        }

        foreach (var withGradient in new[] { false, true })
            foreach (var (late, early) in Gradients(withGradient, early: false).Zip(Gradients(withGradient, early: true))) Same.Bits(late, early, "gradient");
    }

    [Theory, MemberData(nameof(Cells))]
    public void A_final_state_may_be_changed_and_the_outputs_stay(string kind, bool composed, bool ragged)
    {
        foreach (var direction in Enum.GetValues<Direction>())
        {
            var trial = new Trial(22, sizes: (4, 3, 5, 20));
            var layer = trial.Layer(kind, composed, direction);
            var (y, final) = layer.Forward(trial.Input(), trial.Start(layer), ragged ? new Lengths(trial.Lengths, trial.Steps) : null);
            var before = y.ToArray();
            final.Reset();                                      // other sequences begin
            Same.Bits(before, y.Values, "output");
        }
    }
}
