using System.Globalization;
using System.Text.Json;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Bench;

/// <summary>
/// Recurrent layers on given workloads: <c>infer</c> is a forward pass, <c>train</c> a forward and a backward pass of the sum of the outputs
/// with gradients of all weights and of the input. Weights count as changed before every training pass, so packing them is part of it.
/// </summary>
static class LayerBenchmark
{
    sealed record Workload(string Name, string Cell, int Input, int Hidden, int Layers, int Batch, int Steps, bool Bidirectional, bool Ragged)
    {
        public static Workload From(JsonElement w) => new(
            w.GetProperty("name").GetString()!, w.GetProperty("cell").GetString()!, w.GetProperty("input").GetInt32(), w.GetProperty("hidden").GetInt32(),
            w.GetProperty("layers").GetInt32(), w.GetProperty("batch").GetInt32(), w.GetProperty("steps").GetInt32(),
            w.TryGetProperty("bidirectional", out var b) && b.GetBoolean(),
            w.TryGetProperty("lengths", out var l) && l.ValueKind == JsonValueKind.String);

        public int[] RowLengths() => [.. Enumerable.Range(0, Batch).Select(b => Ragged ? Math.Max(5, (int)(Steps / (1 + b / 4.0))) : Steps)];
    }

    public sealed record Result(string Name, string Mode, List<double> Times, double Operations)
    {
        public double Median => Times[Times.Count / 2];
        public double Rate => Operations / Median / 1e9;

        public string Json => string.Create(CultureInfo.InvariantCulture,
            $$"""{"system": "unroll", "name": "{{Name}}", "mode": "{{Mode}}", "median_s": {{Median:G9}}, "min_s": {{Times[0]:G9}}, "runs": {{Times.Count}}, "gflops": {{Rate:G4}}}""");
    }

    /// <summary>Times every workload of a file, or the one of a name, for some seconds in each mode.</summary>
    public static IEnumerable<Result> Run(string workloads, double limit, string? only = null) =>
        Cases(workloads, only).Select(c => Measure(c.Workload, c.Mode, limit, c.Mode == "train" ? 3 : 1, c.Run));

    /// <summary>What one run of each workload and mode does.</summary>
    public static IEnumerable<(string Name, string Mode, Action Run)> Layers(string workloads, string? only) =>
        Cases(workloads, only).Select(c => (c.Workload.Name, c.Mode, c.Run));

    static IEnumerable<(Workload Workload, string Mode, Action Run)> Cases(string workloads, string? only)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(workloads));
        foreach (var w in json.RootElement.EnumerateArray().Select(Workload.From).Where(w => only is null || w.Name == only))
        {
            var rng = new Rng(1);
            var layer = Build(w, rng);
            var x = Tensor.Zeros(new(w.Steps, w.Batch, w.Input)).WithGradient();
            rng.FillNormal(x.Values, 0, 1);
            var lengths = new Lengths(w.RowLengths(), w.Steps);
            var state = layer.ZeroState(w.Batch);          // given, so that the first step does the recurrent product like any other
            void Infer()
            {
                using var scratch = Tape.Scratch();
                layer.Forward(x, state, lengths);
            }

            void Train()
            {
                foreach (var (_, p) in layer.Parameters) p.Edit();
                layer.ClearGradients();
                x.ClearGradient();
                using var tape = Tape.Record();
                tape.Backward(Ops.Sum(layer.Forward(x, state, lengths).Output));
            }

            yield return (w, "infer", Infer);
            yield return (w, "train", Train);
        }
    }

    static Stacked Build(Workload w, Rng rng)
    {
        var kind = CellCatalog.Get(w.Cell);
        var layers = new List<RecurrentLayer>();
        for (var l = 0; l < w.Layers; l++)
        {
            var inputs = l == 0 ? w.Input : w.Hidden * (w.Bidirectional ? 2 : 1);
            layers.Add(w.Bidirectional
                ? new Bidirectional(kind.Create(inputs, w.Hidden, rng), kind.Create(inputs, w.Hidden, rng))
                : new Recurrent(kind.Create(inputs, w.Hidden, rng)));
        }
        return new(layers);
    }

    static Result Measure(Workload w, string mode, double limit, int passes, Action run)
    {
        var gates = w.Cell switch { "lstm" => 4, "gru" => 3, _ => 1 };
        var directions = w.Bidirectional ? 2 : 1;
        double flops = 0;
        for (var l = 0; l < w.Layers; l++)
            flops += 2.0 * gates * w.Hidden * ((l == 0 ? w.Input : w.Hidden * directions) + w.Hidden) * directions * w.RowLengths().Sum() * passes;
        return new(w.Name, mode, Timing.Measure(run, limit), flops);
    }
}
