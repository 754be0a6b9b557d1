using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Unroll.Browser.Tests;

/// <summary>A browser of this machine without a window; tests are skipped where there is none.</summary>
public sealed class Browser : IAsyncLifetime
{
    static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "chrome"];

    IPlaywright? _playwright;
    IBrowser? _browser;

    /// <summary>Where the browser is: <c>UNROLL_BROWSER</c>, or by its usual names in PATH; null where there is none.</summary>
    static readonly string? Program = Environment.GetEnvironmentVariable("UNROLL_BROWSER") ?? (
        from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        from name in Names
        let path = Path.Combine(folder, name)
        where File.Exists(path)
        select path).FirstOrDefault();

    public async Task InitializeAsync()
    {
        if (Program is null) return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Program, Args = ["--no-sandbox", "--disable-gpu"] });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>Opens a page on a screen; what goes wrong in it, and what it asks for outside, is collected.</summary>
    internal async Task<OpenPage> OpenAsync(string html, int width = 1000, bool dark = false, int height = 800)
    {
        Skip.If(_browser is null, "There is no Chromium in PATH; UNROLL_BROWSER may name one.");
        var context = await _browser!.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light });
        var path = Path.Combine(Path.GetTempPath(), $"unroll-{Path.GetRandomFileName()}.html");
        await File.WriteAllTextAsync(path, html);
        var open = new OpenPage(await context.NewPageAsync(), path);
        await open.Page.GotoAsync(new Uri(path).AbsoluteUri);
        return open;
    }
}

/// <summary>A page in a browser, and what went wrong in it.</summary>
internal sealed class OpenPage : IAsyncDisposable
{
    readonly string _path;
    readonly List<string> _faults = [];

    public OpenPage(IPage page, string path)
    {
        (Page, _path) = (page, path);
        page.PageError += (_, error) => _faults.Add(error);
        page.Console += (_, message) => { if (message.Type is "error" or "warning") _faults.Add(message.Text); };
        page.Request += (_, request) => { if (request.Url != new Uri(path).AbsoluteUri) _faults.Add($"request for {request.Url}"); };
    }

    public IPage Page { get; }

    /// <summary>Nothing went wrong, nothing was asked for outside, nothing is wider than the screen, and axe finds no violation.</summary>
    public async Task IsSoundAsync()
    {
        Assert.Equal(0, await Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        var found = await Page.RunAxe();
        Assert.True(found.Violations.Length == 0, string.Join("\n", found.Violations.Select(v => $"{v.Id}: {v.Help}: {string.Join(" | ", v.Nodes.Take(3).Select(n => n.Html))}")));
        Assert.Empty(_faults);
    }

    /// <summary>Writes pictures of the page, piece by piece, into the folder that <c>UNROLL_SCREENSHOTS</c> names, to be looked at.</summary>
    public async Task ShootAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("UNROLL_SCREENSHOTS") is not { } folder) return;
        const int Piece = 1300;
        var (width, height) = (Page.ViewportSize!.Width, await Page.EvaluateAsync<int>("document.documentElement.scrollHeight"));
        for (var top = 0; top < height; top += Piece)
            await Page.ScreenshotAsync(new()
            {
                Path = Path.Combine(folder, $"{name}-{1 + top / Piece}.png"), FullPage = true, Clip = new() { X = 0, Y = top, Width = width, Height = Math.Min(Piece, height - top) },
            });
    }

    public async ValueTask DisposeAsync()
    {
        await Page.Context.DisposeAsync();
        File.Delete(_path);
    }
}

/// <summary>The tests share a browser.</summary>
[CollectionDefinition(nameof(Browser))]
public class BrowserCollection : ICollectionFixture<Browser>;
