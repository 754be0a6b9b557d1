namespace Unroll.Tensors;

/// <summary>
/// What a tensor of table rows was gathered from. A text has far fewer symbols than tokens, so whatever is linear in a row can be computed
/// once for each symbol instead of once for each token: a first layer's input product, and, by the sums of the gradients of equal tokens, its way back.
/// </summary>
internal readonly struct Symbols
{
    [ThreadStatic] static int[]? _seen;          // for each row of a table, 1 + its place among the symbols; zeros between uses

    readonly Tensor _ids, _places, _went;

    Symbols(Tensor table, Tensor ids, Tensor places, int count, Tensor went) => (Table, _ids, _places, Count, _went) = (table, ids, places, count, went);

    /// <summary>[V, E].</summary>
    public Tensor Table { get; }

    /// <summary>D, how many rows of the table occur; 0 where a tensor was not gathered, or nearly every token is a symbol of its own.</summary>
    public int Count { get; }

    /// <summary>The rows that occur, in the order of their first token; −1 stands for a row of zeros.</summary>
    public ReadOnlySpan<int> Ids => _ids.Integers[..Count];

    /// <summary>For each token which of <see cref="Ids"/> it is.</summary>
    public ReadOnlySpan<int> Places => _places.Integers;

    /// <summary>Whether an operation added its gradient to the table's by these symbols, and none to the tensor that was gathered.</summary>
    public bool GradientWentToTable => Count > 0 && _went.Values[0] != 0;

    /// <summary>Says so, for this tensor and the one whose rows it consists of.</summary>
    public void GradientGoesToTable() => _went.Values[0] = 1;

    /// <summary>The symbols among some tokens, whose ids are known to be in the table.</summary>
    public static Symbols Of(Tensor table, ReadOnlySpan<int> tokens) => Of(table, tokens, default);

    static Symbols Of(Tensor table, ReadOnlySpan<int> tokens, Tensor went)
    {
        var size = table.Shape[0] + 1;
        if (_seen is null || _seen.Length < size) _seen = new int[size];
        Tensor ids = Ints(tokens.Length), places = Ints(tokens.Length);
        Span<int> found = ids.Integers, place = places.Integers;
        var count = 0;
        for (var i = 0; i < tokens.Length; i++)
        {
            ref var seen = ref _seen[tokens[i] + 1];
            if (seen == 0)
            {
                found[count] = tokens[i];
                seen = ++count;
            }
            place[i] = seen - 1;
        }
        for (var i = 0; i < count; i++) _seen[found[i] + 1] = 0;
        if (4 * count > 3 * tokens.Length) return default;
        return new(table, ids, places, count, went.IsNone ? Tensor.Zeros(new(1)) : went);
    }

    /// <summary>The symbols of rows of the tensor that these are of; −1 is a row of zeros.</summary>
    public Symbols At(ReadOnlySpan<int> rows)
    {
        var tokens = Ints(rows.Length).Integers[..rows.Length];
        for (var i = 0; i < rows.Length; i++) tokens[i] = rows[i] < 0 ? -1 : Ids[Places[rows[i]]];
        return Of(Table, tokens, _went);
    }

    /// <summary>Room for whole numbers.</summary>
    public static Tensor Ints(int count) => Tensor.New(new((count * sizeof(int) + sizeof(Real) - 1) / sizeof(Real)));

    /// <summary>Those of the symbols whose row, counted from 1, is not known; they have no places.</summary>
    public Symbols Without(ReadOnlySpan<bool> known)
    {
        var ids = Ints(Count);
        var found = ids.Integers;
        var count = 0;
        foreach (var id in Ids)
            if (!known[1 + id]) found[count++] = id;
        return new(Table, ids, default, count, _went);
    }

    /// <summary>For each of so many tokens its row of the table, counted from 1; 0 for a row of zeros (ints).</summary>
    public Tensor TableRows(int tokens)
    {
        var rows = Ints(tokens);
        ReadOnlySpan<int> ids = _ids.Integers, places = Places;
        var to = rows.Integers;
        for (var i = 0; i < tokens; i++) to[i] = 1 + ids[places[i]];
        return rows;
    }

    /// <summary>The rows of the symbols, [D, E].</summary>
    public Tensor Rows()
    {
        var width = Table.Columns;
        var rows = Tensor.New(new(Count, width));
        for (var i = 0; i < Count; i++)
        {
            var to = rows.Values.Slice(i * width, width);
            if (Ids[i] < 0) to.Clear();
            else Table.Values.Slice(Ids[i] * width, width).CopyTo(to);
        }
        return rows;
    }
}
