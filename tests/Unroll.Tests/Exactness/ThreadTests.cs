using Unroll.Data;
using Unroll.Kernels;
using Unroll.Tests.Models;
using Unroll.Tests.Storage;
using Unroll.Training;

namespace Unroll.Tests.Exactness;

/// <summary>The same seed gives the same bits of every weight after 200 iterations: for any number of threads, interrupted or not.</summary>
[Collection(nameof(ThreadTeam))]
public sealed class ThreadTests : IDisposable
{
    const int Iterations = 200;

    readonly int _threads = ThreadTeam.Threads;
    readonly TemporaryDirectory _directory = new();

    public void Dispose()
    {
        ThreadTeam.Threads = _threads;
        _directory.Dispose();
    }

    [Fact]
    public void Threads_and_interruptions_do_not_change_a_bit()
    {
        var expected = Train(1);
        Tiny.SameWeights(expected, Train(2));
        Tiny.SameWeights(expected, TrainInTwoParts(threads: 3, threadsAfter: 2));
    }

    static LanguageModel Train(int threads)
    {
        ThreadTeam.Threads = threads;
        var model = NewModel();
        MakeTrainer(model, Iterations).Run();
        return model;
    }

    LanguageModel TrainInTwoParts(int threads, int threadsAfter)
    {
        var path = _directory["half.safetensors"];
        ThreadTeam.Threads = threads;
        var (model, store) = (NewModel(), new Half(path));
        var trainer = MakeTrainer(model, Iterations, store);
        store.Model = model;
        store.AtHalf = () => store.Cancel.Cancel();
        Assert.Equal(TrainingEnd.Cancelled, trainer.Run(store.Cancel.Token).End);

        ThreadTeam.Threads = threadsAfter;
        var checkpoint = Checkpoint.Load<LanguageModel>(path);
        var second = MakeTrainer(checkpoint.Model, Iterations);
        second.Restore(checkpoint.Snapshot);
        Assert.Equal(Iterations / 2, second.Iteration - 1);
        Assert.Equal(TrainingEnd.Finished, second.Run().End);
        return checkpoint.Model;
    }

    // Large enough that products, cells and updates are parted among three threads.
    static LanguageModel NewModel() => Tiny.Model(embedding: 40, hidden: 96, layers: 2, dropout: 0.2, recurrentDropout: 0.2);

    static Trainer MakeTrainer(LanguageModel model, int iterations, ICheckpointStore? store = null)
    {
        var (train, valid) = TokenStream.Encode(model.Tokenizer, Tiny.Documents).Split(0.1);
        var task = new LanguageModelTask(model, train, valid, new() { Batch = 24, Steps = 4 }, new Rng(2));
        return new(task, new Adam(model.Parameters, 0.003), Schedule.WarmUp(50, Schedule.Cosine(iterations)),
            new() { Iterations = iterations, ClipNorm = 1, ValidateEvery = 75, CheckpointEvery = Iterations / 2 }, store);
    }

    /// <summary>Ends the run at the checkpoint in its middle: the iteration that follows is finished, and saved.</summary>
    sealed class Half(string path) : ICheckpointStore
    {
        public CancellationTokenSource Cancel { get; } = new();
        public LanguageModel? Model { get; set; }
        public Action AtHalf { get; set; } = () => { };

        public void SaveLast(CheckpointState snapshot)
        {
            Checkpoint.Save(path, Model!, snapshot, []);
            AtHalf();
        }

        public void SaveBest(CheckpointState snapshot) { }
    }
}
