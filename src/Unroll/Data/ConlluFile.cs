using System.Globalization;
using System.Text;

namespace Unroll.Data;

/// <summary>Reads CoNLL-U, the files of Universal Dependencies: ten fields a word, separated by tabs, with an empty line after a sentence.</summary>
/// <remarks>
/// Comments, ranges of several words written as one (<c>3-4</c>) and empty nodes (<c>5.1</c>) are passed over: the syntactic words are what
/// has a tag. A tag <c>_</c> is none; a sentence has a tag for every word, or no tags at all.
/// </remarks>
internal static class ConlluFile
{
    static readonly string[] Columns = ["id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc"];

    /// <summary>Reads all sentences.</summary>
    /// <param name="path">The file, packed with gzip or not.</param>
    /// <param name="tag">The column of the tags, by name or number from 1: <c>upos</c>, the universal parts of speech, if null.</param>
    /// <param name="encoding">Of <see cref="TextEncoding.Find"/>; UTF-8 if null.</param>
    /// <param name="report">Gets what was detected, left out and is doubtful.</param>
    /// <exception cref="UnrollException">
    /// The file cannot be read as text, has no sentence, no such column, or lines that are not of CoNLL-U.
    /// </exception>
    public static IReadOnlyList<TaggedSentence> Read(string path, string? tag = null, Encoding? encoding = null, ReadingReport? report = null)
    {
        var column = Column(path, tag ?? "upos");
        var text = TextFile.Read(path, encoding, report);
        var sentences = new SentenceList(path);
        var problems = new ProblemList();
        var number = 0;
        Span<Range> fields = stackalloc Range[Columns.Length + 1];
        foreach (var range in text.AsSpan().Split('\n'))
        {
            number++;
            var line = text.AsSpan(range);
            if (line.IsWhiteSpace())
            {
                sentences.End(problems);
                continue;
            }
            if (line[0] == '#') continue;
            var count = line.Split(fields, '\t');
            if (count != Columns.Length)
            {
                problems.Add($"line {number:N0}, column 1: {(count > Columns.Length ? "more than 10" : count)} fields between tabs; a word has 10");
                continue;
            }
            var id = line[fields[0]];
            if (id.ContainsAny('-', '.')) continue;
            if (!int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var place) || place != sentences.Words + 1)
                problems.Add($"line {number:N0}, column 1: the number {ProblemList.Quote(id.ToString())} where word {sentences.Words + 1} of its sentence "
                    + "is expected");
            var value = line[fields[column]];
            sentences.Add(number, 1 + fields[column].Start.Value, line[fields[1]].ToString(), value is "_" ? null : value.ToString(), problems);
        }
        sentences.End(problems);
        problems.ThrowIfAny($"{path} cannot be read as CoNLL-U");
        report?.Add("tag column", Columns[column]);
        return sentences.All("CoNLL-U");
    }

    static int Column(string path, string tag)
    {
        var column = int.TryParse(tag, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number - 1
            : Array.FindIndex(Columns, c => c.Equals(tag, StringComparison.OrdinalIgnoreCase));
        if (column < 0 || column >= Columns.Length) Throw.SentenceColumn(path, tag, string.Join(", ", Columns) + ", or 1 to 10");
        return column;
    }
}
