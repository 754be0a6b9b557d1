using System.Text;
using System.Text.Json;
using Unroll.Data;

namespace Unroll.Tests.Data;

public class TextCoderTests
{
    static readonly TextPair[] Pairs =
    [
        new("Der Hund läuft.", "The dog runs.", "1"), new("Der Hund bellt.", "The dog barks.", "2"), new("", "", "3"), new("개가 짖는다", "A dog barks 👍", "4"),
    ];

    [Theory]
    [InlineData("char")]
    [InlineData("byte")]
    [InlineData("word")]
    [InlineData("bpe")]
    public void Texts_come_back_and_two_more_tokens_mark_their_ends(string kind)
    {
        var (source, target) = TextCoder.Build(Pairs, new() { Tokens = kind });
        foreach (var (coder, texts) in new[] { (source, Pairs.Select(p => p.Source)), (target, Pairs.Select(p => p.Target)) })
        {
            Assert.Equal(coder.Tokenizer.VocabularySize + 2, coder.Size);
            Assert.Equal((coder.Size - 2, coder.Size - 1), (coder.BeginId, coder.EndId));
            Assert.Equal(("<s>", "</s>"), (coder.Symbol(coder.BeginId), coder.Symbol(coder.EndId)));
            foreach (var text in texts)
            {
                var ids = coder.Encode(text);
                Assert.All(ids, id => Assert.InRange(id, 0, coder.BeginId - 1));
                Assert.Equal(text, coder.Decode(ids));
                Assert.Equal(text, coder.Decode([coder.BeginId, .. ids, coder.EndId, 0, 0]));
            }
        }
        Assert.Empty(source.Encode(""));
        Assert.Equal("", source.Decode([source.EndId]));
        Assert.Throws<ArgumentOutOfRangeException>(() => source.Decode([source.Size]));
    }

    [Theory]
    [InlineData("char")]
    [InlineData("byte")]
    [InlineData("word")]
    [InlineData("bpe")]
    public void What_was_never_seen_can_be_read(string kind)
    {
        var source = TextCoder.Build(Pairs, new() { Tokens = kind }).Source;
        var ids = source.Encode("Ж Hund");
        Assert.NotEmpty(ids);
        if (source.UnknownId is { } unknown) Assert.Equal(unknown, ids[0]);
        else Assert.Equal("Ж Hund", source.Decode(ids));
    }

    [Fact]
    public void Both_sides_share_their_tokens_if_asked()
    {
        var (source, target) = TextCoder.Build(Pairs, new() { Tokens = "word", Joint = true });
        Assert.Same(source, target);
        Assert.Equal("Hund dog", source.Decode(source.Encode("Hund dog")));
        var apart = TextCoder.Build(Pairs, new() { Tokens = "word" });
        Assert.Equal(apart.Source.UnknownId, apart.Source.Encode("dog")[0]);
        Assert.Equal(2 + 7 + 2, apart.Target.Size);                                   // <unk> <eos>, 7 words, <s> </s>
    }

    [Fact]
    public void A_word_is_the_same_byte_pairs_wherever_it_stands()
    {
        var coder = TextCoder.Build(Enumerable.Repeat("dog dog dog", 10), new() { Tokens = "bpe", MaxSize = 300 });
        var ids = coder.Encode("dog dog");
        Assert.Equal(2, ids.Length);
        Assert.Equal(ids[0], ids[1]);
        Assert.Equal("dog dog", coder.Decode(ids));
        Assert.Equal(" dog", coder.Decode(coder.Encode(" dog")));
    }

    [Fact]
    public void Texts_are_normalised_when_symbols_are_made_and_when_they_are_used()
    {
        var coder = TextCoder.Build(["CAFE\u0301 café"], new() { Tokens = "word", Normalizer = new() { Form = NormalizationForm.FormC, Lower = true } });
        Assert.Equal(2 + 1 + 2, coder.Size);
        Assert.Equal("café", coder.Decode(coder.Encode("Cafe\u0301")));
    }

    [Theory]
    [InlineData("char")]
    [InlineData("byte")]
    [InlineData("word")]
    [InlineData("bpe")]
    public void It_comes_back_from_json(string kind)
    {
        var coder = TextCoder.Build(Pairs, new() { Tokens = kind, Normalizer = new() { Lower = true } }).Target;
        var again = TextCoder.FromJson(JsonSerializer.SerializeToElement(coder.ToJson()));
        Assert.Equal(coder.Size, again.Size);
        Assert.Equal(coder.Normalizer, again.Normalizer);
        Assert.Equal(coder.Encode("The Dog barks 👍 now"), again.Encode("The Dog barks 👍 now"));
        foreach (var bad in new[] { "[]", "{}", "{\"tokenizer\": {\"kind\": \"byte\"}}", "{\"tokenizer\": {}, \"normalizer\": {}}" })
            Assert.ThrowsAny<UnrollException>(() => TextCoder.FromJson(JsonDocument.Parse(bad).RootElement));
    }

    [Fact]
    public void Options_are_checked()
    {
        Assert.ThrowsAny<UnrollException>(() => TextCoder.Build(Pairs, new() { Tokens = "syllable" }));
        Assert.ThrowsAny<UnrollException>(() => TextCoder.Build(Pairs, new() { Tokens = "byte", MaxSize = 300 }));
        Assert.ThrowsAny<UnrollException>(() => TextCoder.Build(Pairs, new() { MinCount = 0 }));
    }
}
