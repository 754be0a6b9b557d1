using Unroll.Inspection;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tests.Inspection;

/// <summary>Units that follow patterns are found, in a model whose units are known.</summary>
public class UnitSearchTests
{
    const string Text = "He said \"12 is (small)\" and left.\n  She said \"no\".\n";

    static readonly double[] Quotes = TextPatterns.Quotes(Text);

    /// <summary>Four ReLU units that show their inputs: noise, the quotes, the opposite of the quotes, the digits. Row 1 of the batch is shorter, and something else.</summary>
    static Recording Record(double noise = 0.3)
    {
        var cell = new RnnCell(4, 4, new Rng(1), RnnActivation.Relu);
        Init.Identity(cell.WeightIh);
        foreach (var p in new[] { cell.WeightHh, cell.BiasIh, cell.BiasHh }) p.Edit().Clear();
        var rng = new Rng(2);
        var x = Tensor.Zeros(new(Text.Length, 2, 4));
        for (var t = 0; t < Text.Length; t++)
        {
            double[] row = [rng.NextDouble(), Quotes[t] + noise * rng.NextDouble(), 1 - Quotes[t], char.IsDigit(Text[t]) ? 1 : 0];
            for (var u = 0; u < 4; u++) x.Values[(2 * t + 0) * 4 + u] = (float)row[u];
            x.Values[(2 * t + 1) * 4] = 1;
        }
        using var recording = Recording.Start();
        new Recurrent(cell).Forward(x, lengths: new([Text.Length, 5], Text.Length));
        return recording;
    }

    /// <summary>A pattern for both rows: the second does not count.</summary>
    static double[] TwoRows(double[] pattern) => [.. pattern.SelectMany(p => new[] { p, double.NaN })];

    [Fact]
    public void The_unit_that_follows_a_pattern_comes_first()
    {
        var ranked = UnitSearch.Rank(Record(), TwoRows(Quotes));
        Assert.Equal([2, 1], ranked.Take(2).Select(u => u.Unit));
        Assert.Equal((-1.0, false, 1.0, 1.0), (ranked[0].Correlation, ranked[0].Above, ranked[0].Accuracy, ranked[0].F1));
        Assert.InRange(ranked[1].Correlation, 0.9, 0.999);
        Assert.Equal((true, 1.0, 1.0), (ranked[1].Above, ranked[1].Accuracy, ranked[1].F1));
        Assert.InRange(ranked[1].Threshold, 0.3, 1);
        Assert.InRange(Math.Abs(ranked[3].Correlation), 0, 0.5);
        Assert.Equal(3, UnitSearch.Rank(Record(), TwoRows(TextPatterns.Where(Text, char.IsDigit)), byClassifier: true)[0].Unit);
    }

    [Fact]
    public void Figures_are_those_of_the_formulas()
    {
        // Unit 3 is on at the two digits; as a classifier of the quotes it finds 2 of n.
        var unit = UnitSearch.Rank(Record(noise: 0), TwoRows(Quotes)).Single(u => u.Unit == 3);
        double n = Text.Length, inside = Quotes.Sum(), mean = inside / n;
        var correlation = (2 - 2 * mean) / Math.Sqrt(2 * (1 - 2 / n) * inside * (1 - mean));
        Assert.Equal(correlation, unit.Correlation, 1e-9);
        Assert.Equal(2 * inside / (inside + n), unit.F1, 1e-9);                  // to say yes always is better than to say it twice
        Assert.Equal(mean, unit.Accuracy, 1e-9);
        Assert.Equal((0.0, true), (unit.Threshold, unit.Above));                 // from the least value on
    }

    [Fact]
    public void The_best_alone_is_the_first_of_all()
    {
        foreach (var pattern in new[] { Quotes, TextPatterns.Where(Text, char.IsDigit), [.. Quotes.Select(q => 1.0)] })
            Assert.Equal(UnitSearch.Rank(Record(), TwoRows(pattern))[0], UnitSearch.Best(Record(), TwoRows(pattern)));
        Assert.Null(UnitSearch.Best(Record(), [.. Enumerable.Repeat(double.NaN, 2 * Text.Length)]));
    }

    [Fact]
    public void A_match_is_written_as_json()
    {
        foreach (var unit in UnitSearch.Rank(Record(noise: 0), TwoRows(Quotes))) Assert.Contains("\"Threshold\":", System.Text.Json.JsonSerializer.Serialize(unit), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_that_does_not_change_has_no_correlation() =>
        Assert.All(UnitSearch.Rank(Record(), TwoRows(new double[Text.Length])), u => Assert.Equal((0, 0), (u.Correlation, u.F1)));

    [Fact]
    public void Other_places_with_the_same_units_are_found()
    {
        var layer = Record().Layers[0];
        var (first, last) = (Text.IndexOf('"', StringComparison.Ordinal), Text.LastIndexOf('"'));
        var second = Text.IndexOf("\"no", StringComparison.Ordinal);
        var places = UnitSearch.Find(layer, (first + 1)..(first + 3), 0.95);
        Assert.Equal([1, 3], places.Units);                                          // inside quotes, and digits
        Assert.Empty(places.Places);
        places = UnitSearch.Find(layer, (first + 5)..(first + 8), 0.95);
        Assert.Equal([1], places.Units);
        Assert.Equal([(second, last - second)], places.Places);
        Assert.Equal([1], UnitSearch.Find(layer, second..last, 0.95, offOutside: true).Units);
        Assert.Empty(UnitSearch.Find(layer, (second + 1)..last, 0.95, offOutside: true).Units);
        Assert.Throws<ArgumentOutOfRangeException>(() => UnitSearch.Find(layer, 3..3, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => UnitSearch.Find(layer, 3..4, 1, row: 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => UnitSearch.Find(layer, 3..9, 1, row: 1));
    }

    [Fact]
    public void A_pattern_of_another_length_is_refused() => Assert.Throws<ArgumentException>(() => UnitSearch.Rank(Record(), new double[3]));

    [Fact]
    public void Patterns_are_those_of_the_text()
    {
        const string T = "a(b[1]\n\t  \"x\"";
        Assert.Equal([0, 1, 1, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1], TextPatterns.Brackets(T));
        Assert.Equal([1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6], TextPatterns.LinePosition(T));
        Assert.Equal([6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6], TextPatterns.LineLength(T));
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 4, 5, 6, 6, 6, 6], TextPatterns.Indentation(T));
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0], TextPatterns.Quotes(T));
        Assert.Equal([1, 1, 0, 0], TextPatterns.Quotes("“a”b"));
        Assert.Equal(8, TextPatterns.All.Count);
        foreach (var (_, of) in TextPatterns.All) Assert.Equal(T.Length, of(T).Length);
        Assert.Equal([1, 2, 1], TextPatterns.ByToken(TextPatterns.Brackets(T), ["a(b", "[1", "]\n\t  \"x\""]));
        Assert.Throws<ArgumentException>(() => TextPatterns.ByToken([1, 2], ["a"]));
    }
}
