using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace Unroll.Formats;

/// <summary>One row of a table of texts.</summary>
/// <param name="Fields">Its fields, without the quotes around them.</param>
/// <param name="Raw">The row as it stands in the file.</param>
/// <param name="Line">The line of the file where it begins, from 1.</param>
/// <param name="Bad">The first field whose quotes are not as they should be, or −1.</param>
sealed record DelimitedRow(string[] Fields, string Raw, int Line, int Bad);

/// <summary>Takes comma- and tab-separated text apart (RFC 4180, or without quoting).</summary>
static class DelimitedRows
{
    /// <summary>All rows that are not empty. A quoted field may hold delimiters, doubled quotes and ends of lines.</summary>
    public static List<DelimitedRow> Read(string text, char delimiter, bool quoted)
    {
        var bad = false;
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = delimiter.ToString(),
            Mode = quoted ? CsvMode.RFC4180 : CsvMode.NoEscape,
            NewLine = "\n",
            HasHeaderRecord = false,
            IgnoreBlankLines = false,
            BadDataFound = _ => bad = true,
        };
        using var parser = new CsvParser(new StringReader(text), configuration);
        var rows = new List<DelimitedRow>();
        for (var line = 1; parser.Read(); line = parser.RawRow + 1)
        {
            var (fields, firstBad) = (new string[parser.Count], -1);
            for (var i = 0; i < fields.Length; i++)
            {
                bad = false;
                fields[i] = parser[i];
                if (bad && firstBad < 0) firstBad = i;
            }
            if (fields is not [""]) rows.Add(new DelimitedRow(fields, parser.RawRecord, line, firstBad));
        }
        return rows;
    }
}
