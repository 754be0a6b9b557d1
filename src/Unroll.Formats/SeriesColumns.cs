using Unroll.Data;

namespace Unroll.Formats;

/// <summary>Finds the columns that tell the series of a table apart.</summary>
static class SeriesColumns
{
    const double Distinct = 0.8, Alone = 0.999;
    const int MostPaired = 8;

    static readonly string[] Usual =
    [
        "unique_id", "series_id", "series", "item_id", "item", "id", "sku", "product", "store", "shop", "store_id", "store_nbr", "family", "dept", "station", "sensor", "site", "location", "region", "state", "city",
        "country", "customer", "client", "meter", "household", "building", "ticker", "symbol", "stock", "name", "group", "category", "type",
    ];

    /// <summary>Columns that are asked for, or without which times repeat; none for one series.</summary>
    public static int[] Find(CellTable table, TimeSeriesOptions options, TimeColumns? time, DateTime[]? times)
    {
        if (options.Series.Count > 0)
        {
            int[] asked = [.. options.Series.Select(table.Find)];
            if (asked.Intersect(time?.Columns ?? []).Any()) Throw.ColumnTwice(table.Source, table.Columns[asked.Intersect(time!.Columns).First()].Name, "series", "time");
            return [.. asked.Distinct()];
        }
        if (times is null || times.ToHashSet().Count >= Distinct * times.Length) return [];
        int[] others = [.. Enumerable.Range(0, table.Columns.Length).Except(time!.Columns)];
        int[] named = [.. Usual.SelectMany(u => others.Where(c => table.Columns[c].Name.Equals(u, StringComparison.OrdinalIgnoreCase)))];
        int[] texts = [.. others.Where(c => !NumberCells.IsNumbers(table.Columns[c], options.DecimalComma) && !named.Contains(c))];
        int[] candidates = [.. named, .. texts, .. others.Where(c => table.Columns[c].Name.EndsWith("id", StringComparison.OrdinalIgnoreCase) && !named.Contains(c) && !texts.Contains(c))];
        foreach (var c in candidates)
            if (TellsApart(table, times, [c])) return [c];
        var some = Math.Min(candidates.Length, MostPaired);
        for (var a = 0; a < some; a++)
            for (var b = a + 1; b < some; b++)
                if (TellsApart(table, times, [candidates[a], candidates[b]])) return [candidates[a], candidates[b]];
        return texts.Length + named.Length > 2 && TellsApart(table, times, [.. named, .. texts]) ? [.. named, .. texts] : [];
    }

    /// <summary>Whether rows with the same time have different texts, but not each row its own.</summary>
    static bool TellsApart(CellTable table, DateTime[] times, int[] columns)
    {
        var (seen, names) = (new HashSet<(DateTime, string)>(), new HashSet<string>(StringComparer.Ordinal));
        for (var r = 0; r < times.Length; r++)
        {
            var name = NameOf(table, columns, r);
            names.Add(name);
            if (2 * names.Count > times.Length && names.Count > 2) return false;
            seen.Add((times[r], name));
        }
        return seen.Count >= Alone * times.Length;
    }

    /// <summary>The name of a row's series; "" where a text is missing.</summary>
    public static string NameOf(CellTable table, int[] columns, int row)
    {
        if (columns.Length == 1) return table.Columns[columns[0]].TextAt(row);
        string[] texts = [.. columns.Select(c => table.Columns[c].TextAt(row))];
        return Array.Exists(texts, t => t.Length == 0) ? "" : string.Join('/', texts);
    }

    /// <summary>The name of every row's series: one object for each.</summary>
    /// <exception cref="UnrollException">Rows have none.</exception>
    public static string[] Names(CellTable table, int[] columns)
    {
        var (names, known, problems) = (new string[table.Rows], new HashSet<string>(StringComparer.Ordinal), new ProblemList());
        for (var r = 0; r < names.Length && !problems.IsFull; r++)
        {
            var name = columns.Length == 0 ? "" : NameOf(table, columns, r);
            if (name.Length == 0 && columns.Length > 0) problems.Add($"{table.Place(r, columns[0])}: the name of the series is empty");
            if (!known.TryGetValue(name, out names[r]!))
            {
                known.Add(name);
                names[r] = name;
            }
        }
        problems.ThrowIfAny($"{table.Source}: rows cannot be told apart by {FieldNames.Show(columns.Select(c => table.Columns[c].Name))}");
        return names;
    }
}
