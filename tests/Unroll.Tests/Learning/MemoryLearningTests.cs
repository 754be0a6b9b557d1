using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Tests.Learning;

/// <summary>Recurrent layers learn to carry over many steps what was seen once.</summary>
public class MemoryLearningTests
{
    const int Batch = 16, Symbols = 3, Hidden = 16;

    [Theory]
    [InlineData("lstm", 30, 400)]
    [InlineData("gru", 30, 400)]
    [InlineData("rnn", 10, 400)]
    [InlineData("rnn-relu", 10, 400)]
    public void A_bit_is_remembered(string cell, int steps, int iterations)
    {
        var rng = new Rng(1);
        var layer = new Recurrent(CellCatalog.Get(cell).Create(Symbols, Hidden, rng));
        if (layer.Cell is LstmCell lstm) Init.ForgetBias(lstm);
        if (layer.Cell is RnnCell { Activation: RnnActivation.Relu } relu) Init.Identity(relu.WeightHh);        // IRNN
        var head = new Linear(Hidden, 2, rng);
        NamedParameter[] parameters = [.. layer.Parameters, .. head.Parameters.Select(p => p with { Name = "head." + p.Name })];
        var optimizer = new Adam(parameters, 0.01);
        var draw = rng.Fork("data");
        for (var i = 0; i < iterations; i++)
        {
            using var tape = Tape.Record();
            tape.Backward(Loss());
            Clip.ByNorm(parameters, 1);
            optimizer.Step();
        }
        double loss = 0;
        for (var i = 0; i < 10; i++)
        {
            using var scratch = Tape.Scratch();
            loss += Loss().Scalar / 10.0;
        }
        Assert.InRange(loss, 0, 0.05);                   // guessing costs 0.69

        // A bit, then steps of noise that has nothing to do with it, then the question which bit it was.
        Tensor Loss()
        {
            var x = Tensor.Zeros(new(steps, Batch, Symbols));
            var bits = new int[Batch];
            for (var b = 0; b < Batch; b++)
            {
                bits[b] = draw.Next(2);
                x.Values[b * Symbols + bits[b]] = 1;
                for (var t = 1; t < steps; t++) x.Values[(t * Batch + b) * Symbols + 2] = (float)draw.NextDouble() - 0.5f;
            }
            return Losses.CrossEntropy(head.Forward(layer.Forward(x).Output[^1..]), bits);
        }
    }
}
