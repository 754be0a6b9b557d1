using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Unroll.Formats;

/// <summary>Tells columns of numbers from columns of texts, and reads both.</summary>
static partial class NumberCells
{
    /// <summary>Of the cells that are not missing, so many must be numbers for the others to be mistakes.</summary>
    const double MostlyNumbers = 0.5;

    /// <summary>A column with more texts than that, and than a tenth of its rows, holds no categories.</summary>
    const int MostCategories = 100;
    const string Expected = "; expected a number, or NA, NaN, null, ?, - or nothing where it is missing";

    static readonly FrozenSet<string> Missing = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "na", "n/a", "nan", "-nan", "null", "none", "nil", "?", "-", "--", ".", "#n/a", "#na", "<na>", "nat", "missing");

    /// <summary>Whether a cell says that its value is missing.</summary>
    public static bool IsMissing(string text) => text.Length == 0 || text.Length <= 7 && Missing.Contains(text);

    /// <summary>Whether a cell is a number, infinite ones too.</summary>
    public static bool IsNumber(string text, bool decimalComma) => TryParse(text, decimalComma, out _);

    /// <summary>Whether most cells of a column that are not missing are numbers, or all are missing.</summary>
    public static bool IsNumbers(CellColumn column, bool decimalComma)
    {
        if (column.Texts is not { } texts) return column.Numbers is not null;
        var (numbers, others) = (0, 0);
        foreach (var text in texts)
        {
            if (IsMissing(text)) continue;
            if (IsNumber(text, decimalComma)) numbers++;
            else others++;
        }
        return numbers >= MostlyNumbers * (numbers + others);
    }

    /// <summary>Whether a column of texts looks like numbers with commas as their decimal points.</summary>
    public static bool HasDecimalCommas(CellColumn column)
    {
        var any = false;
        foreach (var text in column.Texts ?? [])
        {
            if (IsMissing(text)) continue;
            if (!CommaNumber().IsMatch(text)) return false;
            any |= text.Contains(',');
        }
        return any;
    }

    /// <summary>The numbers of a column; NaN where one is missing.</summary>
    /// <param name="table">The table.</param>
    /// <param name="column">Its column.</param>
    /// <param name="decimalComma">Whether a comma stands before the decimals.</param>
    /// <param name="problems">Gets the cells that are texts, or infinite.</param>
    public static double[] Read(CellTable table, int column, bool decimalComma, ProblemList problems)
    {
        var cells = table.Columns[column];
        var numbers = cells.Numbers ?? new double[table.Rows];
        for (var r = 0; r < numbers.Length && !problems.IsFull; r++)
        {
            if (cells.Texts is { } texts)
            {
                if (IsMissing(texts[r])) numbers[r] = double.NaN;
                else if (!TryParse(texts[r], decimalComma, out numbers[r])) problems.Add($"{table.Place(r, column)}: {ProblemList.Quote(texts[r])} in the column of numbers {ProblemList.Quote(cells.Name)}{Expected}");
            }
            if (double.IsInfinity(numbers[r])) problems.Add($"{table.Place(r, column)}: the number {ProblemList.Quote(cells.TextAt(r))} of column {ProblemList.Quote(cells.Name)} is infinite");
        }
        return numbers;
    }

    /// <summary>The texts of a column as places in a list of them, in the order of their first rows; NaN where one is missing. Null where there are too many different ones.</summary>
    public static (double[] Values, List<string> Categories)? ReadCategories(CellTable table, int column, bool isLimited)
    {
        var (values, categories, places) = (new double[table.Rows], new List<string>(), new Dictionary<string, int>(StringComparer.Ordinal));
        var cells = table.Columns[column];
        for (var r = 0; r < values.Length; r++)
        {
            var text = cells.TextAt(r);
            if (IsMissing(text))
            {
                values[r] = double.NaN;
                continue;
            }
            if (!places.TryGetValue(text, out var place))
            {
                places.Add(text, place = categories.Count);
                categories.Add(text);
                if (isLimited && place >= Math.Max(MostCategories, table.Rows / 10)) return null;
            }
            values[r] = place;
        }
        return (values, categories);
    }

    static bool TryParse(string text, bool decimalComma, out double number)
    {
        number = double.NaN;
        if (decimalComma)
        {
            if (!CommaNumber().IsMatch(text)) return false;
            text = text.Replace(".", "", StringComparison.Ordinal).Replace(',', '.');
        }
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && !double.IsNaN(number);
    }

    /// <summary>A number with a comma before its decimals, if any, and perhaps dots between thousands.</summary>
    [GeneratedRegex(@"^[-+]?([0-9]{1,3}(\.[0-9]{3})+|[0-9]+)?(,[0-9]+)?([eE][-+]?[0-9]+)?$")]
    private static partial Regex CommaNumber();
}
