using System.Text.Json;

namespace Unroll.Tests.Cli;

/// <summary>What the command tells of data by itself: what it found out, what it doubts, and what a model does not know.</summary>
[Collection(nameof(TinyLabels))]
public class TellingTests(TinyLabels tiny)
{
    [Fact]
    public void What_was_told_from_the_data_is_shown_kept_and_printed()
    {
        var data = tiny.ClassifierResult.GetProperty("data");
        Assert.Equal(("tsv", "text", "label", 60), (data.GetProperty("format").GetString(), data.GetProperty("text_column").GetString(), data.GetProperty("label_column").GetString(), data.GetProperty("rows").GetInt32()));
        Assert.Equal(Path.GetFileName(tiny.Tsv), data.GetProperty("files")[0].GetString());
        Assert.Equal(data.ToString(), Command.Run("info", tiny.Classifier, "--json").Succeeds().Json.GetProperty("data").ToString());
        Assert.Equal("bio", Command.Run("info", tiny.Tagger, "--json").Succeeds().Json.GetProperty("data").GetProperty("tag_scheme").GetString());
        Assert.Contains("text column", Command.Run("info", tiny.Classifier).Succeeds().Output);
        var output = Command.Run(["train", "tag", "--data", tiny.Conll, "--out", tiny.Fresh(), .. TinyLabels.TagSizes, "--epochs", "1", "--test-every", "5"]).Succeeds().Output;
        Assert.All(["format", "conll", "tag scheme", "32 to learn from, 0 to validate on, 8 to test on"], part => Assert.Contains(part, output));
    }

    [Fact]
    public void What_is_doubtful_is_said_before_the_training_and_kept()
    {
        var data = tiny.Write("rare.tsv", string.Concat(Enumerable.Range(0, 40).Select(i => $"{(i % 2 == 0 ? "good" : "bad")} film {i % 4}\t{(i == 7 ? "pso" : i % 2 == 0 ? "pos" : "neg")}\n")));
        var result = Command.Run(["train", "classify", "--data", data, "--out", tiny.Fresh(), "--json", .. TinyLabels.ClassSizes, "--epochs", "1"]);
        Assert.StartsWith("warning: ", result.Error);
        Assert.Contains("'pso'", result.Error);
        Assert.Contains("pso", result.Json.GetProperty("data").GetProperty("doubts")[0].GetString());
    }

    [Fact]
    public void Data_in_which_nearly_every_example_is_a_class_is_refused()
    {
        var data = tiny.Write("poem.txt", string.Concat(Enumerable.Range(0, 60).Select(i => $"word{i}\ta line of a poem that tells number {i}\n")));
        var run = tiny.Fresh();
        Command.Run(["train", "classify", "--data", data, "--format", "labels", "--out", run, "--json"]).Fails(1, "60 different labels for 60 examples", "--label");
        Assert.False(Directory.Exists(run));
    }

    [Fact]
    public void Tags_of_no_known_scheme_are_told()
    {
        var data = tiny.Write("odd.conll", string.Concat(Enumerable.Repeat("Anna B-PER\nsees O\nOslo PLACE\n\n", 10)));
        var result = Command.Run(["train", "tag", "--data", data, "--valid", data, "--out", tiny.Fresh(), "--json", .. TinyLabels.TagSizes, "--epochs", "1"]);
        Assert.Contains("scheme of the tags is not known", result.Error);
        Assert.False(result.Json.GetProperty("validation").TryGetProperty("span_f1", out _));
        data = tiny.Write("bilou.conll", string.Concat(Enumerable.Repeat("Anna B-PER\nBell L-PER\nsees O\nOslo U-LOC\n\n", 10)));
        var run = tiny.Fresh();
        Assert.True(Command.Run(["train", "tag", "--data", data, "--valid", data, "--out", run, "--json", .. TinyLabels.TagSizes, "--epochs", "1"]).Succeeds().Json.GetProperty("validation").TryGetProperty("span_f1", out _));
        Assert.Contains("U-LOC", Command.Run("info", run).Succeeds().Output);
    }

    [Fact]
    public void Classes_and_tags_that_the_model_does_not_know_are_named()
    {
        var data = tiny.Write("other.tsv", "label\ttext\npos\tgood\nneutral\tso so\nneg\tbad\nneutral\twell\n");
        var unknown = Command.Run("eval", tiny.Classifier, "--data", data, "--json").Succeeds().Json.GetProperty("unknown_classes");
        Assert.Equal(("neutral", 2, 1), (unknown[0].GetProperty("name").GetString(), unknown[0].GetProperty("count").GetInt32(), unknown.GetArrayLength()));
        Assert.Contains("neutral (2)", Command.Run("eval", tiny.Classifier, "--data", data).Succeeds().Output);
        data = tiny.Write("other.conll", "see O\nOslo B-ORG\nnow O\n\nsee O\nAnna B-PER\n");
        unknown = Command.Run("eval", tiny.Tagger, "--data", data, "--json").Succeeds().Json.GetProperty("unknown_tags");
        Assert.Equal(("B-ORG", 1), (unknown[0].GetProperty("name").GetString(), unknown[0].GetProperty("count").GetInt32()));
        Assert.False(Command.Run("eval", tiny.Tagger, "--data", tiny.Conll, "--json").Succeeds().Json.TryGetProperty("unknown_tags", out _));
    }

    [Theory]
    [InlineData("# doc 1\nsee O\nOslo B-LOC\n\n# doc 2\nnow O\n", "see Oslo|now")]         // comments
    [InlineData("see O\nOslo B-GPE\n\nAnna B-NAME\n", "see Oslo|Anna")]              // tags never seen
    [InlineData("see NN\nOslo CD\n\nAnna CD\n", "see Oslo|Anna")]                    // another set of tags
    [InlineData("see\nOslo\n\nAnna\n", "see Oslo|Anna")]                             // no tags
    [InlineData("see O\n\u00A0 O\nNew\u00A0York B-LOC\n", "see \u00A0 New\u00A0York")]
    [InlineData("-DOCSTART- O\n\nsee O\nOslo B-LOC\n", "see Oslo")]
    [InlineData("see\tO\nOslo\tB-LOC\n", "see Oslo")]
    public void A_column_file_is_predicted_as_it_is_learned(string text, string sentences)
    {
        foreach (var result in new[] { Command.Run("predict", tiny.Tagger, tiny.Write("new.txt", text), "--json"), Command.Feed(text, "predict", tiny.Tagger, "-", "--json") })
        {
            Assert.True(result is { Code: 0, Error: "" }, result.Error);
            var words = result.Output.TrimEnd('\n').Split('\n').Select(l => string.Join(' ', JsonDocument.Parse(l).RootElement.GetProperty("words").EnumerateArray().Select(w => w.GetString())));
            Assert.Equal(sentences, string.Join('|', words));
        }
    }

    [Fact]
    public void Columns_that_come_in_as_texts_are_doubted()
    {
        var result = Command.Feed("see O\nOslo B-LOC\n", "predict", tiny.Tagger, "--json");
        Assert.Contains("give '-' as FILE", result.Error);
        Assert.Single(Command.Feed("see O\nOslo B-LOC\n", "predict", tiny.Tagger, "--format", "conll", "--json").Succeeds().Output, c => c == '\n');
        Command.Run("predict", tiny.Tagger, "-", "-").Fails(2, "give it once");
    }

    [Fact]
    public void Text_that_may_be_columns_is_doubted_and_can_be_named()
    {
        var text = tiny.Write("two.txt", "quite unheard\nboth unknown\n");
        Assert.Contains("--format lines", Command.Run("predict", tiny.Tagger, text, "--json").Error);
        Assert.Equal(2, Command.Run("predict", tiny.Tagger, text, "--format", "lines", "--json").Succeeds().Output.Count(c => c == '\n'));
    }
}
