using Unroll.Kernels;

namespace Unroll.Tensors;

public static unsafe partial class Ops
{
    /// <summary>
    /// Rows of a table: yᵢ = table[idᵢ]; a row of zeros for an id of −1. The gradient adds dyᵢ to row idᵢ, in order of i.
    /// </summary>
    /// <param name="table">[V, E].</param>
    /// <param name="ids">Row numbers from 0 to V − 1, or −1.</param>
    /// <param name="shape">The shape of the ids, to which E is added: [T, B] gives [T, B, E].</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is outside the table.</exception>
    public static Tensor Gather(Tensor table, ReadOnlySpan<int> ids, Shape shape)
    {
        if (table.Shape.Rank != 2) Throw.WrongShape(nameof(Gather), nameof(table), table.Shape, "[V, E]");
        if (shape.Count != ids.Length) Throw.ValuesDoNotFit(ids.Length, shape);
        int size = table.Shape[0], width = table.Shape[1];
        for (var i = 0; i < ids.Length; i++)
            if (ids[i] < -1 || ids[i] >= size) Throw.NoSuchId(ids[i], i, size);
        var y = Tensor.New(Append(shape, width));
        fixed (int* places = ids)
        fixed (Real* from = table, to = y)
            ThreadTeam.Run(new GatherKernel { From = from, Ids = places, To = to, Width = width }, ids.Length, Math.Max(1, PointwiseGrain / Math.Max(1, width)));
        y.Data.Symbols = table.Data.Symbols.Count > 0 ? table.Data.Symbols.At(ids) : Symbols.Of(table, ids);
        if (Tape.Records(y, table)) Tape.Push<RowsNode>().Set(table, ids, y, gathered: true);
        return y;
    }

    /// <summary>
    /// The opposite of <see cref="Gather"/>: y starts as zeros [<paramref name="rows"/>, E], and row i of x is added to row idᵢ, in order
    /// of i; −1 drops the row. dxᵢ = dy[idᵢ].
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is outside.</exception>
    public static Tensor Scatter(Tensor x, ReadOnlySpan<int> ids, int rows)
    {
        if (x.Rows != ids.Length) Throw.ValuesDoNotFit(ids.Length, x.Shape);
        var width = x.Columns;
        for (var i = 0; i < ids.Length; i++)
            if (ids[i] < -1 || ids[i] >= rows) Throw.NoSuchId(ids[i], i, rows);
        var y = Tensor.Zeros(new(rows, width));
        AddRowsById(x.Values, y.Values, ids, width, toIds: true);
        if (Tape.Records(y, x)) Tape.Push<RowsNode>().Set(x, ids, y, gathered: false);
        return y;
    }

    /// <summary>
    /// Row i from a where <paramref name="mask"/>[i], else from b. The gradient goes to the one that was taken.
    /// </summary>
    /// <exception cref="ArgumentException">Shapes differ, or the mask has not one entry a row.</exception>
    public static Tensor Where(ReadOnlySpan<bool> mask, Tensor a, Tensor b)
    {
        if (a.Shape != b.Shape) Throw.ShapesDiffer(nameof(Where), a.Shape, b.Shape, "equal shapes");
        if (mask.Length != a.Rows) Throw.ValuesDoNotFit(mask.Length, a.Shape);
        var y = Tensor.New(a.Shape);
        var width = a.Columns;
        for (var i = 0; i < mask.Length; i++)
            (mask[i] ? a : b).Values.Slice(i * width, width).CopyTo(y.Values[(i * width)..]);
        if (Tape.Records(y, a, b)) Tape.Push<WhereNode>().Set(mask, a, b, y);
        return y;
    }

    /// <summary>y = x with row i multiplied by <paramref name="scales"/>[i]. dx likewise; dscaleᵢ = dyᵢ·xᵢ.</summary>
    /// <param name="x">[…, F].</param>
    /// <param name="scales">One number a row of x.</param>
    /// <exception cref="ArgumentException">There is not one scale a row.</exception>
    public static Tensor ScaleRows(Tensor x, Tensor scales)
    {
        if (scales.Count != x.Rows) Throw.ShapesDiffer(nameof(ScaleRows), x.Shape, scales.Shape, "one scale for each row");
        var y = Tensor.New(x.Shape);
        var width = x.Columns;
        fixed (Real* px = x, py = y, s = scales)
            for (var i = 0; i < x.Rows; i++)
                ThreadTeam.Run(new AffineKernel(px + (nint)i * width, py + (nint)i * width, s[i]), width, PointwiseGrain);
        if (Tape.Records(y, x, scales)) Tape.Push<ScaleRowsNode>().Set(x, scales, y);
        return y;
    }

    struct GatherKernel : IKernel
    {
        public Real* From, To;
        public int* Ids;
        public int Width;

        public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
        {
            for (var i = from; i < to; i++)
            {
                var row = new Span<Real>(To + (nint)i * Width, Width);
                if (Ids[i] < 0) row.Clear();
                else new ReadOnlySpan<Real>(From + (nint)Ids[i] * Width, Width).CopyTo(row);
            }
        }
    }

    static Shape Append(Shape shape, int last) => shape.Rank switch
    {
        0 => new(last),
        1 => new(shape[0], last),
        2 => new(shape[0], shape[1], last),
        3 => new(shape[0], shape[1], shape[2], last),
        _ => Throw.OutOfRange<Shape>(nameof(shape), shape, "of at most 3 dimensions"),
    };

    /// <summary>Keeps the ids of a recorded operation without allocating again.</summary>
    abstract class IdsNode : Node
    {
        int[] _ids = [];
        int _count;

        protected ReadOnlySpan<int> Ids
        {
            get => _ids.AsSpan(0, _count);
            set
            {
                if (_ids.Length < value.Length) _ids = new int[value.Length];
                value.CopyTo(_ids);
                _count = value.Length;
            }
        }
    }

    /// <summary>Rows of x that were gathered into y by their ids, or scattered there.</summary>
    sealed class RowsNode : IdsNode
    {
        Tensor _x, _y;
        bool _gathered;

        public void Set(Tensor x, ReadOnlySpan<int> ids, Tensor y, bool gathered)
        {
            (_x, _y, _gathered) = (x, y, gathered);
            Ids = ids;
        }

        public override void Backward()
        {
            if (_y.Data.GradientIsFresh) return;                     // all of it went to the table by its symbols
            var dx = _gathered ? _x.Data.GradientOfRows(Ids) : _x.Data.Gradient();
            AddRowsById(_y.Data.Gradient(), dx, Ids, _y.Columns, toIds: _gathered);
        }
    }

    /// <summary>to[idᵢ] += from[i], row by row in order of i; or to[i] += from[idᵢ]. An id of −1 is passed over. Threads share the columns.</summary>
    internal static void AddRowsById(ReadOnlySpan<Real> from, Span<Real> to, ReadOnlySpan<int> ids, int width, bool toIds)
    {
        fixed (int* places = ids)
        fixed (Real* f = from, t = to)
            ThreadTeam.Run(new RowsByIdKernel { From = f, To = t, Ids = places, Rows = ids.Length, Width = width, ToIds = toIds }, width, Math.Max(64, 65536 / Math.Max(1, ids.Length)));
    }

    struct RowsByIdKernel : IKernel
    {
        public Real* From, To;
        public int* Ids;
        public int Rows, Width;
        public bool ToIds;

        public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
        {
            for (var i = 0; i < Rows; i++)
                if (Ids[i] >= 0) new AddScaledKernel(1, From + (nint)(ToIds ? i : Ids[i]) * Width, To + (nint)(ToIds ? Ids[i] : i) * Width).Run<V>(from, to);
        }
    }

    sealed class WhereNode : Node
    {
        Tensor _a, _b, _y;
        bool[] _mask = [];

        public void Set(ReadOnlySpan<bool> mask, Tensor a, Tensor b, Tensor y)
        {
            (_a, _b, _y) = (a, b, y);
            if (_mask.Length < mask.Length) _mask = new bool[mask.Length];
            mask.CopyTo(_mask);
        }

        public override void Backward()
        {
            var dy = _y.Data.Gradient();
            var width = _y.Columns;
            for (var i = 0; i < _y.Rows; i++)
            {
                var taken = _mask[i] ? _a : _b;
                if (taken.NeedsGradient) AddScaled(1, dy.Slice(i * width, width), taken.Data.Gradient().Slice(i * width, width));
            }
        }
    }

    sealed class ScaleRowsNode : Node
    {
        Tensor _x, _scales, _y;

        public void Set(Tensor x, Tensor scales, Tensor y) => (_x, _scales, _y) = (x, scales, y);

        public override void Backward()
        {
            var dy = _y.Data.Gradient();
            var width = _y.Columns;
            for (var i = 0; i < _y.Rows; i++)
            {
                var row = dy.Slice(i * width, width);
                if (_x.NeedsGradient) AddScaled(_scales.Values[i], row, _x.Data.Gradient().Slice(i * width, width));
                if (_scales.NeedsGradient) _scales.Data.Gradient()[i] += (Real)Reduce.Dot(row, _x.Values.Slice(i * width, width));
            }
        }
    }
}
