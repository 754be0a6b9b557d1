using Unroll.Data;

namespace Unroll.Tests.Models;

/// <summary>Small classifiers of small texts and series.</summary>
static class TinyClassifier
{
    public static readonly string[] Sentences =
        ["a good film. i liked it", "bad , bad film", "good", "it is a bad one! really bad. no", "", "i liked the film a lot , a good one"];

    public static readonly Example[] Texts = [.. Sentences.Select((s, i) => new Example { Text = s, Labels = [i % 2 == 0 ? "good" : "bad"], Source = $"text {i}" })];

    public static Example[] Series(int features = 2)
    {
        var rng = new Rng(6);
        return [.. new[] { 3, 7, 0, 5, 1 }.Select((steps, i) =>
        {
            var values = new float[steps * features];
            rng.FillUniform(values, i % 2, i % 2 + 1);
            return new Example { Series = new(values, steps, features), Labels = [i % 2 == 0 ? "low" : "high"], Source = $"series {i}" };
        })];
    }

    public static SequenceClassifier Model(Func<SequenceClassifierConfig, SequenceClassifierConfig>? change = null, string tokens = "term", ulong seed = 1)
    {
        var config = new SequenceClassifierConfig { Classes = ["bad", "good"], EmbeddingSize = 5, HiddenSize = 6 };
        var tokenizer = Tokenizer.Build(tokens, [.. Texts.Select(t => new TextDocument(t.Source, t.Text!))]);
        return new(change?.Invoke(config) ?? config, tokenizer, null, new Rng(seed));
    }

    public static SequenceClassifier SeriesModel(Func<SequenceClassifierConfig, SequenceClassifierConfig>? change = null)
    {
        var config = new SequenceClassifierConfig { Classes = ["high", "low"], Features = 2, HiddenSize = 6 };
        return new(change?.Invoke(config) ?? config, null, FeatureScales.Measure(Series().Select(e => e.Series!)), new Rng(1));
    }
}
