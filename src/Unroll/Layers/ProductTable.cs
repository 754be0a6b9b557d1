using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// W_ih·x + b of the rows of a table, each computed once after a change of the weights, when it is first met: a model that only predicts sees the
/// same words again and again.
/// </summary>
/// <remarks>Several threads may use it at once, though not while weights change. Two that meet a row at the same time both compute it, to the same bits.</remarks>
internal sealed class ProductTable
{
    const long MostNumbers = 1 << 26;        // 256 MiB, of which those pages are taken that hold rows that were met

    readonly Lock _gate = new();
    Tensor _products;
    bool[] _known = [];
    (TensorData?, int, (int, int, int)) _weights;

    /// <summary>Whether the products of a whole table may be kept: it is a parameter, whose changes are counted, and not too large.</summary>
    /// <param name="table">[V, E].</param>
    /// <param name="width">G·H, numbers of a product.</param>
    public static bool Holds(Tensor table, int width) => table.Data.SumsOverTapes && (table.Rows + 1L) * width <= MostNumbers;

    /// <summary>[V + 1, G·H]: that of row i stands at 1 + i, that of a row of zeros at 0. Those are set that were asked for and added.</summary>
    public Tensor Products => _products;

    /// <summary>The symbols whose products are not known.</summary>
    /// <param name="symbols">Of a table that <see cref="Holds"/> agrees to.</param>
    /// <param name="width">G·H.</param>
    /// <param name="versions">Of what the products are made with, besides the table.</param>
    public Symbols Unknown(in Symbols symbols, int width, (int, int, int) versions)
    {
        lock (_gate)
        {
            var table = symbols.Table.Data;
            var weights = (table, table.Version, versions);
            if (_weights != weights)
            {
                _weights = weights;
                var shape = new Shape(table.Shape[0] + 1, width);
                if (_products.IsNone || _products.Shape != shape) (_products, _known) = (Tensor.Free(shape), new bool[shape[0]]);
                else Array.Clear(_known);
            }
            return symbols.Without(_known);
        }
    }

    /// <summary>Takes in the products [D, G·H] of symbols.</summary>
    public void Add(in Symbols symbols, Tensor products)
    {
        lock (_gate)
        {
            for (var i = 0; i < symbols.Count; i++)
            {
                ref var known = ref _known[1 + symbols.Ids[i]];
                if (!known) products[i].Values.CopyTo(_products.Values[((1 + symbols.Ids[i]) * products.Columns)..]);
                known = true;
            }
        }
    }

    /// <summary>Gives the memory back, for a training, which changes the weights with every step.</summary>
    public void Forget() => (_products, _known, _weights) = (default, [], default);
}
