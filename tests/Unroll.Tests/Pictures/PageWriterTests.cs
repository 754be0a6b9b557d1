using System.Text.Json;
using System.Xml.Linq;
using Unroll.Pictures;
using Unroll.Tensors;

namespace Unroll.Tests.Pictures;

/// <summary>What is written comes out as it is, and as a page with its pictures.</summary>
public class PageWriterTests
{
    readonly StringWriter _text = new() { NewLine = "\n" };

    PageWriter Page() => new(_text, "en") { Title = "<T>" };

    [Fact]
    public void Text_is_passed_on_and_becomes_headings_paragraphs_and_blocks()
    {
        var page = Page();
        page.WriteLine("One & two.\n\nA heading\n  a   1\n    b 2");
        page.Write("no ");
        page.Write('e');
        page.WriteLine();
        page.WriteLine($"  {new string('x', 97)}");
        page.WriteLine("\nNo heading\nthe end");
        var html = page.ToHtml();
        Assert.Equal($"One & two.\n\nA heading\n  a   1\n    b 2\nno e\n  {new string('x', 97)}\n\nNo heading\nthe end\n", _text.ToString().ReplaceLineEndings("\n"));
        foreach (var part in new[]
        {
            "<h1>&lt;T&gt;</h1>", "<p>One &amp; two.</p>\n<h2>A heading</h2>\n<pre class=\"scroll\" tabindex=\"0\">a   1\n  b 2</pre>\n<p>no e</p>\n<pre class=\"wrap\" tabindex=\"0\">xxx",
            "</pre>\n<p>No heading</p>\n<p>the end</p>",
        }) Assert.Contains(part, html, StringComparison.Ordinal);
        Assert.Equal(html, page.ToHtml());
    }

    [Fact]
    public void Pictures_have_their_numbers_and_stand_where_they_were_added()
    {
        var page = Page();
        page.WriteLine("before");
        page.Lines("L", "step", [("a", [1, 0.25]), ("<b>", [double.NaN, 4])], first: 10, every: 5);
        page.Bars("B", ["g", "h"], [("x", [1, 0.5]), ("y", [0, 2])]);
        page.HeatMaps("H", new HeatMap("m", Tensor.From([1, -0.5f, 0, 0.25f], new(2, 2)), ["r1", "r2"], ["c1", "c2"]), new HeatMap("t", Tensor.From([1], new(1, 1)), texts: ["word"]));
        page.Unrolled("U", ("net", [("in", ""), ("", "out")]));
        page.WriteLine("after");
        var html = page.ToHtml();
        Assert.Equal(4, page.Pictures.Count);
        string[] order = ["<p>before</p>", "<figcaption>L<", "<figcaption>B<", "<figcaption>H<", "<figcaption>U<", "<p>after</p>"];
        Assert.Equal(order, order.OrderBy(o => html.IndexOf(o, StringComparison.Ordinal)));
        const string Readings = "<script type=\"application/json\">";
        var readings = html[(html.IndexOf(Readings, StringComparison.Ordinal) + Readings.Length)..];
        Assert.Equal(["step 10: a 1, <b> –", "step 15: a 0.25, <b> 4"], JsonSerializer.Deserialize<string[]>(readings[..readings.IndexOf("</script>", StringComparison.Ordinal)])!);
        Assert.Contains("""<tr><th scope="row">h</th><td>0.5</td><td>2</td></tr>""", html, StringComparison.Ordinal);
        Assert.Contains("""<tr><th scope="row">r1</th><td>1.00</td><td>-0.50</td></tr>""", html, StringComparison.Ordinal);
        string[] TextsOf(int picture) => [.. XElement.Parse(page.Pictures[picture]).Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value)];
        Assert.Equal(["H", "m", "c1", "c2", "r1", "1.00", "-0.50", "r2", "0.00", "0.25", "t", "word"], TextsOf(2));
        Assert.Equal(["U", "net", "h", "", "in", "h", "out", ""], TextsOf(3));
        // The strongest cell is as strong as text on it allows, and others in proportion.
        string[] Strengths(string style) => [.. XElement.Parse(page.Pictures[2]).Descendants().Where(e => (string?)e.Attribute("class") == style).Select(e => e.Attribute("fill-opacity")!.Value)];
        Assert.Equal(["0.60", "0.15", "0.60"], Strengths("heat"));
        Assert.Equal(["0.30"], Strengths("cold"));
    }

    [Fact]
    public void Bars_are_as_long_as_their_values()
    {
        var page = Page();
        page.Bars("B", ["g"], [("x", [1]), ("y", [4])]);
        var widths = XElement.Parse(page.Pictures[0]).Descendants().Where(e => e.Attribute("height")?.Value == "16").Select(e => double.Parse(e.Attribute("width")!.Value, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(4, widths[1] / widths[0], 3);
    }

    [Fact]
    public void What_cannot_be_drawn_is_refused_and_leaves_the_page_as_it_was()
    {
        var page = Page();
        void Refused(Action act, string words) => Assert.Contains(words, Assert.ThrowsAny<ArgumentException>(act).Message, StringComparison.Ordinal);
        Refused(() => page.Lines("L", "x", []), "from 1 to 5 series");
        Refused(() => page.Lines("L", "x", [.. Enumerable.Repeat(("a", (IReadOnlyList<double>)[1]), 6)]), "from 1 to 5 series");
        Refused(() => page.Lines("L", "x", [("a", [1, 2]), ("b", [1])]), "lines has 1 elements for 2 values");
        Refused(() => page.Lines("L", "x", [("a", [])]), "lines has 0 elements");
        Refused(() => page.Lines("L", "x", [("a", [double.NaN])]), "nothing that can be drawn");
        Refused(() => page.Lines("L", "x", [("a", [-1, 0])], logarithmic: true), "over 0 for a logarithmic axis");
        Refused(() => page.Lines("L", "x", [("a", [1])], every: 0), "over 0");
        Refused(() => page.Bars("B", ["g"], [("a", [1, 2])]), "2 elements for 1 groups");
        Refused(() => page.Bars("B", ["g"], [("a", [-1])]), "at least 0");
        Refused(() => page.Bars("B", ["g"], [("a", [double.PositiveInfinity])]), "finite");
        Refused(() => page.HeatMaps("H"), "nothing that can be drawn");
        Refused(() => page.Unrolled("U", ("n", [])), "nothing that can be drawn");
        Refused(() => _ = new HeatMap("m", Tensor.Zeros(new(2))), "[R, C]");
        Refused(() => _ = new HeatMap("m", Tensor.Zeros(new(0, 2))), "[R, C]");
        Refused(() => _ = new HeatMap("m", Tensor.From([float.NaN], new(1, 1))), "at 0 that is not finite");
        Refused(() => _ = new HeatMap("m", Tensor.Zeros(new(2, 3)), rows: ["a"]), "rows has 1 elements for 2 rows");
        Refused(() => _ = new HeatMap("m", Tensor.Zeros(new(2, 3)), texts: ["a"]), "texts has 1 elements for 6 cells");
        Assert.Empty(page.Pictures);
        Assert.DoesNotContain("<figure", page.ToHtml(), StringComparison.Ordinal);
    }

    [Fact]
    public void Values_that_are_all_equal_or_zero_are_drawn()
    {
        var page = Page();
        page.Lines("L", "x", [("a", [0, 0])]);
        page.Lines("L", "x", [("a", [1])], logarithmic: true);
        page.Bars("B", ["g"], [("a", [0])]);
        page.HeatMaps("H", new HeatMap("m", Tensor.Zeros(new(1, 40))));
        Assert.All(page.Pictures, p => Assert.DoesNotContain("NaN", XElement.Parse(p).ToString(), StringComparison.Ordinal));
    }
}
