using Unroll.Inspection;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Gradients.Layers;

/// <summary>Gradient flow and Jacobians against central differences of the states themselves.</summary>
public class GradientFlowTests
{
    const int Steps = 5, Inputs = 2, Hidden = 3;
    const double Epsilon = 1e-6, Error = 1e-7;

    public static TheoryData<string> Cells => [.. CellCatalog.All.Select(k => k.Name)];

    static Tensor Input()
    {
        var x = new double[Steps * Inputs];
        new Rng(3).FillUniform(x, -1, 1);
        return Tensor.From(x, new(Steps, 1, Inputs));
    }

    [Theory, MemberData(nameof(Cells))]
    public void The_norm_at_every_step_is_that_of_the_differences(string kind)
    {
        var layer = new Recurrent(CellCatalog.Get(kind).Create(Inputs, Hidden, new Rng(7)));
        var x = Input();
        var states = GradientFlow.Measure(() => Check.Weighted(layer.Forward(x).Output[Steps - 1])).Layers.Single().States;
        using var recording = Recording.Start();
        layer.Forward(x);
        recording.Dispose();
        Assert.Equal(layer.StateNames, states.Select(s => s.Name));
        for (var k = 0; k < Steps; k++)
            for (var i = 0; i < states.Count; i++)
            {
                var before = layer.Forward(x[..(k + 1)]).Final;
                double squares = 0;
                for (var u = 0; u < Hidden; u++) squares += Math.Pow((LossFrom(before, k, i, u, Epsilon) - LossFrom(before, k, i, u, -Epsilon)) / (2 * Epsilon), 2);
                Assert.Equal(Math.Sqrt(squares), states[i].Norms[k], Error);
            }

        // o where the cell value is another, which it sees through a peephole.
        double OutputGate(int k, int u, double by)
        {
            var o = recording.Layers[0]["o"][k].Values[u];
            return layer.Cell is PeepholeLstmCell peephole ? 1 / (1 + (1 - o) / o * Math.Exp(-peephole.WeightCh.Values[2 * Hidden + u] * by)) : o;
        }

        // The loss at the last step, where the state after step k is another in one number.
        double LossFrom(State state, int k, int i, int u, double by)
        {
            state = state.Detach();
            if (i == 1) state[0].Values[u] = OutputGate(k, u, by) * Math.Tanh(state[1].Values[u] + by);         // c shows in h
            state[i].Values[u] += by;
            var h = k == Steps - 1 ? state[0] : layer.Forward(x[(k + 1)..], state).Output[Steps - 2 - k];
            return Check.Weighted(h).Scalar;
        }
    }

    [Theory, MemberData(nameof(Cells))]
    public void The_Jacobian_is_that_of_the_differences(string kind)
    {
        var layer = new Recurrent(CellCatalog.Get(kind).Create(Inputs, Hidden, new Rng(7)));
        var (x, state) = (Input()[3], layer.Forward(Input()[..3]).Final);
        var jacobian = GradientFlow.Jacobian(layer.Cell, x, state);
        for (var j = 0; j < jacobian.GetLength(1); j++)
        {
            var (up, down) = (Next(j, Epsilon), Next(j, -Epsilon));
            for (var i = 0; i < up.Length; i++) Assert.Equal((up[i] - down[i]) / (2 * Epsilon), jacobian[i, j], Error);
        }

        double[] Next(int j, double by)
        {
            var moved = state.Detach();
            moved[j / Hidden].Values[j % Hidden] += by;
            var final = layer.Forward(x.Reshape(new(1, 1, Inputs)), moved).Final;
            return [.. Enumerable.Range(0, final.Count).SelectMany(i => final[i].ToArray())];
        }
    }
}
