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
    public static Tensor Pack(Tensor x, Lengths lengths)
    {
        var packed = Tensor.New(new(lengths.Total, x.Columns));
        Run(new Kernel { From = x.Pointer, To = packed.Pointer, Width = x.Columns }, Move.Pack, lengths);
        return packed;
    }

    /// <summary>A number a row, [T, B], of the rows that are kept.</summary>
    public static Tensor Pack(int* x, Lengths lengths)
    {
        var packed = Symbols.Ints(lengths.Total);
        var to = (int*)packed.Pointer;
        for (var t = 0; t < lengths.Steps; t++)
            for (var p = 0; p < lengths.LiveAt(t); p++) to[lengths.PlaceOf(t) + p] = x[t * lengths.Order.Length + lengths.Order[p]];
        return packed;
    }

    /// <summary>Adds a packed gradient [N, F] to that of x, [T, B, F].</summary>
    public static void Add(Tensor packed, Tensor x, Lengths lengths) =>
        Run(new Kernel { From = packed.Pointer, To = x.Data.Gradient(), Width = x.Columns }, Move.Add, lengths);

    /// <summary>For every step that counts, packed, the state before it: the step before's of <paramref name="h"/>, or the initial one.</summary>
    public static Tensor Previous(Tensor h, Tensor h0, Lengths lengths, bool backward)
    {
        var previous = Tensor.New(h.Shape);
        var initial = h0.IsNone ? null : h0.Pointer;
        Run(new Kernel { From = h.Pointer, Initial = initial, To = previous.Pointer, Width = h.Columns }, backward ? Move.Next : Move.Previous, lengths);
        return previous;
    }

    /// <summary>Copies one row; zeros where it comes from nowhere.</summary>
    public static void Copy(Real* from, nint fromRow, Real* to, nint toRow, int width)
    {
        var target = new Span<Real>(to + toRow * width, width);
        if (from == null) target.Clear();
        else new ReadOnlySpan<Real>(from + fromRow * width, width).CopyTo(target);
    }

    static void Run(Kernel kernel, Move move, Lengths lengths)
    {
        var (_, order, live, places) = lengths.Addresses;
        (kernel.Move, kernel.Batch, kernel.Steps) = (move, lengths.Order.Length, lengths.Steps);
        kernel.Order = (int*)order;
        kernel.Live = (int*)live;
        kernel.Place = (int*)places;
        Team.Run(kernel, lengths.Steps, Math.Max(1, Grain / Math.Max(1, kernel.Batch * kernel.Width)));
    }

    enum Move { Pack, Add, Previous, Next }

    /// <summary>Moves the rows of a range of steps.</summary>
    struct Kernel : IKernel
    {
        public Real* From, Initial, To;
        public int* Order, Live, Place;
        public int Batch, Steps, Width;
        public Move Move;

        public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
        {
            for (var t = from; t < to; t++)
                for (var p = 0; p < Live[t]; p++)
                {
                    nint padded = (nint)t * Batch + Order[p], packed = Place[t] + p;
                    switch (Move)
                    {
                        case Move.Pack: Copy(From, padded, To, packed, Width); break;
                        case Move.Add: new AddScaledKernel(1, From + packed * Width, To + padded * Width).Run<V>(0, Width); break;
                        default:
                            var before = Move == Move.Previous ? t - 1 : t + 1;
                            var continues = before >= 0 && p < (before < Steps ? Live[before] : 0);
                            Copy(continues ? From : Initial, continues ? Place[before] + p : p, To, packed, Width);
                            break;
                    }
                }
        }
    }
}
