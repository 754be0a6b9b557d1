using System.Text.Json;
using System.Xml.Linq;
using Unroll.Inspection;

namespace Unroll.Tests.Inspection;

public class AttentionMapTests
{
    static readonly AttentionMap Map = new(["Ein", "개", "<&\">"], ["a", "dog", "</s>"], [1, 0, 0, 0.25f, 0.5f, 0.25f, 0.1f, 0, 0.9f]);

    [Fact]
    public void As_text_it_is_shades_below_upright_words() => Assert.Equal("""
                 <
             E   &
             i   "
             n 개>
           a ██
         dog ░░▒▒░░
        </s>     ██

        """.ReplaceLineEndings("\n"), Map.ToText());

    [Fact]
    public void As_json_it_is_read_back()
    {
        var json = JsonDocument.Parse(Map.ToJson()).RootElement;
        Assert.Equal(["Ein", "개", "<&\">"], json.GetProperty("source").EnumerateArray().Select(e => e.GetString()));
        Assert.Equal(["a", "dog", "</s>"], json.GetProperty("target").EnumerateArray().Select(e => e.GetString()));
        for (var t = 0; t < 3; t++) Assert.Equal(Map[t].ToArray(), json.GetProperty("weights")[t].EnumerateArray().Select(e => e.GetSingle()));
        Assert.Contains("\"개\"", Map.ToJson());
    }

    [Fact]
    public void As_svg_it_stands_alone_with_a_cell_for_each_weight()
    {
        var svg = XDocument.Parse(Map.ToSvg());
        XNamespace name = "http://www.w3.org/2000/svg";
        var cells = svg.Descendants(name + "rect").Where(r => (string?)r.Attribute("class") == "heat").ToArray();
        Assert.Equal(["1.000", "0.000", "0.000", "0.250", "0.500", "0.250", "0.100", "0.000", "0.900"], cells.Select(c => (string?)c.Attribute("fill-opacity")));
        Assert.Equal("</s> ← <&\">: 0.900", cells[^1].Value.Trim());
        Assert.Equal(["Ein", "개", "<&\">", "a", "dog", "</s>"], svg.Descendants(name + "text").Select(t => t.Value));
        Assert.Contains("prefers-color-scheme:dark", Map.ToSvg());
        Assert.DoesNotContain("script", Map.ToSvg());
    }

    [Fact]
    public void As_html_several_stand_on_one_page_that_needs_nothing_else()
    {
        var html = AttentionMap.ToHtml([Map, Map], "Two <maps>");
        Assert.Contains("<title>Two &lt;maps&gt;</title>", html);
        Assert.Equal(2, html.Split("<svg").Length - 1);
        Assert.Contains("<figcaption>Ein 개 &lt;&amp;&quot;&gt;<br>", html);
        Assert.Contains("prefers-color-scheme:dark", html);
        foreach (var outside in new[] { "<script", "<link", "src=", "url(" }) Assert.DoesNotContain(outside, html);
        XDocument.Parse("<figure>" + html[html.IndexOf("<svg", StringComparison.Ordinal)..html.IndexOf("</svg>", StringComparison.Ordinal)] + "</svg></figure>");
    }

    [Fact]
    public void What_cannot_be_seen_is_shown_and_what_is_long_is_cut()
    {
        var map = new AttentionMap([" the\n", "", "\u0001\uFFFF", new string('x', 100)], ["👍🏽", "e\u0301"], [0, 0, 0, 2, -1, 0, 0, 0]);
        var names = XDocument.Parse(map.ToSvg()).Descendants("{http://www.w3.org/2000/svg}text").Select(t => t.Value).ToArray();
        Assert.Equal(["␣the⏎", "∅", "��", new string('x', 23) + "…", "👍🏽", "e\u0301"], names);
        Assert.Contains("fill-opacity=\"1.000\"", map.ToSvg());
        Assert.Contains("👍🏽       ██\n é", map.ToText().Replace("e\u0301", "é"));
    }

    [Fact]
    public void No_tokens_make_an_empty_map()
    {
        var empty = new AttentionMap([], [], []);
        Assert.Equal(("", "{\"source\":[],\"target\":[],\"weights\":[]}"), (empty.ToText(), empty.ToJson()));
        XDocument.Parse(empty.ToSvg());
        XDocument.Parse(new AttentionMap(["a"], [], []).ToSvg());
        Assert.Equal("a\n", new AttentionMap([], ["a"], []).ToText());
    }

    [Fact]
    public void Weights_must_fit_and_be_finite()
    {
        Assert.Throws<ArgumentException>(() => new AttentionMap(["a"], ["b"], [1, 2]));
        Assert.Throws<ArgumentException>(() => new AttentionMap(["a"], ["b"], [float.NaN]));
    }
}
