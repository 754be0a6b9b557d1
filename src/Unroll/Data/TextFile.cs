using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Frozen;
using System.IO.Compression;
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
    const int MaxBytes = 1 << 30;       // what one .NET string can hold, and what a small packed file may grow to

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
    /// hidden files, links and empty files are passed over.
    /// </summary>
    /// <exception cref="UnrollException">
    /// As for <see cref="Read(string)"/>, for every file of the folder at once; or the folder has no text.
    /// </exception>
    public static IReadOnlyList<TextDocument> ReadDocuments(string path)
    {
        if (!Directory.Exists(path)) return [new TextDocument(path, Read(path))];
        var documents = new List<TextDocument>();
        var problems = new List<string>();
        foreach (var file in FilesBelow(path))
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

    /// <summary>
    /// Opens a file for reading its bytes. One that is packed with gzip is unpacked into memory first, so that damage shows before any of
    /// it is used.
    /// </summary>
    /// <exception cref="UnrollException">The file is missing, a folder, unreadable, damaged, or over 1 GiB unpacked.</exception>
    public static Stream OpenRead(string path)
    {
        if (Directory.Exists(path)) Throw.FileIsFolder(path);
        if (string.IsNullOrWhiteSpace(path)) Throw.FileMissing(path);
        Stream? file = null;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (!file.CanSeek)                                            // a pipe
            {
                using var pipe = file;
                file = Copied(pipe, path);
            }
            Span<byte> magic = stackalloc byte[2];
            var packed = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false) == 2 && magic is [0x1F, 0x8B];
            file.Position = 0;
            if (!packed) return file;
            using (file) return Unpacked(file, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            if (e is FileNotFoundException or DirectoryNotFoundException) Throw.FileMissing(path);
            Throw.FileUnreadable(path, e);
            throw;
        }
    }

    /// <summary>All bytes of a file, unpacked.</summary>
    internal static ReadOnlyMemory<byte> ReadBytes(string path)
    {
        using var stream = OpenRead(path);
        var bytes = stream as MemoryStream ?? Copied(stream, path);
        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }

    /// <remarks>
    /// <see cref="GZipStream"/> checks the sums of what is complete, but takes the end of a file that was cut short for the end of the
    /// data. The last eight bytes of an unharmed file are the CRC-32 and the length of what was packed last.
    /// </remarks>
    static MemoryStream Unpacked(Stream file, string path)
    {
        MemoryStream? bytes = null;
        try
        {
            bytes = Copied(new GZipStream(file, CompressionMode.Decompress, leaveOpen: true), path);
        }
        catch (InvalidDataException e)
        {
            Throw.FileDamaged(path, e.Message);
        }
        Span<byte> end = stackalloc byte[8];
        file.Position = Math.Max(0, file.Length - end.Length);
        file.ReadAtLeast(end, end.Length, throwOnEndOfStream: false);
        var all = bytes.GetBuffer().AsSpan(0, (int)bytes.Length);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(end[4..]);
        if (length > all.Length || Crc32(all[^(int)length..]) != BinaryPrimitives.ReadUInt32LittleEndian(end))
            Throw.FileDamaged(path, "its end is missing or followed by something else");
        return bytes;
    }

    /// <summary>What is left of a stream, at most 1 GiB, whatever length is claimed for it.</summary>
    internal static MemoryStream Copied(Stream stream, string path)
    {
        var copy = new MemoryStream(stream.CanSeek ? (int)Math.Min(stream.Length, MaxBytes) : 0);
        var block = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            while (stream.Read(block) is var count and > 0)
            {
                if (copy.Length + count > MaxBytes) Throw.FileTooLarge(path, MaxBytes);
                copy.Write(block.AsSpan(0, count));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Throw.FileUnreadable(path, e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
        copy.Position = 0;
        return copy;
    }

    /// <summary>The check sum of gzip (RFC 1952, section 8): the polynomial 04C11DB7 with its bits reversed.</summary>
    internal static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        Span<uint> table = stackalloc uint[256];
        for (var i = 0u; i < 256; i++)
        {
            table[(int)i] = i;
            for (var bit = 0; bit < 8; bit++) table[(int)i] = (table[(int)i] >> 1) ^ ((table[(int)i] & 1) * 0xEDB88320);
        }
        var crc = uint.MaxValue;
        foreach (var b in bytes) crc = (crc >> 8) ^ table[(byte)(crc ^ b)];
        return ~crc;
    }

    /// <summary>A text that may be empty, in an encoding; null stands for UTF-8 where no other can be named.</summary>
    internal static string ReadAny(string path, Encoding? encoding = null)
    {
        var bytes = ReadBytes(path).Span;
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

    /// <summary>Every file below a folder that is named as text, or as asked for, by the ordinal order of the paths.</summary>
    internal static List<string> FilesBelow(string folder, Func<string, bool>? isNamed = null)
    {
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            IgnoreInaccessible = false,
            AttributesToSkip = FileAttributes.Hidden | FileAttributes.System | FileAttributes.ReparsePoint,
        };
        var files = new List<string>();
        try
        {
            files.AddRange(Directory.EnumerateFiles(folder, "*", options).Where(isNamed ?? IsNamedAsText));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Throw.FileUnreadable(folder, e);
        }
        files.Sort((a, b) => string.CompareOrdinal(a.Replace('\\', '/'), b.Replace('\\', '/')));
        return files;
    }

    static bool IsNamedAsText(string path)
    {
        if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)) path = path[..^3];
        return TextExtensions.Contains(Path.GetExtension(path));
    }
}
