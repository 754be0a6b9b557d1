using System.Collections.Concurrent;
using Unroll.Cli;
using Unroll.Pictures;

namespace Unroll.Browser.Tests;

[Collection(nameof(Browser))]
public class LessonPageTests(Browser browser)
{
    /// <summary>Takes a minute.</summary>
    const string Long = "memory";

    static readonly ConcurrentDictionary<(string, string), string> Pages = [];

    public static IEnumerable<object[]> Lessons => LessonCatalog.All.Where(l => l.Name != Long).Select(l => new object[] { l.Name });

    static string PageOf(string name, string language) => Pages.GetOrAdd((name, language), _ =>
    {
        var page = new PageWriter(TextWriter.Null, language);
        Assert.True(LessonCatalog.All.Single(l => l.Name == name).Run(page));
        return page.ToHtml();
    });

    [SkippableTheory, MemberData(nameof(Lessons))]
    public async Task It_is_sound_on_every_screen_and_in_both_languages(string name)
    {
        foreach (var (width, dark, language) in new[] { (1000, true, "en"), (360, false, "ko") })
        {
            await using var page = await browser.OpenAsync(PageOf(name, language), width, dark);
            await page.ShootAsync($"lesson-{name}-{width}-{(dark ? "dark" : "light")}-{language}");
            await page.IsSoundAsync();
        }
    }

    [SkippableFact]
    public async Task Keys_tell_the_values_of_lines()
    {
        await using var page = await browser.OpenAsync(PageOf("exploding", "en"));
        var plot = page.Page.Locator(".plot:visible").First;
        await plot.FocusAsync();
        await page.Page.Keyboard.PressAsync("Home");
        var first = await page.Page.Locator(".readout").First.TextContentAsync();
        Assert.StartsWith("iteration 1: unclipped ", first);
        Assert.Equal(first, await plot.GetAttributeAsync("aria-valuetext"));
        await page.Page.Keyboard.PressAsync("ArrowRight");
        Assert.StartsWith("iteration 2: unclipped ", await page.Page.Locator(".readout").First.TextContentAsync());
        Assert.Equal(2, await plot.Locator("circle.dot").CountAsync());
    }
}
