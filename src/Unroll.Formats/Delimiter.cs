namespace Unroll.Formats;

/// <summary>Tells what stands between the fields of a table.</summary>
static class Delimiter
{
    const int SampleLength = 1 << 16;
    const double Most = 0.9;

    /// <summary>
    /// The character that parts most of the first rows into as many fields as the first has, two at least, and nine rows of ten. Null: none does,
    /// and the text is no table.
    /// </summary>
    public static char? Find(string text)
    {
        var best = Most;
        char? found = null;
        foreach (var candidate in "\t,;|")
            if (Share(text, candidate) is var share && (share > best || share == best && found is null)) (best, found) = (share, candidate);
        return found;
    }

    /// <summary>The share of rows with as many fields as the first, 0 if that has one only.</summary>
    public static double Share(string text, char delimiter)
    {
        var rows = Sample(text, delimiter);
        if (rows.Count == 0 || rows[0].Fields.Length < 2) return 0;
        return rows.Count(r => r.Fields.Length == rows[0].Fields.Length) / (double)rows.Count;
    }

    /// <summary>The first rows, without one that the end of the sample cuts; between tabs quotes are seldom more than characters.</summary>
    public static List<DelimitedRow> Sample(string text, char delimiter)
    {
        var cut = text.Length > SampleLength;
        var rows = DelimitedRows.Read(cut ? text[..SampleLength] : text, delimiter, quoted: delimiter != '\t');
        if (cut && rows.Count > 1) rows.RemoveAt(rows.Count - 1);
        rows.RemoveAll(r => r.Fields is [var only] && string.IsNullOrWhiteSpace(only));
        return rows;
    }
}
