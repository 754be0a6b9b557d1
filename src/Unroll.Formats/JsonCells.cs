using System.Text;
using System.Text.Json;
using Unroll.Data;

namespace Unroll.Formats;

/// <summary>Reads the cells of JSON lines: a field is a column; texts, numbers, true, false or null.</summary>
static class JsonCells
{
    const int MostPadding = 20, MostPadded = 10_000_000;

    public static CellTable Read(string path, TimeSeriesOptions options, ReadingReport? report)
    {
        var (names, columns, lines) = (new List<string>(), new List<List<string>>(), new List<int>());
        var (places, fields) = (new Dictionary<string, int>(StringComparer.Ordinal), 0L);
        JsonLinesFile.Objects(path, options.Encoding, report, line =>
        {
            var reader = JsonLinesFile.Object(line.Bytes);
            var row = lines.Count;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = JsonLinesFile.Text(ref reader, "the name of a field");
                reader.Read();
                var text = reader.TokenType switch
                {
                    JsonTokenType.String => JsonLinesFile.Text(ref reader, ProblemList.Quote(name)).Trim(),
                    JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False => Encoding.UTF8.GetString(reader.ValueSpan),
                    JsonTokenType.Null => "",
                    _ => throw new JsonLinesFile.FieldException(reader.TokenStartIndex, $"{ProblemList.Quote(name)} is a list or an object; expected a text, a number, true, false or null"),
                };
                if (!places.TryGetValue(name, out var column))
                {
                    // Lines with fields of their own would take memory for those of all others.
                    if ((names.Count + 1L) * row > MostPadded + MostPadding * fields) throw new JsonLinesFile.FieldException(reader.TokenStartIndex, $"{ProblemList.Quote(name)} is a field that no line before has; expected the same fields in most lines");
                    places.Add(name, column = names.Count);
                    names.Add(name);
                    columns.Add([]);
                }
                if (columns[column].Count > row) throw new JsonLinesFile.FieldException(reader.TokenStartIndex, $"{ProblemList.Quote(name)} is there twice");
                while (columns[column].Count < row) columns[column].Add("");
                columns[column].Add(text);
                fields++;
            }
            while (reader.Read()) ;                                      // refuses what follows the object
            lines.Add(line.Number);
            return true;
        });
        foreach (var column in columns)
            while (column.Count < lines.Count) column.Add("");
        return new()
        {
            Source = path, Rows = lines.Count, Columns = [.. names.Select((n, c) => new CellColumn(n) { Texts = [.. columns[c]] })],
            Place = (row, column) => column < 0 ? $"line {lines[row]:N0}" : $"line {lines[row]:N0}, field {ProblemList.Quote(names[column])}",
        };
    }
}
