using System.Text;

namespace Unroll.Data;

/// <summary>What ends a line, the same for files and streams.</summary>
/// <remarks>
/// A line ends with <c>\n</c> or <c>\r\n</c>. In a text without any <c>\n</c> it ends with <c>\r</c>, as in files of old editors; in any other text a lone
/// <c>\r</c> is a character of its line. Other characters at which Unicode ends a line, such as U+0085 and U+2028, belong to the line too. A byte order mark
/// at the start of a line, as files have that were joined, is dropped.
/// </remarks>
internal static class TextLines
{
    internal const char ByteOrderMark = '\uFEFF';

    /// <summary>
    /// The lines of a stream as they come in, the empty ones too; what ends the last line begins none. A stream without <c>\n</c> is read to its end first,
    /// since only then is it known what ends its lines.
    /// </summary>
    public static IEnumerable<string> Read(TextReader reader)
    {
        var (rest, block, known) = (new StringBuilder(), new char[1 << 12], false);
        while (reader.Read(block) is var count and > 0)
        {
            var start = 0;
            while (Array.IndexOf(block, '\n', start, count - start) is >= 0 and var end)
            {
                rest.Append(block, start, end - start);
                yield return Line(rest.ToString().TrimEnd('\r'));
                rest.Clear();
                (start, known) = (end + 1, true);
            }
            rest.Append(block, start, count - start);
        }
        if (rest.Length == 0) yield break;
        foreach (var line in known ? [rest.ToString()] : Split(rest.ToString().Replace('\r', '\n'))) yield return Line(line);
    }

    /// <summary>The text with <c>\n</c> at the end of every line and without byte order marks at their starts.</summary>
    internal static string Unify(string text)
    {
        if (text.Contains('\r')) text = text.Contains('\n') ? WithoutReturns(text) : text.Replace('\r', '\n');
        if (!text.Contains(ByteOrderMark)) return text;
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++) lines[i] = Line(lines[i]);
        return string.Join('\n', lines);
    }

    /// <summary>The lines of a text that <see cref="Unify"/> gave.</summary>
    internal static string[] Split(string text) => (text.EndsWith('\n') ? text[..^1] : text).Split('\n');

    static string Line(string line) => line.TrimStart(ByteOrderMark);

    /// <summary>The text without the carriage returns before its line feeds.</summary>
    static string WithoutReturns(string text)
    {
        var result = text.Replace("\r\n", "\n", StringComparison.Ordinal);
        return result.Contains("\r\n", StringComparison.Ordinal) ? WithoutReturns(result) : result;
    }
}
