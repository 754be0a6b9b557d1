using Unroll.Data;
using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Tests.Contracts;

namespace Unroll.Tests.Models;

public class LanguageModelTests
{
    [Theory]
    [MemberData(nameof(Tiny.Cells), MemberType = typeof(Tiny))]
    public void Documents_are_measured_as_if_each_were_alone(string cell)
    {
        var model = Tiny.Model(cell);
        string[] texts = ["the cat sat", "on", "a dog ran to the house.\n"];
        var together = model.Measure(TokenStream.Encode(model.Tokenizer, [.. texts.Select(t => new TextDocument("", t))]));
        double nats = 0;
        foreach (var text in texts)
        {
            var alone = model.Measure(TokenStream.Encode(model.Tokenizer, [new("", text)]));
            nats += alone.Loss * alone.Tokens;
        }
        Assert.Equal(texts.Sum(t => t.Length - 1), together.Tokens);
        Assert.Equal(nats / together.Tokens, together.Loss, Tolerance.Single);
    }

    [Theory]
    [MemberData(nameof(Tiny.Cells), MemberType = typeof(Tiny))]
    public void A_reset_begins_a_row_anew_and_leaves_the_others(string cell)
    {
        const int Steps = 6, Batch = 3;
        var model = Tiny.Model(cell);
        var tokens = new TokenMatrix(Steps, Batch);
        Tiny.Ids(model, Steps * Batch).CopyTo(tokens.Ids);
        var resets = new bool[Steps * Batch];
        resets[0 * Batch + 2] = resets[2 * Batch + 1] = resets[4 * Batch + 0] = resets[4 * Batch + 1] = true;
        var start = model.ZeroState(Batch);
        for (var i = 0; i < start.Count; i++) new Rng(3).FillUniform(start[i].Values, -1, 1);
        var (logits, _) = model.Forward(tokens, start, resets: resets);

        for (var b = 0; b < Batch; b++)
        {
            var session = new LanguageModelSession(model);
            for (var i = 0; i < start.Count; i++) start[i].Values.Slice(b * 7, 7).CopyTo(session.State[i].Values);
            for (var t = 0; t < Steps; t++)
            {
                if (resets[t * Batch + b]) session.Reset();
                session.Read(tokens[t, b]);
                Same.Near(session.Logits, logits[t].Values.Slice(b * session.Logits.Length, session.Logits.Length), Tolerance.Single, $"row {b}, step {t}");
            }
        }
    }

    [Fact]
    public void How_much_is_worked_on_at_once_does_not_change_the_measure()
    {
        var model = Tiny.Model();
        var stream = TokenStream.Encode(model.Tokenizer, Tiny.Documents);
        var expected = model.Measure(stream, steps: 1);
        foreach (var steps in new[] { 2, 7, 256, 100_000 })
        {
            var actual = model.Measure(stream, steps: steps);
            Assert.Equal(expected.Loss, actual.Loss, Tolerance.Single);
            Assert.Equal((expected.Tokens, expected.Characters), (actual.Tokens, actual.Characters));
        }
        Assert.Equal(expected.Loss, model.Measure(stream, batch: 4).Loss, 0.01);          // three columns begin with an empty memory
    }

    [Fact]
    public void The_measure_is_that_of_a_plain_loop()
    {
        var model = Tiny.Model("gru");
        var stream = TokenStream.Encode(model.Tokenizer, [new("", Tiny.Text)]);
        var session = new LanguageModelSession(model);
        double nats = 0;
        for (var i = 0; i + 1 < stream.Count; i++)
        {
            var logits = session.Read(stream.Ids[i]).ToArray().Select(v => (double)v).ToArray();
            nats += Math.Log(logits.Sum(Math.Exp)) - logits[stream.Ids[i + 1]];
        }
        var score = model.Measure(stream);
        Assert.Equal(nats / (stream.Count - 1), score.Loss, Tolerance.Single);
        Assert.Equal(Math.Exp(score.Loss), score.Perplexity, 1e-12);
        Assert.Equal(score.BitsPerToken, score.BitsPerCharacter, 1e-12);
    }

    [Fact]
    public void A_measurement_reports_its_progress_and_can_be_ended()
    {
        var model = Tiny.Model();
        var stream = TokenStream.Encode(model.Tokenizer, Tiny.Documents);
        var progress = new Shares();
        model.Measure(stream, progress: progress, steps: 100);
        Assert.Equal(progress.Order(), progress);
        Assert.Equal(1, progress[^1]);
        Assert.Throws<OperationCanceledException>(() => model.Measure(stream, cancellation: new CancellationToken(canceled: true)));
    }

    sealed class Shares : List<double>, IProgress<double>
    {
        public void Report(double value) => Add(value);
    }

    [Fact]
    public void Dropout_works_in_training_alone()
    {
        Differs(Tiny.Model(dropout: 0.5));
        Differs(Tiny.Model(recurrentDropout: 0.5));
    }

    static void Differs(LanguageModel model)
    {
        var plain = Tiny.Model();
        Tiny.SameWeights(plain, model);
        var tokens = new TokenMatrix(Tiny.Ids(model, 20));
        Same.Bits(plain.Forward(tokens).Logits.Values, model.Forward(tokens).Logits.Values, "logits");
        using var tape = Tape.Record();
        Assert.False(plain.Forward(tokens).Logits.Values.SequenceEqual(model.Forward(tokens).Logits.Values));
    }

    [Fact]
    public void Tied_weights_are_one_parameter_that_learns_from_both_ends()
    {
        var model = Tiny.Model(embedding: 7, tied: true);
        Assert.Equal(["embedding.weight", "output.bias"], model.Parameters.Select(p => p.Name).Where(n => !n.StartsWith("rnn.", StringComparison.Ordinal)));
        var weight = model.Parameters.First(p => p.Name == "embedding.weight").Parameter;
        using var tape = Tape.Record();
        var (logits, _) = model.Forward(new TokenMatrix([3, 3]));
        tape.Backward(Losses.CrossEntropy(logits, [3, 4]));
        for (var id = 0; id < weight.Shape[0]; id++) Assert.True(weight.Gradient.Slice(id * 7, 7).ContainsAnyExcept(0f), $"row {id}");
    }

    [Fact]
    public void Impossible_settings_are_refused_all_at_once_and_before_memory_is_taken()
    {
        var tokenizer = Tokenizer.Build("char", Tiny.Documents);
        Assert.Equal(6, Problems(new() { Cell = "x", HiddenSize = 0, Layers = 65, Dropout = double.NaN, RecurrentDropout = 1, InitScale = -1 }).Count);
        Assert.Contains("tied weights need", Assert.Single(Problems(new() { TiedWeights = true })));
        Assert.Contains("GB of memory", Assert.Single(Problems(new() { HiddenSize = LanguageModelConfig.MaxSize, Layers = 64 })));
        Assert.Contains("make a matrix of more than", new LanguageModelConfig { EmbeddingSize = LanguageModelConfig.MaxSize }.ProblemsWith(Vocabulary.MaxSize)[0]);
        Assert.Contains("make a matrix of more than", new LanguageModelConfig { EmbeddingSize = 0, HiddenSize = 600 }.ProblemsWith(Vocabulary.MaxSize)[0]);

        IReadOnlyList<string> Problems(LanguageModelConfig config) =>
            Assert.ThrowsAny<UnrollException>(() => new LanguageModel(config, tokenizer, new Rng(1))).Problems;
    }
}
