using Unroll.Tensors;

namespace Unroll.Tests.Tensors;

public class LengthsTests
{
    [Fact]
    public void Rows_are_ordered_from_long_to_short_and_counted_at_every_step()
    {
        var lengths = new Lengths([2, 0, 3, 2], 4);
        Assert.Equal([2, 0, 3, 2], lengths.Values.ToArray());
        Assert.Equal([2, 0, 3, 1], lengths.Order.ToArray());
        Assert.Equal([3, 3, 1, 0, 0], Enumerable.Range(0, 5).Select(lengths.LiveAt));
        Assert.Equal([0, 3, 6, 7, 7], Enumerable.Range(0, 5).Select(lengths.PlaceOf));
        Assert.Equal((4, 7, false), (lengths.Steps, lengths.Total, lengths.AreFull));
    }

    [Fact]
    public void Any_batch_keeps_its_laws_and_the_same_object_can_describe_the_next()
    {
        var rng = new Rng(1);
        var lengths = new Lengths([], 0);
        for (var trial = 0; trial < 200; trial++)
        {
            int rows = rng.Next(9), steps = rng.Next(8);
            var values = Enumerable.Range(0, rows).Select(_ => rng.Next(steps + 1)).ToArray();
            lengths.Set(values, steps);
            Assert.Equal(values.Sum(), lengths.Total);
            Assert.Equal(values.All(n => n == steps), lengths.AreFull);
            Assert.Equal(Enumerable.Range(0, rows).OrderByDescending(r => values[r]), lengths.Order.ToArray());
            for (var p = 0; p < rows; p++) Assert.Equal(p, lengths.Unsort()[lengths.Order[p]]);
            for (var t = 0; t <= steps; t++)
            {
                Assert.Equal(values.Count(n => n > t), lengths.LiveAt(t));
                Assert.Equal(values.Sum(n => Math.Min(n, t)), lengths.PlaceOf(t));
            }
            for (var t = 0; t < steps; t++)
                for (var p = 0; p < rows; p++)
                    Assert.Equal(p < lengths.LiveAt(t) ? t * rows + lengths.Order[p] : -1, lengths.SortSteps()[t * rows + p]);
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(4)]
    public void A_length_outside_the_batch_is_refused_with_its_row(int wrong) =>
        Assert.Contains("row 1", Assert.Throws<ArgumentOutOfRangeException>(() => new Lengths([3, wrong], 3)).Message);

    [Fact]
    public void A_refused_batch_leaves_the_one_before()
    {
        var lengths = new Lengths([3, 1], 3);
        Assert.Throws<ArgumentOutOfRangeException>(() => lengths.Set([1, 1, 9], 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => lengths.Set([], -1));
        Assert.Equal([3, 1], lengths.Values.ToArray());
        Assert.Equal((3, 4), (lengths.Steps, lengths.Total));
        Assert.Equal([2, 1, 1, 0], Enumerable.Range(0, 4).Select(lengths.LiveAt));
    }
}
