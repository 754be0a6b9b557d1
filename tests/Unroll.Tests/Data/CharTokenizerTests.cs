using Unroll.Data;

namespace Unroll.Tests.Data;

public class CharTokenizerTests
{
    [Fact]
    public void Characters_are_numbered_by_code_point_and_nothing_is_added()
    {
        var tokenizer = CharTokenizer.Build(Samples.Documents("다가나\n", "\uffee👍a가"));
        Assert.Equal(["\n", "a", "가", "나", "다", "\uffee", "👍"], tokenizer.Vocabulary.Symbols);
        Assert.Equal([1, 1, 2, 1, 1, 1, 1], tokenizer.Vocabulary.Counts);
        Assert.Null(tokenizer.UnknownId);
        Assert.Equal(0, tokenizer.EndOfLineId);
        Assert.Equal([4, 2, 6], tokenizer.Encode("다가👍"));
        Assert.Null(CharTokenizer.Build(Samples.Documents("one line")).EndOfLineId);
    }

    [Fact]
    public void Unseen_characters_are_all_named_with_their_first_place()
    {
        var tokenizer = CharTokenizer.Build(Samples.Documents("abc \n"));
        var error = Assert.ThrowsAny<UnrollException>(() => tokenizer.Encode("ab\ncé a\u0301\t é👍", "prompt.txt"));
        Assert.StartsWith("prompt.txt has 4 characters that the vocabulary of 5 lacks", error.Message);
        Assert.Equal(
            ["U+00E9 'é' at line 2, column 2 (2 times)", "U+00E1 'á' at line 2, column 4", "U+0009 at line 2, column 5",
                "U+1F44D '👍' at line 2, column 8"],
            error.Problems);
        Assert.Contains("byte or bpe", error.Message);
    }

    [Fact]
    public void A_cut_vocabulary_has_one_symbol_for_what_it_lacks()
    {
        var tokenizer = CharTokenizer.Build(Samples.Documents("aabbcd\n\n"), minCount: 2);
        Assert.Equal(["<unk>", "\n", "a", "b"], tokenizer.Vocabulary.Symbols);
        Assert.Equal([2, 2, 2, 2], tokenizer.Vocabulary.Counts);
        Assert.Equal([2, 0, 3, 0], tokenizer.Encode("acb힣"));
        Assert.Equal("a\ufffdb\ufffd", tokenizer.Decode([2, 0, 3, 0]));
        Assert.Equal(["<unk>", "a", "c"], CharTokenizer.Build(Samples.Documents("ccaab"), maxSize: 3).Vocabulary.Symbols);
    }

    [Fact]
    public void Half_a_surrogate_pair_counts_as_the_replacement_character()
    {
        var tokenizer = CharTokenizer.Build(Samples.Documents("a\ud83d"));
        Assert.Equal(["a", "\ufffd"], tokenizer.Vocabulary.Symbols);
        Assert.Equal([1, 1], tokenizer.Encode("\udc4d\ufffd"));
    }
}
