using Unroll.Data;
using Unroll.Kernels;
using Unroll.Tests.Contracts;
using Unroll.Tests.Models;
using Unroll.Training;

namespace Unroll.Tests.Training;

[Collection(nameof(ThreadTeam))]
public sealed class SequenceTaggerTaskTests : IDisposable
{
    static readonly TaggedSentence[] Train = TinySentences.PartsOfSpeech(60, 1), Valid = TinySentences.PartsOfSpeech(10, 2);
    static readonly SequenceTaggerConfig Config = TinySentences.Small with { HiddenSize = 48, LetterHiddenSize = 40, Layers = 2 };

    readonly int _threads = ThreadTeam.Threads;

    public void Dispose() => ThreadTeam.Threads = _threads;

    [Fact]
    public void Threads_and_interruptions_do_not_change_a_bit()
    {
        ThreadTeam.Threads = 1;
        var (expected, whole) = Make();
        whole.Run();
        ThreadTeam.Threads = 3;
        var (model, first) = Make(iterations: 13);
        first.Run();
        var snapshot = first.Capture();
        ThreadTeam.Threads = 2;
        var (resumed, second) = Make();
        second.Restore(snapshot);
        second.Run();
        foreach (var (e, a) in expected.Parameters.Zip(resumed.Parameters)) Same.Bits(e.Parameter.Values, a.Parameter.Values, e.Name);
        Assert.NotSame(model, resumed);
    }

    [Fact]
    public void Other_sentences_are_refused()
    {
        var snapshot = Make().Trainer.Capture();
        Assert.Contains("training", Assert.ThrowsAny<UnrollException>(() => Make(train: TinySentences.PartsOfSpeech(60, 3)).Trainer.Restore(snapshot)).Message, StringComparison.Ordinal);
        Assert.Contains("validation", Assert.ThrowsAny<UnrollException>(() => Make(valid: Valid[..9]).Trainer.Restore(snapshot)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_training_iteration_allocates_nothing()
    {
        var sentences = Enumerable.Repeat(Train[0], 8).ToArray();
        var model = TinySentences.Model(TinySentences.Small, sentences);
        var task = new SequenceTaggerTask(model, sentences, [], 4, new Rng(1));
        var trainer = new Adam(model.Parameters);
        void Step()
        {
            using var tape = Unroll.Tensors.Tape.Record();
            tape.Backward(task.NextLoss());
            trainer.Step();
        }
        for (var i = 0; i < 4; i++) Step();
        Assert.Equal(0, Allocations.Of(Step));
        Assert.False(task.HasValidation);
        Assert.Throws<InvalidOperationException>(() => task.Validate());
    }

    [Fact]
    public void Validation_changes_nothing_and_tells_accuracy()
    {
        var (model, trainer) = Make();
        var task = new SequenceTaggerTask(model, Train, Valid, 8, new Rng(2));
        var before = trainer.Capture().Values.ToJsonString();
        var validation = task.Validate();
        Assert.Equal(before, trainer.Capture().Values.ToJsonString());
        Assert.Equal(["accuracy"], validation.Metrics.Select(m => m.Name));
        Assert.Equal(TaggingScore.Measure(model, Valid, batch: 3).Loss, validation.Loss, 1e-5);
    }

    [Fact]
    public void Tags_that_teach_or_measure_nothing_are_refused()
    {
        var (model, _) = Make();
        TaggedSentence[] foreign = [new(["the", "end"], ["X", "Y"], "new, line 1")];
        Assert.Contains("'X', 'Y'", Fails(() => TaggingScore.Measure(model, foreign)));
        Assert.Contains("'DET'", Fails(() => new SequenceTaggerTask(model, Train, foreign, 8, new Rng(1))));
        TaggedSentence[] alike = [new(["the", "end"], ["DET", "DET"], "new, line 1")];
        Assert.Contains("All words have the tag 'DET'", Fails(() => new SequenceTaggerTask(model, alike, [], 8, new Rng(1))));
        Assert.Equal(2, TaggingScore.Measure(model, alike).Words);

        static string Fails(Action action) => Assert.ThrowsAny<UnrollException>(action).Message;
    }

    static (SequenceTagger Model, Trainer Trainer) Make(int iterations = 20, TaggedSentence[]? train = null, TaggedSentence[]? valid = null)
    {
        var model = new SequenceTagger(Config, SentenceVocabulary.Build(Train), new Rng(1));
        var task = new SequenceTaggerTask(model, train ?? Train, valid ?? Valid, 16, new Rng(2));
        return (model, new(task, new Adam(model.Parameters, 0.005), Schedule.Constant, new() { Iterations = iterations, ClipNorm = 1, ValidateEvery = 7 }));
    }
}
