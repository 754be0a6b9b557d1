using System.Text.RegularExpressions;

namespace Unroll.Tests.Tasks;

/// <summary>The Korean report says in Korean what a model is made of.</summary>
public partial class ReportFactsTests
{
    static readonly string Runs = Path.Combine(AppContext.BaseDirectory, "golden", "runs");

    public static TheoryData<string> Tasks => ["lm", "lm-lines", "classify", "classify-series", "tag", "translate", "caption"];

    [Theory, MemberData(nameof(Tasks))]
    public void Facts_of_every_task_are_korean(string run)
    {
        var model = ModelFile.Load(Path.Combine(Runs, run, "model.safetensors"));
        foreach (var (name, value) in TaskCatalog.Of(model).Describe(model).Rows)
        {
            Assert.True(IsKorean(KoreanFacts.NameOf(name)), name);
            IsKoreanBesideTerms(name, value);
        }
    }

    [Theory]
    [InlineData("model", "encoder 2 × gru of 64, bidirectional; decoder 1 × lstm of 32 with scaled general attention with coverage, input feeding; 1,000 word tokens in, 900 bpe tokens out")]
    [InlineData("model", "encoder mlp of 32 over 1 × 100 numbers; decoder 1 × lstm of 32 with no attention; 90 word tokens")]
    [InlineData("model", "5 networks of 1 × lstm of 64, bidirectional, attention, linear model over n-grams of 1 to 5 tokens, of 1 to 3 by position (share 0.5); 97 char tokens, 3 classes, multi-label")]
    [InlineData("model", "24 steps from 96; linear by series and 1 × gru of 32 to read and to write; quantiles; scaling mean by window")]
    [InlineData("model", "2 × lstm of 256, embedding 64, tied, dropout 0.2, recurrent dropout 0.1")]
    [InlineData("model", "4 tasks, shared architecture, lstm-peephole of 50, max; 30,000 term tokens")]
    [InlineData("attention", "local-p, scaled, 5 steps to either side, coverage, input feeding")]
    [InlineData("attention", "none: only the last state is seen")]
    [InlineData("weights", "one embedding for both sides; output tied to the target embedding; dropout 0.3, variational")]
    [InlineData("input", "images of 28 rows, 28 numbers each, as histograms of oriented gradients of squares of 7 pixels")]
    [InlineData("source", "word, 1,000 symbols with begin and end, normalization nfc, lowercased")]
    [InlineData("columns", "forecasts OT; known ahead: nothing; known up to the present: nothing; season 24 and 168")]
    [InlineData("frequency", "not known")]
    [InlineData("speed here", "generates 1,000 tokens/s, one stream; reads 20,000 tokens/s in batches")]
    [InlineData("state", "512 bytes a stream")]
    [InlineData("examples", "20 of 2,000 predicted; the states are those of the first")]
    [InlineData("sentences", "20 of 2,000 tagged; the states are those of the first")]
    public void Every_form_is_korean(string name, string value) => IsKoreanBesideTerms(name, value);

    [Fact]
    public void Numbers_names_and_answers_stay()
    {
        Assert.Equal("lstm 2층, 유닛(unit) 256개, 임베딩(embedding) 64, 드롭아웃(dropout) 0.2", KoreanFacts.ValueOf("model", "2 × lstm of 256, embedding 64, dropout 0.2"));
        Assert.Equal("2: ham features, 5 tags", KoreanFacts.ValueOf("classes", "2: ham features, 5 tags"));
        Assert.Equal("5 tags, 확률 0.998", KoreanFacts.ValueOf("answer", "5 tags, probability 0.998"));
    }

    /// <summary>No English but names of cells, tokens and settings, and terms in parentheses.</summary>
    static void IsKoreanBesideTerms(string name, string value)
    {
        var korean = KoreanFacts.ValueOf(name, value);
        if (name is "classes" or "tags" or "tasks") return;
        string[] kinds = ["rnn", "lstm", "gru", "char", "word", "bpe", "byte", "term", "general", "dot", "concat", "local", "nfc", "nfkc", "none", "bio", "bioes", "additive", "OT", "series", "quantiles", "mean", "KB", "peephole", "shared"];
        var left = Word().Matches(Parentheses().Replace(korean, "")).Select(m => m.Value).Except(kinds);
        Assert.True(!left.Any(), $"{value} → {korean}: {string.Join(", ", left)}");
        Assert.Equal(Numbers().Matches(value).Select(m => m.Value).Order(StringComparer.Ordinal), Numbers().Matches(korean).Select(m => m.Value).Order(StringComparer.Ordinal));
    }

    static bool IsKorean(string text) => text.Any(c => c is >= '가' and <= '힣');

    [GeneratedRegex("[A-Za-z]{2,}[0-9]?")]
    private static partial Regex Word();

    [GeneratedRegex(@"\([^)]*[A-Za-z][^)]*\)")]
    private static partial Regex Parentheses();

    [GeneratedRegex(@"\d[\d,.]*\d|\d")]
    private static partial Regex Numbers();
}
