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

    /// <summary>The first rows, without one that the end of the sample cuts.</summary>
    public static List<DelimitedRow> Sample(string text, char delimiter, bool quoted)
    {
        var cut = text.Length > SampleLength;
        var rows = DelimitedRows.Read(cut ? text[..SampleLength] : text, delimiter, quoted);
        if (cut && rows.Count > 1) rows.RemoveAt(rows.Count - 1);
        rows.RemoveAll(r => r.Fields is [var only] && string.IsNullOrWhiteSpace(only));
        return rows;
    }

    /// <summary>Between tabs quotes are characters as a rule, but may be quotes.</summary>
    static double Share(string text, char delimiter) =>
        Math.Max(Share(Sample(text, delimiter, quoted: true)), delimiter == '\t' ? Share(Sample(text, delimiter, quoted: false)) : 0);

    /// <summary>The share of rows with as many fields as the first, 0 if that has one only.</summary>
    static double Share(List<DelimitedRow> rows) =>
        rows.Count == 0 || rows[0].Fields.Length < 2 ? 0 : rows.Count(r => r.Fields.Length == rows[0].Fields.Length) / (double)rows.Count;
}
