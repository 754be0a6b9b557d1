using System.Diagnostics;
using System.Text.Json;

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

/// <summary>Runs the command as a process of its own, on one thread and with its input at an end.</summary>
static class Command
{
    public static CommandResult Run(params string[] arguments) => Finish(Start(arguments));

    public static CommandResult RunWith((string Name, string Value)[] environment, params string[] arguments) => Finish(Start(arguments, environment));

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
}
