using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Unroll.Cli;

namespace Unroll.Tests.Cli;

/// <summary>Standard input and output, and pipes in the place of files.</summary>
[Collection(nameof(TinyLabels))]
public class StreamTests(TinyLabels tiny)
{
    [Fact]
    public void Data_comes_from_standard_input_too()
    {
        var run = tiny.Fresh();
        var json = Command.Feed(File.ReadAllText(tiny.Tsv), ["train", "classify", "--data", "-", "--out", run, "--json", .. TinyLabels.ClassSizes, "--epochs", "1"]).Succeeds().Json;
        Assert.Equal("standard input", json.GetProperty("data").GetProperty("files")[0].GetString());
        Assert.Equal(60, json.GetProperty("data").GetProperty("rows").GetInt32());
        var eval = Command.Feed(File.ReadAllText(tiny.Tsv), "eval", tiny.Classifier, "--data", "-", "--json").Succeeds().Json;
        Assert.Equal(Command.Run("eval", tiny.Classifier, "--data", tiny.Tsv, "--json").Json.GetProperty("loss").GetDouble(), eval.GetProperty("loss").GetDouble());
        Assert.Equal(140, Command.Feed(File.ReadAllText(tiny.Conll), "eval", tiny.Tagger, "--data", "-", "--json").Succeeds().Json.GetProperty("tokens").GetInt32());
    }

    [Fact]
    public void A_process_reads_what_a_call_reads()
    {
        Command.IsTheSameInAProcess(File.ReadAllText(tiny.Tsv), "eval", tiny.Classifier, "--data", "-", "--json");
        Command.IsTheSameInAProcess(File.ReadAllText(tiny.Conll), "predict", tiny.Tagger, "-", "--json");
        Command.IsTheSameInAProcess("a lovely film\n한국\n", "predict", tiny.Classifier);
    }

    [Fact]
    public void Predict_reads_standard_input_as_a_file_where_it_is_named()
    {
        Assert.Equal(Command.Run("predict", tiny.Classifier, tiny.Csv, "--json").Output, Command.Feed(File.ReadAllText(tiny.Csv), "predict", tiny.Classifier, "-", "--json").Succeeds().Output);
        Assert.Equal(Command.Run("predict", tiny.Tagger, tiny.Conll, "--json").Output, Command.Feed(File.ReadAllText(tiny.Conll), "predict", tiny.Tagger, "-", "--json").Succeeds().Output);
        Assert.Equal(2, Command.Feed("a good film\na poor film\n", "predict", tiny.Classifier, "-", "--json").Succeeds().Output.Count(c => c == '\n'));
    }

    /// <summary>Calls inside one process know nothing of each other: each has its own input, output and warnings.</summary>
    [Fact]
    public void Calls_side_by_side_and_one_after_the_other_are_apart()
    {
        string[] words = ["good", "bad", "fine", "awful", "lovely", "poor"];
        var inputs = words.Select(w => $"a {w} film\nsee {w}\n").ToArray();
        var outputs = new string[inputs.Length];
        Parallel.For(0, inputs.Length, i => outputs[i] = Command.Feed(inputs[i], "predict", tiny.Classifier, i % 2 == 0 ? "-" : "/dev/stdin", "--json").Succeeds().Output);
        Assert.All(inputs.Zip(outputs), p => Assert.Equal(p.First, string.Concat(p.Second.TrimEnd('\n').Split('\n').Select(l => JsonDocument.Parse(l).RootElement.GetProperty("text").GetString() + "\n"))));
        for (var i = 0; i < 2; i++) Assert.Contains("warning: ", Command.Feed("see O\nOslo B-LOC\n", "predict", tiny.Tagger, "--json").Error);
        Assert.True(Terminal.Current.IsOfProcess);
        Assert.Contains("empty", Command.Run("predict", tiny.Classifier, "-").Error);              // what another call was given is not kept
    }

    [Fact]
    public async Task A_pipe_is_read_once_and_used()
    {
        if (OperatingSystem.IsWindows()) return;
        foreach (var (model, file) in new[] { (tiny.Classifier, tiny.Tsv), (tiny.Tagger, tiny.Conll) })
        {
            var pipe = tiny.Fresh("pipe");
            Process.Start("mkfifo", pipe).WaitForExit();
            var writing = Task.Run(() => File.WriteAllBytes(pipe, File.ReadAllBytes(file)));
            var result = Command.RunProcess("predict", model, pipe, "--json");
            await writing;
            Assert.Equal(Command.Run("predict", model, file, "--json").Succeeds().Output, result.Succeeds().Output);
        }
    }

    [Fact]
    public void Text_is_utf_8_whatever_the_locale()
    {
        var data = tiny.Write("korean.tsv", "text\tlabel\n" + string.Concat(Enumerable.Range(0, 30).Select(i => i % 2 == 0 ? "좋다\t긍정\n" : "나쁘다\t부정\n")));
        var run = tiny.Fresh();
        Command.Run(["train", "classify", "--data", data, "--out", run, "--json", .. TinyLabels.ClassSizes, "--epochs", "8"]).Succeeds();
        foreach (var locale in new[] { "en_US.ISO-8859-1", "C", "ko_KR.eucKR" })
        {
            (string, string)[] environment = [("LC_ALL", locale), ("LANG", locale)];
            Assert.Contains("\"긍정\"", Command.RunWith(environment, "eval", run, "--data", data, "--json").Succeeds().Output);
            var start = Command.Start(["predict", run, "--json"], environment);
            var bytes = "\uFEFF좋다\n"u8.ToArray();
            start.StandardInput.BaseStream.Write(bytes);
            var output = new MemoryStream();
            start.StandardInput.Close();
            start.StandardOutput.BaseStream.CopyTo(output);
            start.WaitForExit();
            var json = JsonDocument.Parse(Encoding.UTF8.GetString(output.ToArray())).RootElement;
            Assert.Equal(("좋다", "긍정"), (json.GetProperty("text").GetString(), json.GetProperty("label").GetString()));
        }
    }

    [Fact]
    public void A_command_ends_when_the_reader_of_its_output_has_gone()
    {
        if (!OperatingSystem.IsLinux()) return;
        // One text at a time takes minutes for so many; the reader goes after the first.
        var many = tiny.Write("many.txt", string.Concat(Enumerable.Repeat("a good film\n", 2_000_000)));
        foreach (var arguments in new[]
        {
            ["predict", tiny.Classifier, many, "--format", "lines", "--json"],
            (string[])["train", "classify", "--data", tiny.Tsv, "--out", tiny.Fresh(), .. TinyLabels.ClassSizes, "--iterations", "100000000"],
        })
        {
            using var process = Command.Start(arguments);
            process.StandardInput.Close();
            process.StandardOutput.ReadLine();
            process.StandardOutput.Close();
            var start = Stopwatch.GetTimestamp();
            process.WaitForExit();
            Assert.Equal(141, process.ExitCode);
            Assert.DoesNotContain("error", process.StandardError.ReadToEnd());
            Assert.True(Stopwatch.GetElapsedTime(start).TotalSeconds < 20);         // a second, on a machine with nothing else to do
        }
    }

    [Fact]
    public void A_full_disk_is_an_error()
    {
        if (!OperatingSystem.IsLinux()) return;
        FailsInShell($"predict {tiny.Classifier} --text good --json > /dev/full", "Standard output cannot be written: No space left on device");
        FailsInShell($"info {tiny.Classifier} > /dev/full", "Standard output cannot be written: No space left on device");
        FailsInShell($"info {tiny.Classifier} --json >&-", "Standard output cannot be written: it is closed");
    }

    [Fact]
    public void A_closed_standard_input_is_an_error()
    {
        if (!OperatingSystem.IsLinux()) return;
        foreach (var arguments in new[] { $"predict {tiny.Classifier}", $"predict {tiny.Classifier} -", $"predict {tiny.Classifier} /dev/stdin", $"eval {tiny.Classifier} --data -", $"predict {tiny.Tagger}" })
            FailsInShell($"{arguments} <&-", "Standard input is closed");
        FailsInShell($"eval {tiny.Classifier} --data - </dev/null", "/dev/stdin: the file is empty where text is expected");
    }

    [Fact]
    public void A_file_that_the_memory_cannot_hold_is_named()
    {
        var text = tiny.Write("large.txt", string.Concat(Enumerable.Repeat("a line of some words that are learned\n", 2_000_000)));
        Command.RunWith([("DOTNET_GCHeapHardLimit", "0x6000000")], "train", "lm", "--data", text, "--out", tiny.Fresh(), "--json").Fails(1, "Out of memory while reading", "large.txt");
    }

    static void FailsInShell(string command, string message)
    {
        var start = new ProcessStartInfo("sh") { RedirectStandardInput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"exec '{Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet"}' '{Path.Combine(AppContext.BaseDirectory, "Unroll.Cli.dll")}' {command}");
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal((1, $"error: {message}.\n"), (process.ExitCode, error));
    }
}
