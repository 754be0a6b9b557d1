using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Gradients.Models;

/// <summary>The derivatives of the networks of several tasks, and of the language model of their shared layer.</summary>
public class MultiTaskTests
{
    static readonly string[] Texts = ["one two three four", "two", "", "four one two five one"];

    static Tokenizer Tokens => Tokenizer.Build("term", [.. Texts.Select((t, i) => new TextDocument($"{i}", t))]);

    static MultiTaskClassifier Model(string architecture, string pooling = "max", string cell = "lstm-peephole") =>
        new(new() { Architecture = architecture, Cell = cell, Pooling = pooling, EmbeddingSize = 3, HiddenSize = 4, Dropout = 0, WordDropout = 0, EmbeddingDropout = 0 },
            [new("a", ["x", "y"]), new("b", ["1", "2", "3"])], Tokens, new Rng(3));

    public static TheoryData<string, string, string> Kinds
    {
        get
        {
            var kinds = new TheoryData<string, string, string>();
            foreach (var architecture in MultiTaskConfig.Architectures)
                foreach (var cell in MultiTaskConfig.SharingCells) kinds.Add(architecture, cell, cell == "gru" ? "attention" : cell == "lstm" ? "last" : "max");
            return kinds;
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_network_is_right(string architecture, string cell, string pooling)
    {
        var model = Model(architecture, pooling, cell);
        var batch = new SequenceBatch();
        SequenceInput[] inputs = [.. Texts.Select((t, i) => model.Prepare(1, new() { Text = t, Source = $"{i}" }))];
        batch.Fill(inputs, [0, 1, 2, 3], 0, sentences: false);
        foreach (var network in model.Networks)
            Check.Loss(() => Check.Weighted(network.Forward(batch)), network.Parameters.Select(p => (p.Name, p.Parameter)));
    }

    [Fact]
    public void The_language_model_of_a_shared_layer_is_right()
    {
        var model = Model("shared");
        var shared = model.CreateShared(new Rng(4));
        int[][] texts = [.. Texts.Select((t, i) => model.Prepare(0, new() { Text = t, Source = $"{i}" }).Ids)];
        var language = new SharedLanguageModel(shared, texts, texts, null, new Rng(5));
        var place = language.Place;
        Check.Loss(
            () =>
            {
                language.Place = place;                      // the same batch and sample each time
                return language.NextLoss();
            },
            shared.Parameters.Concat(language.Parameters).Select(p => (p.Name, p.Parameter)));
    }
}
