using System.Text;
using System.Text.Json;
using Unroll.Data;

namespace Unroll.Tests.Data;

public class TokenizerTests
{
    [Theory]
    [InlineData("char")]
    [InlineData("byte")]
    [InlineData("bpe")]
    public void Text_comes_back_from_its_tokens(string kind)
    {
        var rng = new Rng(3);
        for (var i = 0; i < 40; i++)
        {
            var text = Samples.Random(rng, 1 + rng.Next(400)) + Samples.All;
            var tokenizer = Tokenizer.Build(kind, Samples.Documents(text), maxSize: kind == "bpe" ? 400 : null, form: null);
            var ids = tokenizer.Encode(text);
            Assert.All(ids, id => Assert.InRange(id, 0, tokenizer.VocabularySize - 1));
            Assert.Equal(text, tokenizer.Decode(ids));
            Assert.Equal(text.EnumerateRunes().Count(), tokenizer.CountCharacters(ids));
        }
    }

    [Theory]
    [InlineData("byte")]
    [InlineData("bpe")]
    public void Bytes_and_byte_pairs_write_what_they_never_saw(string kind)
    {
        var tokenizer = Tokenizer.Build(kind, Samples.Documents(Samples.English), form: null);
        var rng = new Rng(4);
        var text = Samples.Random(rng, 2000);
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
    }

    [Fact]
    public void Words_come_back_but_for_white_space()
    {
        var tokenizer = WordTokenizer.Build(Samples.Documents(Samples.All));
        var text = tokenizer.Decode(tokenizer.Encode("  the  cat\tsat \n\n the\u3000세계! end "));
        Assert.Equal("the cat sat\n\nthe 세계! end", text);
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
        Assert.Equal(text.EnumerateRunes().Count(), tokenizer.CountCharacters(tokenizer.Encode(text)));
    }

    [Fact]
    public void Token_by_token_gives_the_same_text_also_where_bytes_are_not_UTF8()
    {
        foreach (var kind in Samples.Kinds)
        {
            var rng = new Rng(5);
            var tokenizer = Tokenizer.Build(kind, Samples.Documents(Samples.All));
            var ids = Enumerable.Range(0, 3000).Select(_ => rng.Next(tokenizer.VocabularySize)).ToArray();
            var decoder = new TokenDecoder(tokenizer);
            var text = new StringBuilder();
            foreach (var id in ids) text.Append(decoder.Next(id));
            text.Append(decoder.Finish());
            Assert.Equal(tokenizer.Decode(ids), text.ToString());
            if (kind == "byte") Assert.Equal(Encoding.UTF8.GetString([.. ids.Select(i => (byte)i)]), text.ToString());
        }
    }

    [Fact]
    public void A_character_appears_with_its_last_byte()
    {
        var decoder = new TokenDecoder(new ByteTokenizer());
        var parts = Encoding.UTF8.GetBytes("a한👍").Select(b => decoder.Next(b).ToString());
        Assert.Equal(["a", "", "", "한", "", "", "", "👍"], parts);
        Assert.Equal("", decoder.Next(0xED).ToString());
        Assert.Equal("\ufffd", decoder.Finish().ToString());
        Assert.Equal("b", decoder.Next('b').ToString());
    }

    [Fact]
    public void Decoding_a_token_allocates_nothing()
    {
        foreach (var kind in Samples.Kinds)
        {
            var tokenizer = Tokenizer.Build(kind, Samples.Documents(Samples.All));
            var ids = tokenizer.Encode(Samples.All);
            var decoder = new TokenDecoder(tokenizer);
            foreach (var id in ids) decoder.Next(id);
            Assert.Equal(0, Allocations.Of(() =>
            {
                foreach (var id in ids) decoder.Next(id);
            }));
        }
    }

    [Fact]
    public void A_tokenizer_written_and_read_gives_the_same_tokens()
    {
        foreach (var kind in Samples.Kinds)
        {
            var tokenizer = Tokenizer.Build(kind, Samples.Documents(Samples.All), minCount: kind == "word" ? 2 : 1);
            using var json = JsonDocument.Parse(tokenizer.ToJson().ToJsonString());
            var read = Tokenizer.FromJson(json.RootElement);
            Assert.Equal(kind, read.Kind);
            Assert.Equal(tokenizer.VocabularySize, read.VocabularySize);
            Assert.Equal((tokenizer.EndOfLineId, tokenizer.UnknownId), (read.EndOfLineId, read.UnknownId));
            Assert.Equal(tokenizer.Encode(Samples.All), read.Encode(Samples.All));
            for (var id = 0; id < read.VocabularySize; id++) Assert.Equal(tokenizer.Symbol(id), read.Symbol(id));
            Assert.Equal(tokenizer.ToJson().ToJsonString(), read.ToJson().ToJsonString());
        }
    }

    [Theory]
    [InlineData("[]", "a JSON object is expected")]
    [InlineData("{}", "kind is missing")]
    [InlineData("""{"kind":7}""", "kind is Number where String is expected")]
    [InlineData("""{"kind":"syllable"}""", "kind is 'syllable'; it must be one of char, byte, word, term, bpe")]
    [InlineData("""{"kind":"char","unknown":false,"symbols":["a","b","a","","cd"],"counts":[1,1,1,1,1]}""",
        "symbol 2 is the same as symbol 0", "symbol 3 is empty")]
    [InlineData("""{"kind":"char","unknown":false,"symbols":["a","cd"],"counts":[1,1]}""", "symbol 1 is not one character")]
    [InlineData("""{"kind":"char","unknown":0,"counts":[1,1]}""", "unknown must be true or false", "symbols is missing")]
    [InlineData("""{"kind":"char","unknown":true,"symbols":["a","b"],"counts":[1,1]}""", "symbol 0 is not <unk>")]
    [InlineData("""{"kind":"char","unknown":false,"symbols":["a",3,"\ud83d"],"counts":[1]}""", "symbols holds Number", "not well-formed")]
    [InlineData("""{"kind":"char","unknown":false,"symbols":[],"counts":[]}""", "symbols is empty")]
    [InlineData("""{"kind":"char","unknown":false,"symbols":["a"],"counts":[1.5]}""", "a count below zero")]
    [InlineData("""{"kind":"word","symbols":["<unk>"],"counts":[1]}""", "2 special symbols of 1")]
    [InlineData("""{"kind":"word","symbols":["<unk>","<eos>","a b"],"counts":[1,1]}""", "2 counts for 3 symbols")]
    [InlineData("""{"kind":"word","symbols":["<unk>","x","a b"],"counts":[1,1,1]}""",
        "the first symbols are not <unk> and <eos>", "symbol 2 has white space in it")]
    [InlineData("""{"kind":"bpe","merges":[[97,98],[97,98],[300,5],[-1,2],[1],"x",[1.5,2]]}""",
        "merge 1 is the same as merge 0", "merge 2 joins 300 and 5; only tokens from 0 to 257",
        "merge 3 joins -1", "merge 4 is not", "merge 5 is not", "merge 6 is not")]
    [InlineData("""{"kind":"bpe","merges":[[97,97],[256,256],[257,257],[258,258],[259,259],[260,260],[261,261],[262,262],[263,263]]}""",
        "merge 8 makes a token of 512 bytes")]
    public void What_is_no_tokenizer_is_refused_with_every_problem(string text, params string[] problems)
    {
        using var json = JsonDocument.Parse(text);
        var error = Assert.ThrowsAny<UnrollException>(() => Tokenizer.FromJson(json.RootElement));
        foreach (var problem in problems) Assert.Contains(problem, error.Message);
    }

    [Fact]
    public void The_problems_of_a_hostile_tokenizer_are_listed_up_to_a_bound()
    {
        var kind = new string('x', 1 << 20);
        using var json = JsonDocument.Parse($$"""{"kind":"{{kind}}"}""");
        Assert.InRange(Assert.ThrowsAny<UnrollException>(() => Tokenizer.FromJson(json.RootElement)).Message.Length, 1, 200);
        using var merges = JsonDocument.Parse($$"""{"kind":"bpe","merges":[{{string.Join(',', Enumerable.Repeat(7, 1000))}}]}""");
        var problems = Assert.ThrowsAny<UnrollException>(() => Tokenizer.FromJson(merges.RootElement)).Problems;
        Assert.Equal("and 980 more", problems[^1]);
        Assert.Equal(21, problems.Count);
    }

    [Theory]
    [InlineData("syllable", 1, null, "it must be one of char, byte, word, term, bpe")]
    [InlineData("char", 0, null, "the least count is 0")]
    [InlineData("byte", 1, 300, "there are always 256 bytes")]
    [InlineData("byte", 5, null, "there are always 256 bytes")]
    [InlineData("bpe", 1, 255, "it must be from 256 to")]
    [InlineData("word", 1, 2, "it must be from 3 to")]
    [InlineData("word", 1, int.MaxValue, "it must be from 3 to")]
    public void Options_without_sense_are_refused(string kind, int minCount, int? maxSize, string problem)
    {
        var error = Assert.ThrowsAny<UnrollException>(() => Tokenizer.Build(kind, Samples.Documents("text"), minCount, maxSize));
        Assert.Contains(problem, error.Message);
    }

    [Fact]
    public void A_number_outside_the_vocabulary_is_refused() =>
        Assert.All(Samples.Kinds, kind =>
        {
            var tokenizer = Tokenizer.Build(kind, Samples.Documents("a b c"));
            Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([tokenizer.VocabularySize]));
            Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([-1]));
        });
}
