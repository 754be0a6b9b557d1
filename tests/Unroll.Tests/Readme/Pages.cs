using System.Text.RegularExpressions;

namespace Unroll.Tests.Readme;

/// <summary>The pages of the documentation: their code and their command lines.</summary>
static partial class Pages
{
    public static readonly string Root = FindRoot();

    /// <summary>All pages: the READMEs, those of <c>docs</c>, and the READMEs of packages.</summary>
    public static IEnumerable<string> All =>
        ["README.md", "README.ko.md", "CONTRIBUTING.md", .. Below("docs"), .. Directory.GetDirectories(Path.Combine(Root, "src")).Select(f => Path.Combine(f, "README.md")).Where(File.Exists).Select(Relative)];

    /// <summary>The README and a page for each task.</summary>
    public static IEnumerable<string> OfTasks => ["README.md", .. Below(Path.Combine("docs", "tasks"))];

    public static string Read(string page) => File.ReadAllText(Path.Combine(Root, page));

    /// <summary>The blocks of code of a page that are in a language.</summary>
    public static IEnumerable<string> Blocks(string page, string language) =>
        Block().Matches(Read(page)).Where(m => m.Groups["language"].Value == language).Select(m => m.Groups["code"].Value);

    /// <summary>The arguments of every command line of a text that begins with the command, at the start of a line, in backquotes or behind a pipe.</summary>
    public static IEnumerable<string[]> Commands(string text) =>
        CommandLine().Matches(text.Replace("\\\n", " ", StringComparison.Ordinal)).Select(m => Arguments(m.Groups["arguments"].Value).ToArray());

    /// <summary>The words of a command line as a shell gives them to a program, up to a comment, a pipe or a redirection.</summary>
    static IEnumerable<string> Arguments(string line)
    {
        foreach (Match word in Word().Matches(line))
        {
            if (word.Value[0] is '#' or '|' or '>' or '<' or ';' or '&') yield break;
            yield return Quote().Replace(word.Value, m => m.Value[1..^1]);
        }
    }

    static IEnumerable<string> Below(string folder) => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.md", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(Relative);

    static string Relative(string path) => Path.GetRelativePath(Root, path);

    static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Unroll.slnx"))) folder = folder.Parent!;
        return folder.FullName;
    }

    [GeneratedRegex(@"^```(?<language>\w+)\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    /// <summary>The command by its name, or as a project that is run; not with a directive such as <c>"[suggest:3]"</c>.</summary>
    [GeneratedRegex(@"(?:^|[`|])[ ]*(?:unroll|dotnet run [^`\n]*--project src/Unroll\.Cli --)[ ]+(?<arguments>[^`\n""][^`\n]*)", RegexOptions.Multiline)]
    private static partial Regex CommandLine();

    [GeneratedRegex("""(?:"[^"]*"|'[^']*'|[^\s"'|<>;])+|[|<>;]""")]
    private static partial Regex Word();

    [GeneratedRegex("""^"[^"]*"$|^'[^']*'$""")]
    private static partial Regex Quote();
}
