using System.Text.Json.Nodes;
using Spectre.Console;
using Unroll.Training;

namespace Unroll.Cli.Reports;

/// <summary>How well a classifier does.</summary>
sealed class ClassificationReport(ClassificationScore score) : ScoreReport
{
    const int MostInTable = 12;             // classes of a confusion matrix that a terminal has room for

    public override IReadOnlyList<(string Name, double Value)> Figures =>
    [
        ("loss", score.Loss), ("accuracy", score.Accuracy), ("macro_f1", score.MacroF1),
        ("macro_precision", score.MacroPrecision), ("macro_recall", score.MacroRecall), ("micro_f1", score.MicroF1),
        .. score.AreaUnderRoc is { } area ? [("auc", area)] : Array.Empty<(string, double)>(),
        .. score.CalibrationError is { } error ? [("calibration_error", error)] : Array.Empty<(string, double)>(),
    ];

    protected override (string Name, long Count) Size => ("count", score.Count);

    protected override IReadOnlyList<(string Name, long Count)> Unknown => [.. score.UnknownClasses.Select(c => (c.Name, (long)c.Count))];

    protected override string UnknownWhat => "classes";

    IEnumerable<(string, double, double, double, long)> Rows => score.Classes.Select(c => (c.Name, c.Precision, c.Recall, c.F1, (long)c.Count));

    protected override void AddDetails(JsonObject json)
    {
        json["classes"] = RowsJson(Rows);
        if (score.Confusion is { } confusion) json["confusion"] = new JsonArray([.. confusion.Select(row => new JsonArray([.. row.Select(n => JsonValue.Create(n))]))]);
    }

    protected override void ShowDetails()
    {
        ShowRows("class", Rows);
        if (score.Confusion is not { Count: <= MostInTable } confusion) return;
        var table = new Table().Border(TableBorder.Simple).AddColumn("is ↓  taken for →");
        foreach (var c in score.Classes) table.AddColumn(new TableColumn(Markup.Escape(c.Name)).RightAligned());
        for (var c = 0; c < confusion.Count; c++) table.AddRow([new Text(score.Classes[c].Name), .. confusion[c].Select(n => new Text($"{n:N0}"))]);
        Output.People.Write(table);
    }
}
