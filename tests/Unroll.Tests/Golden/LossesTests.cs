using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Tests.Contracts;

namespace Unroll.Tests.Golden;

/// <summary>PyTorch's losses, layer normalisation and embedding: values and gradients.</summary>
public class LossesTests
{
    public static IEnumerable<object[]> Names => GoldenFile.Load("losses").Names.Except(["layer_norm", "embedding"]).Select(n => new object[] { n });

    [Theory, MemberData(nameof(Names))]
    public void A_loss_and_its_gradient_are_PyTorchs(string name)
    {
        var golden = GoldenFile.Load("losses")[name];
        using var tape = Tape.Record();
        var x = Tensor.From(golden["input"].Floats, Shape.From(golden["input"].Shape)).WithGradient();
        var loss = name.StartsWith("cross_entropy", StringComparison.Ordinal)
            ? Losses.CrossEntropy(x, golden["target"].Integers, golden["label_smoothing"].Number, golden["ignore_index"].Integer,
                golden.Has("weight") ? golden["weight"].Floats : [])
            : Pointwise(name, x, Tensor.From(golden["target"].Floats, x.Shape));
        tape.Backward(loss);
        Same.Near([(float)golden["loss"].Number], [loss.Scalar], Tolerance.Single, "loss");
        Same.Near(golden["gradients"]["input"].Floats, x.Gradient, Tolerance.Single, "gradient");
    }

    static Tensor Pointwise(string name, Tensor x, Tensor target) => name switch
    {
        "bce_with_logits" => Losses.BinaryCrossEntropy(x, target),
        "mse" => Losses.MeanSquared(x, target),
        "l1" => Losses.MeanAbsolute(x, target),
        "huber-1" => Losses.Huber(x, target),
        "huber-0.5" => Losses.Huber(x, target, 0.5),
        _ => throw new ArgumentException($"No loss of ours is named for '{name}'."),
    };

    [Fact]
    public void Layer_normalisation_is_PyTorchs()
    {
        var golden = GoldenFile.Load("losses")["layer_norm"];
        var x = Tensor.From(golden["x"].Floats, Shape.From(golden["x"].Shape)).WithGradient();
        var layer = new LayerNorm(x.Shape[1], golden["eps"].Number);
        golden["weight"].Floats.CopyTo(layer.Weight.Edit());
        golden["bias"].Floats.CopyTo(layer.Bias.Edit());
        using var tape = Tape.Record();
        var y = layer.Forward(x);
        tape.Backward(Ops.Sum(y * Tensor.From(golden["r"].Floats, x.Shape)));
        Same.Near(golden["y"].Floats, y.Values, Tolerance.Single, "y");
        Same.Near(golden["gradients"]["x"].Floats, x.Gradient, Tolerance.Single, "dx");
        Same.Near(golden["gradients"]["weight"].Floats, layer.Weight.Gradient, Tolerance.Single, "dweight");
        Same.Near(golden["gradients"]["bias"].Floats, layer.Bias.Gradient, Tolerance.Single, "dbias");
    }

    [Fact]
    public void An_embedding_is_PyTorchs()
    {
        var golden = GoldenFile.Load("losses")["embedding"];
        var sizes = golden["weight"].Shape;
        var layer = new Embedding(sizes[0], sizes[1], new Rng(1));
        golden["weight"].Floats.CopyTo(layer.Weight.Edit());
        var ids = new TokenMatrix(golden["ids"].Shape[0], golden["ids"].Shape[1]);
        golden["ids"].Integers.CopyTo(ids.Ids);
        using var tape = Tape.Record();
        var y = layer.Forward(ids);
        tape.Backward(Ops.Sum(y * Tensor.From(golden["r"].Floats, y.Shape)));
        Same.Near(golden["y"].Floats, y.Values, 0, "y");
        Same.Near(golden["gradients"]["weight"].Floats, layer.Weight.Gradient, Tolerance.Single, "dweight");
    }
}
