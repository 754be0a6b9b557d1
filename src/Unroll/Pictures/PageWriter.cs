using System.Text;

namespace Unroll.Pictures;

/// <summary>
/// Writes a text, as to a terminal, and makes a page of it: one HTML file that needs nothing else, for light and dark, for wide screens and phones. Pictures go where they are added.
/// </summary>
/// <remarks>
/// <code>
/// var page = new PageWriter(terminal) { Title = "Training" };
/// page.WriteLine($"The loss is {loss:F3}.");
/// page.Lines("Loss", "iteration", [("training", losses)]);
/// File.WriteAllText("page.html", page.ToHtml());
/// </code>
/// In the page a line that begins with white space keeps its columns, as a table or an equation does; other lines are paragraphs, and headings where such a block follows after an empty line.
/// Not safe for use by several threads at once.
/// </remarks>
/// <param name="output">Where the text goes besides; it stays open.</param>
/// <param name="language">The language of the text, as <c>lang</c> of HTML: <c>en</c>, <c>ko</c>, ….</param>
public sealed class PageWriter(TextWriter output, string language = "en") : TextWriter(System.Globalization.CultureInfo.InvariantCulture)
{
    const string Style = """
        pre{font:.9rem/1.5 ui-monospace,"DejaVu Sans Mono",monospace;margin:.5rem 0}:lang(ko) pre{font-family:"D2Coding","Noto Sans Mono CJK KR",ui-monospace,monospace}.wrap{white-space:pre-wrap}:lang(ko){word-break:keep-all}p{margin:.5rem 0}
        caption{text-align:left;padding-top:.5rem}figcaption{color:var(--ink);font-weight:600}figure svg{display:block}
        """;

    const int Margin = 16, LineHeight = 320, LongestLine = 96;

    readonly StringBuilder _text = new();
    readonly MarkupText _body = new();
    readonly List<(string Title, Drawing Draw)> _pictures = [];

    /// <summary>The title of the page.</summary>
    public string Title { get; set; } = "Unroll";

    /// <summary>The language of the text.</summary>
    public string Language => language;

    /// <summary>The encoding of the text that goes to the other writer.</summary>
    public override Encoding Encoding => output.Encoding;

    /// <summary>The pictures so far, each as an SVG file of its own for light and dark.</summary>
    public IReadOnlyList<string> Pictures => [.. _pictures.Select(p => Alone(p.Title, p.Draw))];

    /// <summary>Draws for paper of a width: gives the height, and draws where there is something to draw to.</summary>
    delegate int Drawing(MarkupText? svg, int width);

    /// <summary>Writes a character.</summary>
    public override void Write(char value) => Write(value.ToString());

    /// <summary>Writes a text.</summary>
    public override void Write(string? value)
    {
        output.Write(value);
        _text.Append(value);
    }

    /// <summary>Writes a text and ends the line.</summary>
    public override void WriteLine(string? value)
    {
        output.WriteLine(value);
        _text.Append(value).Append('\n');
    }

    /// <summary>Passes the text on that the other writer holds back.</summary>
    public override void Flush() => output.Flush();

    /// <summary>Adds a chart of lines, whose values are told when pointed at and by the arrow keys.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="below">What the axis to the right is of, such as <c>step</c>.</param>
    /// <param name="lines">1 to 5 lines of the same number of values. What is not finite is a gap; on a logarithmic axis what is not positive is one too.</param>
    /// <param name="logarithmic">Whether the axis upwards is logarithmic.</param>
    /// <param name="first">Where on the axis to the right the first value is.</param>
    /// <param name="every">How far apart values are there, over 0.</param>
    /// <exception cref="ArgumentException">There is no line or there are more than 5, lines differ in their number of values, or none has a value that can be shown.</exception>
    public void Lines(string title, string below, IReadOnlyList<(string Name, IReadOnlyList<double> Values)> lines, bool logarithmic = false, double first = 1, double every = 1)
    {
        CheckSeries(nameof(lines), lines);
        if (!(every > 0)) Throw.OutOfRange(nameof(every), every, "over 0");
        double Place(double value) => logarithmic ? LineChart.LogOf(value) : value;
        if (!lines.Any(l => l.Values.Any(v => double.IsFinite(Place(v))))) Throw.NothingToDraw(nameof(lines));
        var count = lines[0].Values.Count;
        Curve[] curves = [.. lines.Select((l, i) => new Curve($"s{i}", l.Name, [.. l.Values.Select((v, k) => (first + k * every, v))]))];
        string[] told = [.. Enumerable.Range(0, count).Select(k => $"{below} {Figures.Of(first + k * every)}: {string.Join(", ", lines.Select(l => $"{l.Name} {Figures.Of(l.Values[k])}"))}")];
        Begin(title, " class=\"chart\"");
        foreach (var (device, width) in Picture.Widths)
        {
            var svg = new MarkupText();
            var chart = LineChart.Draw(svg, curves, width, LineHeight, below, first, logarithmic);
            ChartScript.AddPlot(_body, device, (width, LineHeight), (title, title), count, told[0], (chart.X, k => first + k * every), (chart.Y, k => lines.Select((l, i) => ($"s{i}", Place(l.Values[k])))),
                to => to.Add($"{svg}"));
        }
        _body.Line($"""<p class="readout" aria-hidden="true">&nbsp;</p><script type="application/json">{new MarkupText().Raw(ChartScript.Json(told))}</script></figure>""");
        _pictures.Add((title, DrawLines));

        int DrawLines(MarkupText? svg, int width)
        {
            if (svg is not null) LineChart.Draw(svg, curves, width, LineHeight, below, first, logarithmic);
            return LineHeight;
        }
    }

    /// <summary>Adds bars to the right, with their values.</summary>
    /// <param name="title">What they show.</param>
    /// <param name="groups">What the values of each series are of.</param>
    /// <param name="bars">1 to 5 series, each with a value for every group: finite, at least 0.</param>
    /// <exception cref="ArgumentException">There is no series or there are more than 5, one has more or fewer values than there are groups, or a value is not finite or below 0.</exception>
    public void Bars(string title, IReadOnlyList<string> groups, IReadOnlyList<(string Name, IReadOnlyList<double> Values)> bars)
    {
        const int Thick = 20, Value = 64;
        CheckSeries(nameof(bars), bars);
        (groups, bars) = ([.. groups], [.. bars.Select(b => (b.Name, (IReadOnlyList<double>)[.. b.Values]))]);             // which the pictures are drawn from later
        if (bars[0].Values.Count != groups.Count) Throw.CountsDiffer(nameof(bars), bars[0].Values.Count, "groups", groups.Count);
        foreach (var (_, values) in bars)
            foreach (var value in values)
                if (!(value >= 0 && double.IsFinite(value))) Throw.OutOfRange(nameof(bars), value, "finite values of at least 0");
        var most = Math.Max(bars.Max(b => b.Values.Max()), double.Epsilon);
        IReadOnlyList<(string, string)> legend = [.. bars.Select((b, i) => ($"bar s{i}", b.Name))];
        Add(title, (svg, width) =>
        {
            var y = Chart.LegendRow * Chart.Rows(width - Margin, legend) + Margin;
            if (svg is not null) Chart.Legend(svg, Margin, width - Margin, legend);
            for (var g = 0; g < groups.Count; g++, y += Margin)
            {
                svg?.Line($"""<text x="{Margin}" y="{y + 14}">{groups[g]}</text>""");
                y += Thick;
                for (var i = 0; i < bars.Count; i++, y += Thick)
                {
                    var length = bars[i].Values[g] / most * (width - 2 * Margin - Value);
                    svg?.Line($"""<rect class="bar s{i}" x="{Margin}" y="{y + 2}" width="{Math.Max(length, 1)}" height="{Thick - 4}"/><text class="tick" x="{Margin + length + 6}" y="{y + 14}">{Figures.Of(bars[i].Values[g])}</text>""");
                }
            }
            return y;
        }, body =>
        {
            body.Line($"<table class=\"right\"><tr><td></td>{Cells("th scope=\"col\"", bars.Select(b => b.Name))}</tr>");
            for (var g = 0; g < groups.Count; g++) body.Line($"<tr><th scope=\"row\">{groups[g]}</th>{Cells("td", bars.Select(b => Figures.Of(b.Values[g])))}</tr>");
            body.Line($"</table>");
        });
    }

    /// <summary>Adds heat-maps beside each other, in the same colours for the same numbers. Up to 16 columns have the numbers in their cells.</summary>
    /// <param name="title">What they show.</param>
    /// <param name="maps">At least one.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public void HeatMaps(string title, params IReadOnlyList<HeatMap> maps)
    {
        if (maps.Count == 0) Throw.NothingToDraw(nameof(maps));
        var largest = maps.Max(m => m.Largest);
        Add(title, (svg, width) => Flow(svg, width, [.. maps.Select(m => (m.Size(width - 2 * Margin), (Action<MarkupText>)(to => m.Draw(to, width - 2 * Margin, largest))))]), body =>
        {
            foreach (var map in maps) map.AddTable(body);
        });
    }

    /// <summary>Adds networks unrolled over time: at each step the state, with what goes in and what comes out.</summary>
    /// <param name="title">What they show.</param>
    /// <param name="networks">At least one, each with a name, and with an input and an output for each step: short texts, empty where there is none.</param>
    /// <exception cref="ArgumentException">There is none, or one has no steps.</exception>
    public void Unrolled(string title, params IReadOnlyList<(string Name, IReadOnlyList<(string Input, string Output)> Steps)> networks)
    {
        const int Pitch = 42, Box = 30, Letter = 8, High = 138;
        if (networks.Count == 0 || networks.Any(n => n.Steps.Count == 0)) Throw.NothingToDraw(nameof(networks));
        Add(title, (svg, width) => Flow(svg, width, [.. networks.Select(n => ((Math.Max(n.Steps.Count * Pitch, Letter * Glyphs.WidthOf(n.Name)), High), (Action<MarkupText>)(to => Draw(to, n.Name, n.Steps))))]));

        static void Draw(MarkupText svg, string name, IReadOnlyList<(string Input, string Output)> steps)
        {
            svg.Line($"""<text x="0" y="14">{name}</text>""");
            for (var t = 0; t < steps.Count; t++)
            {
                var (x, middle) = (t * Pitch, t * Pitch + Box / 2);
                svg.Line($"""<rect class="box" x="{x}" y="64" width="{Box}" height="26" rx="5"/><text x="{middle}" y="81" text-anchor="middle">h</text>""");
                if (t > 0) Arrow(svg, x - Pitch + Box, 77, x, 77);
                if (steps[t].Output.Length > 0) Arrow(svg, middle, 64, middle, 50);
                if (steps[t].Input.Length > 0) Arrow(svg, middle, 106, middle, 92);
                svg.Line($"""<text x="{middle}" y="44" text-anchor="middle">{steps[t].Output}</text><text x="{middle}" y="120" text-anchor="middle">{steps[t].Input}</text>""");
            }
        }

        static void Arrow(MarkupText svg, int x, int y, int toX, int toY) =>
            svg.Line($"""<path class="edge" d="M{x} {y}L{toX} {toY}"/><path class="fill-edge" d="{(toX > x ? $"M{toX} {toY}l-6 -4v8z" : $"M{toX} {toY}l-4 6h8z")}"/>""");
    }

    /// <summary>The page.</summary>
    public string ToHtml()
    {
        MoveText();
        var page = new Page(Title, language);
        page.AddStyle(Style + ChartScript.Style);
        page.AddScript(ChartScript.Text);
        page.Body.Add($"{_body}");
        return page.ToString();
    }

    static void CheckSeries(string parameter, IReadOnlyList<(string Name, IReadOnlyList<double> Values)> series)
    {
        if (series.Count == 0 || series.Count > Palette.Lines.Count) Throw.OutOfRange(parameter, series.Count, $"from 1 to {Palette.Lines.Count} series");
        foreach (var (_, values) in series)
            if (values.Count == 0 || values.Count != series[0].Values.Count) Throw.CountsDiffer(parameter, values.Count, "values of the first series", Math.Max(series[0].Values.Count, 1));
    }

    void Begin(string title, string attributes)
    {
        MoveText();
        _body.Line($"<figure{new MarkupText().Raw(attributes)}><figcaption>{title}</figcaption>");
    }

    /// <summary>Adds a picture that is drawn for both widths, with its numbers.</summary>
    void Add(string title, Drawing draw, Action<MarkupText>? table = null)
    {
        Begin(title, "");
        foreach (var (device, width) in Picture.Widths)
        {
            _body.Line($"""<div class="{device}">""");
            Picture.In(_body, width, draw(null, width), title, svg => draw(svg, width));
            _body.Line($"</div>");
        }
        if (table is not null)
        {
            var numbers = new MarkupText();
            table(numbers);
            var name = language == "ko" ? "표로 보기" : "As a table";
            if (numbers.ToString().Length > 0) _body.Line($"""<details><summary>{name}</summary><div class="scroll" tabindex="0" role="group" aria-label="{title}, {name}">{numbers}</div></details>""");
        }
        _body.Line($"</figure>");
        _pictures.Add((title, draw));
    }

    static MarkupText Cells(string tag, IEnumerable<string> texts)
    {
        var cells = new MarkupText();
        foreach (var text in texts) cells.Raw($"<{tag}>").Add($"{text}").Raw($"</{tag[..2]}>");
        return cells;
    }

    static string Alone(string title, Drawing draw)
    {
        const int Head = 36;
        return Picture.Alone(Picture.DeskWidth, Head + draw(null, Picture.DeskWidth) + Margin, title, svg =>
        {
            svg.Line($"""<text class="head" x="{Margin}" y="26">{title}</text><g transform="translate(0 {Head})">""");
            draw(svg, Picture.DeskWidth);
            svg.Line($"</g>");
        });
    }

    /// <summary>Puts drawings beside each other, in as many rows as they need.</summary>
    static int Flow(MarkupText? svg, int width, IReadOnlyList<((int Width, int Height) Size, Action<MarkupText> Draw)> parts)
    {
        const int Gap = 20;
        int x = Margin, y = 0, row = 0;
        foreach (var (size, draw) in parts)
        {
            if (x > Margin && x + size.Width > width - Margin) (x, y, row) = (Margin, y + row + Margin, 0);
            if (svg is not null)
            {
                svg.Line($"""<g transform="translate({x} {y})">""");
                draw(svg);
                svg.Line($"</g>");
            }
            (x, row) = (x + size.Width + Gap, Math.Max(row, size.Height));
        }
        return y + row;
    }

    /// <summary>Adds the text since the last picture to the page.</summary>
    void MoveText()
    {
        string[] lines = [.. _text.ToString().ReplaceLineEndings("\n").Split('\n')];
        _text.Clear();
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].Length == 0) continue;
            if (lines[i][0] != ' ')
            {
                var heading = i > 0 && lines[i - 1].Length == 0 && i + 1 < lines.Length && lines[i + 1].StartsWith(' ');
                _body.Line($"{new MarkupText().Raw(heading ? "<h2>" : "<p>")}{lines[i]}{new MarkupText().Raw(heading ? "</h2>" : "</p>")}");
                continue;
            }
            var from = i;
            while (i < lines.Length && lines[i].StartsWith(' ')) i++;
            var indent = lines[from..i].Min(l => l.Length - l.TrimStart(' ').Length);
            var style = lines[from..i].Any(l => Glyphs.WidthOf(l) > LongestLine) ? "wrap" : "scroll";
            _body.Line($"""<pre class="{style}" tabindex="0">{string.Join('\n', lines[from..i].Select(l => l[indent..]))}</pre>""");
            i--;
        }
    }
}
