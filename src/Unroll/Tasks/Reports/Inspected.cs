using Unroll.Inspection;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>What a model is to be looked at with.</summary>
/// <param name="Text">A text; null where files are given.</param>
/// <param name="Files">Files of the kind that the model is evaluated on.</param>
internal sealed record InspectionInput(string? Text, IReadOnlyList<string> Files)
{
    /// <summary>How many steps of a text are recorded and shown at most.</summary>
    public const int MostSteps = 2000;

    /// <summary>The task that reads, of a model of several; null where there is one.</summary>
    public string? Task { get; init; }

    /// <summary>How many examples of files are predicted at most.</summary>
    public const int MostExamples = 5000;
}

/// <summary>A prediction, with the truth where it is known.</summary>
/// <param name="Place">What it is of: the text up to the token, a word, an example.</param>
/// <param name="Actual">What is right; null where that is not known.</param>
/// <param name="ActualProbability">The probability that the model gave it; NaN where it is not known.</param>
/// <param name="Predicted">The most probable answer.</param>
/// <param name="Probability">Its probability.</param>
internal sealed record InspectedPrediction(string Place, string? Actual, double ActualProbability, string Predicted, double Probability);

/// <summary>The gradient flow from the loss at one step.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="Step">The step whose loss it is, from 1.</param>
/// <param name="Steps">How many steps were run.</param>
internal sealed record InspectedFlow(GradientFlow Flow, int Step, int Steps)
{
    /// <summary>How many steps a gradient is followed through at most.</summary>
    public const int MostSteps = 200;

    const int Jacobians = 2, LargestJacobian = 256;              // which takes some 0.5 s

    /// <summary>Follows the gradient of a loss back; null where no layer can be followed.</summary>
    /// <param name="model">The model.</param>
    /// <param name="loss">Runs it and gives the loss.</param>
    /// <param name="step">The step whose loss it is, from 1.</param>
    /// <param name="steps">How many steps are run.</param>
    public static InspectedFlow? Of(SequenceModel model, Func<Tensor> loss, int step, int steps)
    {
        var large = ReportWeights.RecurrentLayersOf(model).Any(l => l.Cell.StateNames.Count * l.Cell.HiddenSize > LargestJacobian);
        var flow = GradientFlow.Measure(loss, model, large ? 0 : Jacobians);
        return flow.Layers.Count == 0 ? null : new(flow, step, steps);
    }
}

/// <summary>What happened in a model as it read a text.</summary>
/// <param name="Tokens">What it read, step by step.</param>
/// <param name="Recording">Its gates and states at each step.</param>
internal sealed record Inspected(IReadOnlyList<string> Tokens, Recording Recording)
{
    /// <summary>How many steps there would have been.</summary>
    public long AllSteps { get; init; } = Tokens.Count;

    /// <summary>Predictions, in order.</summary>
    public IReadOnlyList<InspectedPrediction> Predictions { get; init; } = [];

    /// <summary>−ln of the probability of each token after those before it, in nats, NaN where it is not predicted; none of a model that does not predict tokens.</summary>
    public double[]? Surprise { get; init; }

    /// <summary>Where the model looked.</summary>
    public IReadOnlyList<AttentionMap> Attention { get; init; } = [];

    /// <summary>How far back the gradient of one step's loss reaches; null where it cannot be followed.</summary>
    public InspectedFlow? Flow { get; init; }

    /// <summary>The units that follow patterns of the text best; none of a model that does not predict tokens.</summary>
    public IReadOnlyList<(string Pattern, UnitMatch Unit)> Units { get; init; } = [];

    /// <summary>How a model of several tasks read it for one of them; null of other models.</summary>
    public TaskReading? Reading { get; init; }

    /// <summary>What there is to say of all of it, such as its loss.</summary>
    public IReadOnlyList<(string Name, string Value)> Figures { get; init; } = [];

    /// <summary>What the names of the layers that read the tokens begin with.</summary>
    public string Reader { get; init; } = "";

    /// <summary>The layers that made one step for every token.</summary>
    public IReadOnlyList<RecordedLayer> Layers => [.. Recording.Layers.Where(l => l.Batch == 1 && l.Steps == Tokens.Count && l.Name.StartsWith(Reader, StringComparison.Ordinal))];
}
