using System.Text.Json.Nodes;

namespace Unroll.Tasks;

/// <summary>How well a classifier does.</summary>
internal sealed class ClassificationReport(ClassificationScore score) : EvaluationReport
{
    const int MostInTable = 12;             // classes of a confusion matrix that a terminal has room for

    public override IReadOnlyList<Metric> Metrics =>
    [
        new("loss", score.Loss), new("accuracy", score.Accuracy), new("macro_f1", score.MacroF1),
        new("macro_precision", score.MacroPrecision), new("macro_recall", score.MacroRecall), new("micro_f1", score.MicroF1),
        .. score.AreaUnderRoc is { } area ? [new("auc", area)] : Array.Empty<Metric>(),
        .. score.CalibrationError is { } error ? [new("calibration_error", error)] : Array.Empty<Metric>(),
    ];

    public override (string Name, long Count) Size => ("count", score.Count);

    public override IReadOnlyList<(string Name, long Count)> Unknown => [.. score.UnknownClasses.Select(c => (c.Name, (long)c.Count))];

    public override string UnknownKind => "classes";

    IEnumerable<(string, double, double, double, long)> Rows => score.Classes.Select(c => (c.Name, c.Precision, c.Recall, c.F1, (long)c.Count));

    public override IReadOnlyList<ReportTable> Tables => score.Confusion is not { Count: <= MostInTable } confusion ? [TableOf("class", Rows)] :
    [
        TableOf("class", Rows),
        new(["true ↓  predicted →", .. score.Classes.Select(c => c.Name)], [.. confusion.Select((row, c) => (IReadOnlyList<string>)[score.Classes[c].Name, .. row.Select(n => $"{n:N0}")])]),
    ];

    protected override void AddDetails(JsonObject json)
    {
        json["classes"] = JsonOf(Rows);
        if (score.Confusion is { } confusion) json["confusion"] = new JsonArray([.. confusion.Select(row => new JsonArray([.. row.Select(n => JsonValue.Create(n))]))]);
    }
}
