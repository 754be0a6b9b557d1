using System.Text.Json.Nodes;

namespace Unroll.Training;

/// <summary>What the weights and gates did in one iteration of a training (<see cref="TrainerOptions.RecordGradients"/>).</summary>
/// <param name="Iteration">How many iterations were made, this one included.</param>
/// <param name="Epoch">How many passes through the data were made, with the fraction of the current one.</param>
/// <param name="Weights">Each parameter that got a gradient.</param>
/// <param name="Activations">Each gate, and the output h, of each recurrent layer.</param>
public sealed record TrainingStatistics(long Iteration, double Epoch, IReadOnlyList<WeightStatistics> Weights, IReadOnlyList<ActivationStatistics> Activations)
{
    /// <summary><c>{"weights": {name: {"gradient_norm", "norm", "update_ratio"}}, "activations": {layer: {gate: {"low", "high", "dead"}}}}</c>; what is not finite is null.</summary>
    internal JsonObject ToJson()
    {
        var (weights, activations) = (new JsonObject(), new JsonObject());
        foreach (var w in Weights) weights[w.Name] = new JsonObject { ["gradient_norm"] = Number(w.GradientNorm), ["norm"] = Number(w.Norm), ["update_ratio"] = Number(w.UpdateRatio) };
        foreach (var layer in Activations.GroupBy(a => a.Layer))
            activations[layer.Key] = new JsonObject(layer.Select(a => KeyValuePair.Create(a.Name, (JsonNode?)new JsonObject { ["low"] = Number(a.Low), ["high"] = Number(a.High), ["dead"] = a.Dead })));
        return new() { ["weights"] = weights, ["activations"] = activations };
    }

    static JsonNode? Number(double value) => double.IsFinite(value) ? value : null;
}

/// <summary>A parameter in one iteration.</summary>
/// <param name="Name">Its name, such as <c>rnn.weight_hh_l0</c>.</param>
/// <param name="GradientNorm">‖g‖, before clipping by norm.</param>
/// <param name="Norm">‖w‖ before the step.</param>
/// <param name="UpdateRatio">‖Δw‖ / ‖w‖: some 0.001 is usual. Infinite where w was 0.</param>
public readonly record struct WeightStatistics(string Name, double GradientNorm, double Norm, double UpdateRatio);

/// <summary>The values of a gate, or of the output h, over the steps, rows and units of an iteration's batches.</summary>
/// <param name="Layer">The layer's name, such as <c>rnn.l0</c>.</param>
/// <param name="Name">The gate, such as <c>f</c>, or <c>h</c>.</param>
/// <param name="Low">The share that is under 0.1; where values may be negative, as of a tanh, under −0.9.</param>
/// <param name="High">The share that is over 0.9.</param>
/// <param name="Dead">How many units are 0 at every step of every row: dead units of a ReLU.</param>
public readonly record struct ActivationStatistics(string Layer, string Name, double Low, double High, int Dead);
