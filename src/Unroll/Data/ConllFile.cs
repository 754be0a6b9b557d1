using System.Globalization;
using System.Text;

namespace Unroll.Data;

/// <summary>
/// Reads columns as those of the CoNLL tasks: one word a line with its annotations between blanks, and an empty line after a sentence.
/// </summary>
/// <remarks>
/// Lines that begin with <c>-DOCSTART-</c> end a sentence and are passed over; so are lines before the first word of a sentence that begin
/// with <c>#</c> and have another number of columns than the words, which are comments.
/// A file of one column has words without tags.
/// </remarks>
public static class ConllFile
{
    /// <summary>Reads all sentences.</summary>
    /// <param name="path">The file, packed with gzip or not.</param>
    /// <param name="word">The column of the words, from 1.</param>
    /// <param name="tag">The column of the tags, from 1; the last if null.</param>
    /// <param name="encoding">Of <see cref="TextEncoding.Find"/>; UTF-8 if null.</param>
    /// <param name="report">Gets what was detected, left out and is doubtful.</param>
    /// <exception cref="UnrollException">
    /// The file cannot be read as text, has no sentence, no such column, or lines of unequal numbers of columns.
    /// </exception>
    public static IReadOnlyList<TaggedSentence> Read(string path, string? word = null, string? tag = null, Encoding? encoding = null, ReadingReport? report = null)
    {
        var text = TextFile.Read(path, encoding, report);
        if (JsonShape.IsJson(text)) Throw.JsonUnexpected(path, "words in columns");
        var width = Width(text);
        if (width == 0) Throw.NoExamples(path, "words in columns");
        var wordColumn = Column(path, word ?? "1", width);
        var tagColumn = Column(path, tag ?? width.ToString(CultureInfo.InvariantCulture), width);
        var sentences = new SentenceList(path);
        var problems = new ProblemList();
        var number = 0;
        var fields = new Range[width + 1];
        foreach (var range in text.AsSpan().Split('\n'))
        {
            number++;
            var line = text.AsSpan(range).TrimEnd();
            if (line.IsEmpty || line.StartsWith("-DOCSTART-", StringComparison.Ordinal))
            {
                sentences.End(problems);
                continue;
            }
            var count = Split(line, fields);
            if (count != width && line[0] == '#' && sentences.Words == 0) continue;
            if (count != width)
            {
                problems.Add($"line {number:N0}, column 1: {(count > width ? $"more than {width}" : count)} columns; the first word has {width}");
                continue;
            }
            var value = width == 1 ? null : line[fields[tagColumn]].ToString();
            sentences.Add(number, 1 + fields[tagColumn].Start.Value, line[fields[wordColumn]].ToString(), value, problems);
        }
        sentences.End(problems);
        problems.ThrowIfAny($"{path} cannot be read as CoNLL columns");
        report?.Add("columns", width.ToString(CultureInfo.InvariantCulture));
        report?.Add("word column", (wordColumn + 1).ToString(CultureInfo.InvariantCulture));
        report?.Add("tag column", width == 1 ? "none" : (tagColumn + 1).ToString(CultureInfo.InvariantCulture));
        return sentences.All("columns");
    }

    /// <summary>The columns of the first word; a line that begins with <c>#</c> may be a comment and is asked only where there is no other.</summary>
    static int Width(string text)
    {
        var width = 0;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan(range).TrimEnd();
            if (line.IsEmpty || line.StartsWith("-DOCSTART-", StringComparison.Ordinal)) continue;
            var columns = new Range[line.Length];
            if (line[0] != '#') return Split(line, columns);
            if (width == 0) width = Split(line, columns);
        }
        return width;
    }

    /// <summary>The fields of every line that may hold a word; comments are among them only where all lines begin with <c>#</c> or they have as many fields.</summary>
    internal static IReadOnlyList<string[]> Columns(string text)
    {
        var width = Width(text);
        var rows = new List<string[]>();
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan(range).TrimEnd();
            if (line.IsEmpty || line.StartsWith("-DOCSTART-", StringComparison.Ordinal)) continue;
            string[] fields = [.. line.ToString().Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)];
            if (line[0] != '#' || fields.Length == width) rows.Add(fields);
        }
        return rows;
    }

    static int Split(ReadOnlySpan<char> line, Span<Range> fields) =>
        line.SplitAny(fields, [' ', '\t'], StringSplitOptions.RemoveEmptyEntries);

    static int Column(string path, string column, int width)
    {
        if (!int.TryParse(column, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1 || number > width)
            Throw.SentenceColumn(path, column, $"1 to {width}, by number");
        return number - 1;
    }
}
