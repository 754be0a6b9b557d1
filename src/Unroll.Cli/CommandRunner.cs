using System.CommandLine;
using System.CommandLine.Parsing;
using Unroll.Tasks;

namespace Unroll.Cli;

/// <summary>A mistake in how the command was called: exit code 2.</summary>
sealed class UsageException(string message) : Exception(message);

/// <summary>
/// Runs a command and turns what happens into an exit code: 0 done, 1 failed, 2 called wrongly, 130 interrupted, 141 where the reader of its output
/// has gone.
/// </summary>
static class CommandRunner
{
    public const int Done = 0, Failed = 1, Usage = 2, Interrupted = 130, OutputClosed = 141;

    public static int Run(RootCommand root, string[] args)
    {
        var code = RunVerb(root, args.Length == 0 ? ["--help"] : args);
        return ClosedPipe.Seen ? OutputClosed : code;
    }

    static int RunVerb(RootCommand root, string[] args)
    {
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var problem in ProblemsOf(parsed)) Tell($"error: {problem}");
            return Advise(parsed);
        }
        try
        {
            if (parsed.CommandResult.Children.Where(c => !IsText(c)).Sum(c => c.Tokens.Count(t => t.Value == DataPath.StandardInput)) > 1)
                throw new UsageException("'-' stands for standard input, which can be read once; give it once.");
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = Standard.Out, Error = Standard.Error });
        }
        catch (Exception e)
        {
            var code = Explain(e, debug: args.Contains("--debug"));
            return code == Usage ? Advise(parsed) : code;
        }
    }

    /// <summary>Whether a value is a text itself and names no file.</summary>
    static bool IsText(SymbolResult result) => result is OptionResult { Option.Name: "--text" or "--stop" };

    /// <summary>What is wrong with a command line. Where a name is not known that is all: what stands behind it cannot be understood.</summary>
    static IEnumerable<string> ProblemsOf(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (parsed.UnmatchedTokens.FirstOrDefault(t => t is ['-', not '-', ..] or ['-', '-', ..]) is { } option)
            return [UnknownOption(option, command), .. parsed.Errors.Where(e => e.SymbolResult is not CommandResult).Select(e => e.Message)];
        if (parsed.UnmatchedTokens.Count > 0 && command.Subcommands.Count > 0)
            return [$"Unknown command {parsed.UnmatchedTokens[0]}.{Nearest.Question(parsed.UnmatchedTokens[0], command.Subcommands.Select(c => c.Name))}"];
        return parsed.Errors.Select(e => e.Message);
    }

    /// <summary>What to say of an option that a command does not have.</summary>
    public static string UnknownOption(string given, Command command)
    {
        var name = given.Split('=')[0];
        return $"Unknown option {name}.{Nearest.Question(name, command.Options.Where(o => !o.Hidden).Select(o => o.Name))}";
    }

    static int Advise(ParseResult parsed)
    {
        Tell($"Run 'unroll {string.Concat(Path(parsed.CommandResult.Command).Reverse())}--help' for what can be given.");
        return Usage;
    }

    static int Explain(Exception e, bool debug)
    {
        if (e is OperationCanceledException) return Interrupted;
        var message = e switch
        {
            UsageException or OptionException or UnrollException or IOException or UnauthorizedAccessException => e.Message,
            OutOfMemoryException => Work.OutOfMemory,
            _ => $"{e.Message} This should not happen; --debug shows where it did.",
        };
        Tell($"error: {message}");
        if (debug) Tell(e.ToString());
        return e is UsageException or OptionException ? Usage : Failed;
    }

    /// <summary>Says something on standard error; where that cannot be written, the exit code has to do.</summary>
    static void Tell(string line)
    {
        try
        {
            Standard.Error.WriteLine(line);
        }
        catch (UnrollException)
        {
        }
    }

    static IEnumerable<string> Path(Command command)
    {
        for (var c = command; c is not null and not RootCommand; c = c.Parents.OfType<Command>().FirstOrDefault()) yield return c.Name + " ";
    }
}
