using System.Globalization;
using Spectre.Console;
using Unroll.Inspection;
using Unroll.Pictures;
using Unroll.Tasks;

namespace Unroll.Cli.Predictions;

/// <summary>The units of a layer that vary most over the tokens, as a heat-map in the terminal: orange is positive, blue negative; without colours, shades are positive and strokes negative.</summary>
static class HeatSketch
{
    const int MostUnits = 12, MostSteps = 120, WidthOfFiles = 80, Levels = 4;
    const string Positive = " ░▒▓█", Negative = " ·-=≡";

    // From pale to deep; black or white stands out from none of them, so they hold on light and dark terminals.
    static readonly Color[] Warm = [Color.Default, new(255, 215, 175), new(255, 175, 95), new(240, 136, 62), new(194, 87, 0)];
    static readonly Color[] Cold = [Color.Default, new(190, 222, 255), new(130, 185, 255), new(60, 145, 240), new(9, 105, 218)];

    /// <summary>Draws the hidden state.</summary>
    public static void Write(IAnsiConsole console, IReadOnlyList<string> tokens, RecordedLayer layer)
    {
        var (name, size) = (layer.StateNames[0], layer.HiddenSize);
        var values = layer[name].Values.ToArray();
        var units = Enumerable.Range(0, size).OrderByDescending(u => ReportLayers.Variance(values, size, u)).Take(MostUnits).Order().ToArray();
        Write(console, $"{layer.Name}, {name}", size, tokens, [.. units.Select(unit => (unit, (Func<int, double>)(t => values[t * size + unit])))], values.Max(v => Math.Abs((double)v)));
    }

    /// <summary>Draws the gate to a shared layer: the units that are most open at the last step, then those that are least.</summary>
    public static void WriteGate(IAnsiConsole console, TaskReading reading)
    {
        var rows = Enumerable.Range(0, reading.SharedGate.Count);
        int[] shown = [.. rows.Take(MostUnits / 2).Union(rows.TakeLast(MostUnits / 2))];
        Write(console, "gate to the shared layer, open to shut at the last step", reading.SharedGate.Count, reading.Tokens, [.. shown.Select(r => (reading.Units[r], (Func<int, double>)(t => reading.SharedGate[r][t])))], 1);
    }

    static void Write(IAnsiConsole console, string title, int size, IReadOnlyList<string> tokens, IReadOnlyList<(int Unit, Func<int, double> At)> rows, double largest)
    {
        var plain = console.Profile.Capabilities.ColorSystem == ColorSystem.NoColors;
        var margin = (size - 1).ToString(CultureInfo.InvariantCulture).Length + 1;
        var width = (plain ? Math.Min(console.Profile.Width, WidthOfFiles) : console.Profile.Width - 1) - margin;
        var steps = Math.Clamp(Math.Min(tokens.Count, MostSteps), 1, Math.Max(width, 1));
        var most = largest > 0 ? largest : 1;
        console.Write(new Text(string.Create(CultureInfo.InvariantCulture, $"{title}: {rows.Count:N0} of {size:N0} units{(steps < tokens.Count ? $", the first {steps:N0} steps" : "")}; full colour is {most:G3}\n")));
        console.Write(new Text(new string(' ', margin) + string.Concat(tokens.Take(steps).Select(Letter)) + "\n"));
        foreach (var (unit, at) in rows)
        {
            var line = new Paragraph();
            line.Append(unit.ToString(CultureInfo.InvariantCulture).PadLeft(margin - 1) + " ", new Style(Color.Grey));
            for (var t = 0; t < steps; t++)
            {
                var value = at(t);
                var level = (int)Math.Round(Math.Abs(value) / most * Levels);
                if (plain) line.Append((value < 0 ? Negative : Positive)[level].ToString());
                else line.Append(" ", new Style(background: (value < 0 ? Cold : Warm)[level]));
            }
            console.Write(line);
            console.WriteLine();
        }
    }

    /// <summary>The first character of a token, in one column.</summary>
    static string Letter(string token) => Glyphs.Elements(Glyphs.Visible(token))[0] is var first && Glyphs.WidthOf(first) == 1 ? first : "□";
}
