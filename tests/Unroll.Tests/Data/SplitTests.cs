using Unroll.Data;

namespace Unroll.Tests.Data;

public class SplitTests
{
    /// <summary>60 of a, 30 of b, 9 of c, 1 of d, mixed.</summary>
    static readonly Example[] Items =
        [.. Enumerable.Range(0, 100).Select(i => new Example { Text = $"{i}", Labels = [i % 10 < 6 ? "a" : i % 10 < 9 ? "b" : i == 99 ? "d" : "c"], Source = "" })];

    [Fact]
    public void Every_nth_begins_with_the_first()
    {
        var (train, test) = Split.EveryNth(Enumerable.Range(0, 11).ToArray(), 5);
        Assert.Equal([0, 5, 10], test);
        Assert.Equal([1, 2, 3, 4, 6, 7, 8, 9], train);
        Assert.Throws<ArgumentOutOfRangeException>(() => Split.EveryNth(Items, 1));
        Assert.Contains("Cannot split 1 examples by every 5th", Assert.ThrowsAny<UnrollException>(() => Split.EveryNth([1], 5)).Message);
    }

    [Theory]
    [InlineData(0.1, 10)]
    [InlineData(0.25, 25)]
    [InlineData(0.505, 51)]
    public void A_fraction_is_taken_of_every_label(double fraction, int count)
    {
        var (train, test) = Split.ByFraction(Items, fraction, new Rng(1));
        Assert.Equal(count, test.Count);
        Assert.Equal(Items.Order(ByText), train.Concat(test).Order(ByText));
        foreach (var (label, all) in Items.CountBy(e => e.Labels[0]))
            Assert.InRange(test.Count(e => e.Labels[0] == label), Math.Floor(all * fraction), Math.Ceiling(all * fraction));
        Assert.Contains(train, e => e.Labels[0] == "d");                 // the only one of its kind is learned from
        Assert.Equal(test.OrderBy(e => int.Parse(e.Text!)), test);       // in the order of the whole
    }

    [Fact]
    public void The_seed_alone_decides()
    {
        Assert.Equal(Split.ByFraction(Items, 0.3, new Rng(1)).Test, Split.ByFraction(Items, 0.3, new Rng(1)).Test);
        Assert.NotEqual(Split.ByFraction(Items, 0.3, new Rng(1)).Test, Split.ByFraction(Items, 0.3, new Rng(2)).Test);
        Assert.Equal(Split.Folds(Items, 3, new Rng(1))[1].Test, Split.Folds(Items, 3, new Rng(1))[1].Test);
    }

    [Fact]
    public void Each_item_is_held_out_in_one_fold_and_each_label_is_shared_evenly()
    {
        var folds = Split.Folds(Items, 7, new Rng(3));
        Assert.Equal(Items.Order(ByText), folds.SelectMany(f => f.Test).Order(ByText));
        Assert.All(folds, f => Assert.Equal(Items.Length, f.Train.Count + f.Test.Count));
        Assert.All(folds, f => Assert.InRange(f.Test.Count, 14, 15));
        Assert.All(folds, f => Assert.InRange(f.Test.Count(e => e.Labels[0] == "b"), 4, 5));
    }

    [Fact]
    public void Anything_can_be_split_and_what_cannot_be_is_refused()
    {
        Assert.Equal(2, Split.ByFraction(Enumerable.Range(0, 8).ToArray(), 0.25, new Rng(1)).Test.Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => Split.ByFraction(Items, 0, new Rng(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Split.ByFraction(Items, 1, new Rng(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Split.ByFraction(Items, double.NaN, new Rng(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Split.Folds(Items, 1, new Rng(1)));
        Assert.Contains("into 5 folds", Assert.ThrowsAny<UnrollException>(() => Split.Folds([1, 2], 5, new Rng(1))).Message);
        Assert.Contains("with 0.1 held out", Assert.ThrowsAny<UnrollException>(() => Split.ByFraction([1, 2], 0.1, new Rng(1))).Message);
    }

    static Comparer<Example> ByText => Comparer<Example>.Create((a, b) => string.CompareOrdinal(a.Text, b.Text));
}
