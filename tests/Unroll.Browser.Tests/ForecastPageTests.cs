using Unroll.Inspection;

namespace Unroll.Browser.Tests;

[Collection(nameof(Browser))]
public class ForecastPageTests(Browser browser)
{
    static readonly ForecastPicture Picture = Of(168, 48);

    static ForecastPicture Of(int history, int steps)
    {
        var wave = (int i) => 100 + 30 * Math.Sin(i / 3.8) + 10 * Math.Sin(i / 27.0);
        var median = Enumerable.Range(history, steps).Select(wave).ToArray();
        return new("north", "load", [.. Enumerable.Range(0, history + steps).Select(i => new DateTime(2024, 3, 1).AddHours(i))], [.. Enumerable.Range(0, history).Select(i => i is > 80 and < 90 ? double.NaN : wave(i))],
            median, [new(0.8, [.. median.Select(m => m - 8)], [.. median.Select(m => m + 8)]), new(0.95, [.. median.Select(m => m - 16)], [.. median.Select(m => m + 16)])], [.. median.Select((m, i) => m + 5 * Math.Cos(i))]);
    }

    [SkippableTheory]
    [InlineData(1000, false)]
    [InlineData(1000, true)]
    [InlineData(360, false)]
    [InlineData(360, true)]
    public async Task It_is_sound_on_every_screen(int width, bool dark)
    {
        await using var page = await browser.OpenAsync(ForecastPage.Write([Picture, Of(30, 3)], "Forecast of load.csv"), width, dark);
        await page.Page.Locator(".plot:visible").First.FocusAsync();
        await page.ShootAsync($"forecast-{width}-{(dark ? "dark" : "light")}");
        await page.IsSoundAsync();
    }

    [SkippableTheory]
    [InlineData(1000)]
    [InlineData(360)]
    public async Task Keys_and_pointer_tell_times_and_values(int width)
    {
        await using var page = await browser.OpenAsync(ForecastPage.Write([Picture], "t"), width);
        var (plot, readout) = (page.Page.Locator(".plot:visible"), page.Page.Locator(".readout"));
        await plot.FocusAsync();
        Assert.StartsWith("2024-03-09 23:00: median ", await readout.TextContentAsync());
        await page.Page.Keyboard.PressAsync("Home");
        Assert.Equal("2024-03-01 00:00: history 100", await readout.TextContentAsync());
        Assert.Equal("2024-03-01 00:00: history 100", await plot.GetAttributeAsync("aria-valuetext"));
        await page.Page.Keyboard.PressAsync("ArrowRight");
        Assert.StartsWith("2024-03-01 01:00: history ", await readout.TextContentAsync());
        await page.Page.Keyboard.PressAsync("End");
        await page.Page.Keyboard.PressAsync("PageDown");
        Assert.StartsWith("2024-03-09 13:00: median ", await readout.TextContentAsync());
        var box = (await plot.BoundingBoxAsync())!;
        await page.Page.Mouse.MoveAsync(box.X + box.Width / 2, box.Y + box.Height / 2);
        Assert.Contains(": history ", await readout.TextContentAsync());
        Assert.True(await plot.Locator("circle").CountAsync() > 0);
    }
}
