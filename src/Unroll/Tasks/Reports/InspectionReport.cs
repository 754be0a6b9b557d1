using System.Text.Json.Nodes;
using Unroll.Inspection;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>A model, how it was trained, and what happened as it read.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Model">The model.</param>
/// <param name="Log">The log of its training; empty where there is none.</param>
/// <param name="Inspected">What happened as it read; null where it read nothing.</param>
internal sealed record InspectedRun(string Path, SequenceModel Model, IReadOnlyList<LogEntry> Log, Inspected? Inspected)
{
    IReadOnlyList<(string Name, string Value)>? _facts;

    /// <summary>What there is to say of the model; measured once, since a language model's speed takes half a second.</summary>
    public IReadOnlyList<(string Name, string Value)> Facts => _facts ??= TaskCatalog.Of(Model).Describe(Model).Rows;

    /// <summary>Loads a run, and lets its model read.</summary>
    /// <param name="path">The folder of a run, or a model's file.</param>
    /// <param name="input">What it reads; nothing where null.</param>
    /// <param name="files">Reads files.</param>
    /// <exception cref="UnrollException">It cannot be read, or its task gives no look inside.</exception>
    public static InspectedRun Load(string path, InspectionInput? input, IDataFiles files)
    {
        var model = ModelFile.Load(RunFolder.FindModel(path));
        if (input?.Task is not null && !TaskCatalog.Of(model).EvaluationOptions.Contains("--task")) throw new OptionException($"--task cannot be given: {path} has one task.");
        var log = new RunFolder(path).LogPath;
        return new(path, model, Directory.Exists(path) && File.Exists(log) ? ReadLog(log) : [], input is null ? null : TaskCatalog.Of(model).Inspect(model, input, files));
    }

    static IReadOnlyList<LogEntry> ReadLog(string path)
    {
        using var file = File.Open(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return RunLog.Read(file);
    }

    /// <summary>The iterations that were logged; 0 where the model was never trained, or its log is missing.</summary>
    public long Iterations => Log.Count == 0 ? 0 : Log[^1].Iteration;

    /// <summary>The best loss on the validation data; null where there was none.</summary>
    public double? BestLoss => Log.Where(e => e.ValidLoss is { } loss && double.IsFinite(loss)).Min(e => e.ValidLoss);
}

/// <summary>What <c>unroll inspect</c> found: of one run, or of two side by side.</summary>
/// <param name="First">The run.</param>
/// <param name="Second">The one it is compared with; null for none.</param>
internal sealed record InspectionReport(InspectedRun First, InspectedRun? Second)
{
    const int MostPredictions = 12;

    /// <summary>The runs.</summary>
    public IEnumerable<InspectedRun> Runs => Second is null ? [First] : [First, Second];

    /// <summary>What a layer of a run is called: with the run where there are two.</summary>
    public string PrefixOf(InspectedRun run) => Second is null ? "" : $"{run.Path}: ";

    /// <summary>The recorded layers of all runs by name.</summary>
    public IReadOnlyList<(string Name, RecordedLayer Layer)> Layers =>
        [.. Runs.SelectMany(r => r.Inspected?.Layers.Select(l => (PrefixOf(r) + l.Name, l)) ?? [])];

    /// <summary>How often gates were near their ends.</summary>
    public IReadOnlyList<ActivationStatistics> Saturations => [.. Layers.SelectMany(l => l.Layer.Statistics(l.Name))];

    /// <summary>The predictions of which a model was most certain.</summary>
    public static IReadOnlyList<InspectedPrediction> MostCertain(Inspected inspected) =>
        [.. inspected.Predictions.OrderByDescending(p => p.Probability).Take(MostPredictions)];

    /// <summary>The predictions that were wrong and to whose truth the model gave the least probability.</summary>
    public static IReadOnlyList<InspectedPrediction> MostWrong(Inspected inspected) =>
        [.. inspected.Predictions.Where(p => p.Actual is { } actual && actual != p.Predicted).OrderBy(p => p.ActualProbability).Take(MostPredictions)];

    /// <summary>For programs.</summary>
    public JsonObject ToJson() => new() { ["runs"] = new JsonArray([.. Runs.Select(ToJson)]) };

    static JsonNode ToJson(InspectedRun run)
    {
        var json = new JsonObject { ["run"] = run.Path, ["model"] = run.Model.Kind, ["parameters"] = run.Model.ParameterCount, ["iterations"] = run.Iterations, ["best_valid_loss"] = run.BestLoss };
        if (run.Inspected is not { } inspected) return json;
        json["steps"] = inspected.Tokens.Count;
        json["all_steps"] = inspected.AllSteps;
        json["tokens"] = new JsonArray([.. inspected.Tokens.Select(t => JsonValue.Create(t))]);
        json["figures"] = new JsonObject(inspected.Figures.Select(f => KeyValuePair.Create(f.Name, (JsonNode?)f.Value)));
        json["layers"] = new JsonArray([.. inspected.Layers.Select(l => new JsonObject
        {
            ["name"] = l.Name, ["units"] = l.HiddenSize, ["direction"] = l.Direction == Unroll.Layers.Direction.Forward ? "forward" : "backward",
            ["saturation"] = new JsonArray([.. l.Statistics(l.Name).Select(s => new JsonObject { ["name"] = s.Name, ["low"] = s.Low, ["high"] = s.High, ["dead_units"] = s.Dead })]),
        })]);
        if (inspected.Flow is { } flow)
            json["gradient_flow"] = new JsonObject
            {
                ["loss_at_step"] = flow.Step, ["steps"] = flow.Steps,
                ["states"] = new JsonArray([.. flow.Flow.Layers.SelectMany(l => l.States.Select(s => new JsonObject
                {
                    ["layer"] = l.Name, ["state"] = s.Name, ["verdict"] = s.Verdict.ToString().ToLowerInvariant(), ["factor"] = Finite(s.Factor), ["memory_length"] = s.MemoryLength,
                    ["norms"] = new JsonArray([.. s.Norms.Select(n => Finite(n))]),
                }))]),
            };
        if (inspected.Reading is { } reading)
            json["task"] = new JsonObject
            {
                ["classes"] = new JsonArray([.. reading.Classes.Select(c => JsonValue.Create(c))]),
                ["probabilities"] = new JsonArray([.. reading.Probabilities.Select(p => new JsonArray([.. p.Select(v => JsonValue.Create(v))]))]),
                ["opening"] = new JsonArray([.. reading.Opening.Select(v => JsonValue.Create(v))]),
                ["gate_units"] = new JsonArray([.. reading.Units.Select(u => JsonValue.Create(u))]),
                ["gate"] = new JsonArray([.. reading.SharedGate.Select(row => new JsonArray([.. row.Select(v => JsonValue.Create(v))]))]),
            };
        json["units"] = new JsonArray([.. inspected.Units.Select(u => new JsonObject { ["pattern"] = u.Pattern, ["layer"] = u.Unit.Layer, ["unit"] = u.Unit.Unit, ["correlation"] = u.Unit.Correlation, ["f1"] = u.Unit.F1 })]);
        json["most_certain"] = new JsonArray([.. MostCertain(inspected).Select(ToJson)]);
        json["most_wrong"] = new JsonArray([.. MostWrong(inspected).Select(ToJson)]);
        return json;
    }

    static JsonNode? Finite(double value) => double.IsFinite(value) ? value : null;

    static JsonNode ToJson(InspectedPrediction p) => new JsonObject
    {
        ["place"] = p.Place, ["actual"] = p.Actual, ["actual_probability"] = double.IsNaN(p.ActualProbability) ? null : p.ActualProbability, ["predicted"] = p.Predicted, ["probability"] = p.Probability,
    };
}
