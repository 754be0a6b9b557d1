namespace Unroll.Training;

/// <summary>How the learning rate changes while training: a factor on the rate that the optimizer was made with.</summary>
/// <remarks>
/// The factor follows from the iteration alone, so that a resumed run needs no memory of it; <see cref="OnPlateau"/>, which follows
/// the validation loss, is saved and restored.
/// Safe for use by several threads, but for <see cref="OnPlateau"/>, which is for one training.
/// </remarks>
public abstract class Schedule
{
    /// <summary>The same rate all the time.</summary>
    public static Schedule Constant { get; } = new StepSchedule(divisor: 1, every: 1);

    /// <summary>The rate divided by a number after some epochs, and then every so many again: <c>Schedule.Step(2, after: 4)</c> halves it after every epoch from the fourth on.</summary>
    /// <param name="divisor">At least 1.</param>
    /// <param name="every">Epochs between divisions, at least 1.</param>
    /// <param name="after">Epochs before the first one; <paramref name="every"/> where null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static Schedule Step(double divisor, int every = 1, int? after = null) => new StepSchedule(divisor, every, after);

    /// <summary>The rate times a number for every epoch, a bit of it after every iteration.</summary>
    /// <param name="perEpoch">Above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of range.</exception>
    public static Schedule Exponential(double perEpoch) => new ExponentialSchedule(perEpoch);

    /// <summary>Half a cosine, from the whole rate down to a floor (Loshchilov and Hutter 2017).</summary>
    /// <param name="iterations">How many until the floor, at least 1.</param>
    /// <param name="floor">The factor at the end and after it, from 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static Schedule Cosine(long iterations, double floor = 0) => new CosineSchedule(iterations, floor);

    /// <summary>A rate that rises along a line, on top of another schedule.</summary>
    /// <param name="iterations">How many until the whole rate, at least 1.</param>
    /// <param name="then">What the factor is multiplied with all along.</param>
    /// <param name="start">The factor of the first iteration, from 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static Schedule WarmUp(long iterations, Schedule then, double start = 0.01) => new WarmUpSchedule(iterations, then, start);

    /// <summary>The rate times a number whenever the validation loss has not become less for some validations.</summary>
    /// <param name="by">Above 0 and below 1.</param>
    /// <param name="patience">Validations without progress that are borne, at least 0.</param>
    /// <param name="threshold">The share by which a loss must be less to count as progress.</param>
    /// <param name="coolDown">Validations after a division during which none is counted.</param>
    /// <param name="floor">The least factor.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static Schedule OnPlateau(double by = 0.1, int patience = 10, double threshold = 1e-4, int coolDown = 0, double floor = 0) =>
        new ReduceOnPlateau(by, patience, threshold, coolDown, floor);

    /// <summary>The factor for an iteration.</summary>
    /// <param name="iteration">How many iterations came before, from 0.</param>
    /// <param name="iterationsPerEpoch">How many make one pass through the data, at least 1.</param>
    public abstract double Factor(long iteration, int iterationsPerEpoch);

    /// <summary>Learns of a validation loss.</summary>
    public virtual void Observe(double validationLoss) { }

    /// <summary>Writes what <see cref="Factor"/> depends on besides its arguments.</summary>
    public virtual void Capture(CheckpointState snapshot) { }

    /// <summary>Continues from what <see cref="Capture"/> wrote.</summary>
    public virtual void Restore(CheckpointState snapshot) { }

    private protected static void Check(bool good, string parameter, double value, string expected)
    {
        if (!good) Throw.OutOfRange(parameter, value, expected);
    }
}

/// <summary>
/// The rate divided by a number after some epochs and then every so many again: <c>Schedule.Step(2, after: 4)</c> halves it
/// after the 4th epoch and after each that follows.
/// </summary>
/// <remarks>Safe for use by several threads: it does not change.</remarks>
internal sealed class StepSchedule : Schedule
{
    readonly double _divisor;
    readonly int _every, _after;

    /// <summary>A rate that falls in steps.</summary>
    /// <param name="divisor">What the rate is divided by, at least 1.</param>
    /// <param name="every">Epochs from one division to the next, at least 1; default 1.</param>
    /// <param name="after">Epochs before the first division, at least 0; default <paramref name="every"/>, which makes it PyTorch's
    /// <c>StepLR</c>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public StepSchedule(double divisor, int every = 1, int? after = null)
    {
        Check(divisor is >= 1 and < double.PositiveInfinity, nameof(divisor), divisor, "at least 1");
        Check(every >= 1, nameof(every), every, "at least 1");
        Check(after is null or >= 0, nameof(after), after ?? 0, "at least 0");
        (_divisor, _every, _after) = (divisor, every, after ?? every);
    }

    /// <inheritdoc/>
    public override double Factor(long iteration, int iterationsPerEpoch)
    {
        var epoch = iteration / iterationsPerEpoch;
        return epoch < _after ? 1 : Math.Pow(_divisor, -((epoch - _after) / _every + 1));
    }
}

/// <summary>
/// The rate multiplied by the same number every epoch, a little at every iteration: γ^(iteration / iterations per epoch).
/// </summary>
/// <remarks>Safe for use by several threads: it does not change.</remarks>
internal sealed class ExponentialSchedule : Schedule
{
    readonly double _perEpoch;

    /// <summary>A rate that falls evenly.</summary>
    /// <param name="perEpoch">γ, above 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of range.</exception>
    public ExponentialSchedule(double perEpoch)
    {
        Check(perEpoch is > 0 and <= 1, nameof(perEpoch), perEpoch, "above 0 and at most 1");
        _perEpoch = perEpoch;
    }

    /// <inheritdoc/>
    public override double Factor(long iteration, int iterationsPerEpoch) => Math.Pow(_perEpoch, (double)iteration / iterationsPerEpoch);
}

/// <summary>
/// From 1 down to a floor along half a cosine, f + (1 − f)(1 + cos(π · iteration / iterations)) / 2; the floor from then on (Loshchilov
/// and Hutter 2017, without restarts).
/// </summary>
/// <remarks>Safe for use by several threads: it does not change.</remarks>
internal sealed class CosineSchedule : Schedule
{
    readonly long _iterations;
    readonly double _floor;

    /// <summary>A rate that falls slowly, then fast, then slowly.</summary>
    /// <param name="iterations">How long it falls, at least 1: usually the length of the run.</param>
    /// <param name="floor">f, the factor at the end, from 0 to 1; default 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public CosineSchedule(long iterations, double floor = 0)
    {
        Check(iterations >= 1, nameof(iterations), iterations, "at least 1");
        Check(floor is >= 0 and <= 1, nameof(floor), floor, "from 0 to 1");
        (_iterations, _floor) = (iterations, floor);
    }

    /// <inheritdoc/>
    public override double Factor(long iteration, int iterationsPerEpoch) =>
        _floor + (1 - _floor) * (1 + Math.Cos(Math.PI * Math.Min(iteration, _iterations) / _iterations)) / 2;
}

/// <summary>
/// Another schedule whose rates are first scaled up from a fraction to the whole, in equal steps: s + (1 − s) · iteration / iterations.
/// </summary>
/// <remarks>Safe for use by several threads: it does not change.</remarks>
internal sealed class WarmUpSchedule : Schedule
{
    readonly Schedule _then;
    readonly long _iterations;
    readonly double _start;

    /// <summary>A schedule with a warm-up.</summary>
    /// <param name="iterations">How many iterations have less than the whole rate, at least 1.</param>
    /// <param name="then">The schedule that is scaled; it counts from the same iteration 0.</param>
    /// <param name="start">s, the fraction at iteration 0, from 0 to 1; default 0.01.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public WarmUpSchedule(long iterations, Schedule then, double start = 0.01)
    {
        Check(iterations >= 1, nameof(iterations), iterations, "at least 1");
        Check(start is >= 0 and <= 1, nameof(start), start, "from 0 to 1");
        (_iterations, _then, _start) = (iterations, then, start);
    }

    /// <inheritdoc/>
    public override double Factor(long iteration, int iterationsPerEpoch) =>
        _then.Factor(iteration, iterationsPerEpoch) * (_start + (1 - _start) * Math.Min(iteration, _iterations) / _iterations);

    /// <inheritdoc/>
    public override void Observe(double validationLoss) => _then.Observe(validationLoss);

    /// <inheritdoc/>
    public override void Capture(CheckpointState snapshot) => _then.Capture(snapshot);

    /// <inheritdoc/>
    public override void Restore(CheckpointState snapshot) => _then.Restore(snapshot);
}
