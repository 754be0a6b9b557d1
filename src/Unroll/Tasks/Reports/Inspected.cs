using Unroll.Inspection;

namespace Unroll.Tasks;

/// <summary>What a model is to be looked at with.</summary>
/// <param name="Text">A text; null where files are given.</param>
/// <param name="Files">Files of the kind that the model is evaluated on.</param>
internal sealed record InspectionInput(string? Text, IReadOnlyList<string> Files)
{
    /// <summary>How many steps of a text are recorded and shown at most.</summary>
    public const int MostSteps = 2000;

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

    /// <summary>What there is to say of all of it, such as its loss.</summary>
    public IReadOnlyList<(string Name, string Value)> Figures { get; init; } = [];

    /// <summary>The layers that made one step for every token.</summary>
    public IReadOnlyList<RecordedLayer> Layers => [.. Recording.Layers.Where(l => l.Batch == 1 && l.Steps == Tokens.Count)];
}
