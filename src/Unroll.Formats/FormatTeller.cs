using Unroll.Data;

namespace Unroll.Formats;

/// <summary>Tells the format of examples: by what a file begins with, by its ending, by its first lines.</summary>
static class FormatTeller
{
    const int SampleLines = 1000;
    const int FewLines = 4;             // of so few nothing can be said by counting

    public static string Tell(string path, ExampleFileOptions options)
    {
        if (Directory.Exists(path)) return AudioFolder.Files(path).Count > 0 ? "wav" : "folder";
        var head = Head(path);
        if (head is [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', ..]) return "npy";
        if (head is [(byte)'P', (byte)'K', 3 or 5, 4 or 6, ..]) return "npy";
        if (head.AsSpan().StartsWith("RIFF"u8) || WavFile.IsOtherForm(head)) return "wav";
        if (head is [0, 0, >= 8 and <= 14, >= 1 and <= 4, ..]) return "idx";
        switch (TextFile.EndingOf(path))
        {
            case ".csv": return TellTable(path, options) ?? "csv";
            case ".tsv" or ".tab": return TellTable(path, options) ?? "tsv";
            case ".jsonl" or ".ndjson" or ".json": return "jsonl";
            case ".ts": return "ts";
        }
        var text = TextFile.ReadStart(path, options.Encoding);
        if (TellText(path, text, options) is { } told) return told;
        if (!options.NeedsLabels) return !IsNamedAsPlainText(path) && IsColumnOfTexts(text, options) ? "csv" : "lines";
        Throw.FormatNotTold(path, "it is no table, and the first words of its lines are too many to be labels", ExampleFile.Formats);
        return "";
    }

    /// <summary>The format of a file that is named as a table but is none of texts: series, or fastText's lines; null for a table of texts.</summary>
    static string? TellTable(string path, ExampleFileOptions options)
    {
        var text = TextFile.ReadStart(path, options.Encoding);
        if (IsSeries(path, text, options)) return "ucr";
        var start = text.AsSpan().TrimStart();
        var marked = start.TrimStart('"').StartsWith(LabelLineFile.Mark, StringComparison.OrdinalIgnoreCase);
        return marked && (!text.Contains('"') || start[0] == '"' && Delimiter.Find(text) is null) ? "labels" : null;
    }

    /// <summary>Whether each line of a text or table is a class and the values of a series, where no column was asked for.</summary>
    /// <exception cref="UnrollException">There are numbers alone, but no classes before them.</exception>
    static bool IsSeries(string path, string text, ExampleFileOptions options)
    {
        if (options.Text is not null || options.Label is not null) return false;
        var told = UcrFile.Tell(text);
        if (told == false) Throw.NumbersWithoutClass(path);
        return told == true;
    }

    /// <summary>The format of a text by its first lines, or null where they have no label that could be told.</summary>
    public static string? TellText(string path, string text, ExampleFileOptions options)
    {
        var start = text.AsSpan().TrimStart();
        if (IsSeries(path, text, options)) return "ucr";
        if (start.StartsWith("{") || JsonShape.IsJson(text)) return "jsonl";
        if (LabelLineFile.IsMarked(text)) return "labels";
        if (start.StartsWith("@problemName", StringComparison.OrdinalIgnoreCase)) return "ts";
        if (Delimiter.Find(text) is { } delimiter && IsTable(text, delimiter, options)) return delimiter == '\t' ? "tsv" : "csv";
        return HasLabelFirst(text) ? "labels" : null;
    }

    public static bool IsNamedAsPlainText(string path) => TextFile.EndingOf(path) is ".txt" or ".text";

    static byte[] Head(string path)
    {
        var head = new byte[8];
        using var stream = TextFile.OpenRead(path);
        return head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
    }

    /// <summary>
    /// Tabs make a table. Commas, semicolons and bars stand in prose too: they make one if the first row has the names that are looked for, or if
    /// the first field is a single word in every row.
    /// </summary>
    static bool IsTable(string text, char delimiter, ExampleFileOptions options)
    {
        if (delimiter == '\t') return true;
        var rows = Delimiter.Sample(text, delimiter, quoted: true);
        return FieldNames.Find(rows[0].Fields, options.Text is null ? FieldNames.Texts : [options.Text]) >= 0
            || FieldNames.Find(rows[0].Fields, options.Label is null ? FieldNames.Labels : [options.Label]) >= 0
            || rows.TrueForAll(r => !r.Fields[0].Trim().Contains(' '));
    }

    /// <summary>Whether a text is a table of one column below its usual name, which no other row has.</summary>
    static bool IsColumnOfTexts(string text, ExampleFileOptions options)
    {
        var rows = Delimiter.Sample(text, ',', quoted: true);
        return rows.Count > 1 && rows.TrueForAll(r => r.Fields.Length == 1 && r.Bad < 0)
            && FieldNames.Find(rows[0].Fields, options.Text is null ? FieldNames.Texts : [options.Text]) == 0
            && rows.Count(r => DelimitedFile.Text(r, 0) == DelimitedFile.Text(rows[0], 0)) == 1;
    }

    /// <summary>Whether there are at most half as many first words as lines, and most lines have more than one word.</summary>
    static bool HasLabelFirst(string text)
    {
        var (lines, longer) = (0, 0);
        var words = new HashSet<string>(StringComparer.Ordinal);
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan(range).Trim();
            if (line.IsEmpty) continue;
            var end = line.IndexOfAny(' ', '\t');
            words.Add((end < 0 ? line : line[..end]).ToString());
            if (end >= 0) longer++;
            if (++lines == SampleLines) break;
        }
        return 2 * longer > lines && (lines < FewLines || 2 * words.Count <= lines);
    }
}
