using Unroll.Kernels;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Rows of a ragged batch, between the batch as given, [T, B, F], and packed, [N, F]: only the steps that count, step by step, rows from
/// long to short.
/// </summary>
internal static unsafe class ScanRows
{
    const int Grain = 16384;             // numbers that make a thread worth waking

    /// <summary>[T, B, F] → [N, F].</summary>
    public static Tensor Pack(Tensor x, Lengths lengths) => Pack(x, lengths, 0, x.Columns);

    /// <summary>Some columns of [T, B, F] → [N, C]; N is T·B where every row has all steps.</summary>
    public static Tensor Pack(Tensor x, Lengths? lengths, int column, int columns)
    {
        var packed = Tensor.New(new(lengths?.Total ?? x.Rows, columns));
        Run(Move.Pack, x.Values[Math.Min(column, x.Count)..], default, packed.Values, columns, x.Columns, lengths, x.Shape[0], x.Shape[1]);
        return packed;
    }

    /// <summary>A number a row, [T, B], of the rows that are kept.</summary>
    public static Tensor Pack(ReadOnlySpan<int> x, Lengths lengths)
    {
        var packed = Symbols.Ints(lengths.Total);
        var to = packed.Integers;
        for (var t = 0; t < lengths.Steps; t++)
            for (var p = 0; p < lengths.LiveAt(t); p++) to[lengths.PlaceOf(t) + p] = x[t * lengths.Order.Length + lengths.Order[p]];
        return packed;
    }

    /// <summary>Adds a packed gradient [N, C] to that of x, [T, B, F], from column <paramref name="column"/> on.</summary>
    public static void Add(Tensor packed, Tensor x, Lengths? lengths, int column = 0) =>
        Run(Move.Add, packed.Values, default, x.Data.Gradient()[Math.Min(column, x.Count)..], packed.Columns, x.Columns, lengths, x.Shape[0], x.Shape[1]);

    /// <summary>For every step that counts, packed, the state before it: the step before's of <paramref name="h"/>, or the initial one.</summary>
    public static Tensor Previous(Tensor h, Tensor h0, Lengths lengths, bool backward)
    {
        var previous = Tensor.New(h.Shape);
        Run(backward ? Move.Next : Move.Previous, h.Values, h0.IsNone ? default : h0.Values, previous.Values, h.Columns, h.Columns, lengths);
        return previous;
    }

    /// <summary>Copies one row; zeros where it comes from nowhere.</summary>
    public static void Copy(Real* from, nint fromRow, Real* to, nint toRow, int width)
    {
        var target = new Span<Real>(to + toRow * width, width);
        if (from == null) target.Clear();
        else new ReadOnlySpan<Real>(from + fromRow * width, width).CopyTo(target);
    }

    static void Run(Move move, ReadOnlySpan<Real> from, ReadOnlySpan<Real> initial, Span<Real> to, int width, int paddedWidth, Lengths lengths) =>
        Run(move, from, initial, to, width, paddedWidth, lengths, lengths.Steps, lengths.Order.Length);

    static void Run(Move move, ReadOnlySpan<Real> from, ReadOnlySpan<Real> initial, Span<Real> to, int width, int paddedWidth, Lengths? lengths, int steps, int batch)
    {
        fixed (int* order = lengths is null ? default : lengths.Order, live = lengths is null ? default : lengths.Live, place = lengths is null ? default : lengths.Places)
        fixed (Real* f = from, i = initial, t = to)
        {
            var kernel = new Kernel
            {
                Move = move, From = f, Initial = i, To = t, Order = order, Live = live, Place = place, Batch = batch, Steps = steps, Width = width, PaddedWidth = paddedWidth,
            };
            ThreadTeam.Run(kernel, steps, Math.Max(1, Grain / Math.Max(1, batch * width)));
        }
    }

    enum Move { Pack, Add, Previous, Next }

    /// <summary>Moves the rows of a range of steps.</summary>
    struct Kernel : IKernel
    {
        public Real* From, Initial, To;
        public int* Order, Live, Place;          // null where every row has all steps
        public int Batch, Steps, Width, PaddedWidth;
        public Move Move;

        public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
        {
            for (var t = from; t < to; t++)
            {
                int live = LiveAt(t), place = PlaceOf(t);
                for (var p = 0; p < live; p++)
                {
                    nint padded = (nint)t * Batch + (Order == null ? p : Order[p]), packed = place + p;
                    switch (Move)
                    {
                        case Move.Pack: Copy(From + padded * PaddedWidth, 0, To, packed, Width); break;
                        case Move.Add: new AddScaledKernel(1, From + packed * Width, To + padded * PaddedWidth).Run<V>(0, Width); break;
                        default:
                            var before = Move == Move.Previous ? t - 1 : t + 1;
                            var continues = before >= 0 && p < (before < Steps ? LiveAt(before) : 0);
                            Copy(continues ? From : Initial, continues ? PlaceOf(before) + p : p, To, packed, Width);
                            break;
                    }
                }
            }
        }

        readonly int LiveAt(int t) => Live == null ? Batch : Live[t];
        readonly int PlaceOf(int t) => Place == null ? t * Batch : Place[t];
    }
}
