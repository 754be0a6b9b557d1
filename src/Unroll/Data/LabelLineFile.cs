using System.Text;
using System.Text.RegularExpressions;

namespace Unroll.Data;

/// <summary>Reads examples of one line each: the label, a blank, the text; or fastText's <c>__label__NAME</c> in a line.</summary>
/// <remarks>
/// <para>The label is what stands before the first space or tab. A first line such as <c>label text</c>, of names that no other line begins with, is a
/// header and is left out, also where it comes again.</para>
/// <para>Where half of the lines have a word that begins with <c>__label__</c>, the labels of a line are all its words that begin so, without that mark and up
/// to a comma; what is left is the text. Every line then needs one, and a comma between two is refused. So it is where one of ten lines has such a word, or one line begins or ends with it,
/// unless the first words of the other lines come again as labels do. Upper and lower case are the same, and quotes around a whole line are dropped.</para>
/// <para>Blanks around a text are dropped, and so are lines of blanks only; a line with nothing behind its label is an empty text. Lines end as
/// <see cref="TextLines"/> says.</para>
/// </remarks>
internal static partial class LabelLineFile
{
    internal const string Mark = "__label__";

    static readonly char[] Blanks = [' ', '\t', '\r'];
    static readonly char[] Separators = [' ', '\t', '\r', ','];

    /// <summary>Reads all examples.</summary>
    /// <param name="path">The file, packed with gzip or not.</param>
    /// <param name="encoding">Of <see cref="TextEncoding.Find"/>; UTF-8 if null.</param>
    /// <param name="needsLabels">False: lines without <c>__label__</c> are texts whose label is to be predicted.</param>
    /// <param name="report">Gets what was detected, left out and is doubtful.</param>
    /// <exception cref="UnrollException">The file cannot be read as text, has no example, or has lines without the label they need.</exception>
    public static IReadOnlyList<Example> Read(string path, Encoding? encoding = null, bool needsLabels = true, ReadingReport? report = null)
    {
        var text = TextFile.Read(path, encoding, report);
        var marked = IsMarked(text);
        var header = marked ? null : Header(text);
        if (!marked && report is not null) DoubtMarks(report, path, text);
        var examples = new List<Example>();
        var problems = new ProblemList();
        var (number, empty) = (0, 0);
        foreach (var range in text.AsSpan().Split('\n'))
        {
            number++;
            var line = text.AsSpan(range).Trim(Blanks);
            if (line.IsEmpty)
            {
                empty++;
                continue;
            }
            if (header is not null && line.SequenceEqual(header))
            {
                report?.LeaveOut("lines that repeat the header", examples.Count > 0 ? 1 : 0);
                continue;
            }
            var commas = false;
            var (labels, rest) = marked ? MarkedLabels(line, out commas) : FirstWord(line);
            if (commas) problems.Add($"line {number:N0}, column 1: a comma between two labels. Separate labels with blanks, {Mark}a {Mark}b");
            if (labels.Length == 0 && needsLabels) problems.Add($"line {number:N0}, column 1: no word of the line begins with {Mark}, as those of other lines do. Give it a label, or take the line out");
            if (labels.Contains("")) problems.Add($"line {number:N0}, column 1: a label without a name");
            examples.Add(new() { Text = rest, Labels = labels, Source = $"{path}, line {number}" });
        }
        problems.ThrowIfAny($"{path} cannot be read as lines of label and text");
        if (examples.Count == 0) Throw.NoExamples(path, "lines of label and text");
        report?.Add("label", marked ? $"words that begin with {Mark}" : "the first word of a line");
        if (!marked) report?.Add("header", header is null ? "none" : FieldNames.Show(header.Split(Blanks, StringSplitOptions.RemoveEmptyEntries)));
        report?.LeaveOut("empty lines", empty - (text.EndsWith('\n') ? 1 : 0));
        return examples;
    }

    /// <summary>Whether labels are marked as fastText's: half of the lines have a mark, or some, and the others do not begin with labels.</summary>
    internal static bool IsMarked(string text)
    {
        if (!text.Contains(Mark, StringComparison.OrdinalIgnoreCase)) return false;
        var (lines, marked, atEdge) = (0, 0, false);
        var words = new HashSet<string>(StringComparer.Ordinal);
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan(range).Trim();
            if (line.IsEmpty) continue;
            if (MarkedWord().EnumerateMatches(line) is var matches && matches.MoveNext())
            {
                atEdge |= line[..matches.Current.Index] is "" or "\"" || !line[matches.Current.Index..].ContainsAny(Blanks);
                marked++;
            }
            else words.Add(TakeWord(ref line).ToString());
            lines++;
        }
        if (2 * marked >= lines) return marked > 0;
        return (atEdge || 10 * marked >= lines) && marked > 0 && 2 * words.Count > lines - marked;
    }

    /// <summary>The first line where it names what the others have: label and text by usual names, at least one of them, neither of which another line has.</summary>
    internal static string? Header(string text)
    {
        string? header = null;
        string label = "", rest = "";
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan(range).Trim(Blanks);
            if (line.IsEmpty) continue;
            if (header is null)
            {
                header = line.ToString();
                (label, rest) = (TakeWord(ref line).ToString(), line.ToString());
                var isLabel = FieldNames.Find([label], FieldNames.Labels) == 0;
                if (!FieldNames.IsName(label) || !FieldNames.IsName(rest) || !isLabel && FieldNames.Find([rest], FieldNames.Texts) < 0) return null;
            }
            else if (!line.SequenceEqual(header) && TakeWord(ref line).SequenceEqual(label)) return null;
        }
        return header;
    }

    static void DoubtMarks(ReadingReport report, string path, string text)
    {
        var matches = MarkedWord().EnumerateMatches(text);
        if (!matches.MoveNext()) return;
        var line = 1 + text.AsSpan(0, matches.Current.Index).Count('\n');
        report.Doubt($"{path}, line {line:N0}: a word begins with {Mark}, but most lines have none: the first word of each line is its label, and the mark is left in the text. If it was to be a label, mark the other lines too.");
    }

    static (string[] Labels, string Text) FirstWord(ReadOnlySpan<char> line)
    {
        var label = LabelText.Clean(TakeWord(ref line).ToString());
        return ([label], line.ToString());
    }

    static (string[] Labels, string Text) MarkedLabels(ReadOnlySpan<char> line, out bool commas)
    {
        var (labels, text, afterComma) = (new List<string>(), new StringBuilder(), false);
        commas = false;
        if (line is ['"', .. var inner, '"'] && inner.StartsWith(Mark, StringComparison.OrdinalIgnoreCase)) line = inner.ToString().Replace("\"\"", "\"", StringComparison.Ordinal);
        while (line.Length > 0)
        {
            var blanks = line[..^line.TrimStart(Blanks).Length];
            line = line[blanks.Length..];
            var word = TakeWord(ref line, trims: false);
            if (word.StartsWith(Mark, StringComparison.OrdinalIgnoreCase))
            {
                foreach (var name in word.ToString().Replace(Mark, Mark, StringComparison.OrdinalIgnoreCase).Split(Mark)[1..])
                {
                    var comma = name.IndexOf(',');
                    commas |= afterComma;
                    afterComma = comma >= 0 && comma == name.Length - 1;
                    labels.Add(LabelText.Clean((comma < 0 ? name : name[..comma]).TrimEnd(';', ':')));
                    if (comma >= 0) text.Append(name.AsSpan(comma + 1));
                }
            }
            else
            {
                afterComma = false;
                text.Append(text.Length > 0 ? blanks : []).Append(word);
            }
        }
        return ([.. labels.Distinct()], text.ToString().TrimStart(Separators));
    }

    static ReadOnlySpan<char> TakeWord(ref ReadOnlySpan<char> line, bool trims = true)
    {
        var end = line.IndexOfAny(' ', '\t');
        var word = end < 0 ? line : line[..end];
        line = end < 0 ? [] : trims ? line[end..].TrimStart(Blanks) : line[end..];
        return word;
    }

    [GeneratedRegex(@"(?<![^\s""])__label__[^\s,]", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex MarkedWord();
}
