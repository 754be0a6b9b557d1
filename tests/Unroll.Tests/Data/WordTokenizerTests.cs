using Unroll.Data;

namespace Unroll.Tests.Data;

public class WordTokenizerTests
{
    const string Text = " the N <unk> of the N \n the 주식 of <unk> \n";

    [Fact]
    public void Lines_end_in_eos_and_a_literal_unk_is_the_symbol()
    {
        var tokenizer = WordTokenizer.Build(Samples.Documents(Text));
        Assert.Equal(["<unk>", "<eos>", "the", "N", "of", "주식"], tokenizer.Vocabulary.Symbols);
        Assert.Equal([2, 2, 3, 2, 2, 1], tokenizer.Vocabulary.Counts);
        Assert.Equal([2, 3, 0, 4, 2, 3, 1, 2, 5, 4, 0, 1], tokenizer.Encode(Text));
        Assert.Equal((0, 1), (tokenizer.UnknownId, tokenizer.EndOfLineId));
    }

    [Fact]
    public void Rare_and_unseen_words_are_unknown()
    {
        var tokenizer = WordTokenizer.Build(Samples.Documents(Text), minCount: 2);
        Assert.Equal(5, tokenizer.VocabularySize);
        Assert.Equal(3, tokenizer.Vocabulary.Counts[0]);
        Assert.Equal([2, 0, 0], tokenizer.Encode("the 주식 new"));
        Assert.Equal("the <unk> <unk>", tokenizer.Decode([2, 0, 0]));
    }

    [Fact]
    public void The_largest_size_keeps_the_most_frequent()
    {
        var tokenizer = WordTokenizer.Build(Samples.Documents(Text), maxSize: 3);
        Assert.Equal(["<unk>", "<eos>", "the"], tokenizer.Vocabulary.Symbols);
    }
}
