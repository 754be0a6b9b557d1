using Unroll.Data;
using Unroll.Models;
using Unroll.Tests.Contracts;
using Unroll.Training;

namespace Unroll.Tests.Training;

public class NGramFitTests
{
    // Which word comes first decides: no single word does.
    static Example[] Orders(int count)
    {
        var rng = new Rng(9);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var filling = $"{(char)('c' + rng.Next(20))} {(char)('c' + rng.Next(20))}";
            return new Example { Text = i % 2 == 0 ? $"{filling} a b {filling}" : $"{filling} b a {filling}", Labels = [i % 2 == 0 ? "good" : "bad"], Source = $"{i}" };
        })];
    }

    static SequenceClassifier Model(bool several = false) => new(
        new() { Classes = ["bad", "good"], EmbeddingSize = 4, HiddenSize = 4, NGrams = 2, NGramRows = 1 << 12, MultiLabel = several },
        Tokenizer.Build("term", [.. Orders(100).Select(e => new TextDocument(e.Source, e.Text!))]), null, new Rng(1));

    static SequenceClassifierTask Task(SequenceClassifier model, double balance = 0, params Example[] examples) =>
        new(model, examples.Length == 0 ? Orders(200) : examples, [], new() { ClassBalance = balance }, new Rng(2));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_learns_what_stands_side_by_side(bool several)
    {
        var model = Model(several);
        _ = Task(model);
        var unseen = Orders(300)[200..];
        Assert.Equal(1, SequenceClassifierTask.Evaluate(model, unseen).Accuracy);
        var p = model.NGrams!.Forward([.. model.Prepare(unseen).Select(i => i.Ids)]);
        for (var i = 0; i < unseen.Length; i++) Assert.True(p[i].Values[1] > p[i].Values[0] == (i % 2 == 0), $"text {i}");
    }

    [Fact]
    public void The_same_examples_and_seed_give_the_same_bits()
    {
        var (first, second) = (Model(), Model());
        _ = Task(first);
        _ = Task(second);
        Same.Bits(first.NGrams!.Weight.Values, second.NGrams!.Weight.Values, "weight");
        Same.Bits(first.NGrams.Bias.Values, second.NGrams.Bias.Values, "bias");
        var hash = new Fnv();
        foreach (var w in first.NGrams.Weight.Values) hash.Add(BitConverter.SingleToUInt32Bits(w));
        Assert.Equal("0d11aa45b019dce1", hash.ToString());      // on every machine; only a change of a formula may change it
    }

    [Fact]
    public void What_was_fitted_stays_as_it_is()
    {
        var model = Model();
        _ = Task(model);
        var before = model.NGrams!.Weight.Values.ToArray();
        _ = Task(model, 0, Orders(20));
        Same.Bits(before, model.NGrams.Weight.Values, "weight");
        Assert.DoesNotContain(new AdamW(model.Parameters).Moments, m => m.Name.Contains("ngrams", StringComparison.Ordinal));
    }

    [Fact]
    public void Rare_classes_count_for_more_where_they_are_to()
    {
        Example[] mostlyGood = [.. Orders(200).Where((e, i) => i % 2 == 0 || i % 20 == 1).Select(e => e with { Text = "a" })];
        double Bad(double balance)
        {
            var model = Model();
            _ = Task(model, balance, mostlyGood);
            return SequenceClassifierTask.Evaluate(model, [mostlyGood[1] with { Labels = ["bad"] }]).Loss;
        }
        Assert.True(Bad(1) < Bad(0.5) && Bad(0.5) < Bad(0));
    }
}
