using Unroll.Data;
using Unroll.Tests.Models;

namespace Unroll.Tests.Training;

public class ClassifierPlanTests
{
    static Example[] Of(params string[] texts) => [.. texts.Select((t, i) => new Example { Text = t, Labels = [i % 2 == 0 ? "b" : "a"], Source = $"line {i + 1}" })];

    [Theory]
    [InlineData("term", "a good film, really", "it is bad")]
    [InlineData("char", "Khoury", "Van der Berg", "Kim")]
    [InlineData("char", "아 더빙.. 진짜 짜증나네요 목소리", "흠...포스터보고 초딩영화줄")]
    [InlineData("char", "这部电影很好看，我喜欢", "不好")]
    [InlineData("char", "acgtacgtacgtacgt", "ttgaca")]
    public void Tokens_follow_from_the_texts(string tokens, params string[] texts)
    {
        var plan = ClassifierPlan.For(Of(texts));
        Assert.Equal(tokens, plan.Tokens);
        Assert.Equal(["a", "b"], plan.Config.Classes);
        Assert.NotNull(plan.CreateModel(Of(texts), new Rng(1)).Tokenizer!.UnknownId);
    }

    [Fact]
    public void Tokens_that_are_asked_for_have_the_plan_that_fits_them()
    {
        var (words, names) = (Of("a good film, really, one to see again", "it is bad"), Of("Khoury", "Kim"));
        Assert.Equal(Chosen(ClassifierPlan.For(words)), Chosen(ClassifierPlan.For(words, "term")));
        Assert.Equal(("char", 0.05), Chosen(ClassifierPlan.For(words, "char")));
        Assert.Equal(("byte", 0.05), Chosen(ClassifierPlan.For(words, "byte")));
        Assert.Equal(("term", 0.3), Chosen(ClassifierPlan.For(names, "term")));
        Assert.Equal(("bpe", 0.3), Chosen(ClassifierPlan.For(names, "bpe")));
        Assert.Equal((30_000, (int?)null), (ClassifierPlan.For(names, "term").Vocabulary, ClassifierPlan.For(names, "bpe").Vocabulary));

        static (string, double) Chosen(ClassifierPlan plan) => (plan.Tokens, plan.Config.WordDropout);
    }

    [Fact]
    public void Sizes_follow_from_the_data_and_the_effort()
    {
        var few = Of([.. Enumerable.Repeat("a good film, really", 20)]);
        var many = ClassifierPlan.For(Of([.. Enumerable.Repeat("a good film, really, one to see again", 20_000)]), settle: p => p with { Config = p.Config with { NGrams = 0 } });
        Assert.Equal([(16, 2), (128, 8), (16, 0)], new[] { Effort.Balanced, Effort.Best, Effort.Quick }.Select(e => Sizes(few, e)));
        Assert.InRange(many.Config.HiddenSize, 64, 128);
        Assert.Equal((1 << 10, 0), (Plan(few).Config.NGramRows, ClassifierPlan.For(TinyClassifier.Series(3)).Config.NGrams));
        Assert.True(Plan(few).Memory < Plan(few, Effort.Best).Memory);
        Assert.Equal([1, 5], new[] { Effort.Quick, Effort.Balanced }.Select(e => ClassifierPlan.For(TinyClassifier.Series(3), effort: e).Config.Members));

        static ClassifierPlan Plan(Example[] examples, Effort effort = Effort.Balanced) => ClassifierPlan.For(examples, effort: effort, settle: p => p with { Epochs = 1 });
        static (int Units, int Members) Sizes(Example[] examples, Effort effort)
        {
            var config = Plan(examples, effort).Config;
            return (config.HiddenSize, config.Members);
        }
    }

    [Fact]
    public void Series_and_several_labels_are_recognised()
    {
        var plan = ClassifierPlan.For(TinyClassifier.Series(3));
        Assert.Equal(3, plan.Config.Features);
        Assert.Equal(3, plan.CreateModel(TinyClassifier.Series(3), new Rng(1)).Scales!.Features);
        var several = Of("x y z", "y z x");
        several[0] = several[0] with { Labels = ["a", "c"] };
        Assert.True(ClassifierPlan.For(several).Config.MultiLabel);
    }

    [Fact]
    public void Nothing_to_tell_apart_is_refused()
    {
        Assert.Contains("no example", Assert.ThrowsAny<UnrollException>(() => ClassifierPlan.For([])).Message);
        Assert.Contains("All examples have the label 'b'", Assert.ThrowsAny<UnrollException>(() => ClassifierPlan.For(Of("x"))).Message);
        Example[] mixed = [.. Of("x y z w", "y z w x"), .. TinyClassifier.Series()];
        Assert.Contains("series 0 is a series; this model reads a text", Assert.ThrowsAny<UnrollException>(() => ClassifierPlan.For(mixed)).Message);
        Assert.Contains("line 2 is a text; this model reads a series", Assert.ThrowsAny<UnrollException>(() => ClassifierPlan.For([.. mixed.Reverse()])).Message);
    }
}
