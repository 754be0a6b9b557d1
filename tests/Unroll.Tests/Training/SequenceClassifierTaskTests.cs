using Unroll.Data;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Tests.Models;
using Unroll.Tests.Storage;
using Unroll.Training;

namespace Unroll.Tests.Training;

public sealed class SequenceClassifierTaskTests : IDisposable
{
    const int Iterations = 12;

    readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    static SequenceClassifier NewModel() => TinyClassifier.Model(c => c with { Dropout = 0.3, VariationalDropout = true, WordDropout = 0.2, EmbeddingDropout = 0.1, RecurrentDropout = 0.2, Members = 2, NGrams = 3, NGramRows = 256 });

    static Trainer NewTrainer(SequenceClassifier model, ICheckpointStore? store = null, int iterations = Iterations) => new(
        new SequenceClassifierTask(model, TinyClassifier.Texts, TinyClassifier.Texts, new() { Batch = 4, LabelSmoothing = 0.1, ClassBalance = 0.5 }, new Rng(2)),
        new AdamW(model.Parameters, 0.01), Schedule.Cosine(Iterations),
        new() { Iterations = iterations, ClipNorm = 1, AverageDecay = 0.9, ValidateEvery = 4, CheckpointEvery = 1 }, store);

    [Fact]
    public void Interrupted_and_resumed_has_the_bits_of_uninterrupted()
    {
        var whole = NewModel();
        NewTrainer(whole).Run();
        for (var cut = 1; cut < Iterations; cut += 3)
        {
            var run = new RunFolder(_directory[$"run{cut}"]);
            run.Create();
            var model = NewModel();
            NewTrainer(model, run.Store(model, [], hasValidation: true), cut).Run();
            var checkpoint = Checkpoint.Load<SequenceClassifier>(run.CheckpointPath);
            var second = NewTrainer(checkpoint.Model);
            second.Restore(checkpoint.Snapshot);
            Assert.Equal(cut, second.Iteration);
            second.Run();
            foreach (var (e, a) in whole.Parameters.Zip(checkpoint.Model.Parameters)) Same.Bits(e.Parameter.Values, a.Parameter.Values, e.Name);
        }
    }

    [Fact]
    public void The_saved_model_has_the_means_and_gives_the_validated_loss()
    {
        var run = new RunFolder(_directory["run"]);
        run.Create();
        var model = NewModel();
        var result = NewTrainer(model, run.Store(model, [], hasValidation: true)).Run();
        var score = SequenceClassifierTask.Evaluate(ModelFile.Load<SequenceClassifier>(run.ModelPath), TinyClassifier.Texts);
        Assert.Equal(result.BestLoss, score.Loss, 1e-9);
        if (result.BestIteration == Iterations) Assert.Equal(SequenceClassifierTask.Evaluate(model, TinyClassifier.Texts).Loss, score.Loss, 1e-9);
        var last = Checkpoint.Load<SequenceClassifier>(run.CheckpointPath).Model;
        Assert.NotEqual(model.Parameters[0].Parameter.Values.ToArray(), last.Parameters[0].Parameter.Values.ToArray());
    }

    [Fact]
    public void The_best_weights_come_back()
    {
        var model = NewModel();
        var best = new BestWeights(model);
        var result = NewTrainer(model, best).Run();
        best.PutBack();
        Assert.Equal(result.BestLoss, SequenceClassifierTask.Evaluate(model, TinyClassifier.Texts).Loss, 1e-9);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_model_without_networks_is_trained_saved_and_explained(bool several)
    {
        var run = new RunFolder(_directory["linear"]);
        run.Create();
        var model = TinyClassifier.Model(c => c with { Members = 0, NGrams = 2, MultiLabel = several });
        var task = new SequenceClassifierTask(model, TinyClassifier.Texts, TinyClassifier.Texts, new(), new Rng(2));
        Assert.Equal(1, task.BatchesPerEpoch);
        var result = new Trainer(task, new AdamW(model.Parameters), Schedule.Constant, new() { ClipNorm = 1, AverageDecay = 0.9 }, run.Store(model, [], hasValidation: true)).Run();
        var loaded = ModelFile.Load<SequenceClassifier>(run.ModelPath);
        Assert.Equal(result.BestLoss, SequenceClassifierTask.Evaluate(loaded, TinyClassifier.Texts).Loss, 1e-9);
        var why = Attribution.Of(loaded, TinyClassifier.Texts[0]);
        Assert.Equal(loaded.Predict(loaded.Prepare(TinyClassifier.Texts[0])), why.Probabilities);
        Assert.Contains(why.Steps, s => s.Contribution != 0 && s.Connectivity == Math.Abs(s.Contribution));
    }

    [Fact]
    public void What_cannot_be_learned_from_is_named()
    {
        var model = TinyClassifier.Model();
        Assert.Contains("no example to learn from", Fails([]));
        Assert.Contains("'ugly' is no class of the model", Fails([.. TinyClassifier.Texts, TinyClassifier.Texts[0] with { Labels = ["ugly"] }]));
        Assert.Contains("text 0 has 2 labels", Fails([TinyClassifier.Texts[0] with { Labels = ["good", "bad"] }]));
        Assert.Contains("text 0 has 0 labels", Fails([TinyClassifier.Texts[0] with { Labels = [] }]));
        Assert.Contains("text 1 has 0 labels", Assert.ThrowsAny<UnrollException>(
            () => new SequenceClassifierTask(model, TinyClassifier.Texts, [TinyClassifier.Texts[1] with { Labels = [] }], new(), new Rng(1))).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SequenceClassifierTask(model, TinyClassifier.Texts, [], new() { LabelSmoothing = 1 }, new Rng(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SequenceClassifierTask(model, TinyClassifier.Texts, [], new() { ClassBalance = 2 }, new Rng(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SequenceClassifierTask(model, TinyClassifier.Texts, [], new() { NGramEpochs = 0 }, new Rng(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SequenceClassifierTask(model, TinyClassifier.Texts, [], new() { NGramDropout = 1 }, new Rng(1)));
        Assert.Contains("no example to measure", Assert.ThrowsAny<UnrollException>(() => SequenceClassifierTask.Evaluate(model, [])).Message);

        string Fails(Example[] examples) => Assert.ThrowsAny<UnrollException>(() => new SequenceClassifierTask(model, examples, [], new(), new Rng(1))).Message;
    }

    [Fact]
    public void A_class_unknown_to_the_model_is_evaluated_as_wrong()
    {
        var model = TinyClassifier.Model();
        var known = SequenceClassifierTask.Evaluate(model, [TinyClassifier.Texts[0]]);
        var score = SequenceClassifierTask.Evaluate(model, [TinyClassifier.Texts[0], TinyClassifier.Texts[0] with { Labels = ["ugly"] }]);
        Assert.Equal((known.Accuracy / 2, known.Loss, 2), (score.Accuracy, score.Loss, score.Count));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Labels_of_which_the_model_knows_none_are_no_measure(bool several)
    {
        var model = TinyClassifier.Model(c => c with { MultiLabel = several });
        Example[] foreign = [.. TinyClassifier.Texts.Select(t => t with { Labels = ["ugly"] })];
        Assert.Contains("'ugly'", Fails(() => SequenceClassifierTask.Evaluate(model, foreign)));
        Assert.Contains("'bad', 'good'", Fails(() => new SequenceClassifierTask(model, TinyClassifier.Texts, foreign, new(), new Rng(1))));
        if (several) Assert.Equal(1, SequenceClassifierTask.Evaluate(model, [foreign[0] with { Labels = [] }]).Count);           // to have none is an answer

        static string Fails(Action measure) => Assert.ThrowsAny<UnrollException>(measure).Message;
    }

    [Theory]
    [InlineData("rnn", "max")]
    [InlineData("rnn", "attention")]
    [InlineData("rnn", "last")]
    [InlineData("mlp", "mean")]
    public void A_training_step_allocates_nothing(string encoder, string pooling)
    {
        var model = TinyClassifier.Model(c => c with { Encoder = encoder, Pooling = pooling, Dropout = 0.2, WordDropout = 0.1 });
        var task = new SequenceClassifierTask(model, TinyClassifier.Texts, [], new() { Batch = 6 }, new Rng(1));
        var optimizer = new AdamW(model.Parameters);
        for (var i = 0; i < 3; i++) Step();
        Assert.Equal(0, Allocations.Of(Step));

        void Step()
        {
            using var tape = Tape.Record();
            tape.Backward(task.NextLoss());
            optimizer.Step();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_learns_what_a_bag_of_words_cannot(bool several)
    {
        // "not" turns the word that follows it around.
        var rng = new Rng(3);
        Example[] examples = [.. Enumerable.Range(0, 400).Select(i =>
        {
            string[] fill = ["the", "film", "was", "it", "a"];
            var words = Enumerable.Range(0, 2 + rng.Next(4)).Select(_ => fill[rng.Next(fill.Length)]).ToList();
            var (negated, good) = (rng.Next(2) == 1, rng.Next(2) == 1);
            words.InsertRange(rng.Next(words.Count + 1), negated ? ["not", good ? "good" : "bad"] : [good ? "good" : "bad"]);
            if (!negated) words.Add("not");                  // where it turns nothing around
            return new Example { Text = string.Join(' ', words), Labels = several ? negated == good ? ["bad", "read"] : ["read"] : [negated == good ? "bad" : "good"], Source = $"{i}" };
        })];
        var plan = ClassifierPlan.For(examples[..300], effort: Effort.Quick) with { Epochs = 25, LearningRate = 0.01 };
        plan = plan with { Config = plan.Config with { Members = 1, NGrams = 0, EmbeddingSize = 16, HiddenSize = 16, Dropout = 0, WordDropout = 0, EmbeddingDropout = 0 }, AverageDecay = 0.95 };
        Assert.Equal(several, plan.Config.MultiLabel);
        var model = plan.CreateModel(examples[..300], new Rng(1));
        var task = new SequenceClassifierTask(model, examples[..300], [], plan.Task, new Rng(2));
        var options = plan.CreateTrainerOptions();
        new Trainer(task, plan.CreateOptimizer(model), ClassifierPlan.CreateSchedule(Trainer.CountIterations(task, options)), options).Run();
        Assert.InRange(SequenceClassifierTask.Evaluate(model, examples[300..]).Accuracy, 0.95, 1);
    }
}
