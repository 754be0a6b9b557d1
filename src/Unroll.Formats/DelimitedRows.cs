using System.Text;
using CsvHelper;

namespace Unroll.Formats;

/// <summary>One row of a table of texts.</summary>
/// <param name="Fields">Its fields, without the quotes around them.</param>
/// <param name="Places">Where in the file each field begins, from 1: of a quoted one, its quote.</param>
/// <param name="Bad">The first field that begins with a quote but is not quoted as RFC 4180 says, or −1.</param>
sealed record DelimitedRow(string[] Fields, (int Line, int Column)[] Places, int Bad)
{
    /// <summary>The line where the row begins.</summary>
    public int Line => Places[0].Line;

    /// <summary>The line where it ends; another one where a quoted field goes over several.</summary>
    public int LastLine { get; init; } = Places[^1].Line;
}

/// <summary>Takes text apart whose fields stand between commas, tabs or the like.</summary>
static class DelimitedRows
{
    /// <summary>
    /// All rows that are not empty. Where fields may be quoted (RFC 4180), such a field may hold delimiters, doubled quotes and ends of
    /// lines; quotes within a field that does not begin with one are ordinary characters.
    /// </summary>
    public static List<DelimitedRow> Read(string text, char delimiter, bool quoted)
    {
        using var reader = CsvReader.FromText(text, new CsvReaderOptions
        {
            Separator = delimiter,
            Mode = quoted ? CsvMode.Rfc4180 : CsvMode.NoEscape,
            HasHeader = false,
            TrackLineNumbers = true,
        });
        var rows = new List<DelimitedRow>();
        while (reader.Read())
        {
            var (line, column) = ((int)reader.LineNumber, 1);
            var row = new DelimitedRow(new string[reader.FieldCount], new (int, int)[reader.FieldCount], -1);
            for (var i = 0; i < reader.FieldCount; i++)
            {
                var raw = reader.GetRawSpan(i);
                row.Fields[i] = reader.GetString(i);
                row.Places[i] = (line, column);
                if (quoted && row.Bad < 0 && !IsWellFormed(raw)) row = row with { Bad = i };
                line += raw.Count((byte)'\n');
                column = raw.LastIndexOf((byte)'\n') is >= 0 and var end
                    ? Encoding.UTF8.GetCharCount(raw[(end + 1)..]) + 2
                    : column + Encoding.UTF8.GetCharCount(raw) + 1;
            }
            rows.Add(row with { LastLine = line });
        }
        return rows;
    }

    /// <summary>A field without a quote in front, or one between quotes whose inner quotes are doubled.</summary>
    static bool IsWellFormed(ReadOnlySpan<byte> raw)
    {
        if (raw is not [(byte)'"', ..]) return true;
        if (raw is not [_, .. var inner, (byte)'"']) return false;
        while (inner.IndexOf((byte)'"') is >= 0 and var quote)
        {
            if (quote + 1 == inner.Length || inner[quote + 1] != '"') return false;
            inner = inner[(quote + 2)..];
        }
        return true;
    }
}
