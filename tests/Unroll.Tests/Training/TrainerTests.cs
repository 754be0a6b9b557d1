using Unroll.Training;

namespace Unroll.Tests.Training;

public class TrainerTests
{
    [Fact]
    public void A_task_is_learned()
    {
        var task = new EchoTask();
        var before = task.TrueLoss();
        var result = Make(task, new() { Iterations = 300, ClipNorm = 1 }, rate: 0.02).Run();
        Assert.Equal((TrainingEnd.Finished, 300L), (result.End, result.Iterations));
        Assert.InRange(task.TrueLoss(), 0, before / 3);
    }

    [Fact]
    public void Iterations_allocate_nothing_after_the_first()
    {
        var allocated = new List<long>(64);
        var task = new EchoTask { Before = _ => allocated.Add(GC.GetAllocatedBytesForCurrentThread()) };
        Make(task, new() { Iterations = 50, ClipNorm = 0.1, ClipValue = 0.1, ReportEvery = 5, ValidateEvery = 100, Accumulate = 1 }).Run();
        Assert.Equal(50, allocated.Count);
        Assert.All(allocated.Skip(2), bytes => Assert.Equal(allocated[1], bytes));
    }

    [Fact]
    public void Epochs_and_accumulated_batches_make_iterations()
    {
        var task = new EchoTask();                                        // 5 batches an epoch
        var seen = new MemoryObserver();
        var trainer = Make(task, new() { Epochs = 3, Accumulate = 2, ReportEvery = 3 }, observer: seen);
        Assert.Equal(8, trainer.Iterations);
        trainer.Run();
        Assert.Equal(16, task.Batches);
        Assert.Equal(3.2, trainer.Epoch, 1e-12);
        Assert.Equal([3L, 6, 8], seen.Steps.Select(s => s.Iteration));
    }

    [Fact]
    public void Accumulated_batches_have_the_gradient_of_their_mean()
    {
        double Norm(int accumulate, double scale)
        {
            var seen = new MemoryObserver();
            Make(new EchoTask { Scale = scale }, new() { Iterations = 1, Accumulate = accumulate }, observer: seen, rate: 0).Run();
            return seen.Steps[0].GradientNorm;
        }
        Assert.Equal(2 * Norm(3, 1), Norm(3, 2), 1e-6);
        Assert.NotEqual(Norm(1, 1), Norm(3, 1), 1e-6);

        // The same chunk three times over: with a rate of 0 and no dropout in between, only the scale 1/n can differ.
        var once = new MemoryObserver();
        Make(new EchoTask(), new() { Iterations = 3, ReportEvery = 3 }, observer: once, rate: 0).Run();
        var together = new MemoryObserver();
        Make(new EchoTask(), new() { Iterations = 1, ReportEvery = 1, Accumulate = 3 }, observer: together, rate: 0).Run();
        Assert.Equal(once.Steps[0].Loss, together.Steps[0].Loss, 1e-9);
    }

    [Fact]
    public void Validations_checkpoints_and_reports_come_when_they_are_due()
    {
        var losses = new Queue<double>([3, 2, 2.5, 1, 4]);
        var (seen, store) = (new MemoryObserver(), new MemoryStore());
        var task = new EchoTask { ValidLoss = _ => losses.Dequeue() };
        var result = Make(task, new() { Iterations = 22, ValidateEvery = 5, CheckpointEvery = 4, ReportEvery = 10 }, store, seen).Run();
        Assert.Equal([10L, 20, 22], seen.Steps.Select(s => s.Iteration));
        Assert.Equal([(5L, true), (10, true), (15, false), (20, true), (22, false)], seen.Validations.Select(v => (v.Iteration, v.IsBest)));
        Assert.Equal([5L, 10, 20], seen.Checkpoints.Where(c => c.Best).Select(c => c.Iteration));
        Assert.Equal([4L, 8, 12, 16, 20, 22], seen.Checkpoints.Where(c => !c.Best).Select(c => c.Iteration));
        Assert.Equal((1.0, 20L, 4.0), (result.BestLoss, result.BestIteration, result.Last!.Loss));
        Assert.Equal(22 * task.TokensInBatch, result.Tokens);
    }

    [Fact]
    public void Patience_stops_and_saves()
    {
        var (seen, store) = (new MemoryObserver(), new MemoryStore());
        var losses = new Queue<double>([3, 2, 2.5, double.NaN, 0]);
        var task = new EchoTask { ValidLoss = _ => losses.Dequeue() };
        var result = Make(task, new() { Iterations = 100, ValidateEvery = 5, Patience = 2 }, store, seen).Run();
        Assert.Equal((TrainingEnd.NoProgress, 20L, 10L), (result.End, result.Iterations, result.BestIteration));
        Assert.Equal((20L, false), seen.Checkpoints[^1]);
    }

    [Fact]
    public void A_finished_run_that_is_resumed_ends_at_once_and_knows_its_result()
    {
        var store = new MemoryStore();
        var task = new EchoTask { ValidLoss = t => t.TrueLoss() };
        var result = Make(task, new() { Iterations = 6 }, store).Run();
        task = new EchoTask { ValidLoss = _ => throw new InvalidOperationException("nothing is validated again") };
        var trainer = Make(task, new() { Iterations = 6 });
        trainer.Restore(store.Last[^1]);
        var again = trainer.Run();
        Assert.Equal(0, task.Batches);
        Assert.Equal((result.BestLoss, result.BestIteration, result.Last!.Loss), (again.BestLoss, again.BestIteration, again.Last!.Loss));
        Assert.Equal(("twice", 2.0), again.Last.Metrics[0]);
    }

    [Theory]
    [InlineData(double.NaN, "loss")]
    [InlineData(double.PositiveInfinity, "loss")]
    [InlineData(1e30, "gradient")]                        // squares of the gradient overflow
    public void A_loss_or_gradient_that_is_not_finite_stops_the_run_before_it_touches_the_weights(double scale, string what)
    {
        var store = new MemoryStore();
        EchoTask task = null!;
        task = new EchoTask { Before = batch => task.Scale = batch == 7 ? scale : 1 };
        var trainer = Make(task, new() { Iterations = 20, CheckpointEvery = 4, ClipNorm = 5 }, store);
        var e = Assert.Throws<TrainingDivergedException>(() => trainer.Run());
        Assert.Equal((8, 0.01, what == "gradient"), (e.Iteration, e.LearningRate, double.IsFinite(e.Loss)));
        Assert.False(double.IsFinite(e.GradientNorm));
        foreach (var part in new[] { "iteration 8", $"the {what} is not finite", "learning rate 0.01", "rnn.weight_hh_l0", "clip below 5" })
            Assert.Contains(part, e.Message, StringComparison.Ordinal);
        Assert.Single(store.Last);
        foreach (var (_, parameter) in task.Model.Parameters)
            foreach (var weight in parameter.Values) Assert.True(float.IsFinite(weight));
    }

    [Fact]
    public void Without_validation_there_is_no_best()
    {
        var store = new MemoryStore();
        var result = Make(new EchoTask(), new() { Iterations = 3 }, store).Run();
        Assert.Null(result.Last);
        Assert.Equal(double.NaN, result.BestLoss);
        Assert.Empty(store.Best);
        Assert.Single(store.Last);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        foreach (var options in new TrainerOptions[]
        {
            new() { Iterations = 0 }, new() { Epochs = 0 }, new() { Accumulate = 0 }, new() { ValidateEvery = 0 },
            new() { CheckpointEvery = -1 }, new() { ReportEvery = 0 }, new() { ClipNorm = 0 }, new() { ClipValue = double.NaN },
            new() { Patience = -1 }, new() { Patience = 1 },
        })
            Assert.Throws<ArgumentOutOfRangeException>(() => Make(new EchoTask(), options));
    }

    static Trainer Make(
        EchoTask task, TrainerOptions options, MemoryStore? store = null, MemoryObserver? observer = null, double rate = 0.01) =>
        new(task, new Adam(task.Model.Parameters, rate), Schedule.Constant, options, store, observer is null ? [] : [observer]);
}
