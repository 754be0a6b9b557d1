using System.Text.RegularExpressions;
using System.Xml.Linq;
using Unroll.Cli;
using Unroll.Pictures;
using Unroll.Tests.Cli;

namespace Unroll.Tests.Readme;

/// <summary>
/// Lessons come out as they state, and print and draw what stands in <c>docs/lessons</c>. That is written anew by <c>UNROLL_APPROVE=1 dotnet test --filter LessonsTests</c>.
/// </summary>
public partial class LessonsTests
{
    /// <summary>Takes a minute: its Korean words are checked by the numbers that it measured.</summary>
    const string Long = "memory";

    public static IEnumerable<object[]> LessonsAndLanguages => from lesson in LessonCatalog.All from language in new[] { "en", "ko" } select new object[] { lesson.Name, language };

    static readonly string Pictures = Path.Combine("docs", "lessons", "pictures");

    static string PictureOf(string name, int number, string language) => $"{name}-{number}{(language == "en" ? "" : $".{language}")}.svg";

    static string PageOf(string language) => Path.Combine("docs", "lessons", language == "en" ? "README.md" : "README.ko.md");

    [Theory, MemberData(nameof(LessonsAndLanguages))]
    public void A_lesson_comes_out_as_stated_and_prints_what_its_page_shows(string name, string language)
    {
        var approves = Environment.GetEnvironmentVariable("UNROLL_APPROVE") is not null;
        var page = Pages.Read(PageOf(language));
        var block = BlockOf(page, name);
        if (name == Long && language == "ko" && !approves)
        {
            var english = Pages.Read(PageOf("en"));
            Assert.Equal(Numbers(english[BlockOf(english, name)]), Numbers(page[block]));
            Assert.Equal(Numbers(TextsOf(Pages.Read(Path.Combine(Pictures, PictureOf(name, 1, "en"))))), Numbers(TextsOf(Pages.Read(Path.Combine(Pictures, PictureOf(name, 1, language))))));
            return;
        }
        var printed = new StringWriter { NewLine = "\n" };
        var written = new PageWriter(printed, language);
        Assert.True(LessonCatalog.All.Single(l => l.Name == name).Run(written), printed.ToString());
        if (approves) File.WriteAllText(Path.Combine(Pages.Root, PageOf(language)), page[..block.Start] + printed + page[block.End..]);
        else Assert.Equal(page[block], printed.ToString());
        Assert.Equal(language == "ko", IsKorean(printed.ToString()));
        ShowsItsPictures(name, language, written.Pictures, page, approves);
        IsAPage(written, language);
    }

    /// <summary>The pictures are those of the documentation, which shows all of them.</summary>
    static void ShowsItsPictures(string name, string language, IReadOnlyList<string> pictures, string page, bool approves)
    {
        Assert.NotEmpty(pictures);
        for (var i = 0; i < pictures.Count; i++)
        {
            var file = PictureOf(name, i + 1, language);
            var path = Path.Combine(Pages.Root, Pictures, file);
            Assert.Equal(language == "ko", IsKorean(TextsOf(pictures[i])));
            if (approves) File.WriteAllText(path, pictures[i]);
            else Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), pictures[i]);
        }
        Assert.All(Enumerable.Range(1, pictures.Count), i => Assert.Contains($"](pictures/{PictureOf(name, i, language)})", page, StringComparison.Ordinal));
        Assert.False(File.Exists(Path.Combine(Pages.Root, Pictures, PictureOf(name, pictures.Count + 1, language))), "a picture that no lesson draws");
    }

    /// <summary>The page is well-formed, asks for nothing outside, and has every picture for wide screens and for phones.</summary>
    static void IsAPage(PageWriter written, string language)
    {
        var html = written.ToHtml();
        Assert.DoesNotContain("http:", html, StringComparison.Ordinal);
        Assert.DoesNotContain("https:", html, StringComparison.Ordinal);
        var body = XElement.Parse(Script().Replace(html[html.IndexOf("<body>", StringComparison.Ordinal)..html.IndexOf("</html>", StringComparison.Ordinal)], "").Replace("&nbsp;", " ", StringComparison.Ordinal));
        Assert.Equal(2 * written.Pictures.Count, body.Descendants("svg").Count());
        Assert.Equal(written.Pictures.Count, body.Descendants("figure").Count());
        Assert.Equal(written.Title, Assert.Single(body.Descendants("h1")).Value);
        Assert.Contains($"<html lang=\"{language}\">", html, StringComparison.Ordinal);
        Assert.All(body.Descendants().Where(e => e.Name.LocalName is "h1" or "figcaption" or "summary"), e => Assert.Equal(language == "ko", IsKorean(e.Value)));
    }

    static bool IsKorean(string text) => text.Any(c => c is >= '가' and <= '힣');

    /// <summary>What a picture says in words and numbers.</summary>
    static string TextsOf(string svg) => string.Join('\n', XElement.Parse(svg).Descendants().Where(e => e.Name.LocalName is "text" or "title").Select(e => e.Value));

    [Fact]
    public void The_command_writes_the_page_and_says_where()
    {
        using var folder = new Storage.TemporaryDirectory();
        var path = folder["hello.html"];
        var output = Command.Run("lesson", "hello", "--out", path).Succeeds().Output;
        Assert.EndsWith($"Result: after \"hell\" it says \"ello\". Loss 0.002\n\nWritten: {path}\n", output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("<h2>Before training</h2>", File.ReadAllText(path), StringComparison.Ordinal);
        Command.IsRefused(["lesson", "--out", path], "--out", "name one");
    }

    /// <summary>Where a page shows what a lesson prints.</summary>
    static Range BlockOf(string page, string name)
    {
        const string Fence = "```";
        var begin = page.IndexOf($"{Fence}text\n", page.IndexOf($"\n## {name}\n", StringComparison.Ordinal), StringComparison.Ordinal) + Fence.Length + "text\n".Length;
        return begin..page.IndexOf(Fence, begin, StringComparison.Ordinal);
    }

    static IEnumerable<string> Numbers(string text) => Number().Matches(text).Select(m => m.Value).Order(StringComparer.Ordinal);

    [Fact]
    public void All_lessons_are_listed_and_have_a_program()
    {
        string[] names = [.. LessonCatalog.All.Select(l => l.Name)];
        var files = Directory.EnumerateFiles(Path.Combine(Pages.Root, "examples", "lessons"), "*.cs").Select(f => Path.GetFileNameWithoutExtension(f)!);
        Assert.Equal(names.Order(StringComparer.Ordinal), files.Order(StringComparer.Ordinal));
        foreach (var language in new[] { "en", "ko" })
        {
            var listed = Command.Run("lesson", "--lang", language).Succeeds().Output;
            foreach (var lesson in LessonCatalog.All) Assert.Contains($"{lesson.Name} ", listed, StringComparison.Ordinal);
        }
        Command.IsRefused(["lesson", "helo"], "no lesson 'helo'", "Did you mean hello?");
        Command.IsRefused(["lesson", "hello", "--lang", "fr"], "--lang");
    }

    [GeneratedRegex("<script.*?</script>", RegexOptions.Singleline)]
    private static partial Regex Script();

    [GeneratedRegex(@"\d+[.]\d+(?:[eE][-+]?\d+)?")]
    private static partial Regex Number();
}
