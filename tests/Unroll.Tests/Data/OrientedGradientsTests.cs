using Unroll.Data;

namespace Unroll.Tests.Data;

public class OrientedGradientsTests
{
    const int Kinds = OrientedGradients.Directions + 1;

    static Series Draw(int height, int width, Func<int, int, float> pixel) =>
        new([.. from y in Enumerable.Range(0, height) from x in Enumerable.Range(0, width) select pixel(y, x)], height, width, channels: 1);

    static float[] Edges(Series seen, int row, int column) => seen[row].Slice(column * seen.Channels, OrientedGradients.Directions).ToArray();

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(-1, 0, 0)]                     // from light to dark is the same line as from dark to light
    [InlineData(0, 1, 4)]
    [InlineData(0, -1, 4)]
    [InlineData(1, 1, 2)]
    [InlineData(1, -1, 6)]
    public void A_slope_has_one_direction(int across, int down, int direction)
    {
        var seen = OrientedGradients.Of(Draw(16, 16, (y, x) => across * x + down * y), 4);
        var edges = Edges(seen, 1, 2);
        for (var b = 0; b < edges.Length; b++)
            if (b == direction) Assert.Equal(4 * Math.Pow(across * across + down * down, 0.25), edges[b], 1e-4);            // √ of 16 pixels' weight · length
            else Assert.Equal(0, edges[b], 2e-3);
    }

    [Fact]
    public void A_direction_between_two_is_shared()
    {
        var angle = Math.PI * 2.25 / OrientedGradients.Directions;
        var edges = Edges(OrientedGradients.Of(Draw(12, 12, (y, x) => (float)(Math.Cos(angle) * x + Math.Sin(angle) * y)), 4), 1, 1);
        Assert.Equal(0.75 * 16, edges[2] * edges[2], 1e-3);
        Assert.Equal(0.25 * 16, edges[3] * edges[3], 1e-3);
    }

    [Fact]
    public void Nothing_but_colour_is_seen_of_an_even_picture_whatever_its_size()
    {
        var seen = OrientedGradients.Of(new Series([.. Enumerable.Range(0, 5 * 7 * 3).Select(i => (float)(i % 3))], 5, 21, channels: 3), 4);
        Assert.Equal((2, 2 * 11, 11), (seen.Steps, seen.Features, seen.Channels));
        for (var i = 0; i < seen.Values.Length; i++) Assert.Equal(Math.Max(0, i % 11 - 8), seen.Values[i], 1e-5);
    }

    [Fact]
    public void The_channel_that_changes_most_is_an_edge()
    {
        var seen = OrientedGradients.Of(new Series([.. from y in Enumerable.Range(0, 8) from x in Enumerable.Range(0, 8) from c in Enumerable.Range(0, 2) select (float)(c == 0 ? x : 3 * y)], 8, 16, channels: 2), 8);
        Assert.True(seen.Values[4] > 8 && seen.Values[0] < 1e-3);
    }

    [Fact]
    public void What_moves_by_a_square_is_seen_one_square_on()
    {
        float Thing(int y, int x) => y is > 9 and < 15 && x is > 8 and < 13 ? y * x % 5 : 0;
        var (here, there) = (OrientedGradients.Of(Draw(24, 24, Thing), 4), OrientedGradients.Of(Draw(24, 24, (y, x) => Thing(y - 4, x + 4)), 4));
        for (var row = 1; row < 5; row++)
            for (var column = 1; column < 5; column++)
                Assert.Equal(here[row].Slice(column * Kinds, Kinds).ToArray(), there[row + 1].Slice((column - 1) * Kinds, Kinds).ToArray(), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void A_square_has_a_pixel_at_least() => Assert.Throws<ArgumentOutOfRangeException>(() => OrientedGradients.Of(Draw(4, 4, (_, _) => 0), 0));
}
