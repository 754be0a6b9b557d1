namespace Unroll.Storage;

/// <summary>Keeps other processes from something, by a file that is held until it is closed or the process ends in whatever way.</summary>
static class FileLock
{
    // The codes of a file that is held: EWOULDBLOCK on Linux and on macOS, ERROR_SHARING_VIOLATION on Windows.
    static ReadOnlySpan<int> Held => [11, 35, unchecked((int)0x80070020)];

    /// <summary>Holds a file, which is made where it does not exist; null where it is held already.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="options">Whether it is deleted at the end.</param>
    /// <exception cref="InvalidFileException">It cannot be made.</exception>
    public static IDisposable? TryTake(string file, FileOptions options = FileOptions.None)
    {
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, options);
        }
        catch (IOException e) when (Held.Contains(e.HResult))
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Throw.CannotSave<IDisposable>(file, e.Message, e);
        }
    }
}
