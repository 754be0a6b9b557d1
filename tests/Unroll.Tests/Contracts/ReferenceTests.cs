using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Tests.Reference;

namespace Unroll.Tests.Contracts;

/// <summary>Every cell against its equations in plain loops and double precision.</summary>
public class ReferenceTests
{
    /// <summary>One step of one row: (weights by name, x, state) → state. A new cell adds its line here.</summary>
    static readonly Dictionary<string, Func<Func<string, double[]>, double[], double[][], double[][]>> Steps = new()
    {
        ["lstm"] = (w, x, s) =>
        {
            var (h, c) = ReferenceLstm.Step(w("weight_ih"), w("weight_hh"), w("bias_ih"), w("bias_hh"), x, s[0], s[1]);
            return [h, c];
        },
        ["gru"] = (w, x, s) => [ReferenceGru.Step(w("weight_ih"), w("weight_hh"), w("bias_ih"), w("bias_hh"), x, s[0])],
        ["rnn"] = (w, x, s) => [ReferenceRnn.Step(w("weight_ih"), w("weight_hh"), w("bias_ih"), w("bias_hh"), x, s[0])],
        ["rnn-relu"] = (w, x, s) => [ReferenceRnn.Step(w("weight_ih"), w("weight_hh"), w("bias_ih"), w("bias_hh"), x, s[0], relu: true)],
    };

    public static IEnumerable<object[]> CellsAndSeeds => Trial.CellsAndSeeds;

    [Theory, MemberData(nameof(CellsAndSeeds))]
    public void A_cell_is_what_its_equations_say(string kind, int seed)
    {
        var trial = new Trial(seed);
        var layer = trial.Layer(kind, composed: false);
        var weights = layer.Cell.Parameters.ToDictionary(p => p.Name, p => Doubles(p.Parameter.Values));
        var (y, final) = layer.Forward(trial.Input(), trial.Start(layer), new Lengths(trial.Lengths, trial.Steps));
        var size = trial.HiddenSize;
        for (var b = 0; b < trial.Batch; b++)
        {
            var state = Enumerable.Range(0, layer.StateCount).Select(i => Doubles(trial.Initial[i].AsSpan(b * size, size))).ToArray();
            for (var i = 0; i < trial.Lengths[b]; i++)
            {
                var t = trial.Direction == Direction.Forward ? i : trial.Lengths[b] - 1 - i;
                state = Steps[kind](name => weights[name], Doubles(trial.X.AsSpan((t * trial.Batch + b) * trial.InputSize, trial.InputSize)), state);
                Same.Near(Singles(state[0]), y[t][b].Values, Tolerance.Single, $"output at step {t} of row {b}");
            }
            for (var i = 0; i < state.Length; i++) Same.Near(Singles(state[i]), final[i][b].Values, Tolerance.Single, $"final state {i} of row {b}");
        }
    }

    static double[] Doubles(ReadOnlySpan<float> values) => [.. values.ToArray().Select(v => (double)v)];

    static float[] Singles(double[] values) => [.. values.Select(v => (float)v)];
}
