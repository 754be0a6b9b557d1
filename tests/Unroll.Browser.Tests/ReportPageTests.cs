using System.Diagnostics;
using System.Globalization;
using Unroll.Data;

namespace Unroll.Browser.Tests;

[Collection(nameof(Browser))]
public class ReportPageTests(Browser browser)
{
    const string Text = "the cat sat on the mat. a dog ran to the red house.\n";

    static readonly Lazy<InspectionReport> Small = new(() => new(Run("runs/<lstm>", "lstm", 12, 1, Text), Run("runs/gru", "gru", 8, 2, Text)));

    static InspectedRun Run(string path, string cell, int size, int layers, string text)
    {
        var tokenizer = CharTokenizer.Build([new("a", Text)]);
        var model = new LanguageModel(new() { Cell = cell, EmbeddingSize = 8, HiddenSize = size, Layers = layers, InitScale = 0.4 }, tokenizer, new Rng(1));
        return new(path, model, [.. Enumerable.Range(1, 20).Select(i => new Training.LogEntry { Iteration = 10 * i, Loss = 3.0 / i, GradientNorm = 1.0 / i, ValidLoss = null })],
            InspectedModels.Read(model, new(text, [])));
    }

    [SkippableTheory]
    [InlineData(1000, false, "en")]
    [InlineData(1000, true, "ko")]
    [InlineData(360, false, "ko")]
    [InlineData(360, true, "en")]
    public async Task It_is_sound_on_every_screen_and_in_both_languages(int width, bool dark, string language)
    {
        await using var page = await browser.OpenAsync(ReportPage.Write(Small.Value, new(language)), width, dark);
        await page.Page.Locator("html[data-ready]").WaitForAsync(new() { State = Microsoft.Playwright.WaitForSelectorState.Attached });
        await page.ShootAsync($"report-{width}-{(dark ? "dark" : "light")}-{language}");
        await page.IsSoundAsync();
    }

    [SkippableFact]
    public async Task A_report_without_a_text_is_sound()
    {
        await using var page = await browser.OpenAsync(ReportPage.Write(new(Small.Value.First with { Inspected = null, Log = [] }, null), new("en")));
        await page.Page.Locator("html[data-ready]").WaitForAsync(new() { State = Microsoft.Playwright.WaitForSelectorState.Attached });
        Assert.Contains("never trained", await page.Page.ContentAsync());
        await page.IsSoundAsync();
    }

    [SkippableFact]
    public async Task Values_on_the_page_are_those_recorded()
    {
        await using var page = await browser.OpenAsync(ReportPage.Write(Small.Value, new("en")));
        await page.Page.Locator("html[data-ready]").WaitForAsync(new() { State = Microsoft.Playwright.WaitForSelectorState.Attached });
        var layers = Small.Value.Layers;
        for (var l = 0; l < layers.Count; l++)
        {
            var (name, layer) = layers[l];
            await page.Page.SelectOptionAsync("#layer", new Microsoft.Playwright.SelectOptionValue { Label = name });
            var maps = 0;
            foreach (var map in layer.StateNames.Concat(layer.GateNames))
            {
                await page.Page.SelectOptionAsync("#map", $"{maps++}");
                foreach (var (unit, step) in new[] { (0, 0), (layer.HiddenSize - 1, 7), (3, 20) })
                {
                    await page.Page.SelectOptionAsync("#unit", new Microsoft.Playwright.SelectOptionValue { Label = unit.ToString(CultureInfo.InvariantCulture) });
                    await page.Page.FocusAsync("#states-heat");
                    await page.Page.Keyboard.PressAsync("Home");
                    for (var i = 0; i < step; i++) await page.Page.Keyboard.PressAsync("ArrowRight");
                    var told = (await page.Page.TextContentAsync("#states-readout"))!;
                    Assert.Contains($"unit {unit}, {map} = ", told);
                    var value = told[(told.LastIndexOf('=') + 2)..];
                    var half = 0.5 * Math.Pow(10, -(value.Length - value.IndexOf('.') - 1)) + 1e-6;
                    Assert.InRange(double.Parse(value, CultureInfo.InvariantCulture), layer.Unit(map, unit)[step] - 5 * half, layer.Unit(map, unit)[step] + 5 * half);
                }
            }
        }
    }

    [SkippableFact]
    public async Task Controls_choose_zoom_and_point()
    {
        await using var page = await browser.OpenAsync(ReportPage.Write(Small.Value, new("en")));
        await page.Page.Locator("html[data-ready]").WaitForAsync(new() { State = Microsoft.Playwright.WaitForSelectorState.Attached });
        var canvas = page.Page.Locator("#states-heat canvas");
        var before = (await canvas.BoundingBoxAsync())!.Width;
        await page.Page.FocusAsync("#zoom");
        await page.Page.Keyboard.PressAsync("End");
        Assert.Equal(3 * before, (await canvas.BoundingBoxAsync())!.Width);
        await canvas.HoverAsync(new() { Position = new() { X = 30, Y = 50 } });
        Assert.StartsWith("step 2 “h”, unit 2, h = ", await page.Page.TextContentAsync("#states-readout"));
        Assert.Equal("2", await page.Page.Locator("#unit").EvaluateAsync<string>("s => s.options[s.selectedIndex].text"));
        Assert.Equal("h", await page.Page.TextContentAsync("#text .here"));
        await page.Page.SelectOptionAsync("#matrix", new Microsoft.Playwright.SelectOptionValue { Label = "runs/gru: rnn.weight_hh_l1 · n" });
        Assert.Equal("8 × 8 weights.", await page.Page.TextContentAsync("#matrix-note"));
        Assert.Equal(40, await page.Page.Locator("#histogram i").CountAsync());
    }

    [SkippableFact]
    public async Task A_large_report_is_small_and_soon_there()
    {
        var rng = new Rng(2);
        var text = string.Concat(Enumerable.Range(0, 3000).Select(i => Text[rng.Next(Text.Length)]));
        var run = Run("runs/large", "lstm", 256, 2, text);
        var clock = Stopwatch.StartNew();
        var html = ReportPage.Write(new(run, null), new("en"));
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(html), 1_000_000, 5_000_000);
        Assert.Contains("The text has 3,000 steps; the first 2,000 are shown.", html);
        // From the start of the navigation to the last heat-map, in the browser's own clock; the soonest of some times, for other tests may have the processors.
        var soonest = double.PositiveInfinity;
        for (var i = 0; i < 5 && soonest > 1000; i++)
        {
            await using var page = await browser.OpenAsync(html);
            await page.Page.Locator("html[data-ready]").WaitForAsync(new() { State = Microsoft.Playwright.WaitForSelectorState.Attached });
            soonest = Math.Min(soonest, await page.Page.EvaluateAsync<double>("+document.documentElement.dataset.ready"));
        }
        Assert.InRange(soonest, 1, 1000);
    }
}
