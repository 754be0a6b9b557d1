using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Unroll.Cli;

namespace Unroll.Tests.Cli;

/// <summary>What a run of the command left behind.</summary>
sealed record CommandResult(int Code, string Output, string Error)
{
    /// <summary>The one object on standard output.</summary>
    public JsonElement Json
    {
        get
        {
            Assert.True(Code == 0, $"exit code {Code}: {Error}");
            Assert.Equal(1, Output.AsSpan().Count('\n'));
            return JsonDocument.Parse(Output).RootElement;
        }
    }

    public CommandResult Succeeds()
    {
        Assert.True(Code == 0, $"exit code {Code}: {Error}");
        Assert.Equal("", Error);                                 // quiet where nobody looks
        Assert.DoesNotContain('\u001b', Output);
        return this;
    }

    /// <summary>Ends with that code and a message that has these parts, and no word of the program's insides.</summary>
    public void Fails(int code, params string[] parts)
    {
        Assert.True(Code == code, $"exit code {Code}: {Error}{Output}");
        Assert.Matches("^(warning: .*\n)*error: ", Error);         // what is doubtful of the data may be said before
        foreach (var part in parts) Assert.Contains(part, Error);
        foreach (var inside in new[] { "   at ", "Exception", "(Parameter", "should not happen", "System." }) Assert.DoesNotContain(inside, Error);
        Assert.Equal("", Output);
    }
}

/// <summary>
/// Runs the command: inside this process, or, where a process is what is tested, as one of its own. A start of one takes longer than most of what is tested.
/// </summary>
static partial class Command
{
    /// <summary>Runs it inside this process, with its input at an end.</summary>
    public static CommandResult Run(params string[] arguments) => Feed("", arguments);

    /// <summary>Runs it inside this process, with that as its input.</summary>
    public static CommandResult Feed(string input, params string[] arguments) => Feed(Encoding.UTF8.GetBytes(input), arguments);

    /// <summary>Runs it inside this process, with that as its input.</summary>
    public static CommandResult Feed(byte[] input, params string[] arguments)
    {
        var (output, error) = (new MemoryStream(), new MemoryStream());
        var code = new Terminal(new Forward(input), output, error).Run(() => CommandRunner.Run(CommandTree.Create(), arguments));
        return new(code, Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(error.ToArray()));
    }

    /// <summary>Is called wrongly, says so with these parts, and makes nothing in the working folder, which is where runs go.</summary>
    public static void IsRefused(string[] arguments, params string[] parts)
    {
        var before = Entries();
        Run(arguments).Fails(2, parts);
        Assert.Equal(before, Entries());

        static string[] Entries() => [.. Directory.EnumerateFileSystemEntries(".").Concat(Directory.Exists("runs") ? Directory.EnumerateFileSystemEntries("runs") : []).Order()];
    }

    /// <summary>Gives the same inside this process and as one of its own, but for what it measures of time.</summary>
    public static void IsTheSameInAProcess(string input, params string[] arguments)
    {
        var (call, process) = (Feed(input, arguments).Succeeds(), Finish(Start(arguments), input).Succeeds());
        Assert.Equal(Times().Replace(call.Output, ""), Times().Replace(process.Output, ""));
    }

    /// <summary>Runs it as a process of its own, on one thread and with its input at an end.</summary>
    public static CommandResult RunProcess(params string[] arguments) => Finish(Start(arguments));

    /// <summary>As <see cref="RunProcess"/>, with these environment variables.</summary>
    public static CommandResult RunWith((string Name, string Value)[] environment, params string[] arguments) => Finish(Start(arguments, environment));

    /// <summary>As <see cref="RunProcess"/>, in that folder.</summary>
    public static CommandResult RunIn(string folder, params string[] arguments) => Finish(Start(arguments, folder: folder));

    public static CommandResult Finish(Process process, string input = "")
    {
        using (process)
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return new(process.ExitCode, output, error.Result);
        }
    }

    public static Process Start(string[] arguments, (string Name, string Value)[]? environment = null, string? folder = null)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            WorkingDirectory = folder ?? Environment.CurrentDirectory,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Unroll.Cli.dll"));
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["UNROLL_THREADS"] = "1";
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (var (name, value) in environment ?? []) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    [GeneratedRegex("\"(?:seconds|\\w+_per_s)\":[^,}]+")]
    private static partial Regex Times();

    /// <summary>Bytes that are read once, as those of standard input.</summary>
    sealed class Forward(byte[] bytes) : MemoryStream(bytes, writable: false)
    {
        public override bool CanSeek => false;

        protected override void Dispose(bool disposing)
        {
        }
    }
}
