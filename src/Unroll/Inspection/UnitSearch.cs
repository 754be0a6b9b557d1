namespace Unroll.Inspection;

/// <summary>How well one unit follows a pattern.</summary>
/// <param name="Layer">The layer's name.</param>
/// <param name="Unit">The unit.</param>
/// <param name="Correlation">Pearson's, from −1 to 1; 0 where the unit or the pattern does not change.</param>
/// <param name="Threshold">Of the classifier that sees nothing but this unit: finite; the least value of the unit where saying yes always is best.</param>
/// <param name="Above">Whether the classifier says yes from the threshold on; below it otherwise.</param>
/// <param name="Accuracy">The classifier's share of right answers.</param>
/// <param name="F1">The classifier's F₁, the highest that any threshold has.</param>
public readonly record struct UnitMatch(string Layer, int Unit, double Correlation, double Threshold, bool Above, double Accuracy, double F1);

/// <summary>Places where the same units are on.</summary>
/// <param name="Units">The units that are on at all steps of the stretch that was asked for.</param>
/// <param name="Places">Where else all of them are on: the longest stretches first. None where no unit is.</param>
public sealed record UnitPlaces(IReadOnlyList<int> Units, IReadOnlyList<(int Start, int Length)> Places);

/// <summary>Finds units that follow a pattern (Karpathy, Johnson and Li 2015), and places where the same units are on (LSTMVis; Strobelt et al. 2016).</summary>
/// <remarks>
/// <code>
/// using var recording = Recording.Start(model);
/// model.Forward(tokens);
/// foreach (var unit in UnitSearch.Rank(recording, TextPatterns.Quotes(text)).Take(5)) …
/// </code>
/// Safe for use by several threads.
/// </remarks>
public static class UnitSearch
{
    /// <summary>All units of all recurrent layers, by how well they follow a pattern: the best first.</summary>
    /// <param name="recording">What the model did.</param>
    /// <param name="pattern">[T, B]: a number for each step of each row, such as a mask of 0 and 1, or the position in a line. Not a number where a step is not to count.</param>
    /// <param name="value">The state or gate to look at. Layers that do not have it are passed over.</param>
    /// <param name="byClassifier">Whether the F₁ of the one-unit classifier decides the order; |correlation| otherwise.</param>
    /// <exception cref="ArgumentException">There are more or fewer numbers than steps.</exception>
    /// <remarks>The classifier tells apart where the pattern is above the middle of its range, ½ for a mask.</remarks>
    public static IReadOnlyList<UnitMatch> Rank(Recording recording, IReadOnlyList<double> pattern, string value = "h", bool byClassifier = false)
    {
        var found = new List<UnitMatch>();
        foreach (var layer in recording.Layers)
            if (layer.GateNames.Contains(value) || layer.StateNames.Contains(value)) found.AddRange(UnitsOf(layer, pattern, value));
        return [.. found.OrderByDescending(u => byClassifier ? u.F1 : Math.Abs(u.Correlation)).ThenByDescending(u => u.F1)];
    }

    /// <summary>The first that <see cref="Rank"/> gives by correlation, without the classifiers of the others, which take most of its time; null where there is none.</summary>
    internal static UnitMatch? Best(Recording recording, IReadOnlyList<double> pattern)
    {
        var found = new List<UnitMatch>();
        foreach (var layer in recording.Layers)
            if (layer.StateNames.Contains("h")) found.AddRange(UnitsOf(layer, pattern, "h", best: true));
        return found.Count == 0 ? null : found.OrderByDescending(u => Math.Abs(u.Correlation)).ThenByDescending(u => u.F1).First();
    }

    /// <summary>The units of a layer; of those that follow the pattern best, or of all.</summary>
    static IEnumerable<UnitMatch> UnitsOf(RecordedLayer layer, IReadOnlyList<double> pattern, string value, bool best = false)
    {
        var (steps, batch, all) = (layer.Steps, layer.Batch, layer[value]);
        if (pattern.Count != steps * batch) Throw.CountsDiffer(nameof(pattern), pattern.Count, "steps", steps * batch);
        int[] rows = [.. Enumerable.Range(0, pattern.Count).Where(i => !double.IsNaN(pattern[i]) && layer.Counts(i / batch, i % batch))];
        double[] wanted = [.. rows.Select(r => pattern[r])];
        if (wanted.Length == 0) return [];
        var middle = (wanted.Min() + wanted.Max()) / 2;
        bool[] positive = [.. wanted.Select(w => w > middle)];
        var activations = new double[rows.Length];
        double[] correlations = [.. Enumerable.Range(0, all.Columns).Select(u => Correlation(Of(u), wanted))];
        var least = best ? correlations.Max(Math.Abs) : 0;
        return [.. Enumerable.Range(0, all.Columns).Where(u => Math.Abs(correlations[u]) >= least).Select(u =>
        {
            var (threshold, above, accuracy, f1) = Classify(Of(u), positive);
            return new UnitMatch(layer.Name, u, correlations[u], threshold, above, accuracy, f1);
        })];

        double[] Of(int unit)
        {
            for (var i = 0; i < rows.Length; i++) activations[i] = all.Values[rows[i] * all.Columns + unit];
            return activations;
        }
    }

    static double Correlation(double[] x, double[] y)
    {
        double mx = x.Average(), my = y.Average(), xx = 0, yy = 0, xy = 0;
        for (var i = 0; i < x.Length; i++)
        {
            double dx = x[i] - mx, dy = y[i] - my;
            (xx, yy, xy) = (xx + dx * dx, yy + dy * dy, xy + dx * dy);
        }
        return xx > 0 && yy > 0 ? xy / Math.Sqrt(xx) / Math.Sqrt(yy) : 0;
    }

    /// <summary>The threshold with the highest F₁, of all midpoints between neighbouring values, in either direction.</summary>
    static (double Threshold, bool Above, double Accuracy, double F1) Classify(double[] activations, bool[] positive)
    {
        var (values, labels) = ((double[])activations.Clone(), (bool[])positive.Clone());
        Array.Sort(values, labels);
        var (count, all) = (values.Length, labels.Count(p => p));
        var best = (Threshold: values[0], Above: true, Accuracy: (double)all / count, F1: F1(all, all, count));
        var below = 0;                                             // positives among the first i
        for (var i = 1; i < count; i++)
        {
            if (labels[i - 1]) below++;
            if (values[i] == values[i - 1]) continue;
            var threshold = (values[i - 1] + values[i]) / 2;
            Try(all - below, count - i, threshold, true);
            Try(below, i, threshold, false);
        }
        return best;

        void Try(int right, int said, double threshold, bool above)
        {
            var f1 = F1(right, all, said);
            if (f1 > best.F1) best = (threshold, above, (double)(right + (count - all - (said - right))) / count, f1);
        }

        static double F1(int right, int all, int said) => all + said == 0 ? 0 : 2.0 * right / (all + said);
    }

    /// <summary>The units that are on throughout a stretch of steps, and the other places where all of these are.</summary>
    /// <param name="layer">The layer to look at.</param>
    /// <param name="stretch">The steps, at least one.</param>
    /// <param name="threshold">A unit is on where its value is at least this.</param>
    /// <param name="value">The state or gate to look at.</param>
    /// <param name="row">The row of the batch.</param>
    /// <param name="offOutside">Whether only units count that are off at the step before the stretch and at the step after it, so that they tell where it begins and ends.</param>
    /// <exception cref="ArgumentException">There is no such step, value or row.</exception>
    public static UnitPlaces Find(RecordedLayer layer, Range stretch, double threshold, string value = "h", int row = 0, bool offOutside = false)
    {
        if ((uint)row >= (uint)layer.Batch) Throw.OutOfRange(nameof(row), row, $"from 0 to below {layer.Batch}");
        var steps = Enumerable.Range(0, layer.Steps).TakeWhile(t => layer.Counts(t, row)).Count();
        var (start, length) = stretch.GetOffsetAndLength(steps);
        if (length == 0) Throw.OutOfRange(nameof(stretch), stretch, "of at least one step");
        var (all, batch) = (layer[value], layer.Batch);
        int[] units = [.. Enumerable.Range(0, all.Columns).Where(u =>
            Enumerable.Range(start, length).All(t => On(t, u)) && !(offOutside && (start > 0 && On(start - 1, u) || start + length < steps && On(start + length, u))))];
        var places = new List<(int Start, int Length)>();
        for (var t = 0; t < steps && units.Length > 0; t++)
        {
            var first = t;
            while (t < steps && units.All(u => On(t, u))) t++;
            if (t > first && (t <= start || first >= start + length)) places.Add((first, t - first));
        }
        return new(units, [.. places.OrderByDescending(p => p.Length).ThenBy(p => p.Start)]);

        bool On(int t, int unit) => all.Values[(t * batch + row) * all.Columns + unit] >= threshold;
    }
}
