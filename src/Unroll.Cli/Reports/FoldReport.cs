using System.Text.Json.Nodes;
using Spectre.Console;

namespace Unroll.Cli.Reports;

/// <summary>What came of a cross-validation: each fold, the mean, and the spread.</summary>
static class FoldReport
{
    /// <summary>The result for programs; shown for people too, where wanted and every fold is done.</summary>
    public static JsonObject Summarise(string path, IReadOnlyList<TrainingOutcome> folds, TimeSpan time, bool show)
    {
        var scores = folds.Where(f => f.Score is not null).Select(f => f.Score!.Figures.ToDictionary(v => v.Name, v => v.Value)).ToArray();
        // Some folds may lack a figure, such as the area under the curve where all are of one class.
        var figures = scores.Length == 0 ? [] : scores[0].Keys.Where(name => scores.All(s => s.ContainsKey(name))).Select(name => (Name: name, Spread: Spread([.. scores.Select(s => s[name])]))).ToArray();
        if (show && scores.Length == folds.Count)
        {
            var table = new Table().Border(TableBorder.Simple).AddColumn($"{folds.Count} folds").AddColumn(new TableColumn("mean").RightAligned()).AddColumn(new TableColumn("spread").RightAligned());
            foreach (var (name, spread) in figures) table.AddRow(new Text(name.Replace('_', ' ')), new Text($"{spread.Mean:F4}"), new Text($"± {spread.Deviation:F4}"));
            Output.People.Write(table);
        }
        return new()
        {
            ["run"] = path,
            ["end"] = folds[^1].Json["end"]!.DeepClone(),
            ["iterations"] = folds.Sum(f => f.Json["iterations"]!.GetValue<long>()),
            ["seconds"] = time.TotalSeconds,
            ["mean"] = new JsonObject(figures.Select(f => KeyValuePair.Create(f.Name, (JsonNode?)f.Spread.Mean))),
            ["spread"] = new JsonObject(figures.Select(f => KeyValuePair.Create(f.Name, (JsonNode?)f.Spread.Deviation))),
            ["folds"] = new JsonArray([.. folds.Select(f => f.Json.DeepClone())]),
        };
    }

    /// <summary>The mean, and the standard deviation of a sample: √(Σ(x − x̄)² / (n − 1)).</summary>
    static (double Mean, double Deviation) Spread(double[] values)
    {
        var mean = values.Average();
        return (mean, values.Length < 2 ? 0 : Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1)));
    }
}
