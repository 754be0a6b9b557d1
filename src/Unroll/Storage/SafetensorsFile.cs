using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Unroll.Storage;

/// <summary>
/// Reads a safetensors file: named tensors and text, in a format that PyTorch, JAX and others share
/// (github.com/huggingface/safetensors, version 0.4 and later).
/// </summary>
/// <remarks>
/// The file: 8 bytes with the length N of the header, least significant first; N bytes of JSON,
/// <c>{"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …, "__metadata__": {"key": "text"}}</c>; the data.
/// Offsets count from the start of the data; elements are row-major, least significant byte first.
/// Opening reads and checks the header only. The data stays in the file until <c>CopyTo</c> reads it into its destination.
/// Not safe for use from several threads at once. For little-endian machines, which are all that .NET's x64 and Arm64 run on.
/// </remarks>
public sealed class SafetensorsFile : IDisposable
{
    const int ChunkElements = 1 << 14;

    readonly Stream _stream;
    readonly string _name;
    readonly long _dataStart;
    readonly Dictionary<string, SafetensorsEntry> _byName;

    SafetensorsFile(Stream stream, string name)
    {
        var header = SafetensorsHeader.Read(stream, name);
        (_stream, _name, _dataStart) = (stream, name, header.DataStart);
        (Metadata, Entries) = (header.Metadata, header.Entries);
        _byName = header.Entries.ToDictionary(static entry => entry.Name);
    }

    /// <summary>The texts stored beside the tensors.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The tensors, in the order of their data.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries { get; }

    /// <summary>Opens a file. A save to the same path does not disturb what is read from here.</summary>
    /// <exception cref="InvalidFileException">The file cannot be read, or is not valid: every problem of it is listed.</exception>
    public static SafetensorsFile Open(string path)
    {
        FileStream? stream = null;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            if (!stream.CanSeek) Throw.CannotRead(path, "it is not a regular file");
            return new SafetensorsFile(stream, path);
        }
        catch (Exception e)
        {
            stream?.Dispose();
            if (e is IOException or UnauthorizedAccessException) Throw.CannotRead(path, e.Message, e);
            throw;
        }
    }

    /// <summary>Reads from a stream, which must stay open until the last tensor is read and is disposed of with this object.</summary>
    /// <param name="stream">Holds the file from its position 0 to its end.</param>
    /// <param name="name">What error messages call the file.</param>
    /// <exception cref="ArgumentException">The stream cannot seek.</exception>
    /// <exception cref="InvalidFileException">The contents are not a valid safetensors file: every problem is listed.</exception>
    public static SafetensorsFile Open(Stream stream, string name)
    {
        if (!stream.CanSeek || !stream.CanRead) Throw.NotSeekable(nameof(stream));
        return new SafetensorsFile(stream, name);
    }

    /// <summary>Looks a tensor up by name.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out SafetensorsEntry? entry) => _byName.TryGetValue(name, out entry);

    /// <summary>Reads a tensor of floating point numbers; those of double precision are rounded to the nearest.</summary>
    /// <exception cref="InvalidFileException">The file has no such tensor, it holds integers, or its data cannot be read.</exception>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is not as long as the tensor.</exception>
    public void CopyTo(string name, Span<float> destination)
    {
        var entry = Find(name, destination.Length);
        switch (entry.Type)
        {
            case SafetensorsType.F32: ReadAll(entry, destination); break;
            case SafetensorsType.F64: Convert(entry, destination, static (double v) => (float)v); break;
            case SafetensorsType.F16: Convert(entry, destination, static (Half v) => (float)v); break;
            case SafetensorsType.BF16: Convert<ushort, float>(entry, destination, Widen); break;
            default: Throw.TensorType(_name, entry, "F64, F32, F16 or BF16"); break;
        }
    }

    /// <summary>Reads a tensor of floating point numbers of any precision.</summary>
    /// <inheritdoc cref="CopyTo(string, Span{float})"/>
    public void CopyTo(string name, Span<double> destination)
    {
        var entry = Find(name, destination.Length);
        switch (entry.Type)
        {
            case SafetensorsType.F64: ReadAll(entry, destination); break;
            case SafetensorsType.F32: Convert(entry, destination, static (float v) => (double)v); break;
            case SafetensorsType.F16: Convert(entry, destination, static (Half v) => (double)v); break;
            case SafetensorsType.BF16: Convert(entry, destination, static (ushort v) => (double)Widen(v)); break;
            default: Throw.TensorType(_name, entry, "F64, F32, F16 or BF16"); break;
        }
    }

    /// <summary>Reads a tensor of type <see cref="SafetensorsType.I64"/>.</summary>
    /// <exception cref="InvalidFileException">The file has no such tensor, it is of another type, or its data cannot be read.</exception>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is not as long as the tensor.</exception>
    public void CopyTo(string name, Span<long> destination) => ReadExact(name, SafetensorsType.I64, destination);

    /// <summary>Reads a tensor of type <see cref="SafetensorsType.I32"/>.</summary>
    /// <inheritdoc cref="CopyTo(string, Span{long})"/>
    public void CopyTo(string name, Span<int> destination) => ReadExact(name, SafetensorsType.I32, destination);

    /// <summary>Reads a tensor of type <see cref="SafetensorsType.U8"/>.</summary>
    /// <inheritdoc cref="CopyTo(string, Span{long})"/>
    public void CopyTo(string name, Span<byte> destination) => ReadExact(name, SafetensorsType.U8, destination);

    /// <summary>Closes the file.</summary>
    public void Dispose() => _stream.Dispose();

    SafetensorsEntry Find(string name, int length)
    {
        if (!TryGet(name, out var entry)) entry = Throw.TensorMissing(_name, name);
        if (entry.Count != length) Throw.TensorLength("destination", entry, length);
        return entry;
    }

    void ReadExact<T>(string name, SafetensorsType type, Span<T> destination) where T : unmanaged
    {
        var entry = Find(name, destination.Length);
        if (entry.Type != type) Throw.TensorType(_name, entry, type.ToString());
        ReadAll(entry, destination);
    }

    void ReadAll<T>(SafetensorsEntry entry, Span<T> destination) where T : unmanaged
    {
        for (var done = 0; done < destination.Length;)
        {
            var part = destination.Slice(done, Math.Min(destination.Length - done, SafetensorsEntry.MostElementsAtOnce));
            ReadPart(entry, done, part);
            done += part.Length;
        }
    }

    void Convert<TFrom, T>(SafetensorsEntry entry, Span<T> destination, Func<TFrom, T> convert) where TFrom : unmanaged
    {
        var chunk = new TFrom[Math.Min(destination.Length, ChunkElements)];
        for (var done = 0; done < destination.Length;)
        {
            var part = chunk.AsSpan(0, Math.Min(destination.Length - done, chunk.Length));
            ReadPart(entry, done, part);
            foreach (var value in part) destination[done++] = convert(value);
        }
    }

    void ReadPart<T>(SafetensorsEntry entry, int first, Span<T> part) where T : unmanaged
    {
        try
        {
            _stream.Position = _dataStart + entry.Begin + (long)first * SafetensorsEntry.SizeOf(entry.Type);
            _stream.ReadExactly(MemoryMarshal.AsBytes(part));
        }
        catch (IOException e)
        {
            Throw.CannotRead(_name, $"tensor {ProblemList.Quote(entry.Name)}: {e.Message}", e);
        }
    }

    static float Widen(ushort bfloat) => BitConverter.UInt32BitsToSingle((uint)bfloat << 16);
}
