using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Unroll.Inspection;

namespace Unroll.Tests.Inspection;

public class ForecastPictureTests
{
    const double Gap = double.NaN;

    public static TheoryData<string> Kinds => [.. Pictures.Keys];

    internal static readonly Dictionary<string, ForecastPicture> Pictures = new()
    {
        ["usual"] = Of(48, 24, truth: true),
        ["no times"] = Of(48, 24, truth: false) with { Times = null },
        ["constant"] = new("s", "y", null, [3, 3, 3], [3, 3], [new(0.8, [3, 3], [3, 3])], [3, 3]),
        ["one point"] = new("", "y", [new(2024, 1, 1)], [], [3], [new(0.8, [2], [4])], null),
        ["history alone"] = new("", "y", null, [1, 2, 3], [], [], null),
        ["nothing"] = new("", "", [], [], [], [], null),
        ["gaps"] = new("s", "y", null, [1, Gap, 3, Gap, Gap, 2], [1, Gap, 2], [new(0.8, [0, Gap, 1], [2, Gap, 3])], [Gap, 1, Gap]),
        ["all missing"] = new("s", "y", null, [Gap, Gap], [Gap], [new(0.8, [Gap], [Gap])], [Gap]),
        ["negative"] = new("s", "y", null, [-1e6, -2e6], [-1.5e6], [new(0.8, [-2e6], [-1e6])], null),
        ["long"] = Of(10_000, 24, truth: true),
        ["far"] = Of(10, 5_000, truth: false),
        ["tiny"] = new("s", "y", null, [1e-9, 2e-9], [1.5e-9], [], null),
    };

    internal static ForecastPicture Of(int history, int steps, bool truth)
    {
        var wave = (int i) => 10 + 3 * Math.Sin(i / 4.0);
        var median = Enumerable.Range(history, steps).Select(wave).ToArray();
        return new("north <&>", "load", [.. Enumerable.Range(0, history + steps).Select(i => new DateTime(2024, 3, 1).AddHours(i))], [.. Enumerable.Range(0, history).Select(wave)], median,
            [new(0.8, [.. median.Select(m => m - 1)], [.. median.Select(m => m + 1)]), new(0.95, [.. median.Select(m => m - 2)], [.. median.Select(m => m + 2)])],
            truth ? [.. median.Select((m, i) => m + Math.Cos(i))] : null);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void As_svg_it_is_well_formed_and_on_its_paper(string kind)
    {
        var svg = ForecastSvg.Write([Pictures[kind]]);
        var root = XElement.Parse(svg);
        Assert.DoesNotContain("NaN", svg);
        Assert.InRange(svg.Length, 500, 500_000);
        foreach (var (x, y) in Points(root))
        {
            Assert.InRange(x, 0, 800);
            Assert.InRange(y, 0, 360);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void As_a_page_every_point_has_its_place_and_its_words(string kind)
    {
        var html = ForecastPage.Write([Pictures[kind]], "Load & more");
        Assert.Contains("<title>Load &amp; more</title>", html);
        Assert.DoesNotContain("NaN", html);
        foreach (var outside in new[] { "<link", " src=", "url(", "://", "<&>" }) Assert.DoesNotContain(outside, html);
        var shown = Pictures[kind].Shown();
        var texts = JsonDocument.Parse(Regex.Match(html, @"<script type=""application/json"">(.*?)</script>").Groups[1].Value).RootElement;
        Assert.Equal(shown.Count, texts.GetArrayLength());
        foreach (var axis in new[] { "x", "y" })
            Assert.All(Regex.Matches(html, $@"data-{axis}=""([^""]*)"""), m => Assert.Equal(shown.Count, m.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length));
    }

    [Fact]
    public void Words_are_the_values()
    {
        var html = ForecastPage.Write([Pictures["gaps"], Pictures["usual"]], "t");
        Assert.Contains("""["step 1: history 1","step 2: missing",""", html);
        Assert.Contains("\"step 9: median 2, 80 % interval 1 to 3\"", html);
        Assert.Contains("\"2024-03-01 00:00: history 10\"", html);
        Assert.Contains("\"2024-03-03 00:00: median 8.3903, 80 % interval 7.3903 to 9.3903, 95 % interval 6.3903 to 10.39, actual 9.3903\"", html);
    }

    [Fact]
    public void A_gap_is_a_gap()
    {
        var lines = XElement.Parse(ForecastSvg.Write([Pictures["gaps"]])).Descendants().Where(e => e.Name.LocalName == "polyline");
        Assert.Equal(3, lines.Count(l => (string?)l.Attribute("class") == "line s4 thin"));
        Assert.Equal(2, lines.Count(l => (string?)l.Attribute("class") == "line s0"));
    }

    [Fact]
    public void What_is_left_out_is_said()
    {
        Assert.Equal("Shown: the last 144 of 10,000 values of the history.", Pictures["long"].Shown().Omission);
        Assert.Equal((168, 168), (Pictures["long"].Shown().Times!.Count, Pictures["long"].Shown().Count));
        Assert.Equal("Shown: the first 2,000 of 5,000 steps of the forecast.", Pictures["far"].Shown().Omission);
        Assert.Equal(9857, (Pictures["long"] with { Times = null }).Shown().FirstStep);
        var many = Enumerable.Repeat(Pictures["constant"], 60).ToArray();
        Assert.Contains("60 forecasts; the first 20 are shown.", ForecastSvg.Write(many));
        Assert.Contains("60 forecasts; the first 50 are shown.", ForecastPage.Write(many, "t"));
        foreach (var writer in new[] { ForecastSvg.Write([Pictures["long"]]), ForecastPage.Write([Pictures["long"]], "t") }) Assert.Contains("the last 144 of 10,000", writer);
    }

    static IEnumerable<(double X, double Y)> Points(XElement root) =>
        from line in root.Descendants()
        where line.Name.LocalName is "polyline" or "path"
        let text = (string?)line.Attribute("points") ?? Regex.Match((string?)line.Attribute("d") ?? "", @"^M(.*,.*)Z$").Groups[1].Value
        from Match point in Regex.Matches(text, @"(-?[\d.]+),(-?[\d.]+)")
        select (Number(point.Groups[1].Value), Number(point.Groups[2].Value));

    static double Number(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
