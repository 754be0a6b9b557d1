using System.Text.RegularExpressions;

namespace Unroll.Tests.Cli;

[Collection(nameof(TinyRun))]
public class InspectTests(TinyRun tiny)
{
    const string Text = "the cat sat on the mat.";

    [Fact]
    public void A_report_is_one_page_that_needs_nothing_else()
    {
        foreach (var language in new[] { "en", "ko" })
        {
            var page = tiny.Fresh("report.html");
            var output = Command.Run("inspect", tiny.Path, "--text", Text, "--out", page, "--lang", language).Succeeds().Output;
            Assert.Contains("Written: " + page, output);
            var html = File.ReadAllText(page);
            Assert.Contains($"<html lang=\"{language}\">", html);
            foreach (var outside in new[] { "<link", " src=", "url(h", "://" }) Assert.DoesNotContain(outside, html);
            foreach (var part in new[] { "summary", "curves", "diagram", "states", "saturation", "flow", "predictions", "weights" }) Assert.Contains($"<h2 id=\"{part}\">", html);
            Assert.Equal(language == "ko", html.Contains("은닉 상태") || Regex.IsMatch(html, @"\\uC740\\uB2C9", RegexOptions.IgnoreCase));
        }
    }

    [Fact]
    public void The_terminal_gets_the_same_in_brief_and_programs_get_json()
    {
        var output = Command.Run("inspect", tiny.Path, "--text", Text).Succeeds().Output;
        foreach (var part in new[] { "rnn.l0, h: 8 of 8 units", "gradient flow, rnn.l0", "most certain", "most wrong", "30 iterations" }) Assert.Contains(part, output);
        var run = Command.Run("inspect", tiny.Path, "--text", Text, "--json").Succeeds().Json.GetProperty("runs")[0];
        Assert.Equal(Text.Length, run.GetProperty("steps").GetInt32());
        Assert.Equal(8, run.GetProperty("layers")[0].GetProperty("units").GetInt32());
        Assert.Equal(Text.Length - 1, run.GetProperty("gradient_flow").GetProperty("states")[0].GetProperty("norms").GetArrayLength());
        Assert.InRange(run.GetProperty("most_certain")[0].GetProperty("probability").GetDouble(), 0, 1);
        Assert.Equal(2, Command.Run("inspect", tiny.Path, "--compare", tiny.ModelPath, "--json").Succeeds().Json.GetProperty("runs").GetArrayLength());
    }

    [Fact]
    public void A_long_text_is_cut_and_says_so()
    {
        var page = tiny.Fresh("report.html");
        Assert.Contains("The text has 2,300 steps; the first 2,000 were recorded.", Command.Run("inspect", tiny.Path, "--text", string.Concat(Enumerable.Repeat(Text, 100)), "--out", page).Succeeds().Output);
        Assert.Contains("The text has 2,300 steps; the first 2,000 are shown.", File.ReadAllText(page));
    }

    [Fact]
    public void What_cannot_be_looked_into_is_said()
    {
        Assert.Contains("no log: never trained", Command.Run("inspect", tiny.ModelPath).Succeeds().Output);
        Command.Run("inspect", tiny.Path, "--text", Text, "--data", tiny.DataPath).Fails(2, "--text and --data cannot be given together");
        Command.Run("inspect", tiny.Path, "--lang", "ko").Fails(2, "--lang cannot be given");
        Command.Run("inspect", tiny.Path, "--text", "한").Fails(1, "U+D55C");
        Command.Run("inspect", tiny.Path, "--data", tiny.Write("empty.txt", "")).Fails(1);
        Command.Run("inspect", tiny.Fresh("nothing")).Fails(1, "There is no file or folder");
    }
}

[Collection(nameof(TinyTranslator))]
public class InspectOtherTasksTests(TinyTranslator tiny)
{
    [Fact]
    public void A_translator_shows_its_attention()
    {
        var page = tiny.Fresh("report.html");
        Assert.Contains("encoder.l0, h: ", Command.Run("inspect", tiny.Run, "--text", "abc", "--out", page).Succeeds().Output);
        foreach (var part in new[] { "<h2 id=\"attention\">", "encoder.weight_hh_l0" }) Assert.Contains(part, File.ReadAllText(page));
    }

    [Fact]
    public void Models_of_other_tasks_read_no_text()
    {
        var message = Assert.Throws<DataMismatchException>(() => TaskCatalog.All.First(t => t.Name == "regress").Inspect(ModelFile.Load(tiny.LanguageModel), new("ab", []), null!)).Message;
        Assert.Contains("cannot be looked into as it reads", message);
    }
}
