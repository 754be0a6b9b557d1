namespace Unroll.Training;

/// <summary>How long and how a model is trained. An iteration is one step of the optimizer.</summary>
public sealed record TrainerOptions
{
    /// <summary>
    /// How many iterations the whole run has, earlier parts of a resumed run included; at least 1. Default: as <see cref="Epochs"/> says.
    /// </summary>
    public long? Iterations { get; init; }

    /// <summary>
    /// How many passes through the data the whole run has, at least 1, where <see cref="Iterations"/> is not given. Default 1.
    /// </summary>
    public int Epochs { get; init; } = 1;

    /// <summary>The largest norm of the gradient (<see cref="Clip.ByNorm"/>), above 0; null for none. Default null.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>
    /// The largest element of the gradient (<see cref="Clip.ByValue"/>), above 0; null for none. Applied before <see cref="ClipNorm"/>.
    /// Default null.
    /// </summary>
    public double? ClipValue { get; init; }

    /// <summary>
    /// β of a running mean of the weights, from 0 to below 1 (0.999 is usual): w̄ ← β w̄ + (1 − β) w after each iteration, β being smaller in
    /// the first. The means are what is validated, saved as the model, and what the model has in the end; 0 for none. Default 0.
    /// </summary>
    public double AverageDecay { get; init; }

    /// <summary>How many batches make one iteration, at least 1: the loss is their mean. Default 1.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>Iterations from one validation to the next, at least 1; there is one more at the end. Default: one epoch.</summary>
    public long? ValidateEvery { get; init; }

    /// <summary>
    /// Iterations from one checkpoint to the next, at least 1; there is one more at the end. Default: as often as validations.
    /// </summary>
    public long? CheckpointEvery { get; init; }

    /// <summary>Iterations from one report to the next, at least 1. Default 10.</summary>
    public int ReportEvery { get; init; } = 10;

    /// <summary>After how many validations in a row without a new best the training stops, at least 0; 0 for never. Default 0.</summary>
    public int Patience { get; init; }

    /// <summary>
    /// Whether observers are told <see cref="TrainingStatistics"/> with every report: gradient norms of parameters and of hidden states, updates, saturation. It changes no bit, and the iterations of reports take longer. Default false.
    /// </summary>
    public bool RecordGradients { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    internal void Check()
    {
        AtLeast1(Iterations, nameof(Iterations));
        AtLeast1(Epochs, nameof(Epochs));
        AtLeast1(Accumulate, nameof(Accumulate));
        AtLeast1(ValidateEvery, nameof(ValidateEvery));
        AtLeast1(CheckpointEvery, nameof(CheckpointEvery));
        AtLeast1(ReportEvery, nameof(ReportEvery));
        if (ClipNorm is { } norm && !(norm > 0)) Throw.OutOfRange(nameof(ClipNorm), norm, "above 0");
        if (ClipValue is { } value && !(value > 0)) Throw.OutOfRange(nameof(ClipValue), value, "above 0");
        if (AverageDecay is not (>= 0 and < 1)) Throw.OutOfRange(nameof(AverageDecay), AverageDecay, "from 0 to below 1");
        if (Patience < 0) Throw.OutOfRange(nameof(Patience), Patience, "at least 0");

        static void AtLeast1(long? value, string name)
        {
            if (value < 1) Throw.OutOfRange(name, value, "at least 1");
        }
    }
}
