using System.Text;

namespace Unroll.Storage;

/// <summary>Replaces a file whole or not at all: whoever opens it sees all of the old contents or all of the new, whatever fails.</summary>
/// <remarks>
/// The new contents are written to <c>.NAME.tmp-PROCESS-COUNT</c> in the same directory, flushed to the disk and renamed over the target.
/// A failure removes that file. A process killed while saving leaves it behind; the next save to the same target removes it, unless
/// another process still holds it open. A target that is a symbolic link is replaced, not followed.
/// </remarks>
internal static class AtomicFile
{
    static int _count;

    /// <summary>Replaces or creates a file.</summary>
    /// <param name="path">The target; its directory must exist.</param>
    /// <param name="write">Writes the contents and leaves the stream open. What it throws passes through, but for I/O errors.</param>
    /// <exception cref="InvalidFileException">Directory missing or read-only, disk full, target a directory, or the like.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var (target, directory) = Check(path);
        var prefix = Path.Combine(directory, $".{Path.GetFileName(target)}.tmp-");
        try
        {
            RemoveStrays(directory, prefix);
            Replace(target, $"{prefix}{Environment.ProcessId}-{Interlocked.Increment(ref _count)}", write);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Throw.CannotSave(path, e.Message, e);
        }
    }

    /// <summary>Makes sure that a file can be there, before the work that ends in writing it.</summary>
    /// <exception cref="InvalidFileException">Directory missing, or target a directory.</exception>
    public static (string Target, string Directory) Check(string path)
    {
        var target = Path.GetFullPath(path);
        var directory = Path.GetDirectoryName(target);
        if (directory == null || Directory.Exists(target)) Throw.CannotSave(path, "it is a directory");
        if (!Directory.Exists(directory)) Throw.CannotSave(path, $"the directory {directory} does not exist");
        return (target, directory);
    }

    /// <summary>Replaces or creates a text file, in UTF-8 without a byte order mark.</summary>
    /// <inheritdoc cref="Write(string, Action{Stream})"/>
    public static void Write(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    static void Replace(string target, string temporary, Action<Stream> write)
    {
        // Shared for deletion alone: it can be renamed while open, and while open its lock tells other processes that it is no stray.
        var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Delete);
        try
        {
            using (stream)
            {
                write(stream);
                stream.Flush(flushToDisk: true);
                File.Move(temporary, target, overwrite: true);
            }
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    static void RemoveStrays(string directory, string prefix)
    {
        foreach (var file in Directory.EnumerateFiles(directory))
        {
            if (!file.StartsWith(prefix, StringComparison.Ordinal)) continue;
            if (file.AsSpan(prefix.Length).ContainsAnyExcept("0123456789-")) continue;
            try
            {
                using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None)) { }
                File.Delete(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // In use by another process, or not ours to delete: it does not stand in the way.
            }
        }
    }
}
