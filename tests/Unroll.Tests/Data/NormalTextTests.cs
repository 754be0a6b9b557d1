using System.Text;
using System.Text.Json;
using Unroll.Data;

namespace Unroll.Tests.Data;

/// <summary>A text has the same tokens however it was written: composed (form C) or decomposed (form D), as macOS writes names.</summary>
public sealed class NormalTextTests
{
    const string Composed = "정말 재미있는 영화 été déjà がぎ";

    static readonly string Decomposed = UnicodeForms.Normalize(Composed, NormalizationForm.FormD);

    [Theory]
    [InlineData("char")]
    [InlineData("byte")]
    [InlineData("word")]
    [InlineData("term")]
    [InlineData("bpe")]
    public void A_decomposed_text_has_the_tokens_of_the_composed_one(string kind)
    {
        var tokenizer = Tokenizer.Build(kind, [new("", Composed)]);
        Assert.Equal(tokenizer.Encode(Composed), tokenizer.Encode(Decomposed));
        Assert.Equal(tokenizer.ToJson().ToJsonString(), Tokenizer.Build(kind, [new("", Decomposed)]).ToJson().ToJsonString());
        Assert.Equal(NormalizationForm.FormC, tokenizer.Form);
        Assert.Equal(tokenizer.Encode(Composed), Loaded(tokenizer.ToJson().ToJsonString()).Encode(Decomposed));
    }

    [Theory]
    [InlineData("char")]
    [InlineData("byte")]
    [InlineData("word")]
    [InlineData("term")]
    [InlineData("bpe")]
    public void A_tokenizer_of_an_earlier_version_reads_text_as_it_is(string kind)
    {
        var json = Tokenizer.Build(kind, [new("", Composed + Decomposed)], form: null).ToJson();
        Assert.False(json.ContainsKey("form"));
        var tokenizer = Loaded(json.ToJsonString());
        Assert.Null(tokenizer.Form);
        Assert.NotEqual(tokenizer.Encode(Composed), tokenizer.Encode(Decomposed));
    }

    [Fact]
    public void A_form_that_is_none_is_refused() =>
        Assert.Contains("form is 'nfx'", Assert.ThrowsAny<UnrollException>(() => Loaded("""{"kind": "byte", "form": "nfx"}""")).Message);

    [Fact]
    public void Places_are_those_of_the_text_as_it_was_given()
    {
        var text = UnicodeForms.Normalize("été 한", NormalizationForm.FormD);
        var tokenizer = CharTokenizer.Build([new("", "été 한")]);
        Assert.Equal(["é", "t", "é", " ", "한"], tokenizer.Locate(text).Select(place => UnicodeForms.Normalize(text[place], NormalizationForm.FormC)));
        Assert.Equal(text, string.Concat(tokenizer.Locate(text).Select(place => text[place])));
        var words = TermTokenizer.LocateWords(Decomposed).Select(place => UnicodeForms.Normalize(Decomposed[place], NormalizationForm.FormC));
        Assert.Equal(TermTokenizer.LocateWords(Composed).Select(place => Composed[place]), words);
        Assert.Equal([0..1, 1..2], tokenizer.Locate("té"));
    }

    [Fact]
    public void A_tagger_knows_words_in_either_form()
    {
        var vocabulary = SentenceVocabulary.Build([new(["영화", "été"], ["N", "N"], "")], minCount: 1);
        var (composed, decomposed) = (Encoded("영화", "été"), Encoded([.. new[] { "영화", "été" }.Select(w => UnicodeForms.Normalize(w, NormalizationForm.FormD))]));
        Assert.DoesNotContain(0, composed.Words);
        Assert.Equal(composed.Words, decomposed.Words);
        Assert.Equal(composed.Letters, decomposed.Letters);

        EncodedSentence Encoded(params string[] words) => vocabulary.Encode(new(words, [], ""));
    }

    [Theory]
    [InlineData("plain text", true)]
    [InlineData("한국어 été Å が ﬁ ²", true)]
    [InlineData("😀 é", true)]
    [InlineData("e\u0301", false)]
    [InlineData("\u1112\u1161\u11AB", false)]
    [InlineData("\u212B", false)]                                    // the sign of the unit Ångström
    [InlineData("a\u0301\u0327", false)]                             // marks in another order
    [InlineData("q\u0301", true)]                                    // nothing to join
    public void What_is_in_form_C_is_told(string text, bool normal) => Assert.Equal(normal, UnicodeForms.IsNormalC(text));

    [Fact]
    public void What_is_passed_over_as_normal_is_normal()
    {
        foreach (var c in Enumerable.Range(0xA0, 0xD800 - 0xA0).Concat(Enumerable.Range(0xE000, 0x2000)).Select(c => (char)c))
        {
            var text = $"a{c}";
            if (UnicodeForms.IsSurelyNormalC(text)) Assert.Equal(text, UnicodeForms.Normalize(UnicodeForms.Normalize(text, NormalizationForm.FormD), NormalizationForm.FormC));
        }
    }

    static Tokenizer Loaded(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Tokenizer.FromJson(document.RootElement);
    }
}
