using Unroll.Data;
using Unroll.Tensors;
using Unroll.Tests.Models;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>Training of models that write texts.</summary>
public class GenerationTaskTests
{
    static readonly TextPair[] Pairs = TinyPairs.Pairs(s => string.Concat(s.Reverse()), "abcd", 0, 7, 60);

    public static TheoryData<string> Attentions => [.. DecoderConfig.Attentions];

    [Theory, MemberData(nameof(Attentions))]
    public void A_resumed_run_has_the_bits_of_one_that_was_never_interrupted(string attention)
    {
        var options = new GenerationTaskOptions { Tokens = 60, LabelSmoothing = 0.1, Teacher = new() { Schedule = "linear", Rate = 0.02, Least = 0.5 } };
        var whole = Start(attention, options, iterations: 40);
        whole.Run();
        var first = Start(attention, options, iterations: 17);
        first.Run();
        var second = Start(attention, options, iterations: 40, seed: 2);
        second.Restore(first.Capture());
        second.Run();
        var (expected, actual) = (whole.Capture(), second.Capture());
        Assert.Empty(actual.DifferencesFrom(expected));
        foreach (var (name, tensor) in expected.Tensors) Assert.True(tensor.Values.AsSpan().SequenceEqual(actual.Tensors[name].Values), name);
        Assert.Equal(expected.Values["task"]?.ToJsonString(), actual.Values["task"]?.ToJsonString());
    }

    static Trainer Start(string attention, GenerationTaskOptions options, long iterations, ulong seed = 1)
    {
        var model = Model(attention, seed);
        var task = new Seq2SeqTask(model, Pairs, Pairs[..10], options, new Rng(7));
        return new(task, new Adam(model.Parameters, 0.01), Schedule.Constant, new() { Iterations = iterations, ValidateEvery = 11 });
    }

    static Seq2Seq Model(string attention, ulong seed = 1) =>
        TinyPairs.Model(attention, "abcd", seed: seed, with: c => c with { Dropout = 0.1, InputFeeding = attention == "dot", Coverage = attention == "additive" });

    [Fact]
    public void Other_data_is_refused()
    {
        var options = new GenerationTaskOptions();
        var snapshot = new CheckpointState();
        new Seq2SeqTask(Model("dot"), Pairs, [], options, new Rng(7)).Capture(snapshot);
        Assert.ThrowsAny<UnrollException>(() => new Seq2SeqTask(Model("dot"), Pairs[1..], [], options, new Rng(7)).Restore(snapshot));
        Assert.ThrowsAny<UnrollException>(() => new Seq2SeqTask(Model("dot"), Pairs, Pairs, options, new Rng(7)).Restore(snapshot));
    }

    [Fact]
    public void Validation_tells_the_loss_after_right_tokens_from_that_after_its_own()
    {
        var model = Model("general");
        var task = new Seq2SeqTask(model, Pairs, Pairs[..20], new(), new Rng(7));
        var before = new CheckpointState();
        task.Capture(before);
        var validation = task.Validate();
        var free = validation.Metrics.Single(m => m.Name == "loss_free_running").Value;
        Assert.NotEqual(validation.Loss, free, 1e-6);
        Assert.Equal(Math.Exp(validation.Loss), validation.Metrics.Single(m => m.Name == "perplexity").Value, 1e-9);
        var after = new CheckpointState();
        task.Capture(after);
        Assert.Equal(before.Values.ToJsonString(), after.Values.ToJsonString());                // nothing that training depends on
        Assert.Equal(validation.Loss, task.Validate().Loss);
    }

    [Fact]
    public void Schedules_follow_their_formulas()
    {
        Assert.Equal(1, new TeacherForcing().RatioAt(1000));
        Assert.Equal(0.7, new TeacherForcing { Ratio = 0.7 }.RatioAt(5));
        var linear = new TeacherForcing { Schedule = "linear", Rate = 0.01, Least = 0.2 };
        Assert.Equal((1.0, 0.9, 0.2), (linear.RatioAt(0), linear.RatioAt(10), linear.RatioAt(1000)));
        Assert.Equal(Math.Pow(0.99, 50), new TeacherForcing { Schedule = "exponential", Rate = 0.99 }.RatioAt(50), 1e-12);
        Assert.Equal(100 / (100 + Math.Exp(2)), new TeacherForcing { Schedule = "inverse-sigmoid", Rate = 100 }.RatioAt(200), 1e-12);
        foreach (var bad in new TeacherForcing[] { new() { Ratio = 2 }, new() { Schedule = "linear", Rate = -1 }, new() { Schedule = "exponential", Rate = 0 }, new() { Schedule = "inverse-sigmoid", Rate = 0 }, new() { Least = -1 } })
            Assert.Throws<ArgumentOutOfRangeException>(() => new Seq2SeqTask(Model("dot"), Pairs, [], new() { Teacher = bad }, new Rng(1)));
        Assert.ThrowsAny<UnrollException>(() => new Seq2SeqTask(Model("dot"), Pairs, [], new() { Teacher = new() { Schedule = "soon" } }, new Rng(1)));
    }

    [Theory]
    [InlineData("general", 1)]
    [InlineData("additive", 1)]
    [InlineData("none", 0.5)]
    public void A_training_step_allocates_nothing(string attention, double ratio)
    {
        var pairs = TinyPairs.Pairs(s => s, "abcd", 5, 5, 8);
        var task = new Seq2SeqTask(Model(attention), pairs, [], new() { Tokens = 48, Teacher = new() { Ratio = ratio } }, new Rng(7));
        for (var i = 0; i < 20; i++) Step();                     // batches differ: the pool has what each of them needs, in whatever order they come
        Assert.Equal(0, Allocations.Of(Step));

        void Step()
        {
            using var tape = Tape.Record();
            tape.Backward(task.NextLoss());
            task.Model.ClearGradients();
        }
    }

    [Fact]
    public void A_captioner_learns_to_name_pictures()
    {
        var rng = new Rng(1);
        var pictures = Enumerable.Range(0, 6).Select(i =>
        {
            var x = new float[3 * 4];
            rng.FillUniform(x, 0, 255);
            return new PictureCaption(new Series(x, 3, 4), $"name {(char)('a' + i)}", null, $"picture {i}");
        }).ToArray();
        var coder = TextCoder.Build(pictures.Select(p => p.Caption), new() { Tokens = "char" });
        foreach (var (encoder, attention) in new[] { ("mlp", "none"), ("rnn", "additive") })
        {
            var config = new CaptionerConfig { Features = 4, Rows = 3, Encoder = encoder, Attention = attention, EmbeddingSize = 12, HiddenSize = 24, EncoderSize = 24 };
            var model = new Captioner(config, FeatureScales.Measure(pictures.Select(p => p.Picture)), coder, new Rng(2));
            var task = new CaptionTask(model, pictures, pictures, new(), new Rng(3));
            new Trainer(task, new Adam(model.Parameters, 0.01), Schedule.Constant, new() { Iterations = 600, ClipNorm = 1, ValidateEvery = 1000 }).Run();
            Assert.InRange(task.Validate().Loss, 0, 0.01);
            Assert.Equal(pictures.Select(p => p.Caption), new CaptionWriter([model], new() { Beam = 2 }).Describe([.. pictures.Select(p => p.Picture)]).Select(t => t[0].Text));
        }
    }

    [Fact]
    public void A_captioner_goes_on_where_it_was_with_the_same_pictures_only()
    {
        PictureCaption[] Pictures(float bright) => [.. Enumerable.Range(0, 6).Select(i => new PictureCaption(new([.. Enumerable.Range(0, 24).Select(j => i * j % 5 + bright)], 3, 8, channels: 2), "ab"[..(1 + i % 2)], null, $"{i}"))];
        var (train, valid) = (Pictures(0), Pictures(1));
        var coder = TextCoder.Build(["ab"], new() { Tokens = "char" });
        CaptionTask Task(PictureCaption[] validation)
        {
            var config = new CaptionerConfig { Features = 8, Rows = 3, Channels = 2, Gradients = 2, Encoder = "rnn", EmbeddingSize = 4, HiddenSize = 4, EncoderSize = 4 };
            return new(new Captioner(config, Captioner.MeasureScales(config, train.Select(p => p.Picture)), coder, new Rng(2)), train, validation, new() { Tokens = 9 }, new Rng(3), shift: 1);
        }
        var first = Task(valid);
        for (var i = 0; i < 5; i++) first.NextLoss();
        var snapshot = new CheckpointState();
        first.Capture(snapshot);
        var second = Task(valid);
        second.Restore(snapshot);
        for (var i = 0; i < 5; i++) Assert.Equal(first.NextLoss().Scalar, second.NextLoss().Scalar);
        // Other pictures to validate on are other data, whatever their captions.
        Assert.ThrowsAny<UnrollException>(() => Task(Pictures(2)).Restore(snapshot));
    }
}
