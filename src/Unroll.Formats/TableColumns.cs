using System.Globalization;
using Unroll.Data;

namespace Unroll.Formats;

/// <summary>Which columns of a table are the text and the label, from 0; the label's is −1 where there is none.</summary>
readonly record struct TableColumns(int Text, int Label, bool HasHeader)
{
    // Told by content, a text is this much longer than what stands in any other column, on average.
    const double Longer = 2;
    const int MostWords = 3;                // of a column's name

    public static TableColumns Find(string path, List<DelimitedRow> rows, string? text, string? label, bool needsLabels)
    {
        var first = rows[0].Fields;
        var namedText = text is null ? FieldNames.Find(first, FieldNames.Texts) : Asked(path, first, text);
        var namedLabel = label is null ? FieldNames.Find(first, FieldNames.Labels) : Asked(path, first, label);
        if (first.Length == 1 && namedText < 0) namedText = 0;
        var hasHeader = IsName(rows, namedText, text, FieldNames.Texts) || IsName(rows, namedLabel, label, FieldNames.Labels);
        var body = rows[(hasHeader ? 1 : 0)..];
        var textColumn = namedText >= 0 ? namedText : Longest(path, first, body, besides: namedLabel);
        var labelColumn = namedLabel >= 0 || !needsLabels ? namedLabel : FewestKinds(path, first, body, besides: textColumn);
        if (textColumn == labelColumn) Throw.SameColumn(path, first[textColumn]);
        hasHeader |= labelColumn >= 0 && IsAlone(rows, labelColumn) && AreNames(first);
        return new(textColumn, labelColumn, hasHeader);
    }

    /// <summary>A column that was asked for: by its number, or by its name, case aside if none is so named exactly.</summary>
    public static int Asked(string path, string[] names, string wanted)
    {
        var column = Number(wanted) is { } number ? (number <= names.Length ? number - 1 : -1) : Array.FindIndex(names, n => n.Trim() == wanted);
        if (column < 0) column = Array.FindIndex(names, n => n.Trim().Equals(wanted, StringComparison.OrdinalIgnoreCase));
        if (column < 0) Throw.NoSuchColumn(path, wanted, FieldNames.Show(names), names.Length);
        return column;
    }

    /// <summary>Whether the first row holds the column's name and not a value of it: the one that was asked for, or a usual one that no other row has.</summary>
    static bool IsName(List<DelimitedRow> rows, int column, string? wanted, string[] usual) =>
        column >= 0 && (IsAskedByName(wanted)
            || FieldNames.Find([rows[0].Fields[column]], usual) == 0 && rows.FindIndex(1, r => r.Fields[column].Trim() == rows[0].Fields[column].Trim()) < 0);

    /// <summary>Whether a column was asked for by its name, so that the first row must hold names.</summary>
    public static bool IsAskedByName(string? wanted) => wanted is not null && Number(wanted) is null;

    static int? Number(string wanted) =>
        int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;

    static int Longest(string path, string[] names, List<DelimitedRow> rows, int besides)
    {
        var lengths = Enumerable.Range(0, names.Length).Select(c => c == besides || rows.Count == 0 ? 0 : rows.Average(r => r.Fields[c].Trim().Length)).ToArray();
        var longest = Array.IndexOf(lengths, lengths.Max());
        var others = lengths.Where((_, c) => c != longest);
        if (longest == besides || others.Any(l => l * Longer > lengths[longest])) Throw.ColumnNotTold(path, "text", FieldNames.Show(names));
        return longest;
    }

    static int FewestKinds(string path, string[] names, List<DelimitedRow> rows, int besides)
    {
        var kinds = Enumerable.Range(0, names.Length)
            .Select(c => c == besides ? int.MaxValue : rows.Select(r => r.Fields[c].Trim()).Distinct(StringComparer.Ordinal).Count()).ToArray();
        // A column with one value tells nothing, and one with a value of its own in most rows is no label.
        for (var c = 0; c < kinds.Length; c++)
            if (kinds[c] < 2 || kinds[c] > Math.Max(2, rows.Count / 2)) kinds[c] = int.MaxValue;
        var fewest = kinds.Min();
        if (fewest == int.MaxValue || kinds.Count(k => k == fewest) > 1) Throw.ColumnNotTold(path, "label", FieldNames.Show(names));
        return Array.IndexOf(kinds, fewest);
    }

    /// <summary>Whether fields could name columns: some words each, no numbers, no two alike.</summary>
    static bool AreNames(string[] fields) =>
        fields.All(f => !string.IsNullOrWhiteSpace(f) && !double.TryParse(f, CultureInfo.InvariantCulture, out _) && f.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length <= MostWords)
        && fields.Distinct(StringComparer.OrdinalIgnoreCase).Count() == fields.Length;

    /// <summary>Whether the first row's label is in no other row, while every other label is in two at least: then it is a name.</summary>
    static bool IsAlone(List<DelimitedRow> rows, int column)
    {
        var counts = rows.Skip(1).CountBy(r => r.Fields[column].Trim(), StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        return counts.Count >= 2 && !counts.ContainsKey(rows[0].Fields[column].Trim()) && counts.Values.Min() >= 2;
    }
}
