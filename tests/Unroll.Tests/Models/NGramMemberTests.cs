using Unroll.Tests.Contracts;

namespace Unroll.Tests.Models;

public class NGramMemberTests
{
    static NGramMember Member(int longest, int rows = 1 << 20) => new(new() { Classes = ["a", "b"], NGrams = longest, NGramRows = rows });

    static int[] Rows(NGramMember member, params int[] text)
    {
        int[] room = [];
        return member.Rows(text, ref room).ToArray();
    }

    [Theory]
    [InlineData(1, 3, 3)]                       // a, b, c
    [InlineData(2, 3, 7)]                       // and ^a, ab, bc, c$
    [InlineData(3, 3, 10)]                      // and ^ab, abc, bc$
    [InlineData(8, 3, 13)]                      // and ^abc, abc$, ^abc$
    [InlineData(1, 0, 0)]
    [InlineData(2, 0, 1)]                       // ^$
    [InlineData(8, 0, 1)]
    public void All_runs_are_there_with_the_ends(int longest, int tokens, int expected)
    {
        var rows = Rows(Member(longest), [.. Enumerable.Range(0, tokens)]);
        Assert.Equal(expected, rows.Length);
        Assert.Equal(expected, rows.Distinct().Count());
    }

    [Fact]
    public void Equal_runs_have_one_row_wherever_they_stand()
    {
        var member = Member(3);
        var shared = Rows(member, 1, 2, 3, 9).Intersect(Rows(member, 8, 7, 1, 2, 3)).Count();
        Assert.Equal(6, shared);                // 1, 2, 3, 12, 23, 123
        Assert.Equal(4, Rows(member, 1, 2).Intersect(Rows(member, 2, 1, 5, 1, 2, 6)).Count() + Rows(member, 1, 2).Intersect(Rows(member, 1)).Count() - 1);
        Assert.All(Rows(Member(8, 2), 4, 5, 6, 7), row => Assert.InRange(row, 0, 1));
    }

    [Fact]
    public void Runs_by_place_are_rows_of_their_own()
    {
        var member = new NGramMember(new() { Classes = ["a", "b"], NGrams = 1, NGramPositions = 2, NGramRows = 1 << 20 });
        Assert.Equal(3 + 5, Rows(member, 1, 2, 3).Distinct().Count());
        Assert.Equal(3 + 1 + 1 + 0, Rows(member, 1, 2, 3).Intersect(Rows(member, 1, 3, 2)).Count() + Rows(member, 4, 2).Intersect(Rows(member, 5, 2)).Count() - 1);
        new Rng(1).FillUniform(member.Weight.Edit(), -1, 1);
        int[] text = [4, 2, 2, 7];
        Assert.Equal((double)member.Forward([text]).Values[1], member.Shares(text, 1).Sum(), 1e-5);
    }

    [Fact]
    public void Order_counts_and_neighbours_do_not()
    {
        var member = Member(2, 256);
        new Rng(1).FillUniform(member.Weight.Edit(), -1, 1);
        new Rng(2).FillUniform(member.Bias.Edit(), -1, 1);
        int[][] texts = [[1, 2, 3], [], [3, 2, 1], [1, 2, 3]];
        var together = member.Forward(texts);
        for (var b = 0; b < texts.Length; b++) Same.Bits(member.Forward([texts[b]])[0].Values, together[b].Values, $"text {b}");
        Assert.NotEqual(together[0].Values.ToArray(), together[2].Values.ToArray());
        var alone = Member(1, 256);
        alone.Bias.Edit()[1] = 7;
        Assert.Equal([0, 7], alone.Forward([[]]).Values.ToArray());
    }
}
