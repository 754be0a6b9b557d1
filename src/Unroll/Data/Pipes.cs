namespace Unroll.Data;

/// <summary>
/// What gives its bytes only once: pipes, and standard input. A reader may open a file several times, to tell its format and to read it, so a program
/// that takes paths from its users keeps what such a path gave.
/// </summary>
public static class Pipes
{
    /// <summary>The path that stands for standard input, wherever that comes from and whatever the system.</summary>
    public const string StandardInput = "/dev/stdin";

    static readonly Dictionary<string, ArraySegment<byte>> Kept = [];
    static Func<Stream>? _standardInput;

    /// <summary>From now on keeps what pipes give, each at most 1 GiB, for as long as the process runs.</summary>
    /// <param name="standardInput">Opens standard input.</param>
    public static void Keep(Func<Stream> standardInput) => _standardInput = standardInput;

    /// <summary>What a path gave before, or the standard input that it stands for; null for all other paths, and where nothing is kept.</summary>
    internal static Stream? Open(string path)
    {
        if (_standardInput is null) return null;
        lock (Kept)
        {
            return Kept.TryGetValue(path, out var bytes) ? new MemoryStream(bytes.Array!, 0, bytes.Count, writable: false, publiclyVisible: true)
                : path == StandardInput ? _standardInput() : null;
        }
    }

    /// <summary>Keeps what a pipe gave, if that is wanted.</summary>
    internal static MemoryStream Keep(string path, MemoryStream bytes)
    {
        if (_standardInput is null) return bytes;
        lock (Kept) Kept[path] = new(bytes.GetBuffer(), 0, (int)bytes.Length);
        return bytes;
    }
}
