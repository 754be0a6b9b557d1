using System.Text;

namespace Unroll.Data;

/// <summary>Reads examples of one line each: the label, a blank, the text.</summary>
/// <remarks>
/// The label is what stands before the first space or tab. Where the first line begins with <c>__label__</c>, the labels of a line are all
/// leading words that begin so, without that mark: there can be several. Blanks around a text are dropped, and so are lines of blanks only;
/// a line with nothing behind its label is an empty text. Lines end with <c>\n</c> alone or after <c>\r</c>; other characters that
/// Unicode ends lines with, such as U+0085, belong to the text.
/// </remarks>
public static class LabelLineFile
{
    internal const string Mark = "__label__";

    static readonly char[] Blanks = [' ', '\t', '\r'];

    /// <summary>Reads all examples.</summary>
    /// <param name="path">The file, packed with gzip or not.</param>
    /// <param name="encoding">Of <see cref="TextEncoding.Find"/>; UTF-8 if null.</param>
    /// <exception cref="UnrollException">The file cannot be read as text, has no example, or has lines without the label they need.</exception>
    public static IReadOnlyList<Example> Read(string path, Encoding? encoding = null)
    {
        var text = TextFile.Read(path, encoding);
        var marked = text.AsSpan().TrimStart().StartsWith(Mark, StringComparison.Ordinal);
        var examples = new List<Example>();
        var problems = new ProblemList();
        var number = 0;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            number++;
            var line = text.AsSpan(range).Trim(Blanks);
            if (line.IsEmpty) continue;
            var labels = marked ? MarkedLabels(ref line) : [TakeWord(ref line).ToString()];
            if (labels.Length == 0) problems.Add($"line {number:N0}, column 1: no label, where the first line begins with {Mark}");
            if (labels.Contains("")) problems.Add($"line {number:N0}, column 1: {Mark} without a name behind it");
            examples.Add(new() { Text = line.ToString(), Labels = labels, Source = $"{path}, line {number}" });
        }
        problems.ThrowIfAny($"{path} cannot be read as lines of label and text");
        if (examples.Count == 0) Throw.NoExamples(path, "lines of label and text");
        return examples;
    }

    static string[] MarkedLabels(ref ReadOnlySpan<char> line)
    {
        var labels = new List<string>();
        while (line.StartsWith(Mark, StringComparison.Ordinal)) labels.Add(TakeWord(ref line)[Mark.Length..].ToString());
        return [.. labels.Distinct()];
    }

    static ReadOnlySpan<char> TakeWord(ref ReadOnlySpan<char> line)
    {
        var end = line.IndexOfAny(' ', '\t');
        var word = end < 0 ? line : line[..end];
        line = end < 0 ? [] : line[end..].TrimStart(Blanks);
        return word;
    }
}
