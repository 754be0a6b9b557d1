using System.Text;

namespace Unroll.Data;

/// <summary>Reads pairs from two files of as many lines: line i of one belongs to line i of the other.</summary>
/// <remarks>
/// Lines end as <see cref="TextLines"/> says. Blanks around a line are dropped; an empty line is an empty text, so that the files stay
/// aligned.
/// </remarks>
internal static class AlignedFiles
{
    /// <summary>Reads all pairs.</summary>
    /// <param name="source">The file of what is read, packed with gzip or not.</param>
    /// <param name="target">The file of what is to be written, packed with gzip or not.</param>
    /// <param name="encoding">Of <see cref="TextEncoding.Find"/>; UTF-8 if null.</param>
    /// <param name="report">Gets what was detected and is doubtful.</param>
    /// <exception cref="UnrollException">A file cannot be read as text, or the two do not have as many lines.</exception>
    public static IReadOnlyList<TextPair> Read(string source, string target, Encoding? encoding = null, ReadingReport? report = null)
    {
        var (sources, targets) = (TextFile.ReadLines(source, encoding, report), TextFile.ReadLines(target, encoding, report));
        if (sources.Length != targets.Length) Throw.FilesNotAligned(source, sources.Length, target, targets.Length);
        var pairs = new TextPair[sources.Length];
        for (var i = 0; i < pairs.Length; i++) pairs[i] = new(sources[i].Trim(), targets[i].Trim(), $"{source}, line {i + 1}");
        report?.Add("format", "two files, line by line");
        report?.Count("rows", pairs.Length);
        if (report is not null) ReadingDoubts.AboutPairs(report, pairs);
        return pairs;
    }
}
