using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Unroll.Storage;

/// <summary>
/// Writes a safetensors file (see <see cref="SafetensorsFile"/>). The same tensors and metadata give the same bytes, in whatever order
/// they were added.
/// </summary>
/// <remarks>
/// Tensors stand by element type, the widest first, then by name; the header is filled with spaces to a multiple of 8 bytes. So every
/// tensor is aligned for a reader that maps the file into memory.
/// Not safe for use by several threads at once.
/// </remarks>
public sealed class SafetensorsWriter
{
    static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };   // for files, not for HTML

    readonly SortedDictionary<(SafetensorsType, string), Pending> _tensors = new(Comparer<(SafetensorsType Type, string Name)>.Create(
        static (a, b) => a.Type != b.Type ? a.Type.CompareTo(b.Type) : string.CompareOrdinal(a.Name, b.Name)));
    readonly HashSet<string> _names = [];

    /// <summary>Texts to store beside the tensors; well-formed Unicode.</summary>
    public IDictionary<string, string> Metadata { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Adds a tensor of type <see cref="SafetensorsType.F32"/>.</summary>
    /// <param name="name">Unique in the file; not <c>__metadata__</c>.</param>
    /// <param name="shape">The dimensions, outermost first, each at least 0; none for a scalar.</param>
    /// <param name="values">Gives the elements, row-major. Called while saving, so nothing is copied: save what is current then.</param>
    /// <exception cref="ArgumentException">The name is taken or not allowed, or there is not one value for each element.</exception>
    public void Add(string name, ReadOnlySpan<int> shape, Func<ReadOnlySpan<float>> values) =>
        Add(name, SafetensorsType.F32, shape, values);

    /// <summary>Adds a tensor of type <see cref="SafetensorsType.F64"/>.</summary>
    /// <inheritdoc cref="Add(string, ReadOnlySpan{int}, Func{ReadOnlySpan{float}})"/>
    public void Add(string name, ReadOnlySpan<int> shape, Func<ReadOnlySpan<double>> values) =>
        Add(name, SafetensorsType.F64, shape, values);

    /// <summary>Adds a tensor of type <see cref="SafetensorsType.I64"/>.</summary>
    /// <inheritdoc cref="Add(string, ReadOnlySpan{int}, Func{ReadOnlySpan{float}})"/>
    public void Add(string name, ReadOnlySpan<int> shape, Func<ReadOnlySpan<long>> values) =>
        Add(name, SafetensorsType.I64, shape, values);

    /// <summary>Adds a tensor of type <see cref="SafetensorsType.I32"/>.</summary>
    /// <inheritdoc cref="Add(string, ReadOnlySpan{int}, Func{ReadOnlySpan{float}})"/>
    public void Add(string name, ReadOnlySpan<int> shape, Func<ReadOnlySpan<int>> values) =>
        Add(name, SafetensorsType.I32, shape, values);

    /// <summary>Adds a tensor of type <see cref="SafetensorsType.U8"/>.</summary>
    /// <inheritdoc cref="Add(string, ReadOnlySpan{int}, Func{ReadOnlySpan{float}})"/>
    public void Add(string name, ReadOnlySpan<int> shape, Func<ReadOnlySpan<byte>> values) =>
        Add(name, SafetensorsType.U8, shape, values);

    /// <summary>Saves the file whole or not at all (see <see cref="AtomicFile"/>).</summary>
    /// <exception cref="InvalidFileException">The file cannot be written, or names and metadata exceed 100 MB, the most readers accept.</exception>
    public void Save(string path)
    {
        var header = Header(path);
        AtomicFile.Write(path, stream => Write(stream, header));
    }

    /// <summary>Writes the file to a stream.</summary>
    /// <exception cref="InvalidFileException">Names and metadata exceed 100 MB, the most readers accept.</exception>
    public void Write(Stream stream) => Write(stream, Header("The file"));

    void Add<T>(string name, SafetensorsType type, ReadOnlySpan<int> shape, Func<ReadOnlySpan<T>> values) where T : unmanaged
    {
        CheckText(name);
        if (name == SafetensorsHeader.MetadataKey) Throw.TensorName(nameof(name), name, "the format keeps this name for metadata");
        foreach (var size in shape) if (size < 0) Throw.OutOfRange(nameof(shape), size, "at least 0");
        int[] sizes = [.. shape];
        var bytes = SafetensorsEntry.ByteCount(type, shape) ?? -1;
        Current();
        if (!_names.Add(name)) Throw.TensorName(nameof(name), name, "another tensor has this name");
        _tensors.Add((type, name), new Pending(sizes, bytes, stream => WriteValues(stream, Current())));

        ReadOnlySpan<T> Current()
        {
            var span = values();
            if ((long)span.Length * SafetensorsEntry.SizeOf(type) != bytes)
                Throw.TensorShape(nameof(values), name, ProblemList.Show(sizes), span.Length);
            return span;
        }
    }

    byte[] Header(string file)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Plain))
        {
            json.WriteStartObject();
            WriteMetadata(json);
            var offset = 0L;
            foreach (var ((type, name), tensor) in _tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", type.ToString());
                json.WriteStartArray("shape");
                foreach (var size in tensor.Shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += tensor.Bytes);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        var padded = (bytes.WrittenCount + 7) / 8 * 8;
        if (padded > SafetensorsHeader.MostBytes) Throw.HeaderTooLong(file, padded, SafetensorsHeader.MostBytes);
        var header = new byte[SafetensorsHeader.LengthBytes + padded];
        BinaryPrimitives.WriteInt64LittleEndian(header, padded);
        header.AsSpan(SafetensorsHeader.LengthBytes).Fill((byte)' ');
        bytes.WrittenSpan.CopyTo(header.AsSpan(SafetensorsHeader.LengthBytes));
        return header;
    }

    void WriteMetadata(Utf8JsonWriter json)
    {
        if (Metadata.Count == 0) return;
        json.WriteStartObject(SafetensorsHeader.MetadataKey);
        foreach (var (key, text) in Metadata)
        {
            CheckText(key);
            CheckText(text);
            json.WriteString(key, text);
        }
        json.WriteEndObject();
    }

    void Write(Stream stream, byte[] header)
    {
        stream.Write(header);
        foreach (var tensor in _tensors.Values) tensor.Write(stream);
    }

    /// <summary>The JSON writer would silently replace half of a surrogate pair.</summary>
    static void CheckText(string text)
    {
        for (ReadOnlySpan<char> rest = text; rest.Length > 0;)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var used) != OperationStatus.Done) Throw.TextNotUnicode(text);
            rest = rest[used..];
        }
    }

    static void WriteValues<T>(Stream stream, ReadOnlySpan<T> values) where T : unmanaged
    {
        while (values.Length > 0)
        {
            var part = values[..Math.Min(values.Length, SafetensorsEntry.MostElementsAtOnce)];
            stream.Write(MemoryMarshal.AsBytes(part));
            values = values[part.Length..];
        }
    }

    sealed record Pending(int[] Shape, long Bytes, Action<Stream> Write);
}
