using System.Globalization;
using Unroll.Data;
using Unroll.Tests.Models;
using Unroll.Training;

namespace Unroll.Tests.Learning;

/// <summary>Small tasks on which a decoder has to look back at what was read.</summary>
public class Seq2SeqLearningTests
{
    const string Digits = "0123456789", Letters = "abcdefgh";

    [Theory]
    [InlineData("dot")]
    [InlineData("general")]
    [InlineData("additive")]
    [InlineData("concat")]
    public void Words_are_reversed(string attention) =>
        Assert.InRange(Learn(attention, s => string.Concat(s.Reverse()), Letters, 3, 8, iterations: 400), 0.95, 1);

    [Fact]
    public void Digits_are_sorted() => Assert.InRange(Learn("additive", s => string.Concat(s.Order()), Digits, 3, 6, iterations: 500), 0.9, 1);

    [Fact]
    public void A_copy_of_some_length_needs_attention()
    {
        Assert.InRange(Learn("general", s => s, Letters, 10, 14, iterations: 500), 0.9, 1);
        Assert.InRange(Learn("none", s => s, Letters, 10, 14, iterations: 500), 0, 0.1);
    }

    [Fact]
    public void Dates_become_iso()
    {
        string[] forms = ["d MMMM yyyy", "MMM d, yyyy", "dd/MM/yyyy", "yyyy.M.d", "dddd, d MMM yyyy"];
        var rng = new Rng(4);
        var pairs = Enumerable.Range(0, 4000).Select(i =>
        {
            var date = new DateTime(1950, 1, 1).AddDays(rng.Next(36_500));
            return new TextPair(date.ToString(forms[rng.Next(forms.Length)], CultureInfo.InvariantCulture), date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), $"date {i}");
        }).ToArray();
        Assert.InRange(Exact("general", pairs, iterations: 500), 0.9, 1);
    }

    static double Learn(string attention, Func<string, string> target, string letters, int from, int to, int iterations) =>
        Exact(attention, TinyPairs.Pairs(target, letters, from, to, 4000), iterations);

    /// <summary>The share of 200 held out texts that are written as they should be.</summary>
    static double Exact(string attention, TextPair[] pairs, int iterations)
    {
        var (train, test) = (pairs[200..], pairs[..200]);
        var (source, target) = TextCoder.Build(train, new() { Tokens = "char" });
        var model = new Seq2Seq(new() { Attention = attention, EmbeddingSize = 32, HiddenSize = 64 }, source, target, new Rng(1));
        var task = new Seq2SeqTask(model, train, [], new() { Tokens = 640 }, new Rng(2));
        new Trainer(task, new Adam(model.Parameters, 0.01), Schedule.Cosine(iterations), new() { Iterations = iterations, ClipNorm = 1 }).Run();
        var found = new Translator([model], new()).Translate([.. test.Select(p => p.Source)]);
        return found.Zip(test).Count(f => f.First[0].Text == f.Second.Target) / (double)test.Length;
    }
}
