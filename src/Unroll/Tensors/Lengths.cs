using System.Diagnostics;

namespace Unroll.Tensors;

/// <summary>
/// How many steps each row of a batch has; in any order, 0 allowed. Past its length a row is invisible: its state is carried unchanged and
/// its output is zero.
/// </summary>
/// <remarks>Safe for use by several threads, but for <see cref="Set"/>.</remarks>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class Lengths
{
    int[] _values = [], _order = [], _live = [0], _place = [0];
    int[] _sorted = [], _unsorted = [];          // whoever asks fills them, with what everybody else would
    int _rows;

    /// <summary>The lengths of a batch of <paramref name="steps"/> steps.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A length is negative or above the number of steps.</exception>
    public Lengths(ReadOnlySpan<int> lengths, int steps) => Set(lengths, steps);

    /// <summary>The length of each row.</summary>
    public ReadOnlySpan<int> Values => _values.AsSpan(0, _rows);

    /// <summary>T, the steps of the batch: the longest a row can be.</summary>
    public int Steps { get; private set; }

    /// <summary>How many steps count, over all rows.</summary>
    public int Total { get; private set; }

    /// <summary>Whether every row has all steps.</summary>
    public bool AreFull => Total == _rows * Steps;

    /// <summary>The first lengths and the steps of the batch, for people: <c>[5, 3, 0] of 5 steps</c>.</summary>
    public override string ToString() =>
        $"[{string.Join(", ", _values.Take(Math.Min(_rows, 8)).Select(static n => $"{n}"))}{(_rows > 8 ? ", …" : "")}] of {Steps} steps";

    /// <summary>How many batches it has described.</summary>
    internal int Version { get; private set; }

    /// <summary>The rows from longest to shortest; equal ones in their order.</summary>
    internal ReadOnlySpan<int> Order => _order.AsSpan(0, _rows);

    /// <summary>How many rows have a step t: in <see cref="Order"/> these are the first.</summary>
    internal int LiveAt(int t) => _live[t];

    /// <summary>Where step t starts when only the steps that count are kept, step by step, rows in <see cref="Order"/>.</summary>
    internal int PlaceOf(int t) => _place[t];

    /// <summary>For every step <see cref="LiveAt"/>, and past the last.</summary>
    internal ReadOnlySpan<int> Live => _live.AsSpan(0, Steps + 1);

    /// <summary>For every step <see cref="PlaceOf"/>, and past the last.</summary>
    internal ReadOnlySpan<int> Places => _place.AsSpan(0, Steps + 1);

    /// <summary>For every step of the rows in <see cref="Order"/>, where it stands in a batch [T, B]; −1 where it does not count.</summary>
    internal ReadOnlySpan<int> SortSteps()
    {
        var sorted = _sorted.Length < Steps * _rows ? new int[Steps * _rows] : _sorted;
        for (var t = 0; t < Steps; t++)
            for (var p = 0; p < _rows; p++) sorted[t * _rows + p] = p < _live[t] ? t * _rows + _order[p] : -1;
        _sorted = sorted;
        return sorted.AsSpan(0, Steps * _rows);
    }

    /// <summary>For every row of the batch, its place in <see cref="Order"/>.</summary>
    internal ReadOnlySpan<int> Unsort()
    {
        var unsorted = _unsorted.Length < _rows ? new int[_rows] : _unsorted;
        for (var p = 0; p < _rows; p++) unsorted[_order[p]] = p;
        _unsorted = unsorted;
        return unsorted.AsSpan(0, _rows);
    }

    /// <summary>Describes another batch, keeping the memory where it suffices. Not while a tape still has to go back through this one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A length is negative or above the number of steps.</exception>
    public void Set(ReadOnlySpan<int> lengths, int steps)
    {
        if (steps < 0) Throw.OutOfRange(nameof(steps), steps, "at least 0");
        for (var r = 0; r < lengths.Length; r++)
            if (lengths[r] < 0 || lengths[r] > steps) Throw.OutOfRange(nameof(lengths), lengths[r], $"from 0 to the {steps} steps of the batch (row {r})");
        if (_values.Length < lengths.Length) (_values, _order) = (new int[lengths.Length], new int[lengths.Length]);
        if (_live.Length < steps + 1) (_live, _place) = (new int[steps + 1], new int[steps + 1]);
        (_rows, Steps, Total, Version) = (lengths.Length, steps, 0, Version + 1);
        Array.Clear(_live, 0, steps + 1);
        for (var r = 0; r < _rows; r++)
        {
            var n = lengths[r];
            _values[r] = n;
            _live[n]++;                                   // for now: rows of exactly this length
            Total += n;
        }
        // Counting sort, longest first. _live[n] becomes the number of rows longer than n, which is the number live at step n.
        var longer = 0;
        for (var n = steps; n >= 0; n--) (_live[n], longer) = (longer, longer + _live[n]);
        for (var r = 0; r < _rows; r++) _order[_live[_values[r]]++] = r;
        for (var n = 0; n <= steps; n++) _live[n] = 0;
        for (var r = 0; r < _rows; r++) _live[_values[r]]++;
        longer = 0;
        for (var n = steps; n >= 0; n--) (_live[n], longer) = (longer, longer + _live[n]);
        for (int t = 0, place = 0; t <= steps; t++) (_place[t], place) = (place, place + _live[t]);
    }
}
