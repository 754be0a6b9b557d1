namespace Unroll.Data;

/// <summary>
/// What gives its bytes only once: pipes, and standard input. A reader may open a file several times, to tell its format and to read it, so a program
/// that takes paths from its users keeps what such a path gave.
/// </summary>
internal static class Pipes
{
    /// <summary>The path that stands for standard input, wherever that comes from and whatever the system.</summary>
    public const string StandardInput = "/dev/stdin";

    static readonly AsyncLocal<Keeper?> Current = new();

    /// <summary>
    /// From now on keeps what pipes give, each at most 1 GiB. It holds for the caller and for all threads and tasks that the caller starts from here on, as an
    /// <see cref="AsyncLocal{T}"/> does: a program that calls it first keeps all its pipes until it ends.
    /// </summary>
    /// <param name="standardInput">Opens standard input.</param>
    public static void Keep(Func<Stream> standardInput) => Current.Value = new(standardInput);

    /// <summary>What a path gave before, or the standard input that it stands for; null for all other paths, and where nothing is kept.</summary>
    internal static Stream? Open(string path)
    {
        if (Current.Value is not { } keeper) return null;
        lock (keeper.Kept)
        {
            return keeper.Kept.TryGetValue(path, out var bytes) ? new MemoryStream(bytes.Array!, 0, bytes.Count, writable: false, publiclyVisible: true)
                : path == StandardInput ? keeper.StandardInput() : null;
        }
    }

    /// <summary>Keeps what a pipe gave, if that is wanted.</summary>
    internal static MemoryStream Keep(string path, MemoryStream bytes)
    {
        if (Current.Value is not { } keeper) return bytes;
        lock (keeper.Kept) keeper.Kept[path] = new(bytes.GetBuffer(), 0, (int)bytes.Length);
        return bytes;
    }

    /// <summary>What was kept, and where standard input comes from.</summary>
    sealed record Keeper(Func<Stream> StandardInput)
    {
        public Dictionary<string, ArraySegment<byte>> Kept { get; } = [];
    }
}
