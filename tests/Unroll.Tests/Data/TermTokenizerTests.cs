using System.Text.Json;
using Unroll.Data;

namespace Unroll.Tests.Data;

public class TermTokenizerTests
{
    static string[] Terms(string text, bool folds = true)
    {
        var tokenizer = TermTokenizer.Build(Samples.Documents(text), folds: folds);
        return [.. tokenizer.Encode(text).Select(tokenizer.Symbol)];
    }

    [Theory]
    [InlineData("Don't stop, it's FUN!!!!", "do n't stop , it 's fun !!!")]
    [InlineData("n't 's I'd we'LL rock'n'roll can’t", "n't 's i 'd we 'll rock ' n ' roll ca n't")]
    [InlineData("1,234.5 costs $99, call 08002986030.", "0,000.0 costs $ 00 , call 00000000000 .")]
    [InlineData("a<br /><br/>b </p> c < d > e <3", "a b c < d > e < 0")]
    [InlineData("well-made... `` so '' ", "well - made ... `` so ''")]
    [InlineData("東京に行く 안녕하세요! ТЕСТ", "東 京 に 行 く 안녕하세요 ! тест")]
    [InlineData("👍👍 e\u0301t\u00e9", "👍 👍 \u00e9t\u00e9")]
    [InlineData("  \n\t ", "")]
    public void Terms_are_told_apart(string text, string expected) => Assert.Equal(expected, string.Join(' ', Terms(text)));

    [Fact]
    public void Words_are_terms_of_which_none_is_passed_over()
    {
        const string Text = "put <tags> in <br/> it <3";
        Assert.Equal(["put", "<", "tags", ">", "in", "<", "br", "/", ">", "it", "<", "3"], TermTokenizer.LocateWords(Text).Select(place => Text[place]));
    }

    [Fact]
    public void Case_and_digits_are_kept_where_asked() => Assert.Equal(["It", "’s", "A4"], Terms("It’s A4", folds: false));

    [Fact]
    public void A_long_run_is_cut() => Assert.All(Terms(new string('a', 1000) + new string('!', 1000)), t => Assert.InRange(t.Length, 1, 64));

    [Theory]
    [InlineData("char")]
    [InlineData("byte")]
    [InlineData("word")]
    [InlineData("term")]
    [InlineData("bpe")]
    public void Every_token_has_its_place(string kind)
    {
        var tokenizer = Tokenizer.Build(kind, Samples.Documents(Samples.All));
        var places = tokenizer.Locate(Samples.All);
        Assert.Equal(tokenizer.Encode(Samples.All).Length, places.Length);
        for (var i = 0; i < places.Length; i++)
        {
            Assert.True(places[i].Start.Value < places[i].End.Value);
            if (i > 0) Assert.True(places[i].Start.Value >= places[i - 1].Start.Value);
        }
        if (kind != "term") return;
        var rng = new Rng(3);
        for (var i = 0; i < 200; i++)
        {
            var text = Samples.Random(rng, 50);
            Assert.Equal(tokenizer.Encode(text).Length, tokenizer.Locate(text).Length);
        }
    }

    [Fact]
    public void What_is_saved_is_read()
    {
        var tokenizer = TermTokenizer.Build(Samples.Documents(Samples.English), minCount: 2, folds: false);
        using var json = JsonDocument.Parse(tokenizer.ToJson().ToJsonString());
        var read = Assert.IsType<TermTokenizer>(Tokenizer.FromJson(json.RootElement));
        Assert.False(read.Folds);
        Assert.Equal(tokenizer.Vocabulary.Symbols, read.Vocabulary.Symbols);
        Assert.Equal([0], read.Encode("unheard"));
        using var bad = JsonDocument.Parse("""{"kind":"term","symbols":["a"],"counts":[1]}""");
        Assert.Contains("folds must be", Assert.ThrowsAny<UnrollException>(() => Tokenizer.FromJson(bad.RootElement)).Message);
    }
}
