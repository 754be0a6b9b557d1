using System.Text.RegularExpressions;

namespace Unroll.Tests.Readme;

/// <summary>A Korean page says what its English one does: the same headings, commands, code, links and figures.</summary>
public partial class KoreanTests
{
    public static TheoryData<string, string> PagesInBothLanguages => new()
    {
        { "README.md", "README.ko.md" },
        { "docs/lessons/README.md", "docs/lessons/README.ko.md" },
    };

    [Theory, MemberData(nameof(PagesInBothLanguages))]
    public void Both_pages_say_the_same(string english, string korean)
    {
        foreach (var language in new[] { "sh", "csharp" }) Assert.Equal(Pages.Blocks(english, language), Pages.Blocks(korean, language));
        Assert.Equal(Pages.Commands(Pages.Read(english)), Pages.Commands(Pages.Read(korean)));
        var (first, second) = (WithoutOutput(english), WithoutOutput(korean));
        Assert.Equal(Found(Heading(), first, "level"), Found(Heading(), second, "level"));
        Assert.Equal(Found(Link(), first, "to").Select(English), Found(Link(), second, "to").Select(English));
        Assert.Equal(Found(Number(), first, "number").Order(StringComparer.Ordinal), Found(Number(), second, "number").Order(StringComparer.Ordinal));
        Assert.Equal(Found(Code(), first, "code").Order(StringComparer.Ordinal), Found(Code(), second, "code").Order(StringComparer.Ordinal));
        Assert.True(second.Count(c => c is >= '가' and <= '힣') > 500, "the page is not Korean");
    }

    /// <summary>The page without blocks, which are compared by themselves; what a program prints may be in either language.</summary>
    static string WithoutOutput(string page) => Block().Replace(Pages.Read(page), "");

    static IEnumerable<string> Found(Regex pattern, string text, string group) => pattern.Matches(text).Select(m => m.Groups[group].Value);

    /// <summary>The English page or picture of one that is Korean too, which either may link to.</summary>
    static string English(string link) => link.Replace(".ko.", ".", StringComparison.Ordinal);

    [GeneratedRegex("^```.*?^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("^(?<level>#+) ", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\((?<to>[^)]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"(?<number>\d+(?:[.,]\d+)*)")]
    private static partial Regex Number();

    [GeneratedRegex("(?<code>`[^`\n]+`)")]
    private static partial Regex Code();
}
