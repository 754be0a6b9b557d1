using Unroll.Data;
using Unroll.Layers;
using Unroll.Tasks;

namespace Unroll.Gradients.Models;

/// <summary>The derivatives of whole classifiers: every encoder and pooling, ragged, with an empty example among them.</summary>
public class SequenceClassifierTests
{
    static readonly Example[] Texts =
    [
        new() { Text = "one two. three four", Labels = ["a"], Source = "1" }, new() { Text = "", Labels = ["b"], Source = "2" },
        new() { Text = "two", Labels = ["c"], Source = "3" }, new() { Text = "four. one! two five.", Labels = ["b"], Source = "4" },
    ];

    public static TheoryData<string, string, bool> Kinds
    {
        get
        {
            var kinds = new TheoryData<string, string, bool> { { "mlp", "last", false } };
            foreach (var pooling in Pooling.Kinds)
            {
                kinds.Add("rnn", pooling, pooling == "mean");
                kinds.Add("hierarchical", pooling, false);
            }
            return kinds;
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Texts_are_right(string encoder, string pooling, bool many)
    {
        var config = new SequenceClassifierConfig
        {
            Classes = ["a", "b", "c"], Encoder = encoder, Pooling = pooling, Cell = "gru", EmbeddingSize = 3, HiddenSize = 4, Layers = 2, MultiLabel = many,
        };
        var tokenizer = Tokenizer.Build("term", [.. Texts.Select(t => new TextDocument(t.Source, t.Text!))]);
        CheckModel(new(config, tokenizer, null, new Rng(3)), Texts);
    }

    [Theory]
    [InlineData("rnn", false)]
    [InlineData("mlp", true)]
    public void Series_are_right(string encoder, bool weighted)
    {
        var rng = new Rng(4);
        Example[] examples = [.. new[] { 3, 5, 0 }.Select((steps, i) =>
        {
            var values = new double[steps * 2];
            rng.FillUniform(values, -1, 1);
            return new Example { Series = new(values, steps, 2), Labels = [i == 1 ? "b" : "a"], Source = $"{i}" };
        })];
        var config = new SequenceClassifierConfig { Classes = ["a", "b"], Features = 2, Encoder = encoder, HiddenSize = 4, MaxSteps = 5, Pooling = "attention" };
        CheckModel(new(config, null, FeatureScales.Measure(examples.Select(e => e.Series!)), new Rng(3)), examples, weighted ? 1 : 0);
    }

    static void CheckModel(SequenceClassifier model, Example[] examples, double balance = 0)
    {
        // One batch of all examples, in the same order each time.
        var task = new SequenceClassifierTask(model, examples, [], new() { Batch = 8, LabelSmoothing = 0.1, ClassBalance = balance }, new Rng(5));
        Check.Loss(task.NextLoss, model.Parameters.Select(p => (p.Name, p.Parameter)));
    }
}
