using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Unroll.Cli;

/// <summary>Options that stand together in a verb's help.</summary>
sealed record OptionGroup(string Title, IReadOnlyList<Option> Options);

/// <summary>The help of a verb: options under titles, and examples.</summary>
static class Help
{
    /// <summary>Gives a verb its options, one group after the other, and a help that shows them so, with examples below.</summary>
    public static Command WithHelp(this Command command, IReadOnlyList<OptionGroup> groups, params string[] examples)
    {
        foreach (var option in groups.SelectMany(g => g.Options)) command.Options.Add(option);
        var help = command.Options.OfType<HelpOption>().FirstOrDefault();
        if (help is null) command.Options.Add(help = new());
        help.Action = new GroupedHelp((HelpAction)help.Action!, groups, examples);
        return command;
    }

    sealed class GroupedHelp(HelpAction plain, IReadOnlyList<OptionGroup> groups, string[] examples) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;         // who asks for help need not give what is required

        public override int Invoke(ParseResult parsed)
        {
            var output = parsed.InvocationConfiguration.Output;
            var text = new StringWriter();
            parsed.InvocationConfiguration.Output = text;
            var code = plain.Invoke(parsed);
            parsed.InvocationConfiguration.Output = output;
            var titles = groups.ToDictionary(g => g.Options[0].Name, g => g.Title);
            var first = true;
            foreach (var line in text.ToString().ReplaceLineEndings("\n").TrimEnd('\n').Split('\n'))
            {
                if (groups.Count > 0 && line == "Options:") continue;               // each group has a title of its own
                if (line.StartsWith("  --", StringComparison.Ordinal) && titles.TryGetValue(line.Trim().Split(' ')[0], out var title))
                {
                    if (!first) output.WriteLine();
                    first = false;
                    output.WriteLine($"{title}:");
                }
                // However the command was started, this is its name.
                output.WriteLine(line.StartsWith($"  {RootCommand.ExecutableName}", StringComparison.Ordinal) ? $"  unroll{line[(2 + RootCommand.ExecutableName.Length)..]}" : line);
            }
            output.WriteLine();
            if (examples.Length == 0) return code;
            output.WriteLine("Examples:");
            foreach (var example in examples) output.WriteLine($"  {example}");
            output.WriteLine();
            return code;
        }
    }
}
