namespace Unroll.Data;

/// <summary>A sequence of feature vectors: samples of sensors, rows of a picture, frames of speech.</summary>
/// <remarks>Safe for use by several threads: it does not change.</remarks>
public sealed class Series
{
    readonly Real[] _values;

    /// <summary>A sequence of <paramref name="steps"/> vectors of <paramref name="features"/> numbers each, step after step.</summary>
    /// <param name="values">[T, F]; kept, not copied. NaN stands for a missing value.</param>
    /// <param name="steps">T, at least 0.</param>
    /// <param name="features">F, at least 1.</param>
    /// <param name="channels">C, of a picture the numbers of a pixel; F where features are no pixels, or if 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of range.</exception>
    /// <exception cref="ArgumentException">There are not T·F values.</exception>
    public Series(Real[] values, int steps, int features, int channels = 0)
    {
        if (steps < 0) Throw.OutOfRange(nameof(steps), steps, "at least 0");
        if (features < 1) Throw.OutOfRange(nameof(features), features, "at least 1");
        if (channels < 0 || (channels > 0 && features % channels != 0)) Throw.OutOfRange(nameof(channels), channels, $"a part of {features}");
        if (values.Length != (long)steps * features) Throw.ValuesDoNotFit(values.Length, new(steps, features));
        (_values, Steps, Features, Channels) = (values, steps, features, channels > 0 ? channels : features);
    }

    /// <summary>T, the number of steps.</summary>
    public int Steps { get; }

    /// <summary>F, the numbers of each step.</summary>
    public int Features { get; }

    /// <summary>C: features f and f + C are of one kind, as those of a picture's pixels are; F where all differ.</summary>
    public int Channels { get; }

    /// <summary>All numbers [T, F], step after step.</summary>
    public ReadOnlySpan<Real> Values => _values;

    /// <summary>The numbers of one step.</summary>
    public ReadOnlySpan<Real> this[int step] => _values.AsSpan(step * Features, Features);
}
