using Unroll.Data;

namespace Unroll.Tests.Data;

public class VocabularyTests
{
    static readonly Dictionary<string, long> Counts = new() { ["b"] = 5, ["a"] = 5, ["rare"] = 1, ["c"] = 7, ["<unk>"] = 2 };

    [Fact]
    public void Special_symbols_come_first_and_the_others_by_count_and_then_by_name()
    {
        var vocabulary = Vocabulary.FromCounts(Counts, ["<unk>", "<eos>"], minCount: 2);
        Assert.Equal(["<unk>", "<eos>", "c", "a", "b"], vocabulary.Symbols);
        Assert.Equal([3, 0, 7, 5, 5], vocabulary.Counts);
        Assert.Equal((5, 2), (vocabulary.Size, vocabulary.SpecialCount));
    }

    [Fact]
    public void The_largest_size_counts_the_special_symbols()
    {
        var vocabulary = Vocabulary.FromCounts(Counts, ["<unk>"], maxSize: 3);
        Assert.Equal(["<unk>", "c", "a"], vocabulary.Symbols);
        Assert.Equal(Counts.Values.Sum(), vocabulary.Counts.Sum());
    }

    [Fact]
    public void Symbols_and_numbers_are_found_from_each_other()
    {
        var vocabulary = new Vocabulary(["가", "👍", "x"]);
        for (var id = 0; id < vocabulary.Size; id++) Assert.Equal(id, vocabulary.Find(vocabulary[id]));
        Assert.False(vocabulary.TryGetId("y", out _));
        Assert.Null(vocabulary.Find(""));
    }

    [Fact]
    public void Symbols_that_are_empty_double_or_ill_formed_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new Vocabulary(["a", ""]));
        Assert.Throws<ArgumentException>(() => new Vocabulary(["a", "a"]));
        Assert.Throws<ArgumentException>(() => new Vocabulary(["\ud83d"]));
        Assert.Throws<ArgumentException>(() => new Vocabulary(["a"], [1, 2]));
        Assert.Throws<ArgumentException>(() => new Vocabulary(["a"], specialCount: 2));
    }
}
