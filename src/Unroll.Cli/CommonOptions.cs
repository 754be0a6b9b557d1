using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Unroll.Kernels;

namespace Unroll.Cli;

/// <summary>What several verbs take, and how options are declared.</summary>
static class CommonOptions
{
    public static Option<bool> Json(string description = "Print one JSON object on standard output, for programs.") => new("--json") { Description = description };

    public static Option<bool> Debug() => new("--debug") { Description = "Show where in the program an error came from." };

    public static Option<int?> Threads() =>
        Of<int?>("--threads", "N", $"Threads to work with; all processors by default (or {ThreadTeam.Variable}), and no more than those. The result is the same for any number.")
            .Within(1, ThreadTeam.MaxThreads);

    public static Option<T> Of<T>(string name, string value, string description) => new(name) { HelpName = value, Description = description };

    public static Option<T> Of<T>(string name, string value, string description, T fallback) =>
        new(name) { HelpName = value, Description = description, DefaultValueFactory = _ => fallback };

    /// <summary>Refuses what is no number, or outside a range: from the least, or above it where that is excluded, to the most.</summary>
    public static Option<T> Within<T>(this Option<T> option, double least, double most, bool exclusive = false)
    {
        const double Unbounded = long.MaxValue;                             // as good as no bound, and not worth its digits
        var whole = typeof(T) != typeof(double) && typeof(T) != typeof(double?);
        var range = (exclusive ? $"above {least:G}" : $"{least:G}") + (most >= Unbounded ? exclusive ? "" : " or more" : exclusive ? $", at most {most:G}" : $" to {most:G}");
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 0) return;
            var given = result.Tokens[^1].Value;
            var good = whole
                ? Int128.TryParse(given, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) && n >= (Int128)least
                    && (most >= Unbounded ? n < (Int128)most : n <= (Int128)most)
                : double.TryParse(given, NumberStyles.Float, CultureInfo.InvariantCulture, out var x) && x >= least && x <= most && !(exclusive && x == least);
            if (!good) result.AddError($"{option.Name} is '{given}'; expected a {(whole ? "whole number" : "number")}, {range}.");
        });
        return option;
    }

    /// <summary>Refuses an empty text.</summary>
    public static Option<T> NotEmpty<T>(this Option<T> option)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && string.IsNullOrWhiteSpace(result.Tokens[^1].Value)) result.AddError($"{option.Name} is empty; expected a {option.HelpName}.");
        });
        return option;
    }

    /// <summary>An option that takes one path or several.</summary>
    public static Option<string[]> Paths(string name, string description, string value = "FILE|DIR")
    {
        var option = new Option<string[]>(name) { HelpName = value, Description = description, AllowMultipleArgumentsPerToken = true, Arity = ArgumentArity.OneOrMore };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Any(t => string.IsNullOrWhiteSpace(t.Value))) result.AddError($"{name} is empty; expected a {value}.");
            foreach (var problem in OptionsAmong(result)) result.AddError(problem);
        });
        return option;
    }

    /// <summary>Refuses what looks like an option among paths: as many are taken as there are, and so a mistaken option too.</summary>
    public static Argument<string[]> NoOptions(this Argument<string[]> argument)
    {
        argument.Validators.Add(result =>
        {
            foreach (var problem in OptionsAmong(result)) result.AddError(problem);
        });
        return argument;
    }

    /// <summary>What to say of values that look like options.</summary>
    public static IEnumerable<string> OptionsAmong(SymbolResult result)
    {
        var command = ((CommandResult)result.Parent!).Command;
        return result.Tokens.Where(t => t.Value is ['-', '-', ..])
            .Select(t => $"{CommandRunner.UnknownOption(t.Value, command)} A file of that name is written ./{t.Value}.");
    }

    /// <summary>Refuses values that are not in a list.</summary>
    public static Option<T> OneOf<T>(this Option<T> option, IEnumerable<string> values)
    {
        var known = values.ToArray();
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !known.Contains(result.Tokens[^1].Value))
                result.AddError($"{option.Name} is '{result.Tokens[^1].Value}'; expected one of {string.Join(", ", known)}.{Nearest.Question(result.Tokens[^1].Value, known)}");
        });
        return option;
    }

    /// <summary>Sets up the machinery, so that a mistake in the environment shows before anything is done.</summary>
    public static void UseThreads(int? threads)
    {
        if (Settings.Problem is { } problem) throw new UsageException(problem);
        if (threads is { } given) Compute.Threads = given;
        if (Compute.SlowPath is { } slow) Warnings.Tell(slow);
    }

    /// <summary>Whether it stands on the command line.</summary>
    public static bool Given(this ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>What to say of an option that was given where it does nothing; nothing otherwise.</summary>
    public static IEnumerable<string> Refuse(this ParseResult parsed, Option option, bool useless, string why) =>
        useless && parsed.Given(option) ? [$"{option.Name} cannot be given: {why}."] : [];

    /// <summary>What is wrong with a text from which something cannot be made; null where nothing is.</summary>
    public static string? ProblemOf<T>(Func<T> make)
    {
        try
        {
            make();
            return null;
        }
        catch (Exception e) when (e is ArgumentException or UnrollException)
        {
            return e.Message;
        }
    }

    /// <summary>Ends the command if anything is wrong with how it was called.</summary>
    /// <exception cref="UsageException">Something is; all of it is listed.</exception>
    public static void Check(IReadOnlyList<string> problems)
    {
        if (problems.Count > 0) throw new UsageException(string.Join("\n  ", problems));
    }
}
