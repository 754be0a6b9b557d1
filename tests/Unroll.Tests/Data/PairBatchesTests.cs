using Unroll.Data;

namespace Unroll.Tests.Data;

public class PairBatchesTests
{
    static readonly TextPair[] Pairs = [new("ab", "c", "1"), new("", "ccc", "2"), new("a", "", "3"), new("abababab", "c", "4"), new("b", "cc", "5")];

    static (TextCoder Source, TextCoder Target) Coders => TextCoder.Build(Pairs, new() { Tokens = "char" });

    [Fact]
    public void Rows_are_texts_with_their_ends_and_padding_behind()
    {
        var (source, target) = Coders;
        var batches = new PairBatches(Pairs, source, target, tokens: 100, maxSteps: 8);
        Assert.Equal((4, 1, 1), (batches.Count, batches.Skipped, batches.BatchesPerEpoch));
        Assert.Equal([0, 1, 2, 4], batches.Places);
        Assert.Equal(2 + 4 + 1 + 3, batches.TargetCount);
        var rows = batches.Next().ToArray();
        Assert.Equal([1, 2, 3, 0], rows);                                    // by the source's length, then the target's
        Assert.Equal([1, 2, 2, 3], batches.SourceLengths.Values.ToArray());
        Assert.Equal([4, 1, 3, 2], batches.TargetLengths.Values.ToArray());
        Assert.Equal((3, 4, 4, 4), (batches.Source.Steps, batches.Source.Batch, batches.Inputs.Steps, batches.Targets.Steps));
        for (var b = 0; b < rows.Length; b++)
        {
            var pair = Pairs[batches.Places[rows[b]]];
            int[] read = [.. source.Encode(pair.Source), source.EndId], written = [.. target.Encode(pair.Target), target.EndId];
            for (var t = 0; t < batches.Source.Steps; t++) Assert.Equal(t < read.Length ? read[t] : 0, batches.Source[t, b]);
            for (var t = 0; t < batches.Inputs.Steps; t++)
            {
                Assert.Equal(t == 0 ? target.BeginId : t < written.Length ? written[t - 1] : 0, batches.Inputs[t, b]);
                Assert.Equal(t < written.Length ? written[t] : -1, batches.Targets[t, b]);
            }
        }
    }

    [Fact]
    public void Every_pair_comes_once_an_epoch_within_the_budget_and_a_place_can_be_returned_to()
    {
        var rng = new Rng(4);
        TextPair[] pairs = [.. Enumerable.Range(0, 300).Select(i => new TextPair(new string('a', rng.Next(40)), new string('b', rng.Next(40)), $"{i}"))];
        var (source, target) = TextCoder.Build(pairs, new() { Tokens = "char" });
        var batches = new PairBatches(pairs, source, target, tokens: 200, maxSteps: 100, new Rng(1));
        var all = new List<(int[] Rows, int[] Source, int[] Targets)>();
        for (var epoch = 0; epoch < 3; epoch++)
        {
            for (var i = 0; i < batches.BatchesPerEpoch; i++)
            {
                all.Add((batches.Next().ToArray(), batches.Source.Ids.ToArray(), batches.Targets.Ids.ToArray()));
                Assert.InRange(Math.Max(batches.Source.Ids.Length, batches.Targets.Ids.Length), 1, 200);
            }
            Assert.Equal(Enumerable.Range(0, 300), all.Skip(epoch * batches.BatchesPerEpoch).SelectMany(b => b.Rows).Order());
        }
        Assert.NotEqual(all[0].Rows, all[batches.BatchesPerEpoch].Rows);
        var later = new PairBatches(pairs, source, target, tokens: 200, maxSteps: 100, new Rng(1)) { Position = 17 };
        for (var i = 17; i < all.Count; i++)
        {
            Assert.Equal(all[i].Rows, later.Next().ToArray());
            Assert.Equal(all[i].Source, later.Source.Ids.ToArray());
            Assert.Equal(all[i].Targets, later.Targets.Ids.ToArray());
        }
    }

    [Fact]
    public void A_batch_costs_no_memory()
    {
        var (source, target) = Coders;
        var batches = new PairBatches(Pairs, source, target, tokens: 4, maxSteps: 100, new Rng(1));
        for (var i = 0; i < 4 * batches.BatchesPerEpoch; i++) batches.Next();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 40; i++) batches.Next();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void No_pair_that_fits_is_refused()
    {
        var (source, target) = Coders;
        Assert.Contains("All 5 pairs are longer than 1 tokens", Message(() => new PairBatches(Pairs, source, target, 10, maxSteps: 1)));
        Assert.Contains("There is no pair", Message(() => new PairBatches([], source, target, 10, maxSteps: 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PairBatches(Pairs, source, target, 0, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PairBatches(Pairs, source, target, 10, 0));
    }

    static string Message(Func<object> action) => Assert.ThrowsAny<UnrollException>(action).Message;
}
