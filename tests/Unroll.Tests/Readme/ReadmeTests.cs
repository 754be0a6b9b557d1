using System.Text.RegularExpressions;

namespace Unroll.Tests.Readme;

/// <summary>What the pages say is so: their C# is that of <see cref="ExamplesTests"/>, their command lines are understood, their links lead somewhere.</summary>
public partial class ReadmeTests
{
    /// <summary>Pages with excerpts of the library's own source, which stand for themselves; the programs of packages are run by <c>.ci/run pack</c>.</summary>
    static readonly string[] Excerpts = ["docs/architecture.md", "docs/adding-a-cell.md", "src/Unroll/README.md", "src/Unroll.Formats/README.md"];

    static readonly Dictionary<string, string> Examples = ReadExamples();

    public static TheoryData<string> AllPages => [.. Pages.All];

    public static TheoryData<string> PagesWithCode => [.. Pages.All.Where(p => Pages.Blocks(p, "csharp").Any()).Except(Excerpts)];

    [Theory, MemberData(nameof(PagesWithCode))]
    public void Every_program_is_one_that_is_tested(string page)
    {
        foreach (var block in Pages.Blocks(page, "csharp").Where(b => Using().Replace(b, "").Trim().Length > 0))
            Assert.True(Examples.ContainsValue(Words(Using().Replace(block, ""))), $"{page}: no region of ExamplesTests has this code:\n{block}");
    }

    /// <summary>The tests see the library's internals, and a reader of a page does not.</summary>
    [Theory, MemberData(nameof(AllPages))]
    public void A_program_uses_public_types_only(string page)
    {
        if (page == "docs/adding-a-cell.md" || page == "docs/architecture.md") return;       // about the library's own source
        Type[] types = [.. new[] { typeof(Rng), typeof(global::Unroll.Formats.DataFiles) }.SelectMany(t => t.Assembly.GetTypes()).Where(t => !t.IsNested)];
        var hidden = types.Where(t => !t.IsPublic).Select(NameOf).Except(types.Where(t => t.IsPublic).Select(NameOf)).ToHashSet();
        var used = Pages.Blocks(page, "csharp").SelectMany(b => TypeInUse().Matches(b).Select(m => m.Value)).Distinct();
        Assert.DoesNotContain(used, hidden.Contains);

        static string NameOf(Type type) => type.Name.Split('`')[0];
    }

    [Theory, MemberData(nameof(AllPages))]
    public void A_page_has_nothing_that_a_merge_left(string page) =>
        Assert.DoesNotContain(Pages.Read(page).Split('\n'), line => line.StartsWith("<<<<<<<", StringComparison.Ordinal) || line.StartsWith(">>>>>>>", StringComparison.Ordinal) || line.TrimEnd() == "=======");

    [Fact]
    public void Every_program_that_is_tested_stands_in_a_page()
    {
        var blocks = Pages.All.Except(Excerpts).SelectMany(p => Pages.Blocks(p, "csharp")).Select(b => Words(Using().Replace(b, ""))).ToHashSet();
        foreach (var (name, code) in Examples) Assert.True(blocks.Contains(code), $"no page has the example '{name}'");
    }

    [Theory, MemberData(nameof(AllPages))]
    public void Every_command_line_is_understood(string page)
    {
        foreach (var arguments in Pages.Commands(Pages.Read(page)))
        {
            var errors = global::Unroll.Cli.CommandTree.Create().Parse(arguments).Errors;
            Assert.True(errors.Count == 0, $"{page}: unroll {string.Join(' ', arguments)}: {string.Join(' ', errors.Select(e => e.Message))}");
        }
    }

    [Fact]
    public void Command_lines_are_found_and_cut_as_a_shell_does()
    {
        const string Text = """
            See `unroll eval RUN --data x`, or `unroll "[suggest:3]" "x"`.
            unroll translate runs/a b.de --text "Ein Hund" --match '_[0-4]\.wav' > out   # a comment
            cat x | unroll predict runs/spam --json
            dotnet run -c Release --project src/Unroll.Cli -- train lm
            unrolled text
            """;
        Assert.Equal(
            [["eval", "RUN", "--data", "x"], ["translate", "runs/a", "b.de", "--text", "Ein Hund", "--match", @"_[0-4]\.wav"], ["predict", "runs/spam", "--json"], ["train", "lm"]],
            Pages.Commands(Text));
    }

    [Theory, MemberData(nameof(AllPages))]
    public void Every_link_leads_to_a_file_and_a_heading(string page)
    {
        foreach (Match link in Link().Matches(Pages.Read(page)))
        {
            var (to, heading) = (link.Groups["to"].Value, link.Groups["heading"].Value);
            var target = to.Length == 0 ? page : Path.GetRelativePath(Pages.Root, Path.GetFullPath(Path.Combine(Pages.Root, Path.GetDirectoryName(page)!, to)));
            var path = Path.Combine(Pages.Root, target);
            Assert.True(File.Exists(path) || Directory.Exists(path), $"{page}: {to} does not exist");
            if (heading.Length > 0) Assert.True(Headings(target).Contains(heading), $"{page}: {target} has no heading #{heading}");
        }
    }

    static IEnumerable<string> Headings(string page) =>
        Heading().Matches(Pages.Read(page)).Select(m => NotInAnchors().Replace(m.Groups["text"].Value.ToLowerInvariant(), "").Replace(' ', '-'));

    static Dictionary<string, string> ReadExamples()
    {
        var source = Pages.Read("tests/Unroll.Tests/Readme/ExamplesTests.cs");
        return Region().Matches(source).GroupBy(m => m.Groups["name"].Value, m => m.Groups["code"].Value).ToDictionary(g => g.Key, g => Words(Using().Replace(string.Concat(g), "")));
    }

    static string Words(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    [GeneratedRegex(@"(?<=new )[A-Z]\w+|(?<![.\w])[A-Z]\w+(?=\.[A-Z])")]
    private static partial Regex TypeInUse();

    [GeneratedRegex(@"#region (?<name>[\w-]+)\n(?<code>.*?)#endregion", RegexOptions.Singleline)]
    private static partial Regex Region();

    [GeneratedRegex(@"^\s*using [\w.]+;$", RegexOptions.Multiline)]
    private static partial Regex Using();

    [GeneratedRegex(@"\]\((?<to>[^):#]*)(?:#(?<heading>[^)]+))?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors();
}
