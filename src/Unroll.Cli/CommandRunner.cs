using System.CommandLine;

namespace Unroll.Cli;

/// <summary>A mistake in how the command was called: exit code 2.</summary>
sealed class UsageException(string message) : Exception(message);

/// <summary>Runs a command and turns what happens into an exit code: 0 done, 1 failed, 2 called wrongly, 130 interrupted.</summary>
static class CommandRunner
{
    public const int Done = 0, Failed = 1, Usage = 2, Interrupted = 130;

    public static int Run(RootCommand root, string[] args)
    {
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors) Console.Error.WriteLine($"error: {error.Message}");
            return Advise(parsed);
        }
        var debug = args.Contains("--debug");
        try
        {
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception e)
        {
            var code = Explain(e, debug);
            return code == Usage ? Advise(parsed) : code;
        }
    }

    static int Advise(ParseResult parsed)
    {
        Console.Error.WriteLine($"Run 'unroll {string.Concat(Path(parsed.CommandResult.Command).Reverse())}--help' for what can be given.");
        return Usage;
    }

    static int Explain(Exception e, bool debug)
    {
        if (e is OperationCanceledException) return Interrupted;
        var advice = e switch
        {
            UsageException or UnrollException or IOException or UnauthorizedAccessException => "",
            OutOfMemoryException => " Choose a smaller model, a smaller batch or fewer steps.",
            _ => " This should not happen; --debug shows where it did.",
        };
        Console.Error.WriteLine($"error: {e.Message}{advice}");
        if (debug) Console.Error.WriteLine(e);
        return e is UsageException ? Usage : Failed;
    }

    static IEnumerable<string> Path(Command command)
    {
        for (var c = command; c is not null and not RootCommand; c = c.Parents.OfType<Command>().FirstOrDefault()) yield return c.Name + " ";
    }
}
