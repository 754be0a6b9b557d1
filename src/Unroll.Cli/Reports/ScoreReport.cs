using System.Text.Json.Nodes;
using Spectre.Console;

namespace Unroll.Cli.Reports;

/// <summary>How well a model does, as programs and people are told.</summary>
abstract class ScoreReport
{
    /// <summary>The figures that are told first, by name, in order; those of several folds are averaged.</summary>
    public abstract IReadOnlyList<(string Name, double Value)> Figures { get; }

    /// <summary>What stands behind a figure for people.</summary>
    protected virtual string UnitOf(string figure) => "";

    /// <summary>Names in the data that the model does not know, with how often each is there; their rows count as wrong.</summary>
    protected virtual IReadOnlyList<(string Name, long Count)> Unknown => [];

    /// <summary>What has such a name: classes or tags.</summary>
    protected virtual string UnknownWhat => "";

    /// <summary>How many things were measured, and what they are called.</summary>
    protected abstract (string Name, long Count) Size { get; }

    /// <summary>Adds what else there is to say, for programs.</summary>
    protected virtual void AddDetails(JsonObject json)
    {
    }

    /// <summary>Shows what else there is to say, for people.</summary>
    protected virtual void ShowDetails()
    {
    }

    public JsonObject ToJson()
    {
        var json = new JsonObject();
        foreach (var (name, value) in Figures) json[name] = double.IsFinite(value) ? value : null;
        json[Size.Name] = Size.Count;
        if (Unknown.Count > 0) json[$"unknown_{UnknownWhat}"] = new JsonArray([.. Unknown.Select(u => new JsonObject { ["name"] = u.Name, ["count"] = u.Count })]);
        AddDetails(json);
        return json;
    }

    /// <summary>For people: the figures as a table, with more rows behind them, and the details.</summary>
    public void Show(string title, params IEnumerable<(string, string)> more)
    {
        Output.Table(title, [.. Figures.Select(f => (f.Name.Replace('_', ' '), $"{f.Value:F4}{UnitOf(f.Name)}")), (Size.Name, $"{Size.Count:N0}"), .. UnknownRow, .. more]);
        ShowDetails();
    }

    IEnumerable<(string, string)> UnknownRow => Unknown.Count == 0 ? [] :
        [($"unknown {UnknownWhat}", $"{string.Join(", ", Unknown.Select(u => $"{u.Name} ({u.Count:N0})"))}: the model was not trained on them, so they count as wrong")];

    /// <summary>A table with a row for each thing that is told apart: its name, precision, recall, F1, and how many there are.</summary>
    protected static void ShowRows(string what, IEnumerable<(string Name, double Precision, double Recall, double F1, long Count)> rows)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn(what);
        foreach (var name in new[] { "precision", "recall", "F1", "count" }) table.AddColumn(new TableColumn(name).RightAligned());
        foreach (var r in rows) table.AddRow(new Text(r.Name), new Text($"{r.Precision:F4}"), new Text($"{r.Recall:F4}"), new Text($"{r.F1:F4}"), new Text($"{r.Count:N0}"));
        Output.People.Write(table);
    }

    protected static JsonArray RowsJson(IEnumerable<(string Name, double Precision, double Recall, double F1, long Count)> rows) => new(
        [.. rows.Select(r => new JsonObject { ["name"] = r.Name, ["precision"] = r.Precision, ["recall"] = r.Recall, ["f1"] = r.F1, ["count"] = r.Count })]);
}
