using System.Buffers;
using System.Collections.Frozen;
using System.Text;
using System.Text.Unicode;

namespace Unroll.Data;

/// <summary>One text and where it came from.</summary>
/// <param name="Source">What a message names: the path of the file, as a rule.</param>
/// <param name="Text">Its characters, well-formed UTF-16, with <c>\n</c> at the end of a line.</param>
public sealed record TextDocument(string Source, string Text);

/// <summary>Reads text: UTF-8 or another encoding, packed with gzip or not, from one file or from a folder.</summary>
/// <remarks>
/// A file is unpacked when it begins as gzip does (1F 8B), whatever its name. Lines end as <see cref="TextLines"/> says, and byte order marks at their
/// starts are dropped. Nothing else is changed, and what is not of the encoding is refused instead of repaired.
/// </remarks>
public static class TextFile
{
    const int Utf16 = 1200, Utf16BigEndian = 1201;      // numbers of code pages

    static readonly FrozenSet<string> TextExtensions = FrozenSet.Create(StringComparer.OrdinalIgnoreCase,
        ".txt", ".text", ".md", ".rst", ".tex", ".srt",
        ".cs", ".fs", ".c", ".h", ".cpp", ".hpp", ".java", ".js", ".ts", ".py", ".rs", ".go", ".rb", ".sh", ".sql", ".html", ".css");

    /// <summary>The text of one file.</summary>
    /// <exception cref="UnrollException">
    /// The file is missing, a folder, unreadable, empty, damaged, binary, over 1 GiB, or not UTF-8.
    /// </exception>
    public static string Read(string path)
    {
        var text = ReadAny(path);
        if (text.Length == 0) Throw.FileEmpty(path);
        return text;
    }

    /// <summary>The text of one file in an encoding of <see cref="TextEncoding.Find"/>, UTF-8 if none is given.</summary>
    /// <param name="path">The file.</param>
    /// <param name="encoding">The encoding.</param>
    /// <param name="report">Gets the encoding, and doubts about marks and carriage returns within lines.</param>
    /// <exception cref="UnrollException">As for <see cref="Read(string)"/>; the bytes are not of the encoding.</exception>
    public static string Read(string path, Encoding? encoding, ReadingReport? report = null)
    {
        var text = ReadAny(path, encoding ?? Encoding.UTF8);
        if (text.Length == 0) Throw.FileEmpty(path);
        report?.Add("encoding", (encoding ?? Encoding.UTF8).WebName);
        if (report is not null) ReadingDoubts.AboutLines(report, path, text);
        return text;
    }

    /// <summary>The lines of one file, the empty ones too; what ends the last line begins none.</summary>
    /// <param name="path">The file.</param>
    /// <param name="encoding">Of <see cref="TextEncoding.Find"/>; UTF-8 if null.</param>
    /// <param name="report">As for <see cref="Read(string, Encoding?, ReadingReport?)"/>.</param>
    /// <exception cref="UnrollException">As for <see cref="Read(string, Encoding?, ReadingReport?)"/>.</exception>
    public static string[] ReadLines(string path, Encoding? encoding = null, ReadingReport? report = null) => TextLines.Split(Read(path, encoding, report));

    /// <summary>
    /// The texts of a file or a folder, each file one document. Of a folder: every file below it that is named as text is
    /// (<c>.txt</c>, <c>.md</c>, <c>.cs</c> and other source code, also with <c>.gz</c> behind), by the ordinal order of the paths;
    /// hidden and empty files are passed over, links followed.
    /// </summary>
    /// <exception cref="UnrollException">
    /// As for <see cref="Read(string)"/>, for every file of the folder at once; or the folder has no text.
    /// </exception>
    public static IReadOnlyList<TextDocument> ReadDocuments(string path) =>
        Directory.Exists(path) ? DocumentsBelow(path) : [new TextDocument(path, Read(path))];

    /// <summary>The texts of a file or a folder, as <see cref="ReadDocuments(string)"/> reads them.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="report">Gets how many documents there are, and what is doubtful about them.</param>
    /// <exception cref="UnrollException">As for <see cref="ReadDocuments(string)"/>.</exception>
    public static IReadOnlyList<TextDocument> ReadDocuments(string path, ReadingReport report)
    {
        var documents = ReadDocuments(path);
        report.Count("documents", documents.Count);
        ReadingDoubts.AboutTexts(report, documents.Select(d => d.Text));
        foreach (var document in documents) ReadingDoubts.AboutLines(report, document.Source, document.Text);
        return documents;
    }

    static List<TextDocument> DocumentsBelow(string path)
    {
        var documents = new List<TextDocument>();
        var problems = new List<string>();
        foreach (var file in FolderFiles.Find(path, IsNamedAsText))
        {
            try
            {
                var text = ReadAny(file);
                if (text.Length > 0) documents.Add(new TextDocument(file, text));
            }
            catch (UnrollException e)
            {
                problems.AddRange(e.Problems);
            }
        }
        if (problems.Count > 0) Throw.FolderProblems(path, problems);
        if (documents.Count == 0) Throw.FolderWithoutText(path);
        return documents;
    }

    /// <summary>The ending of a file's name in lower case, such as <c>.csv</c>; of a packed one, that before <c>.gz</c>.</summary>
    internal static string EndingOf(string path) =>
        Path.GetExtension(path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path).ToLowerInvariant();

    /// <summary>
    /// Opens a file for reading its bytes, unpacked as they are read if it begins as gzip does: damage shows where reading comes to it, and that
    /// reading throws.
    /// </summary>
    /// <exception cref="UnrollException">The file is missing, a folder, unreadable, or of a format that nothing here reads, such as a workbook.</exception>
    public static Stream OpenRead(string path) => DataFile.OpenRead(path);

    /// <summary>A text that may be empty, in an encoding; null stands for UTF-8 where no other can be named.</summary>
    internal static string ReadAny(string path, Encoding? encoding = null)
    {
        try
        {
            return Text(path, DataFile.ReadBytes(path).Span, encoding);
        }
        catch (OutOfMemoryException e)
        {
            Throw.FileNeedsMemory(path, e);
            throw;
        }
    }

    /// <summary>
    /// The first lines of a text, which tell its format: all of a file of at most 4 MiB, else the whole lines in as much of it. A file in UTF-16, whose lines
    /// cannot be told by bytes, is read as a whole.
    /// </summary>
    /// <exception cref="UnrollException">As for <see cref="Read(string)"/>.</exception>
    internal static string ReadStart(string path, Encoding? encoding = null)
    {
        const int Most = 1 << 22;
        if (encoding?.CodePage is Utf16 or Utf16BigEndian) return Read(path, encoding);
        using var stream = DataFile.OpenRead(path);
        var bytes = new byte[1 + (stream.CanSeek ? Math.Min(stream.Length, Most) : Most)];
        var count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (count == 0) Throw.FileEmpty(path);
        var end = count <= Most ? count : 1 + bytes.AsSpan(0, Most).LastIndexOf((byte)'\n');
        return end == 0 ? Read(path, encoding) : Text(path, bytes.AsSpan(0, end), encoding ?? Encoding.UTF8);
    }

    static string Text(string path, ReadOnlySpan<byte> bytes, Encoding? encoding)
    {
        if (FileKind.Of(bytes) is { } kind) Throw.FileIsOfOtherKind(path, kind.Name, "text");
        if (TextEncoding.IsUtf32(bytes)) Throw.TextIsUtf32(path);
        if (encoding is not null and not UTF8Encoding) return Decoded(path, bytes, encoding);
        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..]) Throw.TextIsUtf16(path, encoding is not null);
        var zero = bytes.IndexOf((byte)0);
        if (zero >= 0) Throw.TextIsBinary(path, zero);
        if (!Utf8.IsValid(bytes)) RefuseInvalid(path, bytes, encoding is not null);
        return TextLines.Unify(Encoding.UTF8.GetString(bytes));
    }

    static string Decoded(string path, ReadOnlySpan<byte> bytes, Encoding encoding)
    {
        var wide = encoding.CodePage is Utf16 or Utf16BigEndian;
        if (encoding.CodePage == Utf16 && bytes is [0xFE, 0xFF, ..])
            encoding = Encoding.GetEncoding(Utf16BigEndian, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
        if (!wide && bytes.IndexOf((byte)0) is >= 0 and var zero) Throw.TextIsBinary(path, zero);
        if (bytes is [0xEF, 0xBB, 0xBF, ..]) Throw.TextIsUtf8(path, encoding.WebName);
        try
        {
            return TextLines.Unify(encoding.GetString(bytes));
        }
        catch (DecoderFallbackException e)
        {
            var offset = Math.Clamp(e.Index, 0, bytes.Length - 1);
            Throw.TextNotInEncoding(path, encoding.WebName, offset, 1 + bytes[..offset].Count((byte)'\n'), bytes[offset]);
            throw;
        }
    }

    static void RefuseInvalid(string path, ReadOnlySpan<byte> bytes, bool canBeNamed)
    {
        var (first, count) = (-1, 0);
        for (var i = 0; i < bytes.Length;)
        {
            var valid = Rune.DecodeFromUtf8(bytes[i..], out _, out var length) == OperationStatus.Done;
            if (!valid && count++ == 0) first = i;
            i += length;
        }
        Throw.TextNotUtf8(path, first, 1 + bytes[..first].Count((byte)'\n'), bytes[first], count, canBeNamed);
    }

    /// <summary>Whether a file of a folder is taken for text, by its name.</summary>
    internal static bool IsNamedAsText(string path)
    {
        if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)) path = path[..^3];
        return TextExtensions.Contains(Path.GetExtension(path));
    }
}
