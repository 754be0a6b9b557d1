using Unroll.Layers;
using Unroll.Training;

namespace Unroll.Tests.Training;

public class ResumeTests
{
    const int Iterations = 23;

    static readonly Dictionary<string, Func<IReadOnlyList<NamedParameter>, Optimizer>> Optimizers = new()
    {
        ["sgd"] = p => new Sgd(p, 0.1),
        ["nesterov"] = p => new Sgd(p, 0.1, 0.9, nesterov: true, 0.01),
        ["adam"] = p => new Adam(p, 0.01, weightDecay: 0.01),
        ["adamw"] = p => new AdamW(p, 0.01),
        ["rmsprop"] = p => new RmsProp(p, 0.01, momentum: 0.5),
        ["adagrad"] = p => new Adagrad(p, 0.1),
    };

    public static TheoryData<string> Names => [.. Optimizers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Interrupted_and_resumed_has_the_bits_of_uninterrupted(string optimizer)
    {
        var whole = new MemoryObserver();
        var expected = Start(optimizer, accumulate: 2, observer: whole);
        expected.Run();
        foreach (var cut in new[] { 1, 3, 6, 10, 22 })           // 6 is where a validation is due and waits
        {
            var (store, seen) = (new MemoryStore(), new MemoryObserver());
            using var cancel = new CancellationTokenSource();
            var first = Start(optimizer, 2, store, seen, before: batch => { if (batch == 2 * cut - 1) cancel.Cancel(); });
            Assert.Equal(TrainingEnd.Cancelled, first.Run(cancel.Token).End);
            Assert.Equal(cut, first.Iteration);

            var second = Start(optimizer, 2, store, seen, seed: 99);
            second.Restore(store.Last[^1]);
            Assert.Equal(TrainingEnd.Finished, second.Run().End);
            AssertSame(expected.Capture(), second.Capture());
            Assert.Equal(whole.Steps.Select(Timeless), seen.Steps.Select(Timeless));
            Assert.Equal(whole.Validations.Select(Figures), seen.Validations.Select(Figures));
        }

        static (long, double, bool) Figures(ValidationReport r) => (r.Iteration, r.Result.Loss, r.IsBest);
        static StepReport Timeless(StepReport r) => r with { TokensPerSecond = 0, Remaining = default };
    }

    /// <summary>The head is frozen when the run begins and thawed before iteration 10; the mean of the weights is kept too.</summary>
    [Theory]
    [InlineData("sgd")]
    [InlineData("adam")]
    public void A_run_in_which_something_was_thawed_has_the_same_bits_after_a_resume(string optimizer)
    {
        const int Thaw = 10;
        var expected = Frozen(out _);
        expected.Run();
        Assert.Contains("training.average.head.weight", expected.Capture().Tensors.Keys);
        foreach (var cut in new[] { 4, 15 })
        {
            var store = new MemoryStore();
            using var cancel = new CancellationTokenSource();
            var first = Frozen(out _, store, batch => { if (batch == cut - 1) cancel.Cancel(); });
            Assert.Equal(TrainingEnd.Cancelled, first.Run(cancel.Token).End);
            var second = Frozen(out var batches, before: _ => { });
            second.Restore(store.Last[^1]);
            batches.From = cut;
            Assert.Equal(TrainingEnd.Finished, second.Run().End);
            AssertSame(expected.Capture(), second.Capture());
            second.Restore(store.Last[0]);                            // also back to where all was frozen
            AssertSame(store.Last[0], second.Capture());
        }

        Trainer Frozen(out Counter counter, MemoryStore? store = null, Action<int>? before = null)
        {
            var count = counter = new Counter();
            EchoTask? task = null;
            task = new EchoTask
            {
                ValidLoss = t => t.TrueLoss(),
                Before = batch =>
                {
                    foreach (var (name, p) in task!.Model.Parameters) p.Trainable = !name.StartsWith("head", StringComparison.Ordinal) || count.From + batch >= Thaw;
                    before?.Invoke(batch);
                },
            };
            foreach (var (name, p) in task.Model.Parameters) p.Trainable = !name.StartsWith("head", StringComparison.Ordinal);
            return new Trainer(task, Optimizers[optimizer](task.Model.Parameters), Schedule.Constant,
                new() { Iterations = Iterations, ValidateEvery = 6, CheckpointEvery = 2, ClipNorm = 0.5, AverageDecay = 0.9 }, store);
        }
    }

    sealed class Counter
    {
        public int From { get; set; }
    }

    [Fact]
    public void The_best_checkpoint_can_be_resumed_too()
    {
        var store = new MemoryStore();
        var expected = Start("adam", store: store);
        expected.Run();
        var again = Start("adam");
        again.Restore(store.Best[0]);
        again.Run();
        AssertSame(expected.Capture(), again.Capture());
    }

    [Fact]
    public void A_checkpoint_of_another_configuration_is_refused_and_every_difference_named()
    {
        var store = new MemoryStore();
        Start("sgd", store: store).Run();
        var task = new EchoTask(hidden: 7) { ValidLoss = t => t.TrueLoss() };
        var other = new Trainer(task, new Adam(task.Model.Parameters), Schedule.Constant, new TrainerOptions());
        var before = other.Capture();
        var e = Assert.ThrowsAny<UnrollException>(() => other.Restore(store.Last[^1]));
        foreach (var name in new[] { "rnn.weight_ih_l0", "rnn.weight_hh_l0", "head.weight", "training.task.carried.0" })
            Assert.Contains(e.Problems, p => p.StartsWith($"tensor '{name}' is [", StringComparison.Ordinal));
        Assert.Contains(e.Problems, p => p.Contains("'training.optimizer.exp_avg_sq.head.bias' [1] is missing", StringComparison.Ordinal));
        AssertSame(before, other.Capture());                          // and nothing was changed

        task = new EchoTask();
        var plain = new Trainer(task, new Sgd(task.Model.Parameters), Schedule.Constant, new TrainerOptions());
        var snapshot = Start("nesterov").Capture();
        e = Assert.ThrowsAny<UnrollException>(() => plain.Restore(snapshot));
        Assert.All(e.Problems, p => Assert.Contains("is unexpected", p, StringComparison.Ordinal));
    }

    static Trainer Start(
        string optimizer, int accumulate = 1, MemoryStore? store = null, MemoryObserver? observer = null, Action<int>? before = null,
        ulong seed = 1)
    {
        // The data must be the same after a resume; a seed of its own shows that weights and random states come from the checkpoint.
        var task = new EchoTask { ValidLoss = t => t.TrueLoss(), Before = before };
        if (seed != 1) foreach (var p in task.Model.Parameters) Init.Uniform(p.Parameter, 1, new Rng(seed));
        var options = new TrainerOptions
        {
            Iterations = Iterations, ValidateEvery = 6, CheckpointEvery = 7, ReportEvery = 4, ClipNorm = 0.5, Accumulate = accumulate,
        };
        var schedule = Schedule.WarmUp(5, Schedule.OnPlateau(0.5, patience: 0, threshold: 0.05));
        var made = Optimizers[optimizer](task.Model.Parameters);
        return new Trainer(task, made, schedule, options, store, observer is null ? [] : [observer]);
    }

    static void AssertSame(CheckpointState expected, CheckpointState actual)
    {
        Assert.Empty(actual.DifferencesFrom(expected));
        foreach (var (name, tensor) in expected.Tensors)
            Assert.True(tensor.Values.AsSpan().SequenceEqual(actual.Tensors[name].Values), name);
        Assert.Equal(expected.Values.ToJsonString(), actual.Values.ToJsonString());
    }
}
