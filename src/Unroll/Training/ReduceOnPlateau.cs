namespace Unroll.Training;

/// <summary>The rate made smaller whenever the validation loss has stopped falling.</summary>
/// <remarks>
/// As PyTorch's <c>ReduceLROnPlateau</c> in its mode <c>min</c> with a relative threshold, with the smallest rate given as a factor. A
/// loss below (1 − threshold) · best is progress; not a number never is.
/// Not safe for use by several threads at once.
/// </remarks>
internal sealed class ReduceOnPlateau : Schedule
{
    readonly double _by, _threshold, _floor;
    readonly int _patience, _coolDown;
    double _factor = 1, _best = double.PositiveInfinity;
    int _bad, _cooling;

    /// <summary>A rate that follows the validation loss.</summary>
    /// <param name="by">What the rate is multiplied by, above 0 and below 1; default 0.1.</param>
    /// <param name="patience">How many validations without progress are borne; the next one makes the rate smaller. At least 0; default
    /// 10.</param>
    /// <param name="threshold">How much smaller, in proportion, a loss must be to be progress; from 0 to below 1; default 1e-4.</param>
    /// <param name="coolDown">For how many validations after a change none is counted; at least 0; default 0.</param>
    /// <param name="floor">The smallest factor, from 0 to 1; default 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public ReduceOnPlateau(double by = 0.1, int patience = 10, double threshold = 1e-4, int coolDown = 0, double floor = 0)
    {
        Check(by is > 0 and < 1, nameof(by), by, "above 0 and below 1");
        Check(patience >= 0, nameof(patience), patience, "at least 0");
        Check(threshold is >= 0 and < 1, nameof(threshold), threshold, "from 0 to below 1");
        Check(coolDown >= 0, nameof(coolDown), coolDown, "at least 0");
        Check(floor is >= 0 and <= 1, nameof(floor), floor, "from 0 to 1");
        (_by, _patience, _threshold, _coolDown, _floor) = (by, patience, threshold, coolDown, floor);
    }

    /// <inheritdoc/>
    public override double Factor(long iteration, int iterationsPerEpoch) => _factor;

    /// <inheritdoc/>
    public override void Observe(double validationLoss)
    {
        if (validationLoss < _best * (1 - _threshold)) (_best, _bad) = (validationLoss, 0);
        else _bad++;
        if (_cooling > 0) (_cooling, _bad) = (_cooling - 1, 0);
        if (_bad <= _patience) return;
        _factor = Math.Max(_factor * _by, _floor);
        (_cooling, _bad) = (_coolDown, 0);
    }

    /// <inheritdoc/>
    public override void Capture(CheckpointState snapshot)
    {
        snapshot.Set("factor", _factor);
        snapshot.Set("best", _best);
        snapshot.Set("bad", _bad);
        snapshot.Set("cooling", _cooling);
    }

    /// <inheritdoc/>
    public override void Restore(CheckpointState snapshot)
    {
        _factor = snapshot.GetDouble("factor");
        _best = snapshot.GetDouble("best");
        _bad = (int)snapshot.GetInt64("bad");
        _cooling = (int)snapshot.GetInt64("cooling");
    }
}
