using System.Buffers;

namespace Unroll.Data;

/// <summary>Opens files of data: unpacks what is packed with gzip, refuses files of formats that nothing here reads, and bounds what is unpacked.</summary>
/// <remarks>
/// A file that is read as a whole has at most 1 GiB, unpacked. Packed data may unpack to 64 MiB whatever its size, and beyond that to 200
/// times its size: more is nothing that data packs to, as a rule, but a small file made to fill the memory.
/// </remarks>
static class DataFile
{
    const int MostBytes = 1 << 30;                                        // what one .NET string can hold
    const long FreeBytes = 64L << 20;
    const int MostRatio = 200;

    /// <summary>Opens a file, unpacked as it is read if it begins as gzip does, whatever its name.</summary>
    /// <exception cref="UnrollException">The file is missing, a folder, unreadable, or of a format that nothing here reads.</exception>
    public static Stream OpenRead(string path) => OpenRead(path, parquet: false);

    /// <summary>Opens a file, also a Parquet table where that is read.</summary>
    /// <inheritdoc cref="OpenRead(string)"/>
    public static Stream OpenRead(string path, bool parquet)
    {
        if (Directory.Exists(path)) Throw.FileIsFolder(path);
        if (string.IsNullOrWhiteSpace(path)) Throw.FileMissing(path);
        Stream? file = null;
        try
        {
            file = Pipes.Open(path) ?? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (!file.CanSeek) file = Pipes.Keep(path, CopyAndClose(file, path));
            if (Head(file) is not [0x1F, 0x8B, ..])
            {
                FileKind.RefuseForeign(path, file, parquet);
                return file;
            }
            FileKind.RefuseForeign(path, Head(new GzipReader(file, path)), parquet);
            return new GzipReader(file, path);
        }
        catch (Exception e)
        {
            file?.Dispose();
            if (e is FileNotFoundException or DirectoryNotFoundException) Throw.FileMissing(path);
            if (e is IOException or UnauthorizedAccessException) Throw.FileUnreadable(path, e);
            throw;
        }
    }

    /// <summary>All bytes of a file, unpacked.</summary>
    /// <exception cref="UnrollException">As for <see cref="OpenRead(string)"/>; the file is damaged, or over 1 GiB.</exception>
    public static ReadOnlyMemory<byte> ReadBytes(string path)
    {
        var bytes = CopyAndClose(OpenRead(path), path);
        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }

    /// <summary>The first bytes, enough to tell a format by; a stream that can seek is back at its start.</summary>
    public static byte[] Head(Stream stream)
    {
        var head = new byte[FileKind.HeadBytes];
        head = head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
        if (stream.CanSeek) stream.Position = 0;
        return head;
    }

    /// <summary>What is left of a stream, at most 1 GiB, whatever length is claimed for it.</summary>
    /// <param name="packed">How many bytes it is unpacked from; null where it is not packed.</param>
    public static MemoryStream Copied(Stream stream, string source, long? packed = null)
    {
        if (stream.CanSeek && stream.Length > MostBytes) Throw.FileTooLarge(source, MostBytes);
        var block = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            var copy = new MemoryStream(stream.CanSeek ? (int)stream.Length : 0);
            while (stream.Read(block) is var count and > 0)
            {
                if (copy.Length + count > MostBytes) Throw.FileTooLarge(source, MostBytes);
                if (packed is { } size) CheckRatio(source, copy.Length + count, size);
                copy.Write(block.AsSpan(0, count));
            }
            copy.Position = 0;
            return copy;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Throw.FileUnreadable(source, e);
            throw;
        }
        catch (OutOfMemoryException e)
        {
            Throw.FileNeedsMemory(source, e);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    /// <exception cref="UnrollException">So much was unpacked from so little.</exception>
    public static void CheckRatio(string source, long unpacked, long packed)
    {
        if (unpacked > FreeBytes && unpacked > MostRatio * packed) Throw.UnpacksToTooMuch(source, packed, FreeBytes, MostRatio);
    }

    static MemoryStream CopyAndClose(Stream stream, string path)
    {
        using (stream) return Copied(stream, path);
    }
}
