using Spectre.Console;
using Unroll.Tasks;

namespace Unroll.Cli;

/// <summary>Shows evaluations to people.</summary>
static class ReportView
{
    /// <summary>The figures as a table, with more rows behind them, and the details.</summary>
    public static void Show(string title, EvaluationReport report, params IEnumerable<(string, string)> more)
    {
        Output.Table(title,
        [
            .. report.Metrics.Select(m => (m.Name.Replace('_', ' '), $"{m.Value:F4}{(m.Unit.Length > 0 ? $" {m.Unit}" : "")}")),
            (report.Size.Name, $"{report.Size.Count:N0}"),
            .. report.Unknown.Count == 0 ? [] : new[] { ($"unknown {report.UnknownKind}", $"{string.Join(", ", report.Unknown.Select(u => $"{u.Name} ({u.Count:N0})"))}: the model was not trained on them, so they count as wrong") },
            .. more,
        ]);
        foreach (var line in report.Lines) Output.People.WriteLine(line);
        foreach (var table in report.Tables) Show(table);
    }

    /// <summary>Mean and standard deviation over the folds of a cross-validation.</summary>
    public static void Show(int folds, IReadOnlyList<(string Name, double Mean, double Deviation)> spread) => Show(new ReportTable(
        [$"{folds} folds", "mean", "std. dev."], [.. spread.Select(s => (IReadOnlyList<string>)[s.Name.Replace('_', ' '), $"{s.Mean:F4}", $"± {s.Deviation:F4}"])]));

    /// <summary>Tables, and the files that were written.</summary>
    public static void Show(IReadOnlyList<ReportTable> tables, IReadOnlyList<string> files)
    {
        foreach (var table in tables) Show(table);
        foreach (var file in files) Standard.Out.WriteLine($"Written: {file}");
    }

    static void Show(ReportTable rows)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn(Markup.Escape(rows.Columns[0]));
        foreach (var column in rows.Columns.Skip(1)) table.AddColumn(new TableColumn(Markup.Escape(column)).RightAligned());
        foreach (var row in rows.Rows) table.AddRow(row.Select(cell => new Text(cell)));
        Output.People.Write(table);
    }
}
