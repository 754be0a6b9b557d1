using System.Globalization;
using System.Text.Json;
using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Formats;

/// <summary>Rows of time series as they come, line by line: CSV with a header, or JSON lines.</summary>
static class ObservationRows
{
    const string Source = "Standard input";

    /// <summary>A step for each line.</summary>
    /// <param name="lines">The lines, the header first where it is CSV.</param>
    /// <param name="reading">How they are read.</param>
    /// <param name="series">The columns that tell series apart, where the reading says none.</param>
    /// <exception cref="UnrollException">A line cannot be read, or a column is missing.</exception>
    public static IEnumerable<ObservedStep> Read(IEnumerable<string> lines, ReadingOptions reading, IReadOnlyList<string> series)
    {
        var (number, rows) = (0, default(Rows));
        foreach (var line in lines)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line)) continue;
            rows ??= line.TrimStart()[0] == '{' ? new Rows(reading, series, ',', null) : Rows.Of(line, reading, series);
            if (rows.StepOf(line, number) is { } step) yield return step;
        }
    }

    sealed class Rows(ReadingOptions reading, IReadOnlyList<string> series, char delimiter, string[]? header)
    {
        readonly string[] _series = [.. reading.Series is null ? series : FieldNames.Split(reading.Series)];
        string[]? _time = reading.Time is null ? null : reading.Time == "none" ? [] : [.. FieldNames.Split(reading.Time)];
        bool _begun = header is null;

        public static Rows Of(string line, ReadingOptions reading, IReadOnlyList<string> series)
        {
            var delimiter = ",\t;|".MaxBy(c => line.Count(l => l == c));
            return new(reading, series, delimiter, DelimitedRows.Read(line, delimiter, quoted: true)[0].Fields);
        }

        /// <summary>The step of a line; null of the header.</summary>
        public ObservedStep? StepOf(string line, int number)
        {
            if (!_begun)
            {
                _begun = true;
                return null;
            }
            var (place, cells) = ($"{Source}, line {number:N0}", header is null ? Json(line, number) : Fields(line, number));
            _time ??= TimeOf(cells);
            var names = string.Join("/", _series.Select(name => Cell(cells, name, place)));
            var time = _time.Length == 0 ? null : (DateTime?)new TimeStampColumn(Source, string.Join(", ", _time), _ => place).Read([string.Join(" ", _time.Select(name => Cell(cells, name, place)))], reading.TimeFormat)[0];
            return new(names, time, place, column => Number(Cell(cells, column.Name, place), column, place));
        }

        Dictionary<string, string> Fields(string line, int number)
        {
            var fields = DelimitedRows.Read(line, delimiter, quoted: true) is [var row] ? row.Fields : [];
            if (fields.Length != header!.Length) throw new DataMismatchException($"{Source}, line {number:N0}: {fields.Length} fields; the header has {header.Length} ({FieldNames.Show(header)}).");
            var cells = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            for (var i = 0; i < fields.Length; i++) cells[header[i].Trim()] = fields[i].Trim();
            return cells;
        }

        static Dictionary<string, string> Json(string line, int number)
        {
            try
            {
                using var json = JsonDocument.Parse(line);
                var cells = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
                foreach (var field in json.RootElement.EnumerateObject()) cells[field.Name] = field.Value.ValueKind == JsonValueKind.Null ? "" : field.Value.ToString();
                return cells;
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                throw new DataMismatchException($"{Source}, line {number:N0}: expected a JSON object, as in the lines before: {e.Message}");
            }
        }

        /// <summary>The column of the time: the first one that holds a time stamp; none where no column does.</summary>
        static string[] TimeOf(Dictionary<string, string> cells)
        {
            var found = cells.FirstOrDefault(c => TimeStamp.TryScan(c.Value, out var stamp) && stamp.IsSure).Key;
            return found is null ? [] : [found];
        }

        static string Cell(Dictionary<string, string> cells, string name, string place) =>
            cells.TryGetValue(name, out var text) ? text : throw Throw.NoColumn(place, name, cells.Keys);

        double Number(string text, ForecastColumn column, string place)
        {
            if (text.Length == 0 || NumberCells.IsMissing(text)) return double.NaN;
            if (column.Categories.Count > 0) return column.IndexOf(text);
            var plain = reading.DecimalComma ? text.Replace(".", "", StringComparison.Ordinal).Replace(',', '.') : text;
            if (!double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || double.IsInfinity(value))
                throw new DataMismatchException($"{place}: column {ProblemList.Quote(column.Name)} has {ProblemList.Quote(text)}; expected a number.");
            return value;
        }
    }
}
