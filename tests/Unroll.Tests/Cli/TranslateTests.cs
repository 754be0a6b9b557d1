using System.Text.Json;

namespace Unroll.Tests.Cli;

/// <summary>Translating texts, files and lines that come in; talking.</summary>
[Collection(nameof(TinyTranslator))]
public class TranslateTests(TinyTranslator tiny)
{
    static JsonElement[] Lines(CommandResult result) => [.. result.Succeeds().Output.TrimEnd('\n').Split('\n').Select(l => JsonDocument.Parse(l).RootElement)];

    CommandResult TranslateInput(string input, params string[] options) => Command.Feed(input, ["translate", tiny.Run, .. options]);

    [Fact]
    public void A_line_goes_out_for_every_line_that_comes_in()
    {
        // Unknown letters, empty lines and blanks among them; more than are worked on at once.
        string[] texts = [.. Enumerable.Range(0, 700).Select(i => i % 50 == 7 ? "" : i % 50 == 8 ? "x?한" : tiny.Pairs[i % 400].Source)];
        var lines = TranslateInput(string.Join('\n', texts) + "\n").Succeeds().Output.Split('\n')[..^1];
        Assert.Equal(700, lines.Length);
        Assert.All(texts.Zip(lines), p => Assert.Equal(p.First.Length == 0, p.Second.Length == 0));
        var right = texts.Zip(lines).Count(p => string.Concat(p.First.Reverse()) == p.Second);
        Assert.InRange(right, 600, 700);
        var path = tiny.Write("texts.txt", string.Join('\n', texts) + "\n");
        Assert.Equal(lines, Command.Run("translate", tiny.Run, path).Succeeds().Output.Split('\n')[..^1]);
        Assert.Equal(lines.Concat(lines), TranslateInput(string.Join('\n', texts) + "\n", path, "-").Succeeds().Output.Split('\n')[..^1]);
    }

    [Fact]
    public void Lines_are_answered_one_by_one_as_they_come()
    {
        using var process = Command.Start(["translate", tiny.Run]);
        foreach (var text in new[] { "ab", "", "bcd" })
        {
            process.StandardInput.WriteLine(text);
            process.StandardInput.Flush();
            Assert.Equal(string.Concat(text.Reverse()), process.StandardOutput.ReadLine());
        }
        process.StandardInput.Close();
        process.WaitForExit();
        Assert.Equal((0, "", ""), (process.ExitCode, process.StandardOutput.ReadToEnd(), process.StandardError.ReadToEnd()));
    }

    [Fact]
    public void A_process_writes_what_a_call_writes()
    {
        Command.IsTheSameInAProcess("ab\nbcd\n", "translate", tiny.Run, "--json");
        Command.IsTheSameInAProcess("ab\nbcd\n", "chat", tiny.Run);
    }

    [Fact]
    public void The_best_texts_have_scores()
    {
        var json = Command.Run("translate", tiny.Run, "--text", "abc", "--beam", "4", "--best", "3", "--json").Succeeds().Json;
        Assert.Equal(("abc", "cba"), (json.GetProperty("source").GetString(), json.GetProperty("text").GetString()));
        var scores = json.GetProperty("best").EnumerateArray().Select(b => b.GetProperty("score").GetDouble()).ToArray();
        Assert.Equal(3, scores.Length);
        Assert.Equal(scores.OrderDescending(), scores);
        Assert.Equal(scores[0], json.GetProperty("score").GetDouble());
        var lines = Command.Run("translate", tiny.Run, "--text", "abc", "--text", "", "--beam", "4", "--best", "2").Succeeds().Output.Split('\n');
        Assert.StartsWith("1\t-", lines[0]);
        Assert.EndsWith("\tcba", lines[0]);
        Assert.Equal("2\t0.0000\t", lines[2]);
    }

    [Fact]
    public void Samples_follow_from_seed_and_line_alone()
    {
        string[] wild = ["--sample", "--temperature", "4"];
        var texts = string.Concat(Enumerable.Range(0, 20).Select(_ => "abcd\n"));
        var all = TranslateInput(texts, wild).Succeeds().Output;
        Assert.Equal(all, TranslateInput(texts, [.. wild, "--seed", "1"]).Succeeds().Output);
        Assert.NotEqual(all, TranslateInput(texts, [.. wild, "--seed", "2"]).Succeeds().Output);
        Assert.True(all.Split('\n').Distinct().Count() > 5);
        using var process = Command.Start(["translate", tiny.Run, .. wild]);           // one by one, and so not in batches
        foreach (var line in all.Split('\n')[..^1])
        {
            process.StandardInput.WriteLine("abcd");
            process.StandardInput.Flush();
            Assert.Equal(line, process.StandardOutput.ReadLine());
        }
        process.StandardInput.Close();
        process.WaitForExit();
        Assert.Equal(TranslateInput("ab\n").Output, TranslateInput("ab\n", "--sample", "--top-k", "1").Succeeds().Output);
    }

    [Fact]
    public void A_text_that_would_not_end_ends()
    {
        var json = Command.Run("translate", tiny.Run, "--text", "abcd", "--max-length", "2", "--json").Succeeds().Json;
        Assert.True(json.GetProperty("at_limit").GetBoolean());
        Assert.Equal("dc", json.GetProperty("text").GetString());
        Assert.Equal(6, Command.Run("translate", tiny.Run, "--text", "ab", "--min-length", "6", "--max-length", "6").Succeeds().Output.Trim('\n').Length);
        Assert.False(Command.Run("translate", tiny.Run, "--text", "ab", "--json").Json.TryGetProperty("at_limit", out _));
    }

    [Fact]
    public void A_text_over_the_limit_is_read_in_part_and_that_is_told()
    {
        var long_ = string.Concat(Enumerable.Repeat("abcd", 1100));
        var result = TranslateInput($"ab\n{long_}\nbc\n", "--max-length", "5", "--json");
        Assert.Equal(0, result.Code);
        Assert.Contains("warning: text 2 has 4,400 tokens; only the first 4,096 were read", result.Error);
        var lines = result.Output.TrimEnd('\n').Split('\n').Select(l => JsonDocument.Parse(l).RootElement).ToArray();
        Assert.Equal(("ba", 304, "cb"), (lines[0].GetProperty("text").GetString(), lines[1].GetProperty("unread_tokens").GetInt32(), lines[2].GetProperty("text").GetString()));
    }

    [Fact]
    public void Unknown_words_are_taken_over_or_left()
    {
        var run = tiny.Fresh();
        var path = tiny.Write("words.tsv", string.Concat(Enumerable.Range(0, 200).Select(i => $"say w{i % 150}\tw{i % 150}\n")));
        TinyTranslator.Start(run, "--data", path, "--tokens", "word", "--min-count", "2", "--epochs", "20", "--valid", "0").Succeeds();
        // Words that came once are unknown, and one that is new is as they are.
        var written = Command.Run("translate", run, "--text", "say Anna", "--keep-unknown").Succeeds().Output;
        Assert.Equal("<unk>\n", written);
        Assert.Contains(Command.Run("translate", run, "--text", "say Anna").Succeeds().Output.TrimEnd('\n'), new[] { "say", "Anna" });
    }

    [Fact]
    public void Runs_vote_together()
    {
        var alone = Command.Run("translate", tiny.Run, "--text", "abca", "--json").Succeeds().Json;
        var twice = Command.Run("translate", tiny.Run, "--with", tiny.Run, tiny.Run, "--text", "abca", "--json").Succeeds().Json;
        Assert.Equal(alone.GetProperty("text").GetString(), twice.GetProperty("text").GetString());
        Assert.Equal(alone.GetProperty("log_probability").GetDouble(), twice.GetProperty("log_probability").GetDouble(), 1e-4);
        var other = tiny.Fresh();
        TinyTranslator.Start(other, "--data", tiny.Tsv, "--tokens", "byte", "--iterations", "1").Succeeds();
        Command.Run("translate", tiny.Run, "--with", other, "--text", "ab").Fails(1, "symbols");
    }

    [Fact]
    public void Attention_is_shown_drawn_and_told()
    {
        var (svg, html) = (tiny.Fresh("map.svg"), tiny.Fresh("map.html"));
        var json = Command.Run("translate", tiny.Run, "--text", "abc", "--attention", "--svg", svg, "--html", html, "--json").Succeeds().Json.GetProperty("attention");
        Assert.Equal(["a", "b", "c", "</s>"], json.GetProperty("source").EnumerateArray().Select(t => t.GetString()));
        Assert.Equal(["c", "b", "a", "</s>"], json.GetProperty("target").EnumerateArray().Select(t => t.GetString()));
        Assert.All(json.GetProperty("weights").EnumerateArray(), row => Assert.Equal(1, row.EnumerateArray().Sum(w => w.GetDouble()), 1e-5));
        Assert.StartsWith("<svg", File.ReadAllText(svg));
        Assert.Contains("<svg", File.ReadAllText(html));
        var text = TranslateInput("abc\n\nba\n", "--attention", "--html", html).Succeeds().Output;
        Assert.StartsWith("cba\n\n", text);
        Assert.Matches("[░▒▓█]", text);
        Assert.Equal(3, File.ReadAllText(html).Split("<figure>").Length - 1);
        Command.Run("translate", tiny.Run, "--svg", svg).Fails(2, "--svg cannot be given: it shows one");
        var without = tiny.Fresh();
        tiny.Train(without, "--attention", "none", "--iterations", "1").Succeeds();
        Command.Run("translate", without, "--text", "ab", "--attention", "--html", html).Fails(2, "--attention cannot be given: the model has no attention", "--html");
        Command.Run("translate", without, "--text", "ab").Succeeds();
    }

    [Fact]
    public void A_model_of_another_task_is_refused()
    {
        foreach (var verb in new[] { "translate", "chat" }) Command.Run(verb, tiny.LanguageModel).Fails(1, tiny.LanguageModel, "a language model", "a sequence-to-sequence model");
        Command.Run("predict", tiny.Run, "--text", "ab").Fails(1, "use unroll translate");
        Command.Run("generate", tiny.Run).Fails(1, "a sequence-to-sequence model");
    }

    [Theory]
    [InlineData("--beam 0", "--beam is '0'; expected a whole number, 1 to 1000")]
    [InlineData("--best 3", "--best cannot be given")]
    [InlineData("--length-penalty 1 --coverage-penalty 1", "--length-penalty cannot be given", "--coverage-penalty cannot be given")]
    [InlineData("--sample --beam 3", "--beam cannot be given")]
    [InlineData("--temperature 2 --top-k 3 --top-p 0.5 --seed 2", "--temperature cannot be given", "--top-k", "--top-p", "--seed")]
    [InlineData("--min-length 5 --max-length 4", "--min-length cannot be given")]
    [InlineData("--text a file", "--text and FILE cannot be given together")]
    [InlineData("--encoding utf-99", "--encoding:", "utf-99")]
    [InlineData("--best-of 3", "Unknown option --best-of", "unroll translate --help")]
    public void A_mistake_is_named(string options, params string[] parts) => Command.Run(["translate", tiny.Run, .. options.Split(' ')]).Fails(2, parts);

    [Fact]
    public void A_talk_ends_with_an_empty_line()
    {
        Assert.Equal("ba\ndcb\n", Command.Feed("ab\n bcd \n\nab\n", "chat", tiny.Run).Succeeds().Output);
        Assert.Equal("ba\n", Command.Feed("ab", "chat", tiny.Run, "--beam", "2").Succeeds().Output);
        Assert.Equal("", Command.Run("chat", tiny.Run).Succeeds().Output);
        var turns = Lines(Command.Feed("ab\ncd\nab\n", "chat", tiny.Run, "--remember", "1", "--json"));
        Assert.Equal("ab", turns[0].GetProperty("read").GetString());
        for (var t = 1; t < 3; t++)
            Assert.Equal($"{turns[t - 1].GetProperty("said")} {turns[t - 1].GetProperty("answer")} {turns[t].GetProperty("said")}", turns[t].GetProperty("read").GetString());
        Command.Run("chat", tiny.Run, "--best", "2").Fails(2, "--best");
    }
}
