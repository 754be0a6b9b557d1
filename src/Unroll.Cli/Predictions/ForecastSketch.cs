using Spectre.Console;
using Unroll.Inspection;
using Unroll.Pictures;

namespace Unroll.Cli.Predictions;

/// <summary>
/// A forecast as a line of dots in the terminal: the history, then the median over its widest interval, which is shaded, and crosses for the actual values. In the width of the terminal, or 80
/// characters where it goes to a file, and then without colours.
/// </summary>
static class ForecastSketch
{
    const int WidthOfFiles = 80, LeastWidth = 30, MostWidth = 160, Rows = 12, MostMargin = 14;

    static readonly Dictionary<Ink, Style> Styles = new()
    {
        [Ink.None] = Style.Plain, [Ink.History] = Style.Plain, [Ink.Median] = new(Color.Blue), [Ink.Band] = new(Color.Grey), [Ink.Truth] = new(Color.Orange3),
    };

    /// <summary>Draws it.</summary>
    public static void Write(IAnsiConsole console, ForecastPicture whole)
    {
        var picture = whole.Shown();
        var plain = console.Profile.Capabilities.ColorSystem == ColorSystem.NoColors;
        var width = Math.Clamp(plain ? Math.Min(console.Profile.Width, WidthOfFiles) : console.Profile.Width - 1, LeastWidth, MostWidth);
        if (picture.Title.Length > 0) Line(console, picture.Title, new Style(decoration: Decoration.Bold));
        if (!picture.Values.Any())
        {
            Line(console, "no values", Style.Plain);
            return;
        }
        var y = Axis.OfNumbers(picture.Values.Min(), picture.Values.Max(), 4 * Rows - 1, 0, ticks: 4, grown: picture.Values.Min() == picture.Values.Max());
        var margin = Math.Min(y.Ticks.Max(t => t.Label.Length), MostMargin);
        var canvas = new BrailleCanvas(width - margin - 2, Rows);
        Draw(canvas, picture, y);
        var labels = y.Ticks.GroupBy(t => (int)Math.Round(y.At(t.Value)) / 4).ToDictionary(g => g.Key, g => g.First().Label);
        for (var row = 0; row < Rows; row++)
        {
            var line = new Paragraph();
            line.Append((labels.TryGetValue(row, out var label) ? label : "").PadLeft(margin), Styles[Ink.Band]);
            line.Append(label is null ? " │" : " ┤", Styles[Ink.Band]);
            for (var column = 0; column < canvas.EndOf(row); column++)
            {
                var (character, ink) = canvas[column, row];
                line.Append(character.ToString(), Styles[ink]);
            }
            console.Write(line);
            console.WriteLine();
        }
        WriteTimes(console, picture, margin, width);
        WriteLegend(console, picture);
    }

    static void Draw(BrailleCanvas canvas, ForecastPicture picture, Axis y)
    {
        var place = (int point) => picture.Count < 2 ? 0 : (int)Math.Round((double)point * (canvas.Width - 1) / (picture.Count - 1));
        var height = (double value) => (int)Math.Round(y.At(value));
        var start = picture.History.Length;
        if (picture.Intervals.Count > 0)
        {
            var widest = picture.WidestFirst.First();
            for (var i = 0; i < picture.Median.Length; i++)
            {
                if (!double.IsFinite(widest.Low[i]) || !double.IsFinite(widest.High[i])) continue;
                // Up to the next step, where one takes several columns.
                for (var x = place(start + i); x <= Math.Max(place(start + i), place(Math.Min(start + i + 1, picture.Count - 1)) - 1); x++) canvas.Fill(x, height(widest.High[i]), height(widest.Low[i]));
            }
        }
        Curve(picture.History, 0, Ink.History);
        if (picture.Truth is { } truth)
            for (var i = 0; i < truth.Length; i++)
                if (double.IsFinite(truth[i])) canvas.Dot(place(start + i), height(truth[i]), Ink.Truth);
        Curve(picture.Median, start, Ink.Median);

        void Curve(double[] values, int from, Ink ink)
        {
            for (var i = 0; i < values.Length; i++)
            {
                if (!double.IsFinite(values[i])) continue;
                var before = i > 0 && double.IsFinite(values[i - 1]) ? i - 1 : i;
                canvas.Line(place(from + before), height(values[before]), place(from + i), height(values[i]), ink);
            }
        }
    }

    /// <summary>The first time, that of the forecast's first step below it, and the last.</summary>
    static void WriteTimes(IAnsiConsole console, ForecastPicture picture, int margin, int width)
    {
        var format = Figures.FormatOf(picture.Times ?? []);
        var columns = width - margin - 2;
        var (first, last) = (TimeOf(0), TimeOf(picture.Count - 1));
        var line = new char[columns];
        Array.Fill(line, ' ');
        Put(first, 0);
        if (picture.Count > 1) Put(last, columns - last.Length);
        if (picture.History.Length > 0 && picture.Median.Length > 0)
        {
            var middle = "forecast from " + TimeOf(picture.History.Length);
            var at = (int)((double)picture.History.Length * (columns - 1) / Math.Max(picture.Count - 1, 1)) - middle.Length / 2;
            at = Math.Min(at, columns - last.Length - 2 - middle.Length);
            if (at > first.Length + 1) Put(middle, at);
        }
        Line(console, new string(' ', margin + 2) + new string(line).TrimEnd(), Styles[Ink.Band]);

        string TimeOf(int point) => picture.Times is { Count: > 0 } times ? Figures.Of(times[point], format) : $"step {picture.FirstStep + point}";

        void Put(string text, int at)
        {
            if (at >= 0 && at + text.Length <= columns) text.CopyTo(0, line, at, text.Length);
        }
    }

    static void WriteLegend(IAnsiConsole console, ForecastPicture picture)
    {
        var line = new Paragraph();
        if (picture.History.Length > 0) line.Append("⠒⠒ history  ", Styles[Ink.History]);
        line.Append("⠒⠒ median", Styles[Ink.Median]);
        if (picture.Intervals.Count > 0) line.Append($"  ░░ {ForecastPicture.NameOf(picture.WidestFirst.First())}", Styles[Ink.Band]);
        if (picture.Truth is not null) line.Append("  × actual", Styles[Ink.Truth]);
        console.Write(line);
        console.WriteLine();
        if (picture.Omission.Length > 0) Line(console, picture.Omission, Styles[Ink.Band]);
    }

    static void Line(IAnsiConsole console, string text, Style style)
    {
        console.Write(new Text(text, style));
        console.WriteLine();
    }
}
