using System.Text.Json;
using System.Text.Json.Nodes;

namespace Unroll.Data;

/// <summary>The mean and deviation of each feature of series, by which they are brought to one scale.</summary>
/// <remarks>
/// x̂ = (x − μ)/σ, cut off at ±10 so that what is nearly constant in training and is not later does no harm; a missing value (NaN) becomes 0, the mean. A
/// feature that is constant in training has σ = 1.
/// Safe for use by several threads: it does not change.
/// </remarks>
public sealed class FeatureScales
{
    const Real Most = 10;

    readonly Real[] _means, _deviations;

    /// <summary>Scales as given.</summary>
    /// <param name="means">μ of each feature.</param>
    /// <param name="deviations">σ of each feature, above 0.</param>
    /// <exception cref="ArgumentException">There are not as many of one as of the other, none, or one is not finite or a deviation not above 0.</exception>
    public FeatureScales(ReadOnlySpan<double> means, ReadOnlySpan<double> deviations)
    {
        (_means, _deviations) = (new Real[means.Length], new Real[deviations.Length]);
        var good = means.Length > 0 && means.Length == deviations.Length;
        for (var f = 0; f < means.Length && good; f++)
        {
            (_means[f], _deviations[f]) = ((Real)means[f], (Real)deviations[f]);
            good = Real.IsFinite(_means[f]) && Real.IsFinite(_deviations[f]) && _deviations[f] > 0;
        }
        if (!good) Throw.BadScales();
    }

    /// <summary>Measures series, passing over missing values.</summary>
    /// <exception cref="UnrollException">There is no series, or series differ in the number of features.</exception>
    public static FeatureScales Measure(IEnumerable<Series> series) => Measure(series, s => s.Features);

    /// <summary>
    /// Measures pictures: all pixels have one scale for each channel (<see cref="Series.Channels"/>), so that a thing looks the same wherever it stands, and a corner
    /// that is nearly always empty counts no more than the middle.
    /// </summary>
    /// <exception cref="UnrollException">There is no picture, or pictures differ in the numbers of a row.</exception>
    public static FeatureScales MeasurePictures(IEnumerable<Series> pictures) => Measure(pictures, p => p.Channels);

    /// <param name="series">What is measured.</param>
    /// <param name="kinds">After how many features those of one kind come again.</param>
    static FeatureScales Measure(IEnumerable<Series> series, Func<Series, int> kinds)
    {
        var first = series.FirstOrDefault() ?? Throw.NoSeries();
        foreach (var s in series)
            if (s.Features != first.Features) Throw.FeaturesDiffer(s.Features, first.Features);
        var count = kinds(first);
        double[] sums = new double[count], squares = new double[count], counts = new double[count];
        foreach (var s in series) Add(s, sums, counts, (_, x) => x);
        var means = sums.Select((sum, k) => counts[k] > 0 ? sum / counts[k] : 0).ToArray();
        foreach (var s in series) Add(s, squares, new double[count], (k, x) => (x - means[k]) * (x - means[k]));
        var deviations = squares.Select((sum, k) => counts[k] > 0 ? Math.Sqrt(sum / counts[k]) : 0).Select(d => d > 1e-8 ? d : 1).ToArray();
        return new(OfFeatures(means), OfFeatures(deviations));

        double[] OfFeatures(double[] ofKinds) => [.. Enumerable.Range(0, first.Features).Select(f => ofKinds[f % count])];

        static void Add(Series s, double[] sums, double[] counts, Func<int, double, double> term)
        {
            for (var i = 0; i < s.Values.Length; i++)
            {
                if (!Real.IsFinite(s.Values[i])) continue;
                var kind = i % s.Features % sums.Length;
                sums[kind] += term(kind, s.Values[i]);
                counts[kind]++;
            }
        }
    }

    /// <summary>F, the number of features.</summary>
    public int Features => _means.Length;

    /// <summary>Brings the first steps of a series to scale.</summary>
    /// <param name="series">A series of as many features.</param>
    /// <param name="steps">How many of its steps, from 0 to all.</param>
    /// <returns>[steps, F].</returns>
    /// <exception cref="UnrollException">It has another number of features.</exception>
    public Real[] Apply(Series series, int steps)
    {
        if (series.Features != Features) Throw.FeaturesDiffer(series.Features, Features);
        var scaled = new Real[steps * Features];
        Apply(series.Values[..scaled.Length], scaled);
        return scaled;
    }

    /// <summary>Brings steps to scale.</summary>
    internal void Apply(ReadOnlySpan<Real> steps, Span<Real> scaled)
    {
        for (var i = 0; i < steps.Length; i++)
        {
            var x = (steps[i] - _means[i % Features]) / _deviations[i % Features];
            scaled[i] = Real.IsNaN(x) ? 0 : Math.Clamp(x, -Most, Most);
        }
    }

    /// <summary>A number of a feature to scale, not cut off.</summary>
    internal double Scale(int feature, double value) => (value - _means[feature]) / _deviations[feature];

    /// <summary>A number of a feature from what <see cref="Scale"/> gave.</summary>
    internal double Undo(int feature, double scaled) => _means[feature] + _deviations[feature] * scaled;

    /// <summary>All that <see cref="FromJson"/> needs.</summary>
    public JsonObject ToJson() => new()
    {
        ["means"] = new JsonArray([.. _means.Select(m => (JsonNode)(double)m)]),
        ["deviations"] = new JsonArray([.. _deviations.Select(d => (JsonNode)(double)d)]),
    };

    /// <summary>Makes scales of what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="UnrollException">The value describes none.</exception>
    public static FeatureScales FromJson(JsonElement json)
    {
        try
        {
            return new(Numbers("means"), Numbers("deviations"));
        }
        catch (ArgumentException e)
        {
            return Throw.BadScalesFile<FeatureScales>(e.Message);
        }

        double[] Numbers(string key) =>
            json.ValueKind == JsonValueKind.Object && json.TryGetProperty(key, out var list) && list.ValueKind == JsonValueKind.Array
            && list.EnumerateArray().All(e => e.ValueKind == JsonValueKind.Number)
                ? [.. list.EnumerateArray().Select(e => e.GetDouble())] : [];
    }
}
