using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Unroll.Tests.Cli;

/// <summary>Runs that are ended from outside and go on: the same bits, and nothing lost.</summary>
[Collection(nameof(TinyRun))]
public class ResumeTests(TinyRun tiny)
{
    const int Interrupt = 2, Terminate = 15;

    static readonly string[] Options = ["--iterations", "4000", "--checkpoint-every", "20", "--validate-every", "1000", "--dropout", "0.1", "--recurrent-dropout", "0.1"];

    [SkippableFact]
    public void A_killed_run_goes_on_to_the_same_bits()
    {
        var (whole, killed) = (tiny.Fresh(), tiny.Fresh());
        tiny.Train(whole, Options).Succeeds();

        using (var saved = new Saving(killed))
        using (var process = Command.Start(tiny.Arguments(killed, Options)))
        {
            saved.Await(process);
            process.Kill();
            process.WaitForExit();
            Assert.NotEqual(0, process.ExitCode);
        }
        File.AppendAllText(Path.Combine(killed, "log.jsonl"), "{\"iteration\": 12");           // what a kill may leave of the last line
        var json = Command.Run("train", "lm", "--resume", killed, "--json").Succeeds().Json;
        Assert.Equal(4000, json.GetProperty("iterations").GetInt64());
        AssertSameRun(whole, killed);
        // Done is done.
        Assert.Equal(4000, Command.Run("train", "lm", "--resume", killed, "--json").Succeeds().Json.GetProperty("iterations").GetInt64());
        AssertSameRun(whole, killed);
    }

    [SkippableTheory]
    [InlineData(Interrupt)]
    [InlineData(Terminate)]
    public void A_run_told_to_stop_saves_and_goes_on_to_the_same_bits(int signal)
    {
        Skip.If(OperatingSystem.IsWindows(), "signals are Unix's");
        Skip.If(IsIgnored(signal), $"signal {signal} is ignored here, as by what a shell starts in the background, and so by every process that is started");
        var (whole, stopped) = (tiny.Fresh(), tiny.Fresh());
        tiny.Train(whole, Options).Succeeds();

        using var saved = new Saving(stopped);
        var process = Command.Start(tiny.Arguments(stopped, Options));
        saved.Await(process);
        Assert.Equal(0, Kill(process.Id, signal));
        var result = Command.Finish(process);
        Assert.Equal((130, ""), (result.Code, result.Error));
        Assert.Contains("\"end\":\"cancelled\"", result.Output);
        Command.Run("train", "lm", "--resume", stopped, "--json").Succeeds();
        AssertSameRun(whole, stopped);
    }

    [Fact]
    public void A_run_that_is_being_written_is_not_written_by_another_process()
    {
        var run = tiny.Fresh();
        tiny.Train(run, "--iterations", "3").Succeeds();
        var before = File.ReadAllBytes(Path.Combine(run, "log.jsonl"));
        using (new RunFolder(run).Hold())
        {
            Command.RunProcess("train", "lm", "--resume", run).Fails(1, $"{run} is being written by another process", "Wait for that training to end");
            Assert.ThrowsAny<UnrollException>(new RunFolder(run).Hold);
        }
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(run, "log.jsonl")));
        Command.Run("train", "lm", "--resume", run).Succeeds();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Changed_data_is_refused_and_the_run_kept(bool validation)
    {
        var (data, run) = (tiny.Write("text.txt", File.ReadAllText(tiny.DataPath)), tiny.Fresh());
        Command.Run(["train", "lm", "--data", data, "--out", run, .. TinyRun.Sizes, "--iterations", "3", "--json"]).Succeeds();
        var before = File.ReadAllBytes(Path.Combine(run, "checkpoint.safetensors"));
        var text = File.ReadAllText(data);
        File.WriteAllText(data, validation ? text[..^3] + "cat" : "cat" + text[3..]);
        Command.Run("train", "lm", "--resume", run).Fails(1, $"The {(validation ? "validation" : "training")} text", "is not the one this run began with", "Restore the file");
        File.Delete(data);
        Command.Run("train", "lm", "--resume", run).Fails(1, data, "there is no such file");
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(run, "checkpoint.safetensors")));
    }

    /// <summary>Whether this process passes over a signal; only Linux says.</summary>
    static bool IsIgnored(int signal)
    {
        const string Mask = "SigIgn:";
        if (!OperatingSystem.IsLinux()) return false;
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(Mask, StringComparison.Ordinal));
        return (Convert.ToUInt64(line[Mask.Length..].Trim(), 16) >> (signal - 1) & 1) != 0;
    }

    /// <summary>Tells when a run that is started later has saved its first checkpoint, which is renamed to its place.</summary>
    sealed class Saving : IDisposable
    {
        readonly ManualResetEventSlim _saved = new();
        readonly FileSystemWatcher _watcher;

        public Saving(string run)
        {
            _watcher = new(Directory.CreateDirectory(run).FullName);
            _watcher.Renamed += (_, e) =>
            {
                if (e.Name == "checkpoint.safetensors") _saved.Set();
            };
            _watcher.EnableRaisingEvents = true;
        }

        public void Await(Process process)
        {
            Assert.True(_saved.Wait(TimeSpan.FromSeconds(60)), "no checkpoint came");
            Skip.If(process.HasExited, "the run ended before it could be stopped");
        }

        public void Dispose() => _watcher.Dispose();
    }

    static void AssertSameRun(string expected, string actual)
    {
        // The folder stands in no file: model, moments, random states and place are the same to the byte.
        foreach (var file in new[] { "model.safetensors", "checkpoint.safetensors" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(expected, file)), File.ReadAllBytes(Path.Combine(actual, file)));
        Assert.Equal(Timeless(expected), Timeless(actual));
        Assert.Equal(["checkpoint.safetensors", "curve.svg", "log.jsonl", "model.safetensors"],
            Directory.EnumerateFileSystemEntries(actual).Select(p => Path.GetFileName(p)).Order());

        static IEnumerable<string> Timeless(string run) =>
            File.ReadLines(Path.Combine(run, "log.jsonl")).Select(l => l.Contains("tokens_per_s") ? l[..l.IndexOf("tokens_per_s", StringComparison.Ordinal)] : l);
    }

    [DllImport("libc", EntryPoint = "kill")]
    static extern int Kill(int process, int signal);
}
