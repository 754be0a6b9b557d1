using Unroll.Tests.Golden;

namespace Unroll.Tests.Training;

/// <summary>The scores of a small set as sacreBLEU gives them: <c>tests/golden/make_translation_scores.py</c>.</summary>
public class TranslationScoreTests
{
    static readonly GoldenNode Golden = GoldenFile.Load("translation_scores");

    static readonly Dictionary<string, BleuOptions> Options = new()
    {
        ["default"] = new(),
        ["lower"] = new() { Lower = true },
        ["floor"] = new() { Smoothing = BleuSmoothing.Floor },
        ["floor-0.5"] = new() { Smoothing = BleuSmoothing.Floor, SmoothingValue = 0.5 },
        ["add-k"] = new() { Smoothing = BleuSmoothing.AddK },
        ["add-k-2"] = new() { Smoothing = BleuSmoothing.AddK, SmoothingValue = 2 },
        ["none"] = new() { Smoothing = BleuSmoothing.None },
        ["effective"] = new() { EffectiveOrder = true },
        ["effective-floor"] = new() { EffectiveOrder = true, Smoothing = BleuSmoothing.Floor },
        ["effective-add-k"] = new() { EffectiveOrder = true, Smoothing = BleuSmoothing.AddK },
    };

    public static TheoryData<string> Sets => [.. Nodes(Golden["sets"]).Select(s => s["name"].Text)];

    static GoldenNode Set(string name) => Nodes(Golden["sets"]).Single(s => s["name"].Text == name);

    static IEnumerable<GoldenNode> Nodes(GoldenNode list) => Enumerable.Range(0, list.Count).Select(i => list[i]);

    static string[] Texts(GoldenNode list) => [.. Nodes(list).Select(n => n.Text)];

    static string[][] References(GoldenNode set) => [.. Nodes(set["references"]).Select(Texts)];

    static void Near(double expected, double found) => Assert.Equal(expected, found, Tolerance.Score * (1 + Math.Abs(expected)));

    [Theory]
    [MemberData(nameof(Sets))]
    public void Words_are_those_of_13a(string name)
    {
        var set = Set(name);
        foreach (var (output, words) in Texts(set["outputs"]).Zip(Texts(set["words"]))) Assert.Equal(words, string.Join(' ', Bleu.Words(output)));
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Scores_of_sets_are_sacreBLEUs(string name)
    {
        var set = Set(name);
        var (outputs, references) = (Texts(set["outputs"]), References(set));
        Assert.Equal(set["bleu"].Names, Options.Keys);
        foreach (var (key, options) in Options) Equal(set["bleu"][key], Bleu.Corpus(outputs, references, options));
        foreach (var (key, lower) in new[] { ("default", false), ("lower", true) })
        {
            var (expected, found) = (set["chrf"][key], ChrF.Corpus(outputs, references, lower));
            Near(expected["score"].Number, found.Score);
            Assert.Equal((expected["text"].Text, expected["signature"].Text), (found.ToString(), found.Signature));
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Scores_of_sentences_are_sacreBLEUs(string name)
    {
        var set = Set(name);
        var (outputs, references) = (Texts(set["outputs"]), References(set));
        for (var i = 0; i < outputs.Length; i++)
        {
            Near(set["sentences"][i]["chrf"].Number, ChrF.Sentence(outputs[i], references[i]).Score);
            foreach (var (key, options) in Options) Near(set["sentences"][i][key].Number, Bleu.Sentence(outputs[i], references[i], options).Score);
        }
    }

    [Fact]
    public void Outputs_may_have_different_numbers_of_references() =>
        Equal(Golden["uneven"], Bleu.Corpus(["a b c d e", "f g h i"], [["a b c d x"], ["f g h i", "f g h"]]));

    [Fact]
    public void One_reference_each_is_the_same_as_a_list_of_one()
    {
        var set = Set("plain");
        var (outputs, references) = (Texts(set["outputs"]), References(set));
        var score = TranslationScore.Of(outputs, [.. references.Select(r => r[0])]);
        Equal(set["bleu"]["default"], score.Bleu);
        Near(set["chrf"]["default"]["score"].Number, score.ChrF.Score);
        Assert.Equal(4 / 7.0, score.ExactMatch);
    }

    [Fact]
    public void Exact_match_and_token_accuracy_count_texts_and_words()
    {
        var score = TranslationScore.Of(["a b c.", " Yes", "", "x y", ""], ["a c b.", "yes ", "", "x", "no"]);
        Assert.Equal(1 / 5.0, score.ExactMatch);
        Assert.Equal((2 + 0 + 0 + 1 + 0) / (4 + 1 + 0 + 2 + 1.0), score.TokenAccuracy);
        score = TranslationScore.Of(["a b c.", " Yes", "", "x y"], ["a c b.", "yes ", "", "x"], lower: true);
        Assert.Equal((2 / 4.0, (2 + 1 + 0 + 1) / 7.0), (score.ExactMatch, score.TokenAccuracy));
        Assert.Equal((1.0, 1.0), (TranslationScore.Of([""], [""]).ExactMatch, TranslationScore.Of([""], [""]).TokenAccuracy));
        Assert.StartsWith("nrefs:1|case:lc|", score.Bleu.Signature);
        Assert.StartsWith("nrefs:1|case:lc|", score.ChrF.Signature);
    }

    [Fact]
    public void Sets_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Bleu.Corpus([], Array.Empty<string>()));
        Assert.Throws<ArgumentException>(() => Bleu.Corpus(["a"], ["a", "b"]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Bleu.Sentence("a", []));
        Assert.Throws<ArgumentOutOfRangeException>(() => Bleu.Corpus(["a"], ["a"], new() { Smoothing = BleuSmoothing.Floor, SmoothingValue = 0 }));
        Assert.Throws<ArgumentException>(() => ChrF.Corpus(["a"], ["a", "b"]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ChrF.Sentence("a", []));
    }

    static void Equal(GoldenNode expected, BleuScore found)
    {
        Near(expected["score"].Number, found.Score);
        Near(expected["bp"].Number, found.BrevityPenalty);
        foreach (var (e, f) in expected["precisions"].Doubles.Zip(found.Precisions)) Near(e, f);
        Assert.Equal((expected["length"].Integer, expected["reference_length"].Integer), (found.Length, found.ReferenceLength));
        Assert.Equal(expected["text"].Text, found.ToString());
        Assert.Equal(expected["signature"].Text, found.Signature);
    }
}
