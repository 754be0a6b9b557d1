using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Tests.Contracts;

namespace Unroll.Tests.Golden;

/// <summary>Outputs, final states and all gradients of PyTorch's nn.RNN, nn.LSTM and nn.GRU.</summary>
public class RecurrentTests
{
    public static IEnumerable<object[]> Cases =>
        from name in GoldenFile.Load("recurrent").Names
        from composed in new[] { false, true }
        select new object[] { name, composed };

    [Theory, MemberData(nameof(Cases))]
    public void A_layer_with_PyTorchs_weights_gives_its_numbers(string name, bool composed)
    {
        var golden = GoldenFile.Load("recurrent")[name];
        var sizes = golden["x"].Shape;
        int steps = sizes[0], batch = sizes[1], hidden = golden["h0"].Shape[2], directions = golden["bidirectional"].Flag ? 2 : 1;
        var layer = Build(golden["cell"].Text, golden["layers"].Integer, directions, sizes[2], hidden, composed);

        Assert.Equal(golden["parameters"].Names.Order(), layer.Parameters.Select(p => p.Name).Order());
        foreach (var (parameter, weights) in layer.Parameters)
        {
            Assert.Equal(golden["parameters"][parameter].Shape, weights.Shape.ToArray());
            golden["parameters"][parameter].Floats.CopyTo(weights.Edit());
        }

        string[] names = golden.Has("c0") ? ["h", "c"] : ["h"];
        using var tape = Tape.Record();
        var x = Tensor.From(golden["x"].Floats, Shape.From(sizes)).WithGradient();
        var initial = State.Of([.. Split(golden, names, "0").Select(s => Tensor.From(s, new(batch, hidden)).WithGradient())]);
        var (y, final) = layer.Forward(x, initial, new Lengths(golden["lengths"].Integers, steps));
        var loss = Ops.Sum(y * Tensor.From(golden["r"].Floats, y.Shape));
        var weightsOfStates = Split(golden, names.Length == 2 ? ["s", "u"] : ["s"], "");
        for (var i = 0; i < final.Count; i++) loss += Ops.Sum(final[i] * Tensor.From(weightsOfStates[i], final[i].Shape));
        tape.Backward(loss);

        Same.Near(golden["y"].Floats, y.Values, Tolerance.Single, "y");
        Same.Near([(float)golden["loss"].Number], loss.Values, Tolerance.Single, "loss");
        var finals = Split(golden, names, "n");
        for (var i = 0; i < final.Count; i++) Same.Near(finals[i], final[i].Values, Tolerance.Single, $"final state {i}");
        foreach (var (parameter, weights) in layer.Parameters)
            Same.Near(golden["gradients"][parameter].Floats, weights.Gradient, Tolerance.Single, $"gradient of {parameter}");
        Same.Near(golden["gradients"]["x"].Floats, x.Gradient, Tolerance.Single, "gradient of x");
        var starts = Split(golden["gradients"], names, "0");
        for (var i = 0; i < initial.Count; i++) Same.Near(starts[i], initial[i].Gradient, Tolerance.Single, $"gradient of initial state {i}");
    }

    /// <summary>PyTorch has a tensor [layers·directions, B, H] for each name; here each cell's tensors stand together.</summary>
    static float[][] Split(GoldenNode golden, string[] names, string suffix)
    {
        var all = names.Select(n => golden[n + suffix]).ToArray();
        var (cells, size) = (all[0].Shape[0], all[0].Shape[1] * all[0].Shape[2]);
        return [.. from cell in Enumerable.Range(0, cells) from tensor in all select tensor.Floats[(cell * size)..((cell + 1) * size)]];
    }

    static Stacked Build(string cell, int layers, int directions, int inputs, int hidden, bool composed)
    {
        var rng = new Rng(1);
        RecurrentCell Cell(int layer) =>
            CellCatalog.Get(cell == "rnn-tanh" ? "rnn" : cell).Create(layer == 0 ? inputs : directions * hidden, hidden, rng);
        var stack = Enumerable.Range(0, layers)
            .Select(k => directions == 2 ? new Bidirectional(Cell(k), Cell(k)) : (RecurrentLayer)new Unroll.Layers.Recurrent(Cell(k))).ToArray();
        var all = new Stacked(stack);
        foreach (var recurrent in Recurrents(all)) recurrent.Composed = composed;
        return all;
    }

    static IEnumerable<Unroll.Layers.Recurrent> Recurrents(Module module) =>
        module.Children.SelectMany(c => c.Module is Unroll.Layers.Recurrent r ? [r] : Recurrents(c.Module));
}
