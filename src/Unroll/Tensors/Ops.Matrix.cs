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
        var (left, right) = (Matrix.Of(a, transposeA), Matrix.Of(b, transposeB));
        if (b.Shape.Rank != 2 || (transposeA && a.Shape.Rank != 2) || left.Columns != right.Rows)
            Throw.ShapesDiffer(nameof(MatMul), a.Shape, b.Shape, $"{(transposeA ? "[K, M]" : "[…, K]")} and {(transposeB ? "[N, K]" : "[K, N]")}");
        var y = Tensor.New(transposeA ? new(left.Rows, right.Columns) : a.Shape.WithColumns(right.Columns));
        Product(left, right, y.Pointer, accumulate: false);
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
        Gemm.Multiply(x.Pointer, x.Columns, 1, weight.FactorFor(transposed: true, Gemm.Passes(x.Rows, x.Columns)), bias is null ? null : bias.Tensor.Pointer, 0,
            y.Pointer, outputs, x.Rows, outputs, x.Columns);
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
        var factor = weight.FactorFor(transposed: true, Gemm.Passes(x.Rows, x.Columns)).From(column, 0);
        Gemm.Multiply(x.Pointer, x.Columns, 1, factor, start.Pointer, start.Shape.Rank == 1 ? 0 : outputs, y.Pointer, outputs, x.Rows, outputs, x.Columns);
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
                if (_start.Shape.Rank == 1) AddRows(dy, rows, outputs, dstart, fresh);
                else Team.Run(new AddScaledKernel(1, dy, dstart, fresh), _y.Count, PointwiseGrain);
            }
            if (_x.NeedsGradient)
            {
                var dx = _x.Data.GradientOrFresh(out var fresh);
                Gemm.Multiply(dy, outputs, 1, _weight.ColumnsFor(_column, Gemm.Passes(rows, outputs)), fresh ? null : dx, inputs, dx, inputs, rows, inputs, outputs);
            }
            if (_weight.Trainable) Tape.Current!.SumFor(_weight, column: _column, inputs: inputs).Add(dy, _x.Pointer, rows);
        }
    }

    /// <summary>The sum of the rows of dy, in order, added to db.</summary>
    internal static void AddRows(Real* dy, int rows, int columns, Real* db, bool fresh) =>
        Team.Run(new ColumnSums { From = dy, To = db, Rows = rows, Columns = columns, Fresh = fresh }, columns, Math.Max(64, 65536 / Math.Max(1, rows)));

    /// <summary>Row r of x added to row places[r] of <paramref name="to"/>, in order of r; threads share the columns.</summary>
    internal static void AddRowsByPlace(Real* x, int* places, int rows, int columns, Real* to) =>
        Team.Run(new PlacedRowsKernel { From = x, Places = places, To = to, Rows = rows, Columns = columns }, columns, Math.Max(64, 65536 / Math.Max(1, rows)));

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
                var dx = _x.Data.GradientOrFresh(out var fresh);
                Gemm.Multiply(dy, outputs, 1, _weight.FactorFor(transposed: false, Gemm.Passes(rows, outputs)), fresh ? null : dx, inputs, dx, inputs, rows, inputs, outputs);
            }
            if (_weight.Trainable || _bias is { Trainable: true }) Tape.Current!.SumFor(_weight, _bias).Add(dy, _x.Pointer, rows);
        }
    }

    /// <summary>
    /// dW += dyᵀ·x for dy [N, O] and x [N, I], the gradient of a weight, summed over rows in order; and, on the way,
    /// <paramref name="sums"/> += Σ rows of dy, the gradient of a bias, where that is not null. Of a weight with more columns than I those from
    /// <paramref name="column"/> on.
    /// </summary>
    internal static void AddTransposedProduct(Real* dy, Real* x, int rows, int outputs, int inputs, TensorData weight, Real* sums = null, int column = 0)
    {
        var width = weight.Shape.Columns;
        var fresh = false;
        var dw = width == inputs ? weight.GradientOrFresh(out fresh) : weight.Gradient() + column;
        using var packed = Packing.Of(Factor.Raw(x, inputs, 1), outputs, inputs, rows, transposed: true);
        Gemm.Multiply(dy, 1, outputs, packed.Factor, fresh ? null : dw, width, dw, width, outputs, inputs, rows, sums);
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
            var (a, b) = (Matrix.Of(_a, _transposeA), Matrix.Of(_b, _transposeB));
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

    static void Product(Matrix a, Matrix b, Real* c, bool accumulate)
    {
        using var packed = Packing.Of(Factor.Raw(b.Pointer, b.RowStride, b.ColumnStride), a.Rows, b.Columns, b.Rows, a.ColumnStride != 1);
        Gemm.Multiply(a.Pointer, a.RowStride, a.ColumnStride, packed.Factor, accumulate ? c : null, b.Columns, c, b.Columns, a.Rows, b.Columns, a.Columns);
    }

    /// <summary>A matrix in memory, maybe transposed.</summary>
    readonly struct Matrix(Real* pointer, int rowStride, int columnStride, int rows, int columns)
    {
        public readonly Real* Pointer = pointer;
        public readonly int RowStride = rowStride, ColumnStride = columnStride, Rows = rows, Columns = columns;

        public Matrix Transposed => new(Pointer, ColumnStride, RowStride, Columns, Rows);

        public static Matrix Of(Tensor t, bool transposed)
        {
            var m = new Matrix(t.Pointer, t.Columns, 1, t.Rows, t.Columns);
            return transposed ? m.Transposed : m;
        }
    }

    /// <summary>A right factor packed for one product, unless the product reads it only once.</summary>
    internal readonly ref struct Packing
    {
        [ThreadStatic] static BufferPool? _pool;

        readonly Buffer? _buffer;

        Packing(Buffer? buffer, Factor factor) => (_buffer, Factor) = (buffer, factor);

        public readonly Factor Factor;

        public static Packing Of(Factor b, int m, int n, int k, bool transposed)
        {
            if (Gemm.Passes(m, k, transposed) <= 1) return new(null, b);
            var buffer = (_pool ??= new BufferPool()).Rent(Gemm.PackedLength(k, n));
            return new(buffer, Gemm.Pack(b, k, n, buffer.Pointer));
        }

        public void Dispose()
        {
            if (_buffer is not null) _pool!.Return(_buffer);
        }
    }
}
