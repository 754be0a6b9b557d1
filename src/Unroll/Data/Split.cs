using System.Runtime.InteropServices;

namespace Unroll.Data;

/// <summary>Splits examples or sentences into those to learn from and those held out.</summary>
/// <remarks>
/// A split by chance is stratified: of all that is alike, which for examples means the same labels, each part has its share, to within one.
/// </remarks>
public static class Split
{
    /// <summary>Holds out every n-th: those whose place, counted from 0, is a multiple of <paramref name="n"/>, the first included.</summary>
    /// <param name="items">All of them.</param>
    /// <param name="n">At least 2.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="n"/> is less than 2.</exception>
    /// <exception cref="UnrollException">A part would be empty.</exception>
    public static (IReadOnlyList<T> Train, IReadOnlyList<T> Test) EveryNth<T>(IReadOnlyList<T> items, int n)
    {
        if (n < 2) Throw.OutOfRange(nameof(n), n, "at least 2");
        return Divide(items, i => i % n == 0, $"by every {n}th");
    }

    /// <summary>Holds out a fraction of every stratum.</summary>
    /// <param name="items">All of them.</param>
    /// <param name="fraction">From (0, 1). In all, the nearest whole number is held out; of what is alike, one at least stays to learn from.</param>
    /// <param name="stratum">What makes items alike; null for <see cref="LabelsOf"/>, which is the same for all that are no examples.</param>
    /// <param name="rng">Chooses.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="fraction"/> is out of range.</exception>
    /// <exception cref="UnrollException">A part would be empty.</exception>
    public static (IReadOnlyList<T> Train, IReadOnlyList<T> Test) ByFraction<T>(IReadOnlyList<T> items, double fraction, Rng rng, Func<T, string>? stratum = null)
    {
        if (!(fraction > 0 && fraction < 1)) Throw.OutOfRange(nameof(fraction), fraction, "between 0 and 1");
        var strata = Strata(items, stratum ?? LabelsOf, rng);
        var counts = strata.ConvertAll(s => Math.Min((int)(fraction * s.Count), s.Count - 1));
        var missing = (int)Math.Round(fraction * items.Count, MidpointRounding.AwayFromZero) - counts.Sum();
        // What whole numbers leave over goes where most was cut off; the order of strata, which is that of the data, settles a tie.
        foreach (var i in Enumerable.Range(0, strata.Count).OrderByDescending(i => fraction * strata[i].Count - counts[i]))
            if (missing > 0 && counts[i] < strata[i].Count - 1)
            {
                counts[i]++;
                missing--;
            }
        var held = new bool[items.Count];
        for (var s = 0; s < strata.Count; s++)
            foreach (var i in strata[s].Take(counts[s])) held[i] = true;
        return Divide(items, i => held[i], $"with {fraction} held out");
    }

    /// <summary>k splits: each item is held out in one of them.</summary>
    /// <param name="items">All of them.</param>
    /// <param name="k">At least 2, at most as many as there are items. The parts held out differ by at most one in size.</param>
    /// <param name="stratum">What makes items alike; null for <see cref="LabelsOf"/>, which is the same for all that are no examples.</param>
    /// <param name="rng">Chooses.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is less than 2.</exception>
    /// <exception cref="UnrollException">There are fewer items than parts.</exception>
    public static IReadOnlyList<(IReadOnlyList<T> Train, IReadOnlyList<T> Test)> Folds<T>(IReadOnlyList<T> items, int k, Rng rng, Func<T, string>? stratum = null)
    {
        if (k < 2) Throw.OutOfRange(nameof(k), k, "at least 2");
        if (items.Count < k) Throw.SplitLeavesNothing(items.Count, $"into {k} folds");
        var (fold, next) = (new int[items.Count], 0);
        foreach (var i in Strata(items, stratum ?? LabelsOf, rng).SelectMany(s => s)) fold[i] = next++ % k;
        return [.. Enumerable.Range(0, k).Select(f => Divide(items, i => fold[i] == f, $"into {k} folds"))];
    }

    /// <summary>The labels of an <see cref="Example"/> as one text; for anything else the empty text.</summary>
    public static string LabelsOf<T>(T item) => item is Example example ? string.Join('\n', example.Labels.Order(StringComparer.Ordinal)) : "";

    /// <summary>The places of what is alike, in random order.</summary>
    static List<List<int>> Strata<T>(IReadOnlyList<T> items, Func<T, string> stratum, Rng rng)
    {
        var (strata, byName) = (new List<List<int>>(), new Dictionary<string, List<int>>(StringComparer.Ordinal));
        for (var i = 0; i < items.Count; i++)
        {
            var name = stratum(items[i]);
            if (!byName.TryGetValue(name, out var places))
            {
                byName.Add(name, places = []);
                strata.Add(places);
            }
            places.Add(i);
        }
        foreach (var places in strata) rng.Shuffle(CollectionsMarshal.AsSpan(places));
        return strata;
    }

    static (IReadOnlyList<T> Train, IReadOnlyList<T> Test) Divide<T>(IReadOnlyList<T> items, Func<int, bool> isHeld, string how)
    {
        var (train, test) = (new List<T>(items.Count), new List<T>());
        for (var i = 0; i < items.Count; i++) (isHeld(i) ? test : train).Add(items[i]);
        if (train.Count == 0 || test.Count == 0) Throw.SplitLeavesNothing(items.Count, how);
        return new(train, test);
    }
}
