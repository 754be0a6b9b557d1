using System.Text.RegularExpressions;
using Unroll.Cli;
using Unroll.Tests.Cli;

namespace Unroll.Tests.Readme;

/// <summary>
/// Lessons come out as they state, and print what stands in <c>docs/lessons</c>. That is written anew by <c>UNROLL_APPROVE=1 dotnet test --filter LessonsTests</c>.
/// </summary>
public partial class LessonsTests
{
    /// <summary>Takes a minute: its Korean words are checked by the numbers that it measured.</summary>
    const string Long = "memory";

    public static IEnumerable<object[]> LessonsAndLanguages => from lesson in LessonCatalog.All from language in new[] { "en", "ko" } select new object[] { lesson.Name, language };

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
            return;
        }
        var result = Command.Run("lesson", name, "--lang", language).Succeeds();
        if (approves) File.WriteAllText(Path.Combine(Pages.Root, PageOf(language)), page[..block.Start] + result.Output + page[block.End..]);
        else Assert.Equal(page[block], result.Output);
        Assert.Equal(language == "ko", result.Output.Any(c => c is >= '가' and <= '힣'));
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

    [GeneratedRegex(@"\d+[.]\d+(?:[eE][-+]?\d+)?")]
    private static partial Regex Number();
}
