using System.Diagnostics;

namespace Unroll.Data;

/// <summary>The values of one series, a number for each column and time step; NaN stands for a missing value.</summary>
/// <remarks>Safe for use by several threads as long as nobody changes the arrays it was made from.</remarks>
[DebuggerDisplay("{Name,nq}: {Count} steps")]
public sealed class TimeSeries
{
    readonly double[][] _values;
    readonly double[] _static;

    /// <summary>A series.</summary>
    /// <param name="name">Its name; may be empty for an only series.</param>
    /// <param name="values">An array for each column of the table, all of one length; kept, not copied. Categories are places in the column's list.</param>
    /// <param name="start">The time of the first step; null where there are no times.</param>
    /// <param name="step">The time from one step to the next; null where it is not known.</param>
    /// <param name="staticValues">A value for each static column of the table; kept, not copied.</param>
    /// <exception cref="ArgumentException">There is no column, lengths differ, or there is a start without a step.</exception>
    public TimeSeries(string name, double[][] values, DateTime? start = null, TimeStep? step = null, double[]? staticValues = null)
    {
        if (values.Length == 0) throw new ArgumentException("A series needs a column.", nameof(values));
        if (Array.Exists(values, v => v.Length != values[0].Length)) throw new ArgumentException($"The columns of series {ProblemList.Quote(name)} differ in length.", nameof(values));
        if (start is not null && step is not { Count: > 0 }) throw new ArgumentException($"Series {ProblemList.Quote(name)} has a start but no step.", nameof(step));
        (Name, _values, Start, Step, _static) = (name, values, start, step, staticValues ?? []);
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The time of the first step; null where there are no times.</summary>
    public DateTime? Start { get; }

    /// <summary>The time from one step to the next; null where it is not known.</summary>
    public TimeStep? Step { get; }

    /// <summary>How many steps there are, missing values included.</summary>
    public int Count => _values[0].Length;

    /// <summary>How many columns there are.</summary>
    public int ColumnCount => _values.Length;

    /// <summary>The values of one column, a number for each step; NaN where one is missing.</summary>
    public ReadOnlySpan<double> this[int column] => _values[column];

    /// <summary>The same counted from the end: <c>series[^1]</c> is the last column.</summary>
    public ReadOnlySpan<double> this[Index column] => _values[column];               // without it C# would count from Count, the steps

    /// <summary>A value for each static column of the table; NaN where one is missing.</summary>
    public ReadOnlySpan<double> StaticValues => _static;

    /// <summary>The time of a step, also of one past the end, or null where there are no times.</summary>
    /// <param name="index">Which step, from 0; negative before the first.</param>
    public DateTime? TimeAt(long index) => Start is { } start ? Step!.Value.Add(start, index) : null;
}
