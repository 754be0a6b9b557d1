using Unroll.Data;

namespace Unroll.Formats;

/// <summary>A column as a file has it: texts, numbers (NaN: missing) or times.</summary>
sealed class CellColumn(string name)
{
    public string Name => name;

    /// <summary>Texts without blanks around them, "" where nothing is; null where the file has numbers or times.</summary>
    public string[]? Texts { get; init; }

    public double[]? Numbers { get; init; }

    /// <summary><see cref="DateTime.MinValue"/> where one is missing.</summary>
    public DateTime[]? Times { get; init; }

    /// <summary>One cell as a text.</summary>
    public string TextAt(int row) => Texts is { } texts ? texts[row] : Numbers is { } numbers ? double.IsNaN(numbers[row]) ? "" : $"{numbers[row]}"
        : Times![row] == DateTime.MinValue ? "" : Throw.Show(Times[row]);
}

/// <summary>The cells of one or several files, column by column.</summary>
sealed record CellTable
{
    /// <summary>What a message names: the file, or the files.</summary>
    public required string Source { get; init; }

    public required CellColumn[] Columns { get; init; }

    public required int Rows { get; init; }

    /// <summary>Where a cell stands, for a message; with column −1, where its row does.</summary>
    public required Func<int, int, string> Place { get; init; }

    /// <summary>Whether the file says the names of the columns.</summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>Rows with fewer or more fields than there are names, which only rows of series may have.</summary>
    public ProblemList Ragged { get; init; } = new();

    /// <summary>The file that each row came from.</summary>
    public int[]? Files { get; init; }

    public string[] Names => [.. Columns.Select(c => c.Name)];

    /// <summary>The place of a column that was asked for by its name, case aside if none is so named exactly, or by its number from 1.</summary>
    /// <exception cref="UnrollException">There is none; names the nearest.</exception>
    public int Find(string wanted)
    {
        var name = wanted.Trim();
        var found = Array.FindIndex(Columns, c => c.Name == name);
        if (found < 0) found = Array.FindIndex(Columns, c => c.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (found < 0 && int.TryParse(name, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) && number > 0 && number <= Columns.Length) found = number - 1;
        return found >= 0 ? found : throw Throw.NoColumn(Source, wanted, Names);
    }

    /// <summary>The rows of several files one after the other.</summary>
    /// <exception cref="UnrollException">They have other columns.</exception>
    public static CellTable Join(IReadOnlyList<CellTable> tables)
    {
        if (tables.Count == 1) return tables[0];
        var (first, rows) = (tables[0], tables.Sum(t => t.Rows));
        var (columns, starts) = (new CellColumn[first.Columns.Length], new int[tables.Count]);
        for (var t = 1; t < starts.Length; t++) starts[t] = starts[t - 1] + tables[t - 1].Rows;
        foreach (var other in tables)
            if (other.Columns.Length != columns.Length || !other.Names.Order(StringComparer.Ordinal).SequenceEqual(first.Names.Order(StringComparer.Ordinal), StringComparer.Ordinal))
                Throw.ColumnsDiffer(first.Source, FieldNames.Show(first.Names), other.Source, FieldNames.Show(other.Names));
        for (var c = 0; c < columns.Length; c++)
        {
            CellColumn[] parts = [.. tables.Select(t => t.Columns[Array.IndexOf(t.Names, first.Names[c])])];
            columns[c] = Array.TrueForAll(parts, p => p.Numbers is not null) ? new(first.Names[c]) { Numbers = [.. parts.SelectMany(p => p.Numbers!)] }
                : Array.TrueForAll(parts, p => p.Times is not null) ? new(first.Names[c]) { Times = [.. parts.SelectMany(p => p.Times!)] }
                : new(first.Names[c]) { Texts = [.. parts.SelectMany((p, i) => Enumerable.Range(0, tables[i].Rows).Select(p.TextAt))] };
        }
        var ragged = tables.FirstOrDefault(t => !t.Ragged.IsEmpty)?.Ragged ?? new();
        return new()
        {
            Source = $"{first.Source} and {tables.Count - 1} more", Columns = columns, Rows = rows, HasHeader = first.HasHeader, Ragged = ragged,
            Files = [.. tables.SelectMany((t, i) => Enumerable.Repeat(i, t.Rows))],
            Place = (row, column) =>
            {
                var t = Array.FindLastIndex(starts, s => s <= row);
                return $"{tables[t].Source}, {tables[t].Place(row - starts[t], column < 0 ? column : Array.IndexOf(tables[t].Names, first.Names[column]))}";
            },
        };
    }
}
