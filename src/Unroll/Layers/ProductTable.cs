using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// W_ih·x + b of the rows of a table, each computed once after a change of the weights, when it is first met: a model that only predicts sees the
/// same words again and again.
/// </summary>
/// <remarks>
/// Several threads may use it at once, though not while weights change. Two that meet a row at the same time both compute it, to the same bits. Who uses
/// a table keeps it: that another thread has it forgotten meanwhile, or begins a new one, does no harm.
/// </remarks>
internal sealed class ProductTable
{
    const long MostNumbers = 1 << 26;        // 256 MiB, of which those pages are taken that hold rows that were met

    readonly Lock _gate = new();
    readonly bool[] _known;
    readonly (TensorData, int, (int, int, int)) _weights;

    ProductTable(Shape shape, (TensorData, int, (int, int, int)) weights) => (Products, _known, _weights) = (Tensor.Free(shape), new bool[shape[0]], weights);

    /// <summary>Whether the products of a whole table may be kept: it is a parameter, whose changes are counted, and not too large.</summary>
    /// <param name="table">[V, E].</param>
    /// <param name="width">G·H, numbers of a product.</param>
    public static bool Holds(Tensor table, int width) => table.Data.SumsOverTapes && (table.Rows + 1L) * width <= MostNumbers;

    /// <summary>The products of these weights: those that are there, or a new table, with which they are replaced.</summary>
    /// <param name="held">Where they are kept; null for none.</param>
    /// <param name="table">One that <see cref="Holds"/> agrees to.</param>
    /// <param name="width">G·H.</param>
    /// <param name="versions">Of what the products are made with, besides the table.</param>
    public static ProductTable Of(ref ProductTable? held, Tensor table, int width, (int, int, int) versions)
    {
        var weights = (table.Data, table.Data.Version, versions);
        var current = Volatile.Read(ref held);
        if (current is not null && current._weights == weights) return current;
        var fresh = new ProductTable(new(table.Rows + 1, width), weights);
        return Interlocked.CompareExchange(ref held, fresh, current) is { } other && other != current && other._weights == weights ? other : fresh;
    }

    /// <summary>[V + 1, G·H]: that of row i stands at 1 + i, that of a row of zeros at 0. Those are set that were asked for and added.</summary>
    public Tensor Products { get; }

    /// <summary>The symbols whose products are not known.</summary>
    public Symbols Unknown(in Symbols symbols)
    {
        lock (_gate) return symbols.Without(_known);
    }

    /// <summary>Takes in the products [D, G·H] of symbols.</summary>
    public void Add(in Symbols symbols, Tensor products)
    {
        lock (_gate)
        {
            for (var i = 0; i < symbols.Count; i++)
            {
                ref var known = ref _known[1 + symbols.Ids[i]];
                if (!known) products[i].Values.CopyTo(Products.Values[((1 + symbols.Ids[i]) * products.Columns)..]);
                known = true;
            }
        }
    }
}
