using Unroll.Data;
using Unroll.Inspection;
using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Tests.Models;

namespace Unroll.Tests.Inspection;

/// <summary>Gradient flow against what equations say; against finite differences it is checked in double, in Unroll.Gradients.</summary>
public class GradientFlowTests
{
    const int Steps = 12, Hidden = 3;

    /// <summary>A linear network: ReLU units whose inputs are positive, W_hh = a·I.</summary>
    static Recurrent Linear(double a, Direction direction = Direction.Forward)
    {
        var cell = new RnnCell(1, Hidden, new Rng(1), RnnActivation.Relu);
        Init.Identity(cell.WeightHh);
        foreach (ref var w in cell.WeightHh.Edit()) w *= (float)a;
        foreach (var p in new[] { cell.WeightIh, cell.BiasIh, cell.BiasHh }) p.Edit().Fill(0.1f);
        return new(cell, direction);
    }

    static GradientFlow Flow(RecurrentLayer layer, int step, int jacobians = 0) =>
        GradientFlow.Measure(() => Ops.Sum(layer.Forward(Tensor.Full(new(Steps, 1, layer.InputSize), 1)).Output[step]), layer, jacobians);

    [Theory]
    [InlineData(0.5, FlowVerdict.Vanishing, 7)]
    [InlineData(0.9, FlowVerdict.Healthy, 12)]
    [InlineData(1.0, FlowVerdict.Healthy, 12)]
    [InlineData(2.0, FlowVerdict.Exploding, 12)]
    public void A_linear_network_has_powers_of_its_weight(double a, FlowVerdict verdict, int memory)
    {
        var layer = Flow(Linear(a), Steps - 1, jacobians: 4).Layers.Single();
        var flow = layer.States.Single();
        for (var k = 0; k < Steps; k++) Assert.Equal(Math.Sqrt(Hidden) * Math.Pow((float)a, Steps - 1 - k), flow.Norms[k], 1e-5 * Math.Pow(a, Steps - 1 - k));
        Assert.Equal(("l0", "h", Steps - 1, Steps - 1), (layer.Name, flow.Name, flow.From, flow.Distance));
        Assert.Equal(a, flow.Factor, 1e-6);
        Assert.Equal((verdict, memory), (flow.Verdict, flow.MemoryLength));
        Assert.StartsWith(verdict.ToString().ToLowerInvariant(), flow.ToString(), StringComparison.Ordinal);
        Assert.Equal(4, layer.Jacobians.Count);
        foreach (var jacobian in layer.Jacobians)
        {
            Assert.Equal(a, jacobian.SpectralNorm, 1e-6);
            Assert.Equal(a, jacobian.SpectralRadius, 1e-6);
        }
    }

    [Fact]
    public void Steps_that_the_loss_does_not_see_have_no_gradient()
    {
        var flow = Flow(Linear(0.5), 4).Layers.Single().States.Single();
        Assert.All(flow.Norms.Skip(5), n => Assert.Equal(0, n));
        Assert.Equal((4, 4), (flow.From, flow.Distance));
        Assert.Equal(1 / 16.0, flow.Reaching, 1e-9);
    }

    [Fact]
    public void A_backward_layer_is_followed_to_its_first_step_which_is_the_last()
    {
        var layer = Flow(Linear(0.5, Direction.Backward), 3).Layers.Single();
        var flow = layer.States.Single();
        Assert.Equal((Direction.Backward, 3, Steps - 4), (layer.Direction, flow.From, flow.Distance));
        Assert.Equal(Math.Pow(0.5, Steps - 4), flow.Reaching, 1e-9);
        Assert.All(flow.Norms.Take(3), n => Assert.Equal(0, n));
    }

    /// <summary>An LSTM whose gates do not see h: with f at 1 the cell keeps the gradient, and h has none but its own step's.</summary>
    [Fact]
    public void The_cell_of_an_LSTM_keeps_what_its_output_loses()
    {
        var cell = new LstmCell(1, Hidden, new Rng(1));
        cell.WeightHh.Edit().Clear();
        Init.ForgetBias(cell, 40);
        cell.WeightIh.Edit().Slice(Hidden, Hidden).Clear();
        var states = Flow(new Recurrent(cell), Steps - 1).Layers.Single().States;
        Assert.Equal(["h", "c"], states.Select(s => s.Name));
        Assert.Equal((0, FlowVerdict.Vanishing), (states[0].Reaching, states[0].Verdict));
        Assert.Equal((1.0, FlowVerdict.Healthy), (states[1].Reaching, states[1].Verdict));
    }

    [Fact]
    public void Matrices_have_their_spectra()
    {
        var (cos, sin) = (0.9 * Math.Cos(1), 0.9 * Math.Sin(1));
        Check(new[,] { { cos, -sin }, { sin, cos } }, 0.9, 0.9);
        Check(new[,] { { 0.5, 10 }, { 0, 0.5 } }, 10.025, 0.5);
        Check(new double[,] { { 0, 3 }, { 0, 0 } }, 3, 0);
        Check(new double[,] { { 0, 0 }, { 0, 0 } }, 0, 0);
        Check(new[,] { { 2, 0, 0 }, { 0, -3.0, 0 }, { 0, 0, 3 } }, 3, 3);

        static void Check(double[,] a, double norm, double radius)
        {
            Assert.Equal(norm, new SquareMatrix(a).SpectralNorm(), 1e-3);
            Assert.Equal(radius, new SquareMatrix(a).SpectralRadius(), 1e-3);
        }
    }

    [Theory, MemberData(nameof(Tiny.Cells), MemberType = typeof(Tiny))]
    public void A_model_is_followed_through_all_layers_and_left_as_it_was(string cell)
    {
        var model = Tiny.Model(cell, dropout: 0.3, recurrentDropout: 0.3);
        var tokens = new TokenMatrix(9, 1);
        Tiny.Ids(model, 9).CopyTo(tokens.Ids);
        var flow = GradientFlow.Measure(() => Losses.CrossEntropy(model.Forward(tokens).Logits[5], [1]), model, jacobians: 3);
        Assert.Equal(["rnn.l0", "rnn.l1"], flow.Layers.Select(l => l.Name));
        foreach (var layer in flow.Layers)
        {
            Assert.Equal(3, layer.Jacobians.Count);
            Assert.All(layer.Jacobians, j => Assert.InRange(j.SpectralRadius, 0, j.SpectralNorm * 1.001));
            Assert.Equal(5, layer.States[0].From);
            Assert.Equal(9, layer.States[0].Norms.Count);
        }
        Assert.All(model.Parameters, p => Assert.True(p.Parameter.HasNoGradient));
    }

    [Theory]
    [InlineData("general", false)]
    [InlineData("additive", true)]
    public void Encoder_and_decoder_are_followed(string attention, bool feeding)
    {
        var model = TinyPairs.Model(attention, with: c => c with { InputFeeding = feeding });
        var coder = TinyPairs.Letters("ab");
        var batch = new PairBatches([new("abb", "ba", "")], coder, coder, 100, 10);
        batch.Next();
        var flow = GradientFlow.Measure(() => model.Loss(model.Read(batch.Source, batch.SourceLengths), batch.Inputs, batch.Targets, batch.TargetLengths), model);
        Assert.Contains("encoder.l0_reverse", flow.Layers.Select(l => l.Name));
        Assert.Contains("decoder.rnn.l0", flow.Layers.Select(l => l.Name));
        Assert.All(flow.Layers, l => Assert.All(l.States[0].Norms, n => Assert.True(n > 0, l.Name)));
    }

    [Fact]
    public void What_is_no_loss_is_refused()
    {
        Assert.Throws<ArgumentException>(() => GradientFlow.Measure(() => Linear(1).Forward(Tensor.Zeros(new(2, 1, 1))).Output));
        Assert.Throws<InvalidOperationException>(() => GradientFlow.Measure(() => Tensor.Zeros(new(1))));
        Assert.Null(Recorder.Current);
        Assert.Throws<ArgumentException>(() => GradientFlow.Jacobian(new GruCell(2, 3, new Rng(1)), Tensor.Zeros(new(1, 3))));
    }
}
