using System.Text.Json.Nodes;

namespace Unroll.Training;

/// <summary>What the weights and gates did in one iteration of a training (<see cref="TrainerOptions.RecordGradients"/>).</summary>
/// <param name="Iteration">How many iterations were made, this one included.</param>
/// <param name="Epoch">How many passes through the data were made, with the fraction of the current one.</param>
/// <param name="Weights">Each parameter that got a gradient.</param>
/// <param name="Activations">Each gate, and the output h, of each recurrent layer.</param>
public sealed record TrainingStatistics(long Iteration, double Epoch, IReadOnlyList<WeightStatistics> Weights, IReadOnlyList<ActivationStatistics> Activations)
{
    /// <summary>The gradients of the hidden states of each recurrent layer; none of a layer whose cell runs a sequence as a whole.</summary>
    public IReadOnlyList<StateGradients> States { get; init; } = [];

    /// <summary><c>{"weights": {name: {"gradient_norm", "norm", "update_ratio"}}, "activations": {layer: {gate: {"low", "high", "dead"}}}, "states": {layer: {"steps", "gradient_norms"}}}</c>; what is not finite is null.</summary>
    internal JsonObject ToJson()
    {
        var (weights, activations, states) = (new JsonObject(), new JsonObject(), new JsonObject());
        foreach (var w in Weights) weights[w.Name] = new JsonObject { ["gradient_norm"] = Number(w.GradientNorm), ["norm"] = Number(w.Norm), ["update_ratio"] = Number(w.UpdateRatio) };
        foreach (var layer in Activations.GroupBy(a => a.Layer))
            activations[layer.Key] = new JsonObject(layer.Select(a => KeyValuePair.Create(a.Name, (JsonNode?)new JsonObject { ["low"] = Number(a.Low), ["high"] = Number(a.High), ["dead"] = a.Dead })));
        foreach (var s in States) states[s.Layer] = new JsonObject { ["steps"] = s.Steps, ["gradient_norms"] = new JsonArray([.. s.Norms.Select(Number)]) };
        return new() { ["weights"] = weights, ["activations"] = activations, ["states"] = states };
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

/// <summary>The norm of the gradient ∂L/∂h_t of an iteration's loss with respect to the hidden state of a recurrent layer at each step t, over rows and units.</summary>
/// <param name="Layer">The layer's name, such as <c>rnn.l0</c>.</param>
/// <param name="Steps">T, the steps of the longest batch.</param>
/// <param name="Norms">‖∂L/∂h_t‖ for t = 1 … T, before clipping; where T is over <see cref="MostNorms"/>, means of neighbouring steps, so many in all.</param>
public readonly record struct StateGradients(string Layer, int Steps, IReadOnlyList<double> Norms)
{
    /// <summary>How many norms there are at most.</summary>
    public const int MostNorms = 32;

    /// <summary>From sums of squares, one for each step.</summary>
    internal static StateGradients Of(string layer, IReadOnlyList<double> squares)
    {
        var norms = new double[Math.Min(squares.Count, MostNorms)];
        for (var i = 0; i < norms.Length; i++)
        {
            var (from, to) = (i * squares.Count / norms.Length, (i + 1) * squares.Count / norms.Length);
            for (var t = from; t < to; t++) norms[i] += Math.Sqrt(squares[t]) / (to - from);
        }
        return new(layer, squares.Count, norms);
    }
}
