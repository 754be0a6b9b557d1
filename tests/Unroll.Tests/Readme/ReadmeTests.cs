using System.Text.RegularExpressions;
using Unroll.Tests.Cli;

namespace Unroll.Tests.Readme;

/// <summary>What the README says is so: its C# is that of <see cref="ExamplesTests"/>, its commands and their options exist, its links lead somewhere.</summary>
public partial class ReadmeTests
{
    static readonly string Root = FindRoot();
    static readonly string Text = File.ReadAllText(Path.Combine(Root, "README.md"));

    [Theory, InlineData("usings"), InlineData("train"), InlineData("generate"), InlineData("classify"), InlineData("tag"), InlineData("loop"), InlineData("ragged"), InlineData("cell")]
    public void Every_example_is_one_that_is_tested(string region)
    {
        var source = File.ReadAllText(Path.Combine(Root, "tests", "Unroll.Tests", "Readme", "ExamplesTests.cs"));
        var code = string.Concat(Region().Matches(source).Where(m => m.Groups["name"].Value == region).Select(m => m.Groups["code"].Value));
        if (region == "usings") code = "using Unroll; " + code;       // its namespace spares the test this line
        Assert.NotEmpty(code);
        Assert.Contains(Words(code), Blocks("csharp").Select(Words));
    }

    [Fact]
    public void There_is_no_example_but_those() => Assert.Equal(8, Blocks("csharp").Count());

    [Fact]
    public void Every_command_and_option_exists()
    {
        var commands = CommandLine().Matches(Text.Replace("\\\n", " ", StringComparison.Ordinal)).Select(m => m.Groups["arguments"].Value.Split(' ')).ToArray();
        Assert.True(commands.Length >= 5);
        foreach (var group in commands.GroupBy(a => string.Join(' ', a.TakeWhile(w => Verb().IsMatch(w)).Take(a[0] == "train" ? 2 : 1))))
        {
            var help = Words(Command.Run([.. group.Key.Split(' '), "--help"]).Succeeds().Output);
            var options = group.SelectMany(a => a).Where(w => w.StartsWith("--", StringComparison.Ordinal)).Select(w => w.TrimEnd(',', '.')).Distinct();
            foreach (var option in options) Assert.True(help.Split(' ').Contains(option), $"unroll {group.Key} has no option {option}");
        }
    }

    [Fact]
    public void Every_link_leads_to_a_file()
    {
        foreach (Match link in Link().Matches(Text))
            Assert.True(File.Exists(Path.Combine(Root, link.Groups["to"].Value)), $"{link.Groups["to"].Value} does not exist");
    }

    static IEnumerable<string> Blocks(string language) =>
        Block().Matches(Text).Where(m => m.Groups["language"].Value == language).Select(m => m.Groups["code"].Value);

    static string Words(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Unroll.slnx"))) folder = folder.Parent!;
        return folder.FullName;
    }

    [GeneratedRegex(@"^```(?<language>\w+)\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"#region (?<name>\w+)\n(?<code>.*?)#endregion", RegexOptions.Singleline)]
    private static partial Regex Region();

    /// <summary>The command by its name, at the start of a line or of code, or as a project that is run.</summary>
    [GeneratedRegex(@"(?:^|`)(?:unroll|dotnet run .*--project src/Unroll\.Cli --) (?<arguments>(?:train|eval|predict|generate|info)[^`\n]*)", RegexOptions.Multiline)]
    private static partial Regex CommandLine();

    [GeneratedRegex(@"^[a-z]+$")]
    private static partial Regex Verb();

    [GeneratedRegex(@"\]\((?<to>[^):#]+)\)")]
    private static partial Regex Link();
}
