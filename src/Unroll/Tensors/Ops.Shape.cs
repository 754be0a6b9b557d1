namespace Unroll.Tensors;

public static unsafe partial class Ops
{
    /// <summary>
    /// Puts tensors one after the other along the outermost dimension: steps of a sequence, rows of a batch. dxᵢ is its part of dy.
    /// </summary>
    /// <exception cref="ArgumentException">No part, or parts that differ in another dimension.</exception>
    public static Tensor Concat(params ReadOnlySpan<Tensor> parts)
    {
        if (parts.IsEmpty) Throw.NoParts(nameof(Concat));
        var first = parts[0].Shape;
        var total = 0;
        foreach (var p in parts)
        {
            if (p.Shape.Rank == 0 || p.Shape.Rank != first.Rank || p.Shape.WithFirst(1) != first.WithFirst(1))
                Throw.ShapesDiffer(nameof(Concat), first, p.Shape, "equal dimensions but the first");
            total += p.Shape[0];
        }
        var y = Tensor.New(first.WithFirst(total));
        var at = 0;
        foreach (var x in parts)
        {
            x.Values.CopyTo(y.Values[at..]);
            if (Tape.Records(y, x)) Tape.Push<BlockNode>().Set(x, 0, x.Count, y, at, x.Count, 1, x.Count);
            at += x.Count;
        }
        return y;
    }

    /// <summary>Stacks equal tensors along a new outermost dimension: steps [B, H] become a sequence [T, B, H]. dxᵢ is its part of dy.</summary>
    /// <exception cref="ArgumentException">No part, or shapes that differ.</exception>
    public static Tensor Stack(params ReadOnlySpan<Tensor> parts)
    {
        if (parts.IsEmpty) Throw.NoParts(nameof(Stack));
        var part = parts[0].Shape;
        var shape = part.Rank switch
        {
            0 => new Shape(parts.Length),
            1 => new(parts.Length, part[0]),
            2 => new(parts.Length, part[0], part[1]),
            3 => new(parts.Length, part[0], part[1], part[2]),
            _ => Throw.OutOfRange<Shape>(nameof(parts), part, "of at most 3 dimensions each"),
        };
        var y = Tensor.New(shape);
        for (var i = 0; i < parts.Length; i++)
        {
            var x = parts[i];
            if (x.Shape != part) Throw.ShapesDiffer(nameof(Stack), part, x.Shape, "equal shapes");
            x.Values.CopyTo(y.Values.Slice(i * part.Count, part.Count));
            if (Tape.Records(y, x)) Tape.Push<BlockNode>().Set(x, 0, x.Count, y, i * part.Count, x.Count, 1, x.Count);
        }
        return y;
    }

    /// <summary>Puts tensors side by side along the innermost dimension: features. dxᵢ is its columns of dy.</summary>
    /// <exception cref="ArgumentException">No part, or parts that differ in another dimension.</exception>
    public static Tensor ConcatColumns(params ReadOnlySpan<Tensor> parts)
    {
        if (parts.IsEmpty) Throw.NoParts(nameof(ConcatColumns));
        var first = parts[0].Shape;
        var total = 0;
        foreach (var p in parts)
        {
            if (p.Shape.Rank == 0 || p.Shape.WithColumns(1) != first.WithColumns(1))
                Throw.ShapesDiffer(nameof(ConcatColumns), first, p.Shape, "equal dimensions but the last");
            total += p.Columns;
        }
        var y = Tensor.New(first.WithColumns(total));
        var at = 0;
        foreach (var x in parts)
        {
            CopyBlock(x.Values, 0, x.Columns, y.Values, at, total, x.Rows, x.Columns);
            if (Tape.Records(y, x)) Tape.Push<BlockNode>().Set(x, 0, x.Columns, y, at, total, x.Rows, x.Columns);
            at += x.Columns;
        }
        return y;
    }

    /// <summary>Columns <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/> of the innermost dimension. dx is dy there, 0 elsewhere.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The columns are not all there.</exception>
    public static Tensor Columns(Tensor x, int start, int count)
    {
        if (start < 0 || count < 0 || start > x.Columns - count) Throw.OutOfRange(nameof(start), (start, count), $"a range within the {x.Columns} columns of {x.Shape}");
        var y = Tensor.New(x.Shape.WithColumns(count));
        CopyBlock(x.Values, start, x.Columns, y.Values, 0, count, x.Rows, count);
        if (Tape.Records(y, x)) Tape.Push<BlockNode>().Set(x, start, x.Columns, y, 0, count, x.Rows, count);
        return y;
    }

    /// <summary>Cuts the innermost dimension into <paramref name="parts"/> equal parts, such as the gates of a cell; gives part <paramref name="index"/>.</summary>
    /// <exception cref="ArgumentException">The dimension cannot be cut so.</exception>
    public static Tensor Part(Tensor x, int index, int parts)
    {
        if (parts < 1 || x.Columns % parts != 0) Throw.WrongShape(nameof(Part), nameof(x), x.Shape, $"a last dimension that {parts} parts go into");
        return Columns(x, index * (x.Columns / parts), x.Columns / parts);
    }

    /// <summary>The transposed matrix. dx = dyᵀ.</summary>
    /// <exception cref="ArgumentException">x is not a matrix.</exception>
    public static Tensor Transpose(Tensor x)
    {
        if (x.Shape.Rank != 2) Throw.WrongShape(nameof(Transpose), nameof(x), x.Shape, "a matrix");
        var y = Tensor.New(new(x.Shape[1], x.Shape[0]));
        AddTransposed(x.Values, y.Values, x.Shape[0], x.Shape[1], add: false);
        if (Tape.Records(y, x)) Tape.Push<TransposeNode>().Set(x, y);
        return y;
    }

    static void AddTransposed(ReadOnlySpan<Real> x, Span<Real> y, int rows, int columns, bool add)
    {
        for (var j = 0; j < columns; j++)
            for (var i = 0; i < rows; i++) y[j * rows + i] = x[i * columns + j] + (add ? y[j * rows + i] : 0);
    }

    sealed class TransposeNode : Node
    {
        Tensor _x, _y;

        public void Set(Tensor x, Tensor y) => (_x, _y) = (x, y);
        public override void Backward() => AddTransposed(_y.Data.Gradient(), _x.Data.Gradient(), _y.Shape[0], _y.Shape[1], add: true);
    }

    static void CopyBlock(ReadOnlySpan<Real> from, int fromAt, int fromRow, Span<Real> to, int toAt, int toRow, int rows, int columns)
    {
        for (var i = 0; i < rows; i++) from.Slice(fromAt + i * fromRow, columns).CopyTo(to[(toAt + i * toRow)..]);
    }

    /// <summary>A block of rows and columns that was copied from x into y.</summary>
    sealed class BlockNode : Node
    {
        Tensor _x, _y;
        int _xAt, _xRow, _yAt, _yRow, _rows, _columns;

        public void Set(Tensor x, int xAt, int xRow, Tensor y, int yAt, int yRow, int rows, int columns) =>
            (_x, _xAt, _xRow, _y, _yAt, _yRow, _rows, _columns) = (x, xAt, xRow, y, yAt, yRow, rows, columns);

        public override void Backward()
        {
            var fresh = false;
            Span<Real> dy = _y.Data.Gradient(), dx = _rows * _columns == _x.Count ? _x.Data.GradientOrFresh(out fresh) : _x.Data.Gradient();
            for (var i = 0; i < _rows; i++) AddScaled(1, dy.Slice(_yAt + i * _yRow, _columns), dx.Slice(_xAt + i * _xRow, _columns), fresh);
        }
    }
}
