using System.Globalization;
using Unroll.Data;

namespace Unroll.Formats;

/// <summary>Which columns of a table are the text and the label, from 0; the label's is −1 where there is none.</summary>
sealed record TableColumns(int Text, int Label, TableHeader.Verdict Header)
{
    // Told by content, a text is this much longer than what stands in any other column, on average.
    const double Longer = 2;

    public bool HasHeader => Header.HasHeader;

    public static TableColumns Find(string path, List<DelimitedRow> rows, string? text, string? label, bool needsLabels)
    {
        var first = rows[0].Fields;
        var namedText = text is null ? FieldNames.Find(first, FieldNames.Texts) : Asked(path, first, text);
        var namedLabel = label is null ? FieldNames.Find(first, FieldNames.Labels) : Asked(path, first, label);
        if (first.Length == 1 && namedText < 0) namedText = 0;
        var named = IsName(rows, namedText, text, FieldNames.Texts) || IsName(rows, namedLabel, label, FieldNames.Labels);
        var body = rows[(named ? 1 : 0)..];
        var textColumn = namedText >= 0 ? namedText : Longest(path, first, body, besides: namedLabel);
        if (text is null) RefuseNumbers(path, rows, textColumn);
        var labelColumn = namedLabel >= 0 || !needsLabels ? namedLabel : FewestKinds(path, first, body, besides: textColumn);
        if (textColumn == labelColumn) Throw.SameColumn(path, first[textColumn]);
        return new(textColumn, labelColumn, named ? TableHeader.Verdict.Yes : TableHeader.Tell(rows, textColumn, labelColumn));
    }

    /// <summary>Tells what was found.</summary>
    public void Report(ReadingReport report, string path, List<DelimitedRow> rows)
    {
        var (names, hasHeader) = (rows[0].Fields, HasHeader);
        report.Add("header", hasHeader ? FieldNames.Show(names) : "none");
        report.Add("text column", NameOf(Text));
        report.Add("label column", Label < 0 ? "none" : NameOf(Label));
        var body = rows[(hasHeader ? 1 : 0)..];
        if (hasHeader && !Header.IsSure)
            report.Doubt($"{path}, line {rows[0].Line}: the first row, {FieldNames.Show(names)}, is taken for the names of the columns, since no other row has its label. If it is an example, add a line with the names of the columns above it.");
        if (!hasHeader && Label >= 0 && rows.Count(r => DelimitedFile.Text(r, Label) == DelimitedFile.Text(rows[0], Label)) == 1)
            report.Doubt($"{path}, line {rows[0].Line}: no other row has the label {ProblemList.Quote(names[Label])} of the first row. If the first row holds the names of the columns, name the column of the text or of the label.");
        for (var c = 0; c < names.Length; c++)
        {
            var filled = body.FindAll(r => r.Fields[c].Trim().Length > 0);
            var isNamed = names[c].Trim().Length > 0;
            if (body.Count > 0 && filled.Count == 0 && (c == Text || hasHeader && isNamed)) report.Doubt($"{path}: column {ProblemList.Quote(NameOf(c))} is empty in every row.");
            if (hasHeader && !isNamed && filled.Count > 0 && filled.Count * 2 < body.Count)
                report.Doubt($"{path}, line {filled[0].Line}: column {c + 1} has no name and is filled in {filled.Count:N0} of {body.Count:N0} rows: a text there may have been cut at a delimiter. Put texts with delimiters in quotes.");
        }

        string NameOf(int column) => hasHeader && names[column].Trim().Length > 0 ? DelimitedFile.Trimmed(names[column]) : (column + 1).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>A column that was asked for: by its number, or by its name, case aside if none is so named exactly.</summary>
    public static int Asked(string path, string[] names, string wanted)
    {
        string[] known = [.. names.Select(LabelText.Clean)];
        var name = LabelText.Clean(wanted);
        var column = Number(wanted) is { } number ? (number <= names.Length ? number - 1 : -1) : Array.IndexOf(known, name);
        if (column < 0) column = Array.FindIndex(known, n => n.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (column < 0) Throw.NoSuchColumn(path, wanted, FieldNames.Show(names), names.Length);
        return column;
    }

    /// <summary>Whether the first row holds the column's name and not a value of it: the one that was asked for, or a usual one that no row has but those that repeat the first.</summary>
    static bool IsName(List<DelimitedRow> rows, int column, string? wanted, string[] usual) =>
        column >= 0 && (IsAskedByName(wanted)
            || FieldNames.Find([rows[0].Fields[column]], usual) == 0
                && !rows.Exists(r => DelimitedFile.Text(r, column) == DelimitedFile.Text(rows[0], column) && !TableHeader.Repeats(r, rows[0])));

    /// <summary>Whether a column was asked for by its name, so that the first row must hold names.</summary>
    public static bool IsAskedByName(string? wanted) => wanted is not null && Number(wanted) is null;

    static int? Number(string wanted) =>
        int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;

    /// <summary>Numbers are learned as text only where their column was asked for.</summary>
    static void RefuseNumbers(string path, List<DelimitedRow> rows, int column)
    {
        if (rows.Count > 1 && TableHeader.IsNumbersBelow(rows[1..], column)) Throw.TextIsNumbers(path, FieldNames.Show(rows[0].Fields), column + 1);
    }

    static int Longest(string path, string[] names, List<DelimitedRow> rows, int besides)
    {
        var lengths = Enumerable.Range(0, names.Length).Select(c => c == besides || rows.Count == 0 ? 0 : rows.Average(r => r.Fields[c].Trim().Length)).ToArray();
        var longest = Array.IndexOf(lengths, lengths.Max());
        RefuseNumbers(path, rows, longest);
        var others = lengths.Where((_, c) => c != longest);
        if (longest == besides || others.Any(l => l * Longer > lengths[longest])) Throw.ColumnNotTold(path, "text", FieldNames.Show(names));
        return longest;
    }

    static int FewestKinds(string path, string[] names, List<DelimitedRow> rows, int besides)
    {
        var kinds = Enumerable.Range(0, names.Length).Select(c => c == besides ? int.MaxValue : KindsOf(rows, c)).ToArray();
        var fewest = kinds.Min();
        if (fewest == int.MaxValue || kinds.Count(k => k == fewest) > 1) Throw.ColumnNotTold(path, "label", FieldNames.Show(names));
        return Array.IndexOf(kinds, fewest);
    }

    /// <summary>How many different labels a column has, if it can be one of labels: not with one value, with one of its own in most rows, mostly empty, or with fractions.</summary>
    static int KindsOf(List<DelimitedRow> rows, int column)
    {
        var kinds = rows.Select(r => DelimitedFile.Text(r, column)).Distinct(StringComparer.Ordinal).ToArray();
        var empty = rows.Count(r => r.Fields[column].Trim().Length == 0);
        var isLabel = kinds.Length >= 2 && kinds.Length <= Math.Max(2, rows.Count / 2) && 2 * empty <= rows.Count && !kinds.Any(ReadingDoubts.IsFraction);
        return isLabel ? kinds.Length : int.MaxValue;
    }
}
