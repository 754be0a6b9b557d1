using System.Text.Json.Nodes;
using Unroll.Inspection;
using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>What a training says of its gradients, updates and gates.</summary>
public class TrainingStatisticsTests
{
    sealed class Seen : ITrainingObserver
    {
        public List<TrainingStatistics> Statistics { get; } = [];

        public List<long> Reports { get; } = [];

        public void OnStatistics(TrainingStatistics statistics) => Statistics.Add(statistics);

        public void OnStep(in StepReport report) => Reports.Add(report.Iteration);
    }

    [Fact]
    public void Weights_keep_their_bits_and_every_report_has_statistics()
    {
        var (plain, recorded, seen) = (new EchoTask(), new EchoTask(), new Seen());
        Train(plain, new() { Iterations = 25, ClipNorm = 0.1, Accumulate = 2 });
        Train(recorded, new() { Iterations = 25, ClipNorm = 0.1, Accumulate = 2, RecordGradients = true }, seen);
        foreach (var (e, a) in plain.Model.Parameters.Zip(recorded.Model.Parameters)) Same.Bits(e.Parameter.Values, a.Parameter.Values, e.Name);
        Assert.Equal([10L, 20, 25], seen.Statistics.Select(s => s.Iteration));
        Assert.Equal(seen.Reports, seen.Statistics.Select(s => s.Iteration));
    }

    [Fact]
    public void Nothing_is_said_where_nothing_is_asked()
    {
        var seen = new Seen();
        Train(new EchoTask(), new() { Iterations = 10 }, seen);
        Assert.Empty(seen.Statistics);
    }

    static void Train(TrainingTask task, TrainerOptions options, params ITrainingObserver[] observers) =>
        new Trainer(task, new Sgd(task.Model.Parameters, 0.5), Schedule.Constant, options, null, observers).Run();

    /// <summary>With one step of plain gradient descent the update is the rate times the gradient, and gates are those of the first forward pass.</summary>
    [Fact]
    public void The_figures_are_those_of_the_iteration()
    {
        var (task, twin, seen) = (new OneBatch(), new OneBatch(), new Seen());
        using (var tape = Tape.Record())
        {
            tape.Backward(twin.NextLoss());
            Train(task, new() { Iterations = 1, RecordGradients = true }, seen);
        }
        var found = seen.Statistics.Single();
        foreach (var (name, parameter) in twin.Model.Parameters)
        {
            var w = found.Weights.Single(x => x.Name == name);
            Assert.Equal(Norm(parameter.Gradient), w.GradientNorm, 1e-6);
            Assert.Equal(Norm(parameter.Values), w.Norm, 1e-6);
            Assert.Equal(0.5 * w.GradientNorm / w.Norm, w.UpdateRatio, 1e-4);
        }
        Assert.Equal(["h"], found.Activations.Select(a => a.Name));
        Assert.Equal("rnn.l0", found.Activations[0].Layer);
        Assert.Equal(2, found.Activations[0].Dead);                        // of units 0 to 3, as their biases are −9, −9, 0.95 and 0.5
        Assert.Equal((0.5, 0.25), (found.Activations[0].Low, found.Activations[0].High));
        var json = found.ToJson();
        Assert.Equal(2, json["activations"]!["rnn.l0"]!["h"]!["dead"]!.GetValue<int>());
    }

    static double Norm(ReadOnlySpan<float> x)
    {
        double sum = 0;
        foreach (var v in x) sum += (double)v * v;
        return Math.Sqrt(sum);
    }

    [Fact]
    public void The_log_has_them_and_a_resumed_one_keeps_them()
    {
        using var stream = new MemoryStream();
        var log = new RunLog(stream);
        log.OnStatistics(new(3, 0.5, [new("w", 1, 0, double.PositiveInfinity)], [new("rnn.l0", "f", 0.25, 0.5, 0)]));
        log.OnScore(9, 1, "test", new JsonObject { ["accuracy"] = 1 });
        stream.Position = 0;
        var entries = RunLog.Read(stream);
        Assert.Equal((false, true), (entries[0].IsScore, entries[1].IsScore));
        Assert.Null(entries[1].Statistics);
        Assert.Equal(0.25, entries[0].Statistics!["activations"]!["rnn.l0"]!["f"]!["low"]!.GetValue<double>());
        Assert.Null(entries[0].Statistics!["weights"]!["w"]!["update_ratio"]);
        RunLog.Resume(stream, 5);
        stream.Position = 0;
        Assert.NotNull(Assert.Single(RunLog.Read(stream)).Statistics);
    }

    /// <summary>One batch through two directions, whole or ragged, fused or step by step.</summary>
    sealed class TwoDirections(string cell, bool ragged, bool composed) : TrainingTask
    {
        sealed class Net : Module
        {
            public Net(string cell)
            {
                var rng = new Rng(1);
                Rnn = Add("rnn", new Bidirectional(CellCatalog.Get(cell).Create(3, 5, rng), CellCatalog.Get(cell).Create(3, 5, rng)));
                Output = Add("output", new Linear(10, 2, rng));
            }

            public Bidirectional Rnn { get; }

            public Linear Output { get; }
        }

        const int Steps = 6, Batch = 3;

        readonly Net _net = new(cell);

        public override Module Model => _net;

        public override int BatchesPerEpoch => 1;

        public override Tensor NextLoss()
        {
            foreach (var (_, layer) in _net.Rnn.Children) if (layer is Recurrent one) one.Composed = composed;
            var rng = new Rng(2);
            var x = Tensor.Zeros(new(Steps, Batch, 3));
            foreach (ref var v in x.Values) v = (float)rng.NextNormal();
            var z = _net.Output.Forward(_net.Rnn.Forward(x, lengths: ragged ? new([6, 2, 4], Steps) : null).Output);
            return Losses.CrossEntropy(z, [.. Enumerable.Range(0, Steps * Batch).Select(i => ragged && i / Batch >= new[] { 6, 2, 4 }[i % Batch] ? -1 : i % 2)]);
        }

        public override long TokensInBatch => 1;

        public override bool HasValidation => false;

        public override Validation Validate() => throw new NotSupportedException();

        public override void Capture(CheckpointState snapshot)
        {
        }

        public override void Restore(CheckpointState snapshot)
        {
        }
    }

    [Theory]
    [InlineData("rnn", false)]
    [InlineData("lstm", false)]
    [InlineData("gru", false)]
    [InlineData("rnn", true)]
    [InlineData("lstm", true)]
    [InlineData("gru", true)]
    public void Gradients_of_states_are_total_and_the_same_fused_or_not(string cell, bool ragged)
    {
        var (fused, composed) = (StatesOf(new(cell, ragged, composed: false)), StatesOf(new(cell, ragged, composed: true)));
        Assert.Equal(["rnn.l0", "rnn.l0_reverse"], fused.Select(s => s.Layer));
        var flow = ragged ? null : GradientFlow.Measure(new TwoDirections(cell, ragged, composed: true).NextLoss);
        for (var l = 0; l < 2; l++)
        {
            Assert.Equal(6, fused[l].Steps);
            for (var t = 0; t < 6; t++)
            {
                Assert.Equal(composed[l].Norms[t], fused[l].Norms[t], 1e-6);
                if (flow is not null) Assert.Equal(flow.Layers[l].States[0].Norms[t], fused[l].Norms[t], 1e-6);
                Assert.True(fused[l].Norms[t] > 1e-4);
            }
        }

        static IReadOnlyList<StateGradients> StatesOf(TwoDirections task)
        {
            var seen = new Seen();
            Train(task, new() { Iterations = 1, RecordGradients = true }, seen);
            return seen.Statistics.Single().States;
        }
    }

    [Fact]
    public void Long_sequences_have_means_of_neighbouring_steps()
    {
        var states = StateGradients.Of("l", [.. Enumerable.Range(0, 64).Select(t => (double)t * t)]);
        Assert.Equal((64, StateGradients.MostNorms), (states.Steps, states.Norms.Count));
        Assert.Equal([0.5, 2.5, 62.5], new[] { states.Norms[0], states.Norms[1], states.Norms[31] });
        Assert.Equal([0.0, 1, 2], StateGradients.Of("l", [0, 1, 4]).Norms);
        var json = new TrainingStatistics(1, 0, [], []) { States = [states] }.ToJson();
        Assert.Equal(64, json["states"]!["l"]!["steps"]!.GetValue<int>());
        Assert.Equal(32, json["states"]!["l"]!["gradient_norms"]!.AsArray().Count);
    }

    /// <summary>A ragged batch through ReLU units without recurrent weights: h is what the biases say.</summary>
    sealed class OneBatch : TrainingTask
    {
        sealed class Net : Module
        {
            public Net()
            {
                var cell = new RnnCell(1, 4, new Rng(1), RnnActivation.Relu);
                Rnn = Add("rnn", new Recurrent(cell));
                cell.WeightHh.Edit().Clear();
                cell.WeightHh.Edit()[0] = 1e-3f;
                cell.WeightIh.Edit().Fill(1e-3f);
                cell.BiasHh.Edit().Fill(1e-3f);
                new[] { -9f, -9, 0.95f, 0.5f }.CopyTo(cell.BiasIh.Edit());
            }

            public Recurrent Rnn { get; }
        }

        readonly Net _net = new();

        public override Module Model => _net;

        public override int BatchesPerEpoch => 1;

        public override Tensor NextLoss() => Ops.Sum(_net.Rnn.Forward(Tensor.Full(new(3, 2, 1), 0.1), lengths: new([3, 1], 3)).Output);

        public override long TokensInBatch => 4;

        public override bool HasValidation => false;

        public override Validation Validate() => throw new NotSupportedException();

        public override void Capture(CheckpointState snapshot)
        {
        }

        public override void Restore(CheckpointState snapshot)
        {
        }
    }
}
