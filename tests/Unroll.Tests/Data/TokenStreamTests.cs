using Unroll.Data;

namespace Unroll.Tests.Data;

public class TokenStreamTests
{
    [Fact]
    public void Documents_stand_one_after_the_other_and_those_without_tokens_are_left_out()
    {
        var stream = TokenStream.Encode(new ByteTokenizer(), Samples.Documents("가", "", "bc"));
        Assert.Equal([0xEA, 0xB0, 0x80, 'b', 'c'], stream.Ids.ToArray());
        Assert.Equal([0, 3], stream.DocumentStarts.ToArray());
        Assert.Equal((5, 3), (stream.Count, stream.CharacterCount));
        var words = WordTokenizer.Build(Samples.Documents("a"));
        Assert.Contains("no tokens", Assert.ThrowsAny<UnrollException>(() => TokenStream.Encode(words, Samples.Documents(" \t"))).Message);
    }

    [Fact]
    public void A_split_gives_the_first_tokens_and_the_rest()
    {
        var stream = Stream(Enumerable.Range(0, 11).ToArray(), 0, 3, 9, 10);
        var (train, valid) = stream.Split(0.1);
        Assert.Equal(Enumerable.Range(0, 9), train.Ids.ToArray());
        Assert.Equal([0, 3], train.DocumentStarts.ToArray());
        Assert.Equal([9, 10], valid.Ids.ToArray());
        Assert.Equal([0, 1], valid.DocumentStarts.ToArray());
        Assert.Equal(7, stream.Split(0.35).Train.Count);
        Assert.Equal([0, 5, 6], stream.Split(0.6).Valid.DocumentStarts.ToArray());
        Assert.Equal(stream.CharacterCount, train.CharacterCount + valid.CharacterCount);
    }

    [Fact]
    public void A_split_that_leaves_nothing_is_refused()
    {
        var stream = Stream([1, 2, 3, 4, 5]);
        Assert.Contains("leaves 4 to train on and 1 to validate on", Assert.ThrowsAny<UnrollException>(() => stream.Split(0.1)).Message);
        Assert.ThrowsAny<UnrollException>(() => stream.Split(0.9));
        foreach (var fraction in new[] { 0, 1, -1, double.NaN }) Assert.Throws<ArgumentOutOfRangeException>(() => stream.Split(fraction));
    }

    [Fact]
    public void Other_data_has_another_fingerprint()
    {
        TokenStream[] streams =
        [
            Stream([1, 2, 3]), Stream([1, 2, 4]), Stream([1, 2]), Stream([2, 1, 3]), Stream([1, 2, 3, 0]),
            Stream([1, 2, 3], 0, 1), Stream([1, 2, 3], 0, 2),
        ];
        Assert.Equal(streams.Length, streams.Select(s => s.Fingerprint).Distinct().Count());
        Assert.Equal(streams[0].Fingerprint, Stream([1, 2, 3]).Fingerprint);
    }

    [Fact]
    public void Tokens_and_starts_are_checked()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Stream([256]));
        foreach (var starts in new int[][] { [], [1], [0, 0], [0, 3], [0, 2, 1] })
            Assert.Throws<ArgumentException>(() => new TokenStream(new ByteTokenizer(), [1, 2, 3], starts));
    }

    internal static TokenStream Stream(int[] ids, params int[] starts) =>
        new(new ByteTokenizer(), ids, starts.Length > 0 ? starts : [0]);
}
