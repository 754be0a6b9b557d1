using System.Text.Json;

namespace Unroll.Tests.Cli;

/// <summary>What models say of texts, files and lines that come in.</summary>
[Collection(nameof(TinyLabels))]
public class PredictTests(TinyLabels tiny)
{
    static JsonElement[] Lines(CommandResult result) => [.. result.Succeeds().Output.TrimEnd('\n').Split('\n').Select(l => JsonDocument.Parse(l).RootElement)];

    [Fact]
    public void A_text_gets_its_label_and_the_weights_of_its_words()
    {
        var json = Command.Run("predict", tiny.Classifier, "--text", "A lovely film!", "--json").Succeeds().Json;
        Assert.Equal("pos", json.GetProperty("label").GetString());
        Assert.Equal(json.GetProperty("probability").GetDouble(), json.GetProperty("probabilities").GetProperty("pos").GetDouble());
        Assert.Equal(1, json.GetProperty("probabilities").EnumerateObject().Sum(p => p.Value.GetDouble()), 1e-5);
        Assert.Equal(["A", "lovely", "film", "!"], json.GetProperty("tokens").EnumerateArray().Select(t => t.GetString()));
        Assert.Equal("attention", json.GetProperty("weights_are").GetString());
        Assert.Equal(1, json.GetProperty("weights").EnumerateArray().Sum(w => w.GetDouble()), 1e-5);
    }

    [Theory]
    [InlineData("connectivity", "pos")]
    [InlineData("contribution", "neg")]
    public void Every_explanation_explains_the_class_that_is_chosen(string kind, string chosen)
    {
        var json = Command.Run("predict", tiny.Classifier, "--text", "a lovely film", "--explain", kind, "--class", chosen, "--json").Succeeds().Json;
        Assert.Equal((kind, chosen), (json.GetProperty("weights_are").GetString(), json.GetProperty("explained").GetString()));
        var weights = json.GetProperty("weights").EnumerateArray().Select(w => w.GetDouble()).ToArray();
        // What speaks for the other class is a contribution below 0; a connectivity is a length.
        if (kind == "connectivity") Assert.All(weights, w => Assert.True(w > 0));
        else Assert.True(weights[1] < 0);
    }

    [Fact]
    public void For_people_words_are_shaded_or_named()
    {
        var output = Command.Run("predict", tiny.Classifier, "--text", "a lovely film").Succeeds().Output;
        Assert.All(["pos  0.", "a lovely film", "most significant: lovely 1.00"], part => Assert.Contains(part, output));
        Assert.Contains("Oslo/B-LOC", Command.Run("predict", tiny.Tagger, "--text", "see Oslo now").Succeeds().Output);
    }

    [Fact]
    public void A_page_shows_the_text_and_nothing_of_it_is_markup()
    {
        var page = tiny.Fresh("page.html");
        Command.Run("predict", tiny.Classifier, "--text", "a lovely <b>film</b> & more", "--html", page).Succeeds();
        var html = File.ReadAllText(page);
        Assert.All(["<!DOCTYPE html>", "prefers-color-scheme:dark", "<h2>pos</h2>", ">lovely</mark>", "&amp;"], part => Assert.Contains(part, html));
        Assert.DoesNotContain("<b>", html);
        Assert.DoesNotContain("://", html);
        Assert.Contains("the stronger a word is shaded", html);
        Command.Run("predict", tiny.Tagger, "--text", "see Oslo now", "--html", page).Succeeds();
        Assert.Contains("<rt>B-LOC</rt>", File.ReadAllText(page));
        Assert.Contains("<p class=\"note\">1 sequence.</p>", File.ReadAllText(page));            // no shades, no word of them
    }

    [Fact]
    public void Files_are_predicted_in_their_order()
    {
        string[] texts = [.. Enumerable.Range(0, 2500).Select(i => $"{(i % 3 == 0 ? "awful" : "lovely")} {new string('x', i % 7)}")];
        var lines = Lines(Command.RunProcess("predict", tiny.Classifier, tiny.Write("new.txt", string.Join('\n', texts) + "\n"), "--threads", "2", "--json"));
        Assert.Equal(texts.Select(t => t.Trim()), lines.Select(l => l.GetProperty("text").GetString()));
        Assert.All(lines.Index(), l => Assert.Equal(l.Index % 3 == 0 ? "neg" : "pos", l.Item.GetProperty("label").GetString()));
        Assert.False(lines[0].TryGetProperty("weights", out _));
        Assert.Equal(60, Lines(Command.Run("predict", tiny.Classifier, tiny.Tsv, "--json")).Length);
        Assert.Equal(40, Lines(Command.Run("predict", tiny.Tagger, tiny.Conll, "--json")).Length);
    }

    [Fact]
    public void Every_line_of_a_file_has_an_answer()
    {
        // Lines of as many words are no columns, and a line without words is a text too.
        var path = tiny.Write("new.txt", "see Oslo now\nsee Anna now\n\n\n");
        string[] words = ["see Oslo now", "see Anna now", "", ""];
        Assert.Equal(words, Lines(Command.Run("predict", tiny.Classifier, path, "--json")).Select(l => l.GetProperty("text").GetString()));
        var tagged = Lines(Command.Run("predict", tiny.Tagger, path, "--json"));
        Assert.Equal(words, tagged.Select(l => string.Join(' ', l.GetProperty("words").EnumerateArray().Select(w => w.GetString()))));
        Assert.Equal("B-LOC", tagged[0].GetProperty("tags")[1].GetString());
        Assert.Single(Lines(Command.Run("predict", tiny.Tagger, tiny.Write("one.txt", "see Oslo now"), "--json"))[0].GetProperty("words").EnumerateArray(), w => w.GetString() == "Oslo");
        // Words in columns without tags, and a word a line.
        Assert.Equal(2, Lines(Command.Run("predict", tiny.Tagger, tiny.Write("words.conll", "see VB\nOslo NN\n\nnow RB\n"), "--column", "1", "--json")).Length);
        Assert.Equal(2, Lines(Command.Run("predict", tiny.Tagger, tiny.Write("words.txt", "see\nOslo\n\nnow\n"), "--json")).Length);
    }

    /// <summary>Commas, tabs, numbers and first words make no table of prose, unless its columns have names or all labels are the model's.</summary>
    [Fact]
    public void Prose_is_no_table()
    {
        IEnumerable<string?> Texts(string content) => Lines(Command.Run("predict", tiny.Classifier, tiny.Write("prose.txt", content), "--json")).Select(l => l.GetProperty("text").GetString());
        string[] prose = ["No, thanks", "Yes, please do that", "Well, maybe it is so", "good\tday", "1 2 3"];
        Assert.Equal(prose[..3], Texts(string.Join('\n', prose[..3])));
        Assert.Equal(prose[3..4], Texts(prose[3]));
        Assert.Equal(prose[4..], Texts(prose[4] + "\n"));
        Assert.Equal(["a lovely day", "an awful one"], Texts("text,stars\na lovely day,5\nan awful one,1\n"));
        var labelled = Command.Run("predict", tiny.Classifier, tiny.Write("labelled.txt", "pos a lovely day\nneg an awful one\n"), "--json");
        Assert.StartsWith("""{"text":"a lovely day",""", labelled.Output);
        Assert.Contains("--format lines", labelled.Error);
        var table = "text,stars\n" + string.Concat(Enumerable.Repeat("a lovely day,5\n", 10)) + "an awful one\n";
        Command.Run("predict", tiny.Classifier, tiny.Write("bad.txt", table), "--json").Fails(1, "line 12", "1 fields where the first row has 2");
    }

    [Fact]
    public void Lines_that_come_in_may_be_of_another_encoding()
    {
        Assert.Equal("가", Predict([0xB0, 0xA1], "--encoding", "cp949"));
        foreach (var encoding in new[] { System.Text.Encoding.Unicode, System.Text.Encoding.BigEndianUnicode })
            Assert.Equal("가 x", Predict([.. encoding.GetPreamble(), .. encoding.GetBytes("가 x\n")]));      // its mark says what it is

        string? Predict(byte[] text, params string[] more) =>
            Command.Feed(text, ["predict", tiny.Classifier, "--json", .. more]).Succeeds().Json.GetProperty("text").GetString();
    }

    [Fact]
    public void Lines_that_are_not_of_the_encoding_are_refused_as_in_files()
    {
        var result = Command.Feed([.. "a good film\na poor "u8, 0xFF, .. "\n"u8], "predict", tiny.Classifier, "--json");
        Assert.Contains("a good film", result.Output);             // what came before has its answer
        Assert.Contains("Standard input: not utf-8: byte FF at offset 19, line 2.", result.Error);
        Assert.Equal(1, result.Code);
    }

    [Theory, InlineData("1"), InlineData("2")]
    public void Lines_are_answered_one_by_one_as_they_come(string threads)
    {
        using var process = Command.Start(["predict", tiny.Classifier, "--threads", threads, "--json"]);
        foreach (var (text, label) in new[] { ("a good film", "pos"), ("a poor film", "neg"), ("", null), ("unheard", null) })
        {
            process.StandardInput.WriteLine(text);
            process.StandardInput.Flush();
            var json = JsonDocument.Parse(process.StandardOutput.ReadLine()!).RootElement;
            Assert.Equal(text, json.GetProperty("text").GetString());
            if (label is not null) Assert.Equal(label, json.GetProperty("label").GetString());
        }
        process.StandardInput.Close();
        process.WaitForExit();
        Assert.Equal((0, "", ""), (process.ExitCode, process.StandardOutput.ReadToEnd(), process.StandardError.ReadToEnd()));
    }

    [Fact]
    public void The_same_text_has_the_same_answer_alone_and_among_others()
    {
        var alone = Command.Run("predict", tiny.Classifier, "--text", "a good book", "--explain", "none", "--json").Succeeds().Output;
        var among = Command.Feed("awful\na good book\na long and rather dreadful song\n", "predict", tiny.Classifier, "--json").Succeeds().Output;
        Assert.Equal(alone, among.Split('\n')[1] + "\n");
    }

    [Fact]
    public void A_tagger_has_a_tag_for_everything_in_a_text()
    {
        var json = Command.Run("predict", tiny.Tagger, "--text", "see <Oslo> now", "--json").Succeeds().Json;
        Assert.Equal(["see", "<", "Oslo", ">", "now"], json.GetProperty("words").EnumerateArray().Select(w => w.GetString()));
    }

    [Fact]
    public void A_tagger_tells_its_tags_and_other_ones()
    {
        var json = Command.Run("predict", tiny.Tagger, "--text", "see Anna Bell now", "--best", "3", "--json").Succeeds().Json;
        Assert.Equal(["see", "Anna", "Bell", "now"], json.GetProperty("words").EnumerateArray().Select(w => w.GetString()));
        Assert.Equal(["O", "B-PER", "I-PER", "O"], json.GetProperty("tags").EnumerateArray().Select(t => t.GetString()));
        Assert.All(json.GetProperty("confidence").EnumerateArray(), c => Assert.InRange(c.GetDouble(), 0, 1.0001));
        var best = json.GetProperty("best").EnumerateArray().Select(b => b.GetProperty("log_probability").GetDouble()).ToArray();
        Assert.Equal(3, best.Length);
        Assert.Equal(best.OrderDescending(), best);
    }
}
