using Unroll.Data;

namespace Unroll.Tests.Data;

public class PairFilterTests
{
    static readonly TextPair[] Pairs = [new("a b", "x", "1"), new("", "x", "2"), new("a\u00a0b c\td", "x y", "3"), new("a", "", "4"), new(" a ", "u v w x", "5"), new("", "", "6")];

    static string[] Kept(PairFilter filter) => [.. filter.Apply(Pairs).Select(p => p.Place)];

    [Fact]
    public void Lengths_and_their_ratio_decide()
    {
        Assert.Equal(["1", "3", "5"], Kept(new()));
        Assert.Equal(["1"], Kept(new() { MaxWords = 3 }));
        Assert.Equal(["1", "3"], Kept(new() { MaxRatio = 2 }));
        Assert.Equal(["1", "2", "3", "4", "5", "6"], Kept(new() { MinWords = 0 }));
        Assert.Equal(["1", "3", "6"], Kept(new() { MinWords = 0, MaxRatio = 2 }));
    }

    [Fact]
    public void Nothing_left_is_refused_and_so_are_limits_that_make_no_sense()
    {
        Assert.Contains("None of the 6 pairs", Assert.ThrowsAny<UnrollException>(() => Kept(new() { MinWords = 9 })).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Kept(new() { MinWords = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Kept(new() { MinWords = 2, MaxWords = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Kept(new() { MaxRatio = 0.5 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Kept(new() { MaxRatio = double.NaN }));
    }
}
