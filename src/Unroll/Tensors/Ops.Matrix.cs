using Unroll.Kernels;

namespace Unroll.Tensors;

public static unsafe partial class Ops
{
    /// <summary>
    /// The matrix product y = A·B, where A is a or its transpose and B is b or its transpose. All but the last dimension of a count as rows,
    /// unless it is transposed; b is a matrix.
    /// dA = dy·Bᵀ, dB = Aᵀ·dy.
    /// </summary>
    /// <param name="a">[M, K], or [K, M] to be transposed.</param>
    /// <param name="b">[K, N], or [N, K] to be transposed.</param>
    /// <param name="transposeA">Whether a is taken transposed.</param>
    /// <param name="transposeB">Whether b is taken transposed.</param>
    /// <returns>[M, N]; with a's leading dimensions where it was not transposed.</returns>
    /// <exception cref="ArgumentException">The inner dimensions differ, or b (or a transposed a) is not a matrix.</exception>
    public static Tensor MatMul(Tensor a, Tensor b, bool transposeA = false, bool transposeB = false)
    {
        Matrix left = Matrix.Of(a, transposeA), right = Matrix.Of(b, transposeB);
        if (b.Shape.Rank != 2 || (transposeA && a.Shape.Rank != 2) || left.Columns != right.Rows)
            Throw.ShapesDiffer(nameof(MatMul), a.Shape, b.Shape, $"{(transposeA ? "[K, M]" : "[…, K]")} and {(transposeB ? "[N, K]" : "[K, N]")}");
        var y = Tensor.New(transposeA ? new(left.Rows, right.Columns) : a.Shape.WithColumns(right.Columns));
        Product(left, right, y.Values, accumulate: false);
        if (Tape.Records(y, a, b)) Tape.Push<MatMulNode>().Set(a, b, y, transposeA, transposeB);
        return y;
    }

    /// <summary>
    /// y = x·Wᵀ + b: every row of x through a linear layer. dx = dy·W, dW = dyᵀ·x, db = Σ rows of dy.
    /// </summary>
    /// <param name="x">[…, I].</param>
    /// <param name="weight">[O, I].</param>
    /// <param name="bias">[O], or null.</param>
    /// <returns>[…, O].</returns>
    /// <exception cref="ArgumentException">The sizes do not go together.</exception>
    public static Tensor Linear(Tensor x, Parameter weight, Parameter? bias)
    {
        if (weight.Shape.Rank != 2 || weight.Shape[1] != x.Columns) Throw.ShapesDiffer(nameof(Linear), x.Shape, weight.Shape, "[…, I] and [O, I]");
        if (bias is not null && bias.Count != weight.Shape[0]) Throw.WrongShape(nameof(Linear), nameof(bias), bias.Shape, $"[{weight.Shape[0]}]");
        var outputs = weight.Shape[0];
        var y = Tensor.New(x.Shape.WithColumns(outputs));
        var factor = weight.FactorFor(transposed: true, Gemm.Passes(x.Rows, x.Columns));
        fixed (Real* px = x, w = factor, b = bias, py = y)
            Gemm.Multiply(px, x.Columns, 1, factor.At(w), b, 0, py, outputs, x.Rows, outputs, x.Columns);
        if (Tape.Mark(y, x.NeedsGradient || weight.Trainable || bias is { Trainable: true })) Tape.Push<LinearNode>().Set(x, weight, bias, y);
        return y;
    }

    /// <summary>
    /// y = start + x·Wᵀ for the columns of W from <paramref name="column"/> on, as many as x has: the product of all of W in parts that are known at
    /// different times, with the same bits. dstart = dy, or Σ rows of dy where it is one row for all; dx and dW as in
    /// <see cref="Linear(Tensor, Parameter, Parameter?)"/>.
    /// </summary>
    /// <param name="x">[…, I′].</param>
    /// <param name="weight">[O, I] with I ≥ column + I′.</param>
    /// <param name="column">The first of the columns.</param>
    /// <param name="start">[…, O], or [O].</param>
    internal static Tensor Linear(Tensor x, Parameter weight, int column, Tensor start)
    {
        var outputs = weight.Shape[0];
        var y = Tensor.New(x.Shape.WithColumns(outputs));
        var factor = weight.FactorFor(transposed: true, Gemm.Passes(x.Rows, x.Columns));
        fixed (Real* px = x, w = factor, s = start, py = y)
            Gemm.Multiply(px, x.Columns, 1, factor.At(w).From(column, 0), s, start.Shape.Rank == 1 ? 0 : outputs, py, outputs, x.Rows, outputs, x.Columns);
        if (Tape.Mark(y, x.NeedsGradient || weight.Trainable || start.NeedsGradient)) Tape.Push<LinearPartNode>().Set(x, weight, column, start, y);
        return y;
    }

    sealed class LinearPartNode : Node
    {
        Tensor _x, _start, _y;
        Parameter _weight = null!;
        int _column;

        public void Set(Tensor x, Parameter weight, int column, Tensor start, Tensor y) => (_x, _weight, _column, _start, _y) = (x, weight, column, start, y);

        public override void Backward()
        {
            var dy = _y.Data.Gradient();
            int rows = _x.Rows, inputs = _x.Columns, outputs = _y.Columns;
            if (_start.NeedsGradient)
            {
                var dstart = _start.Data.GradientOrFresh(out var fresh);
                if (_start.Shape.Rank == 1) AddRows(dy, rows, dstart, fresh);
                else AddScaled(1, dy, dstart, fresh);
            }
            if (_x.NeedsGradient)
            {
                var factor = _weight.FactorFrom(_column, Gemm.Passes(rows, outputs));
                fixed (Real* w = factor) AddProduct(dy, outputs, factor.At(w).From(0, _column), _x, inputs);
            }
            if (_weight.Trainable) Tape.Current!.SumFor(_weight, column: _column, inputs: inputs).Add(_y.Data.GradientMemory(), _x.Data.Memory, rows);
        }
    }

    /// <summary>The sum of the rows of dy, in order, added to db.</summary>
    internal static void AddRows(ReadOnlySpan<Real> dy, int rows, Span<Real> db, bool fresh)
    {
        fixed (Real* from = dy, to = db)
            ThreadTeam.Run(new ColumnSums { From = from, To = to, Rows = rows, Columns = db.Length, Fresh = fresh }, db.Length, Math.Max(64, 65536 / Math.Max(1, rows)));
    }

    /// <summary>dx += dy·B, the gradient of the left factor of a product, [N, O]·[O, I].</summary>
    internal static void AddProduct(ReadOnlySpan<Real> dy, int outputs, Factor b, Tensor x, int inputs)
    {
        fixed (Real* slope = dy, dx = x.Data.GradientOrFresh(out var fresh))
            Gemm.Multiply(slope, outputs, 1, b, fresh ? null : dx, inputs, dx, inputs, x.Rows, inputs, outputs);
    }

    /// <summary>Row r of x added to row places[r] of <paramref name="to"/>, in order of r; threads share the columns.</summary>
    internal static void AddRowsByPlace(Tensor x, ReadOnlySpan<int> places, Tensor to)
    {
        fixed (int* p = places)
        fixed (Real* from = x, sums = to)
            ThreadTeam.Run(new PlacedRowsKernel { From = from, Places = p, To = sums, Rows = x.Rows, Columns = x.Columns }, x.Columns, Math.Max(64, 65536 / Math.Max(1, x.Rows)));
    }

    struct PlacedRowsKernel : IKernel
    {
        public Real* From, To;
        public int* Places;
        public int Rows, Columns;

        public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
        {
            for (var r = 0; r < Rows; r++)
                new AddScaledKernel(1, From + (nint)r * Columns, To + (nint)Places[r] * Columns).Run<V>(from, to);
        }
    }

    sealed class LinearNode : Node
    {
        Tensor _x, _y;
        Parameter _weight = null!;
        Parameter? _bias;

        public void Set(Tensor x, Parameter weight, Parameter? bias, Tensor y) => (_x, _weight, _bias, _y) = (x, weight, bias, y);

        public override void Backward()
        {
            var dy = _y.Data.Gradient();
            int rows = _x.Rows, inputs = _x.Columns, outputs = _y.Columns;
            if (_x.NeedsGradient)
            {
                var factor = _weight.FactorFor(transposed: false, Gemm.Passes(rows, outputs));
                fixed (Real* w = factor) AddProduct(dy, outputs, factor.At(w), _x, inputs);
            }
            if (_weight.Trainable || _bias is { Trainable: true }) Tape.Current!.SumFor(_weight, _bias).Add(_y.Data.GradientMemory(), _x.Data.Memory, rows);
        }
    }

    /// <summary>
    /// dW += dyᵀ·x for dy [N, O] and x [N, I], the gradient of a weight, summed over rows in order; and, on the way,
    /// <paramref name="sums"/> += Σ rows of dy, the gradient of a bias, where that is not null. Of a weight with more columns than I those from
    /// <paramref name="column"/> on.
    /// </summary>
    internal static void AddTransposedProduct(
        ReadOnlySpan<Real> dy, ReadOnlySpan<Real> x, int rows, int outputs, int inputs, TensorData weight, Span<Real> sums = default, int column = 0)
    {
        var width = weight.Shape.Columns;
        var fresh = false;
        using var packing = Packing.For(outputs, inputs, rows, transposed: true);
        fixed (Real* slope = dy, right = x, room = packing.Room, s = sums, dw = width == inputs ? weight.GradientOrFresh(out fresh) : weight.Gradient()[column..])
        {
            var factor = Packing.Pack(Factor.Raw(right, inputs, 1), inputs, rows, room);
            Gemm.Multiply(slope, 1, outputs, factor, fresh ? null : dw, width, dw, width, outputs, inputs, rows, s);
        }
    }

    sealed class MatMulNode : Node
    {
        Tensor _a, _b, _y;
        bool _transposeA, _transposeB;

        public void Set(Tensor a, Tensor b, Tensor y, bool transposeA, bool transposeB) =>
            (_a, _b, _y, _transposeA, _transposeB) = (a, b, y, transposeA, transposeB);

        public override void Backward()
        {
            var dy = new Matrix(_y.Data.Gradient(), _y.Columns, 1, _y.Rows, _y.Columns);
            Matrix a = Matrix.Of(_a, _transposeA), b = Matrix.Of(_b, _transposeB);
            // The gradient of a transposed factor is the transposed gradient: (dy·Bᵀ)ᵀ = B·dyᵀ.
            if (_a.NeedsGradient) Accumulate(_transposeA ? b : dy, _transposeA ? dy.Transposed : b.Transposed, _a.Data);
            if (_b.NeedsGradient) Accumulate(_transposeB ? dy.Transposed : a.Transposed, _transposeB ? a : dy, _b.Data);
        }

        static void Accumulate(Matrix left, Matrix right, TensorData target)
        {
            var to = target.GradientOrFresh(out var fresh);
            Product(left, right, to, accumulate: !fresh);
        }
    }

    static void Product(Matrix a, Matrix b, Span<Real> c, bool accumulate)
    {
        using var packing = Packing.For(a.Rows, b.Columns, b.Rows, a.ColumnStride != 1);
        fixed (Real* left = a.Values, right = b.Values, room = packing.Room, to = c)
        {
            var factor = Packing.Pack(Factor.Raw(right, b.RowStride, b.ColumnStride), b.Columns, b.Rows, room);
            Gemm.Multiply(left, a.RowStride, a.ColumnStride, factor, accumulate ? to : null, b.Columns, to, b.Columns, a.Rows, b.Columns, a.Columns);
        }
    }

    /// <summary>A matrix in memory, maybe transposed.</summary>
    readonly ref struct Matrix(ReadOnlySpan<Real> values, int rowStride, int columnStride, int rows, int columns)
    {
        public readonly ReadOnlySpan<Real> Values = values;
        public readonly int RowStride = rowStride, ColumnStride = columnStride, Rows = rows, Columns = columns;

        public Matrix Transposed => new(Values, ColumnStride, RowStride, Columns, Rows);

        public static Matrix Of(Tensor t, bool transposed)
        {
            var m = new Matrix(t.Values, t.Columns, 1, t.Rows, t.Columns);
            return transposed ? m.Transposed : m;
        }
    }

    /// <summary>Room in which a right factor is packed for one product, unless the product reads it only once.</summary>
    internal readonly ref struct Packing
    {
        [ThreadStatic] static BufferPool? _pool;

        readonly Buffer? _buffer;

        Packing(Buffer? buffer) => _buffer = buffer;

        /// <summary>Empty where packing does not pay.</summary>
        public Span<Real> Room => _buffer is null ? default : _buffer.Span;

        /// <summary>Room for the right factor of a product [m, k]·[k, n].</summary>
        public static Packing For(int m, int n, int k, bool transposed) =>
            new(Gemm.Passes(m, k, transposed) <= 1 ? null : (_pool ??= new BufferPool()).Rent(Gemm.PackedLength(k, n)));

        /// <summary>b[k, n] packed in the room, or as it is where there is none.</summary>
        public static Factor Pack(Factor b, int n, int k, Real* room) => room == null ? b : Gemm.Pack(b, k, n, room);

        public void Dispose()
        {
            if (_buffer is not null) _pool!.Return(_buffer);
        }
    }
}
