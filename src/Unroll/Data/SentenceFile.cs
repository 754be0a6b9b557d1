using System.Text;

namespace Unroll.Data;

/// <summary>How a file of tagged sentences is read.</summary>
internal sealed record SentenceFileOptions
{
    /// <summary><c>conllu</c>, <c>conll</c>, or null to tell it from the file.</summary>
    public string? Format { get; init; }

    /// <summary>The column of the words, by number from 1; the first if null. CoNLL-U has a fixed one.</summary>
    public string? Word { get; init; }

    /// <summary>The column of the tags: in CoNLL-U by name or number, <c>upos</c> if null; else by number, the last if null.</summary>
    public string? Tag { get; init; }

    /// <summary>An encoding of <see cref="TextEncoding.Find"/>; UTF-8 if null.</summary>
    public Encoding? Encoding { get; init; }

    /// <summary>Whether sentences without tags are refused; true by default.</summary>
    public bool NeedsTags { get; init; } = true;

    /// <summary>Gets what was detected, left out and is doubtful; null where nobody wants to know.</summary>
    public ReadingReport? Report { get; init; }
}

/// <summary>Reads tagged sentences of any format: CoNLL-U or CoNLL columns.</summary>
internal static class SentenceFile
{
    /// <summary>The names of the formats.</summary>
    public static readonly IReadOnlyList<string> Formats = ["conllu", "conll"];

    /// <summary>Reads all sentences.</summary>
    /// <exception cref="UnrollException">
    /// The format is not known, the file cannot be read in it, or there are sentences without the tags they need.
    /// </exception>
    public static IReadOnlyList<TaggedSentence> Read(string path, SentenceFileOptions? options = null)
    {
        options ??= new();
        var format = options.Format ?? TellFormat(path, options.Encoding);
        options.Report?.Add("format", format);
        var sentences = format switch
        {
            "conllu" => ConlluFile.Read(path, options.Tag, options.Encoding, options.Report),
            "conll" => ConllFile.Read(path, options.Word, options.Tag, options.Encoding, options.Report),
            var other => throw Throw.UnknownFormat(other, Formats),
        };
        if (options.NeedsTags && sentences.FirstOrDefault(s => s.Tags.Count == 0) is { } bare) Throw.SentenceWithoutTags(bare.Source);
        if (options.Report is { } report) ReadingDoubts.AboutSentences(report, sentences);
        return sentences;
    }

    /// <summary>The format of a file: CoNLL-U where it is named so or its first word has ten fields between tabs and a number.</summary>
    /// <exception cref="UnrollException">The file cannot be read as text.</exception>
    public static string TellFormat(string path, Encoding? encoding = null)
    {
        var name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        if (name.EndsWith(".conllu", StringComparison.OrdinalIgnoreCase)) return "conllu";
        var text = TextFile.ReadStart(path, encoding);
        Span<Range> fields = stackalloc Range[11];
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan(range);
            if (line.IsWhiteSpace() || line[0] == '#') continue;
            var isWord = line.Split(fields, '\t') == 10 && char.IsAsciiDigit(line[0]);
            return isWord ? "conllu" : "conll";
        }
        return "conll";
    }
}
