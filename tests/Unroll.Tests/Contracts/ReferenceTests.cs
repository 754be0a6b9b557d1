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
        ["lstm-peephole"] = (w, x, s) => Both(ReferencePeepholeLstm.Step(w("weight_ih"), w("weight_hh"), w("bias_ih"), w("bias_hh"), w("weight_ch"), x, s[0], s[1])),
        ["shared-lstm"] = (w, x, s) => Both(ReferencePeepholeLstm.SharedStep(
            w("weight_ih"), w("weight_hh"), w("bias_ih"), w("bias_hh"), w("weight_sh"), w("weight_ch"), x, x.Length - x.Length / 2, s[0], s[1])),
        ["shared-lstm-plain"] = (w, x, s) => Both(ReferencePeepholeLstm.SharedStep(
            w("weight_ih"), w("weight_hh"), w("bias_ih"), w("bias_hh"), w("weight_sh"), null, x, x.Length - x.Length / 2, s[0], s[1])),
        ["shared-gru"] = (w, x, s) => [ReferencePeepholeLstm.SharedGruStep(
            w("weight_ih"), w("weight_hh"), w("bias_ih"), w("bias_hh"), w("weight_sh"), x, x.Length - x.Length / 2, s[0])],
        ["coupled-lstm"] = (w, x, s) => Both(ReferencePeepholeLstm.CoupledStep(w("weight_ih"), w("bias_ih"), OfTasks(w, s), w("weight_ch"), x, s[0], s[1])),
        ["coupled-lstm-plain"] = (w, x, s) => Both(ReferencePeepholeLstm.CoupledStep(w("weight_ih"), w("bias_ih"), OfTasks(w, s), null, x, s[0], s[1])),
        ["coupled-gru"] = (w, x, s) => [ReferencePeepholeLstm.CoupledGruStep(w("weight_ih"), w("bias_ih"), OfTasks(w, s), x, s[0])],
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

    static double[][] Both((double[] H, double[] C) state) => [state.H, state.C];

    /// <summary>The recurrent weights of each coupled task.</summary>
    static double[][] OfTasks(Func<string, double[]> weights, double[][] state) => [.. Enumerable.Range(0, Trial.TasksOf(state[0].Length)).Select(i => weights($"weight_hh_from{i}"))];

    static double[] Doubles(ReadOnlySpan<float> values) => [.. values.ToArray().Select(v => (double)v)];

    static float[] Singles(double[] values) => [.. values.Select(v => (float)v)];
}
