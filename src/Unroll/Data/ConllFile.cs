using System.Globalization;
using System.Text;

namespace Unroll.Data;

/// <summary>
/// Reads columns as those of the CoNLL tasks: one word a line with its annotations between blanks, and an empty line after a sentence.
/// </summary>
/// <remarks>
/// Lines that begin with <c>-DOCSTART-</c> end a sentence and are passed over; so are lines before the first word of a sentence that begin
/// with <c>#</c> and are no words: with another number of columns than the words, without a tab where words have tabs, or, where columns stand between
/// blanks, with something in the last column that no other line has there.
/// A file of one column has words without tags.
/// </remarks>
internal static class ConllFile
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
        var layout = Layout.Of(text);
        var width = layout.Width;
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
            if (sentences.Words == 0 && layout.IsComment(line)) continue;
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

    /// <summary>What the lines that do not begin with <c>#</c> have in common, by which comments are told; of all lines where there is no other.</summary>
    /// <param name="Width">The columns of the first.</param>
    /// <param name="HasTabs">Whether it has tabs.</param>
    /// <param name="Last">What stands in the last columns.</param>
    readonly record struct Layout(int Width, bool HasTabs, HashSet<string> Last)
    {
        public static Layout Of(string text)
        {
            var (width, tabs, last, comments) = (0, false, new HashSet<string>(StringComparer.Ordinal), 0);
            foreach (var range in text.AsSpan().Split('\n'))
            {
                var line = text.AsSpan(range).TrimEnd();
                if (line.IsEmpty || line.StartsWith("-DOCSTART-", StringComparison.Ordinal)) continue;
                if (line[0] == '#')
                {
                    if (last.Count == 0 && comments++ == 0) (width, tabs) = (Fields(line), line.Contains('\t'));
                    continue;
                }
                if (last.Count == 0) (width, tabs) = (Fields(line), line.Contains('\t'));
                last.Add(LastField(line).ToString());
            }
            return new(width, tabs, last);
        }

        public bool IsComment(ReadOnlySpan<char> line) =>
            line[0] == '#' && (Fields(line) != Width || (HasTabs ? !line.Contains('\t') : Width > 1 && Last.Count > 0 && !Last.Contains(LastField(line).ToString())));

        static int Fields(ReadOnlySpan<char> line) => Split(line, new Range[line.Length]);

        static ReadOnlySpan<char> LastField(ReadOnlySpan<char> line) => line[(line.LastIndexOfAny(' ', '\t') + 1)..];
    }

    /// <summary>The fields of every line that may hold a word.</summary>
    internal static IReadOnlyList<string[]> Columns(string text)
    {
        var layout = Layout.Of(text);
        var rows = new List<string[]>();
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan(range).TrimEnd();
            if (line.IsEmpty || line.StartsWith("-DOCSTART-", StringComparison.Ordinal) || layout.IsComment(line)) continue;
            rows.Add(line.ToString().Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
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
