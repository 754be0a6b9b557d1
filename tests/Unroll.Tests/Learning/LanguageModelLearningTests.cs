using System.Text;
using Unroll.Data;
using Unroll.Tests.Models;
using Unroll.Training;

namespace Unroll.Tests.Learning;

/// <summary>Models that train learn what there is to learn, in seconds.</summary>
public class LanguageModelLearningTests
{
    [Theory]
    [MemberData(nameof(Tiny.Cells), MemberType = typeof(Tiny))]
    public void A_text_that_repeats_is_known_by_heart(string cell)
    {
        var model = Tiny.Model(cell, embedding: 8, hidden: 32, layers: 1);
        var stream = TokenStream.Encode(model.Tokenizer, Tiny.Documents);
        Train(model, stream, new() { Batch = 4, Steps = 16 }, 300);
        Assert.InRange(model.Measure(stream).Loss, 0, 0.1);

        // What it writes are its words.
        var session = new LanguageModelSession(model);
        var sampler = new Sampler(new() { Temperature = 0.5 }, new Rng(1));
        var text = new StringBuilder();
        session.Read(model.Tokenizer.Encode("\n"));
        for (var i = 0; i < 300; i++)
        {
            var id = sampler.Next(session.Logits);
            text.Append(model.Tokenizer.Decode([id]));
            session.Read(id);
        }
        var known = Tiny.Text.Split(' ', '\n').ToHashSet();
        Assert.All(text.ToString().Split(' ', '\n')[..^1], word => Assert.Contains(word, known));
    }

    [Fact]
    public void Lines_are_learned_to_what_is_left_to_chance()
    {
        // Four lines of four tokens that begin differently: only which one comes is chance, ln 4 of nats a line.
        string[] lines = ["red", "sun", "fox", "ice"];
        var rng = new Rng(5);
        var text = string.Concat(Enumerable.Range(0, 200).Select(_ => lines[rng.Next(4)] + "\n"));
        TextDocument[] documents = [new("", text)];
        var model = new LanguageModel(new() { EmbeddingSize = 8, HiddenSize = 24, Layers = 1 }, Tokenizer.Build("char", documents), new Rng(1));
        var stream = TokenStream.Encode(model.Tokenizer, documents);
        var task = Train(model, stream, new() { Batch = 8, Lines = true }, 200, stream);
        Assert.InRange(task.Validate().Loss, Math.Log(4) / 4 - 0.02, Math.Log(4) / 4 + 0.02);
    }

    [Fact]
    public void Words_with_tied_weights_and_dropout_are_learned()
    {
        var model = Tiny.Model("gru", embedding: 24, hidden: 24, layers: 2, dropout: 0.1, tied: true, tokens: "word");
        var stream = TokenStream.Encode(model.Tokenizer, Tiny.Documents);
        Train(model, stream, new() { Batch = 4, Steps = 13 }, 300);
        Assert.InRange(model.Measure(stream).Loss, 0, 0.1);
    }

    [Fact]
    public void Words_are_learned_with_recurrent_dropout()
    {
        foreach (var cell in new[] { "lstm", "gru" })
        {
            var model = Tiny.Model(cell, embedding: 24, hidden: 24, layers: 2, tokens: "word", recurrentDropout: 0.2);
            var stream = TokenStream.Encode(model.Tokenizer, Tiny.Documents);
            Train(model, stream, new() { Batch = 4, Steps = 13 }, 300);
            Assert.InRange(model.Measure(stream).Loss, 0, 0.1);
        }
    }

    static LanguageModelTask Train(LanguageModel model, TokenStream stream, LanguageModelTaskOptions options, int iterations, TokenStream? valid = null)
    {
        var task = new LanguageModelTask(model, stream, valid, options, new Rng(1));
        new Trainer(task, new Adam(model.Parameters, 0.01), Schedule.Constant, new() { Iterations = iterations, ClipNorm = 1, ValidateEvery = iterations }).Run();
        return task;
    }
}
