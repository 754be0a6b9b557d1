using System.Diagnostics;

namespace Unroll.Tensors;

/// <summary>
/// The sizes of a tensor's dimensions, at most four. Data lies row-major without gaps: the last dimension is the innermost, and time
/// comes first: <c>[T, B, F]</c>.
/// </summary>
[DebuggerDisplay("{ToString(),nq}")]
public readonly record struct Shape
{
    /// <summary>The largest number of dimensions.</summary>
    public const int MaxRank = 4;

    readonly int _d0, _d1, _d2, _d3;

    /// <summary>A scalar: no dimension, one element.</summary>
    public Shape() => Rank = 0;

    /// <summary>A vector.</summary>
    public Shape(int d0) : this(1, d0, 1, 1, 1) { }

    /// <summary>A matrix.</summary>
    public Shape(int d0, int d1) : this(2, d0, d1, 1, 1) { }

    /// <summary>Three dimensions, for a sequence <c>[T, B, F]</c>.</summary>
    public Shape(int d0, int d1, int d2) : this(3, d0, d1, d2, 1) { }

    /// <summary>Four dimensions.</summary>
    public Shape(int d0, int d1, int d2, int d3) : this(4, d0, d1, d2, d3) { }

    Shape(int rank, int d0, int d1, int d2, int d3)
    {
        if (d0 < 0 || d1 < 0 || d2 < 0 || d3 < 0) Throw.NegativeDimension(d0, d1, d2, d3);
        var count = Math.BigMul(d0, d1);
        if (count > int.MaxValue || (count *= d2) > int.MaxValue || (count *= d3) > int.MaxValue) Throw.TooManyElements(d0, d1, d2, d3);
        (Rank, _d0, _d1, _d2, _d3, Count) = (rank, d0, d1, d2, d3, (int)count);
    }

    /// <summary>How many dimensions there are, 0 to 4.</summary>
    public int Rank { get; }

    /// <summary>How many elements there are: the product of the dimensions, 1 for a scalar.</summary>
    public int Count { get; } = 1;

    /// <summary>The size of dimension <paramref name="dimension"/>; from the end with <c>^1</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such dimension.</exception>
    public int this[Index dimension]
    {
        get
        {
            var d = dimension.GetOffset(Rank);
            if ((uint)d >= (uint)Rank) Throw.OutOfRange(nameof(dimension), dimension, $"within the {Rank} dimensions of {this}");
            return d switch { 0 => _d0, 1 => _d1, 2 => _d2, _ => _d3 };
        }
    }

    /// <summary>The innermost dimension; 1 for a scalar.</summary>
    public int Columns => Rank == 0 ? 1 : this[^1];

    /// <summary>The product of all dimensions but the innermost: the tensor seen as a matrix has so many rows.</summary>
    public int Rows => Rank switch { 0 or 1 => 1, 2 => _d0, 3 => _d0 * _d1, _ => _d0 * _d1 * _d2 };

    /// <summary>The same dimensions with another innermost one.</summary>
    public Shape WithColumns(int columns) => Rank switch
    {
        1 => new(columns),
        2 => new(_d0, columns),
        3 => new(_d0, _d1, columns),
        4 => new(_d0, _d1, _d2, columns),
        _ => columns == 1 ? this : Throw.OutOfRange<Shape>(nameof(columns), columns, "1 for a scalar"),
    };

    /// <summary>The same dimensions with another outermost one.</summary>
    public Shape WithFirst(int size) => Rank switch
    {
        1 => new(size),
        2 => new(size, _d1),
        3 => new(size, _d1, _d2),
        4 => new(size, _d1, _d2, _d3),
        _ => size == 1 ? this : Throw.OutOfRange<Shape>(nameof(size), size, "1 for a scalar"),
    };

    /// <summary>The dimensions without the outermost one.</summary>
    public Shape WithoutFirst() => Rank switch
    {
        2 => new(_d1),
        3 => new(_d1, _d2),
        4 => new(_d1, _d2, _d3),
        _ => new(),
    };

    /// <summary>The dimensions without the innermost one.</summary>
    public Shape WithoutLast() => Rank switch
    {
        2 => new(_d0),
        3 => new(_d0, _d1),
        4 => new(_d0, _d1, _d2),
        _ => new(),
    };

    /// <summary>The sizes as an array.</summary>
    public int[] ToArray() => [.. new[] { _d0, _d1, _d2, _d3 }.AsSpan(0, Rank)];

    /// <summary>A shape from its sizes.</summary>
    public static Shape From(ReadOnlySpan<int> sizes) => sizes.Length switch
    {
        0 => new(),
        1 => new(sizes[0]),
        2 => new(sizes[0], sizes[1]),
        3 => new(sizes[0], sizes[1], sizes[2]),
        4 => new(sizes[0], sizes[1], sizes[2], sizes[3]),
        _ => Throw.OutOfRange<Shape>(nameof(sizes), sizes.Length, "at most 4 dimensions"),
    };

    /// <summary>The shape as it is written: <c>[64, 32, 256]</c>.</summary>
    public override string ToString() => $"[{string.Join(", ", ToArray().Select(static d => $"{d}"))}]";
}
