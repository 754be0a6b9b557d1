using Unroll.Data;
using Unroll.Tests.Cli;
using Unroll.Tests.Models;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Tasks;

/// <summary>What the command does, in a call of the library: train, then ask.</summary>
public class LibraryTests
{
    static readonly string[] Good = ["good", "fine", "lovely", "great"], Bad = ["bad", "awful", "dreadful", "poor"], Things = ["film", "book", "song", "play", "meal"];

    static readonly Example[] Texts =
        [.. Enumerable.Range(0, 60).Select(i => new Example { Text = $"a {(i % 2 == 0 ? Good : Bad)[i / 2 % 4]} {Things[i % 5]}", Labels = [i % 2 == 0 ? "pos" : "neg"], Source = $"text {i}" })];

    [Fact]
    public void A_classifier_takes_two_calls()
    {
        var model = SequenceClassifier.Train(Texts);
        var found = model.Classify("a lovely meal");
        Assert.Equal("pos", found.Label);
        Assert.Equal(["pos"], found.Labels);
        Assert.Equal((found.Label, found.Probability), found.All[0]);
        Assert.Equal(1, found.All.Sum(c => c.Probability), 1e-5);
        Assert.Equal("neg", model.Classify("a poor song").Label);
        Assert.ThrowsAny<UnrollException>(() => model.Classify(new Series([1], 1, 1)));
    }

    [Fact]
    public void Options_hold_and_the_same_seed_has_the_same_bits()
    {
        var options = new ClassifierOptions { Epochs = 3, Seed = 7 };
        var (first, second) = (SequenceClassifier.Train(Texts, options), SequenceClassifier.Train(Texts, options));
        Assert.All(first.Parameters.Zip(second.Parameters), p => Assert.Equal(p.First.Parameter.Values.ToArray(), p.Second.Parameter.Values.ToArray()));
        var e = Assert.ThrowsAny<UnrollException>(() => SequenceClassifier.Train(Texts, new() { Batch = 0, LearningRate = -1 }));
        Assert.All(["batch is 0", "learning_rate is -1"], part => Assert.Contains(part, e.Message));
    }

    [Fact]
    public void A_run_in_a_folder_has_the_bits_of_the_command()
    {
        using var directory = new TemporaryDirectory();
        var data = directory["data.tsv"];
        File.WriteAllText(data, "label\ttext\n" + string.Concat(Texts.Select(t => $"{t.Labels[0]}\t{t.Text}\n")));
        var task = TaskCatalog.All.Single(t => t.Name == "classify");
        var options = new ClassifierOptions { Epochs = 4, Batch = 8, Seed = 3, Data = new() { Files = [data], TestEvery = 5 } };
        var result = new TrainingRun(task, directory["library"], new Unroll.Formats.DataFiles()).Start(options);
        Assert.Equal(12, result.Report!.Size.Count);
        Assert.Equal(["loss", "accuracy"], result.Report.Metrics.Take(2).Select(m => m.Name));
        Command.Run("train", "classify", "--data", data, "--test-every", "5", "--epochs", "4", "--batch", "8", "--seed", "3", "--out", directory["command"], "--json").Succeeds();
        Assert.Equal(File.ReadAllBytes(Path.Combine(directory["command"], "model.safetensors")), File.ReadAllBytes(result.Folder.ModelPath));
        Assert.ThrowsAny<UnrollException>(() => new TrainingRun(task, directory["library"], new Unroll.Formats.DataFiles()).Start(options));
        Assert.Throws<InvalidConfigurationException>(() => new TrainingRun(task, directory["other"], new Unroll.Formats.DataFiles()).Start(options with { Epochs = 0 }));
        Assert.False(Directory.Exists(directory["other"]));
    }

    [Fact]
    public void A_tagger_tags_running_text()
    {
        TaggedSentence[] sentences = [.. Enumerable.Range(0, 40).Select(i => new TaggedSentence(["see", i % 2 == 0 ? "Anna" : "Oslo", "now"], ["O", i % 2 == 0 ? "B-PER" : "B-LOC", "O"], $"sentence {i}"))];
        var model = SequenceTagger.Train(sentences, new() { MinCount = 1, Epochs = 60, LearningRate = 0.02, Batch = 8, Model = new() { HiddenSize = 8, WordSize = 8, LetterSize = 4, LetterHiddenSize = 4, Dropout = 0 } });
        Assert.Equal([("See", "O"), ("Anna", "B-PER"), ("now", "O")], model.Tag("See Anna now"));
    }

    [Fact]
    public void A_translator_spells_backwards()
    {
        TextPair[] pairs = [.. TinyPairs.Pairs(s => string.Concat(s.Reverse()), "abcd", 2, 4, 400)];
        var model = Seq2Seq.Train(pairs, new() { Epochs = 30, LearningRate = 0.02, Batch = 160, Model = new() { EmbeddingSize = 8, HiddenSize = 32, Dropout = 0 } });
        Assert.Equal("cba", model.Translate("abc"));
        Assert.Equal("cba", model.Translate("abc", beam: 3));
    }

    [Fact]
    public void A_captioner_names_images()
    {
        PictureCaption[] captions = [.. Enumerable.Range(0, 24).Select(i => new PictureCaption(new Series([.. Enumerable.Range(0, 12).Select(p => (float)(i % 3 * 100 + (i + p) % 7))], 3, 4), (string[])["night", "noon", "dawn"] is var names ? names[i % 3] : "", null, $"caption {i}"))];
        var model = Captioner.Train(captions, new() { Epochs = 100, LearningRate = 0.02, Batch = 40, Model = new() { Rows = 1, Features = 1, EncoderSize = 8, EmbeddingSize = 8, HiddenSize = 16, Dropout = 0 } });
        Assert.Equal("noon", model.Describe(captions[1].Picture));
    }

    [Fact]
    public async Task A_language_model_writes_piece_by_piece()
    {
        var text = string.Concat(Enumerable.Repeat("the cat sat on the mat.\n", 40));
        var model = LanguageModel.Train([new TextDocument("text", text)], new() { Iterations = 40, Batch = 4, Steps = 16, LearningRate = 0.02, Model = new() { HiddenSize = 24, EmbeddingSize = 8, Layers = 1 } });
        var written = string.Concat(new LanguageModelSession(model).Generate("the ", 30, new() { Temperature = 0.5 }, seed: 3));
        var pieces = new List<string>();
        await foreach (var piece in new LanguageModelSession(model).GenerateAsync("the ", 30, new() { Temperature = 0.5 }, seed: 3)) pieces.Add(piece);
        Assert.Equal(written, string.Concat(pieces));
        Assert.True(pieces.Count > 10);

        using var stop = new CancellationTokenSource();
        var some = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in new LanguageModelSession(model).GenerateAsync("", 1000, cancellation: stop.Token))
                if (++some == 3) stop.Cancel();
        });
        Assert.Equal(3, some);
        Assert.Throws<ArgumentOutOfRangeException>(() => new LanguageModelSession(model).Generate("", -1));
    }

    [Fact]
    public void A_training_is_cancelled_between_two_iterations()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => SequenceClassifier.Train(Texts, new() { Epochs = 1000 }, cancellation: stop.Token));
    }

    [Fact]
    public void An_observer_is_told_how_it_goes()
    {
        var observer = new Counting();
        SequenceTagger.Train([new(["a", "b"], ["X", "Y"], "one")], new() { Epochs = 20, MinCount = 1 }, observer: observer);
        Assert.Equal([WorkPhase.Building, WorkPhase.Training], observer.Phases);
        Assert.True(observer.Steps > 0);
    }

    sealed class Counting : TaskObserver
    {
        public List<WorkPhase> Phases { get; } = [];

        public int Steps { get; private set; }

        public override void OnPhase(WorkPhase phase, params IReadOnlyList<string> files) => Phases.Add(phase);

        public override void OnStep(in Unroll.Training.StepReport report) => Steps++;
    }
}
