using System.Text.Json.Nodes;

namespace Unroll.Tasks;

/// <summary>A figure of an evaluation.</summary>
/// <param name="Name">Its name for programs, such as <c>macro_f1</c>.</param>
/// <param name="Value">The figure.</param>
/// <param name="Unit">What it is measured in, such as "nats per token"; empty for none.</param>
public readonly record struct Metric(string Name, double Value, string Unit = "");

/// <summary>Rows of an evaluation for people.</summary>
/// <param name="Columns">The titles; the first column has names, the others numbers.</param>
/// <param name="Rows">The cells.</param>
public sealed record ReportTable(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);

/// <summary>How well a model does, for programs and people.</summary>
/// <remarks>Safe for use by several threads: it does not change.</remarks>
public abstract class EvaluationReport
{
    /// <summary>The figures, in order; those of several folds are averaged.</summary>
    public abstract IReadOnlyList<Metric> Metrics { get; }

    /// <summary>A figure by its name, such as <c>accuracy</c>.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name; the names are listed.</exception>
    public double this[string name]
    {
        get
        {
            foreach (var metric in Metrics)
                if (metric.Name == name) return metric.Value;
            throw new KeyNotFoundException($"There is no figure {ProblemList.Quote(name)}; figures are {string.Join(", ", Metrics.Select(m => m.Name))}.");
        }
    }

    /// <summary>How many things were measured, and what they are called.</summary>
    public abstract (string Name, long Count) Size { get; }

    /// <summary>What has names that the model may not know: classes or tags; empty for nothing.</summary>
    public virtual string UnknownKind => "";

    /// <summary>Names in the data that the model does not know, with how often each is there; their rows count as wrong.</summary>
    public virtual IReadOnlyList<(string Name, long Count)> Unknown => [];

    /// <summary>Tables of details, for people.</summary>
    public virtual IReadOnlyList<ReportTable> Tables => [];

    /// <summary>Lines of details, for people.</summary>
    public virtual IReadOnlyList<string> Lines => [];

    /// <summary>Adds details, for programs.</summary>
    protected virtual void AddDetails(JsonObject json)
    {
    }

    /// <summary>All of it, for programs; what is not finite is null.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject();
        foreach (var metric in Metrics) json[metric.Name] = double.IsFinite(metric.Value) ? metric.Value : null;
        json[Size.Name] = Size.Count;
        if (Unknown.Count > 0) json[$"unknown_{UnknownKind}"] = new JsonArray([.. Unknown.Select(u => new JsonObject { ["name"] = u.Name, ["count"] = u.Count })]);
        AddDetails(json);
        return json;
    }

    /// <summary>A row for each thing that is told apart: its name, precision, recall, F1, and how many there are.</summary>
    private protected static ReportTable TableOf(string what, IEnumerable<(string Name, double Precision, double Recall, double F1, long Count)> rows) => new(
        [what, "precision", "recall", "F1", "count"], [.. rows.Select(r => (IReadOnlyList<string>)[r.Name, $"{r.Precision:F4}", $"{r.Recall:F4}", $"{r.F1:F4}", $"{r.Count:N0}"])]);

    /// <summary>The same for programs.</summary>
    private protected static JsonArray JsonOf(IEnumerable<(string Name, double Precision, double Recall, double F1, long Count)> rows) => new(
        [.. rows.Select(r => new JsonObject { ["name"] = r.Name, ["precision"] = r.Precision, ["recall"] = r.Recall, ["f1"] = r.F1, ["count"] = r.Count })]);
}
