using Unroll.Data;

namespace Unroll.Tests.Data;

public class LengthBucketsTests
{
    static int[] Lengths(int count)
    {
        var rng = new Rng(5);
        return [.. Enumerable.Range(0, count).Select(_ => rng.Next(200))];
    }

    static List<int[]> Epoch(LengthBuckets buckets) => [.. Enumerable.Range(0, buckets.BatchesPerEpoch).Select(_ => buckets.Next().ToArray())];

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 3)]
    [InlineData(1000, 8)]
    [InlineData(1003, 10)]
    [InlineData(5, 100)]
    public void Every_sequence_comes_once_an_epoch(int count, int batch)
    {
        var buckets = new LengthBuckets(Lengths(count), batch, new Rng(1));
        for (var epoch = 0; epoch < 3; epoch++)
        {
            var batches = Epoch(buckets);
            Assert.Equal(Enumerable.Range(0, count), batches.SelectMany(b => b).Order());
            Assert.Equal((count - 1) / batch, batches.Count(b => b.Length == batch) - (count % batch == 0 ? 1 : 0));
        }
    }

    [Fact]
    public void Lengths_of_a_batch_are_similar_and_epochs_differ()
    {
        var lengths = Lengths(4000);
        var buckets = new LengthBuckets(lengths, 16, new Rng(1));
        var (first, second) = (Epoch(buckets), Epoch(buckets));
        foreach (var epoch in new[] { first, second })
        {
            double steps = epoch.Sum(b => b.Length * (double)b.Max(i => lengths[i]));
            Assert.InRange(steps / lengths.Sum(l => (double)l), 1, 1.1);
        }
        Assert.NotEqual(first[0], second[0]);
        Assert.False(first.Select(b => lengths[b[0]]).SequenceEqual(first.Select(b => lengths[b[0]]).Order()));
    }

    [Fact]
    public void It_goes_on_from_a_place()
    {
        var all = new LengthBuckets(Lengths(100), 7, new Rng(1));
        var batches = Enumerable.Range(0, 40).Select(_ => all.Next().ToArray()).ToList();
        var later = new LengthBuckets(Lengths(100), 7, new Rng(1)) { Position = 23 };
        for (var i = 23; i < 40; i++) Assert.Equal(batches[i], later.Next().ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => later.Position = -1);
    }

    [Fact]
    public void Without_a_generator_the_shortest_come_first()
    {
        int[] lengths = [3, 1, 2, 1, 0];
        var buckets = new LengthBuckets(lengths, 2);
        Assert.Equal([[4, 1], [3, 2], [0]], Epoch(buckets));
        Assert.Equal([[4, 1], [3, 2], [0]], Epoch(buckets));
    }

    [Fact]
    public void No_sequence_makes_no_batch()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new LengthBuckets([], 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LengthBuckets([1], 0));
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(500, 100)]
    [InlineData(500, 1000)]
    [InlineData(500, 1)]
    public void Batches_of_tokens_keep_to_the_budget_and_waste_little(int count, int tokens)
    {
        var (lengths, rng) = (Lengths(count), new Rng(6));
        int[] others = [.. lengths.Select(l => l / 2 + rng.Next(5))];
        int Longest(int i) => Math.Max(lengths[i], others[i]);
        var buckets = LengthBuckets.OfTokens(lengths, others, tokens, new Rng(1));
        var epochs = Enumerable.Range(0, 3).Select(_ => Epoch(buckets)).ToArray();
        foreach (var batches in epochs)
        {
            Assert.Equal(Enumerable.Range(0, count), batches.SelectMany(b => b).Order());
            Assert.All(batches, b => Assert.True(b.Length == 1 || b.Length * b.Max(Longest) <= tokens));
            Assert.Equal(buckets.Batch, batches.Max(b => b.Length));
            var sorted = batches.OrderBy(b => lengths[b[0]]).ThenBy(b => others[b[0]]).ThenBy(b => lengths[b[^1]]).ToArray();
            for (var i = 1; i < sorted.Length; i++)                       // a batch is closed only by a sequence that no longer fits
                Assert.True((sorted[i - 1].Length + 1) * Math.Max(sorted[i - 1].Max(Longest), Longest(sorted[i][0])) > tokens);
        }
        if (count > 1) Assert.NotEqual(epochs[0].SelectMany(b => b), epochs[1].SelectMany(b => b));
        var later = LengthBuckets.OfTokens(lengths, others, tokens, new Rng(1));
        later.Position = buckets.BatchesPerEpoch + 1;
        if (buckets.BatchesPerEpoch > 1) Assert.Equal(epochs[1][1], later.Next().ToArray());
    }

    [Fact]
    public void Batches_of_tokens_without_a_generator_go_from_short_to_long()
    {
        var buckets = LengthBuckets.OfTokens([3, 1, 2, 1, 0], [1, 4, 2, 1, 0], 4);
        Assert.Equal([[4, 3], [1], [2], [0]], Epoch(buckets));
        Assert.Throws<ArgumentOutOfRangeException>(() => LengthBuckets.OfTokens([], [], 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => LengthBuckets.OfTokens([1], [1], 0));
        Assert.Equal([[0, 1], [2, 3], [4], [5]], Epoch(LengthBuckets.OfTokens([0, 0, 0, 1, 3, 5], [0, 0, 0, 1, 3, 5], 5, batch: 2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => LengthBuckets.OfTokens([1], [1], 1, batch: 0));
        Assert.Throws<ArgumentException>(() => LengthBuckets.OfTokens([1], [], 4));
    }
}
