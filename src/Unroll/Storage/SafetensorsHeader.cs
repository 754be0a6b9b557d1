using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Unroll.Data;

namespace Unroll.Storage;

/// <summary>
/// Reads the header of a safetensors file and checks all of it against itself and the length of the file. Trusts nothing: no number
/// of the file sets an allocation before it is checked, time and memory are at most proportional to the header.
/// </summary>
internal sealed class SafetensorsHeader
{
    public const int LengthBytes = 8;
    public const int MostBytes = 100_000_000;   // the limit of the reference implementation
    public const string MetadataKey = "__metadata__";

    const int MostDimensions = 64;   // PyTorch's limit
    const int TypesNamed = 7;        // those that are read

    /// <summary>Types by the names that the format gives them: those of the enumeration, and others whose tensors can only be named.</summary>
    static readonly Dictionary<string, SafetensorsType> Types = new(
        Enum.GetValues<SafetensorsType>().Where(static t => t != SafetensorsType.Other).Select(static t => KeyValuePair.Create(t.ToString(), t))
            .Concat(new[] { "F4", "F6_E2M3", "F6_E3M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "C64" }.Select(static n => KeyValuePair.Create(n, SafetensorsType.Other))),
        StringComparer.Ordinal);

    readonly ProblemList _problems = new();
    readonly HashSet<string> _names = [];
    readonly List<long> _numbers = [];
    bool _hasMetadata;
    bool _allPlaced = true;   // so far every tensor's place in the data is known

    public Dictionary<string, string> Metadata { get; } = [];
    public List<SafetensorsEntry> Entries { get; } = [];
    public long DataStart { get; private set; }

    /// <exception cref="InvalidFileException">Something is wrong with the file; everything found is listed.</exception>
    public static SafetensorsHeader Read(Stream stream, string file)
    {
        if (FileKind.Of(stream) is { IsSafetensors: false } kind) Throw.NotSafetensors(file, kind.Name, kind.ModelAdvice);
        var header = new SafetensorsHeader();
        var length = stream.Length;
        var json = header.ReadBytes(stream, length);
        if (json != null)
        {
            header.DataStart = LengthBytes + json.Length;
            header.Parse(json, length - header.DataStart);
        }
        header._problems.ThrowIfAny($"{file} is not a valid safetensors file");
        return header;
    }

    byte[]? ReadBytes(Stream stream, long length)
    {
        if (length < LengthBytes)
        {
            _problems.Add($"it is {length} bytes long; expected at least {LengthBytes}; the file may be cut short");
            return null;
        }
        stream.Position = 0;
        Span<byte> prefix = stackalloc byte[LengthBytes];
        stream.ReadExactly(prefix);
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > (ulong)(length - LengthBytes))
            _problems.Add($"its header claims {headerLength:N0} bytes, but only {length - LengthBytes:N0} follow");
        if (headerLength > MostBytes)
            _problems.Add($"its header claims {headerLength:N0} bytes; expected at most {MostBytes:N0}");
        if (!_problems.IsEmpty) return null;

        var header = new byte[headerLength];
        stream.ReadExactly(header);
        return header;
    }

    void Parse(byte[] header, long dataLength)
    {
        if (header.Length == 0 || header[0] != (byte)'{')
        {
            _problems.Add("its header does not begin with '{'; expected a JSON object");
            return;
        }
        if (!Utf8.IsValid(header))
        {
            _problems.Add("its header is not valid UTF-8");
            return;
        }
        try
        {
            var json = new Utf8JsonReader(header);
            json.Read();
            while (!_problems.IsFull && json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var key = json.GetString()!;
                json.Read();
                if (key == MetadataKey) ReadMetadata(ref json);
                else ReadTensor(ref json, key, dataLength);
            }
            json.Read();   // throws unless only white space is left
            CheckLayout(dataLength);
        }
        catch (JsonException e)
        {
            _problems.Add($"its header is not valid JSON: {e.Message}");
        }
        catch (InvalidOperationException e)   // GetString of an escaped half of a surrogate pair
        {
            _problems.Add($"its header is not valid JSON: {e.Message} {e.InnerException?.Message}");
        }
    }

    void ReadMetadata(ref Utf8JsonReader json)
    {
        if (_hasMetadata) _problems.Add($"{MetadataKey} is given twice");
        _hasMetadata = true;
        if (json.TokenType != JsonTokenType.StartObject)
        {
            _problems.Add($"{MetadataKey} is {Found(ref json)}; expected an object");
            return;
        }
        while (!_problems.IsFull && json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var key = json.GetString()!;
            json.Read();
            if (json.TokenType != JsonTokenType.String)
                _problems.Add($"metadata {ProblemList.Quote(key)} is {Found(ref json)}; expected a string");
            else if (!Metadata.TryAdd(key, json.GetString()!))
                _problems.Add($"metadata {ProblemList.Quote(key)} is given twice");
        }
    }

    void ReadTensor(ref Utf8JsonReader json, string name, long dataLength)
    {
        var isNew = _names.Add(name);
        if (!isNew) Report(name, "is given twice");
        var entry = ReadEntry(ref json, name, dataLength);
        if (isNew && entry != null) Entries.Add(entry);
        else _allPlaced = false;
    }

    SafetensorsEntry? ReadEntry(ref Utf8JsonReader json, string name, long dataLength)
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            Report(name, $"is {Found(ref json)}; expected an object with dtype, shape and data_offsets");
            return null;
        }
        string? type = null;
        int[]? shape = null;
        long[]? offsets = null;
        var (types, shapes, ranges) = (0, 0, 0);
        while (!_problems.IsFull && json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var field = json.GetString();
            json.Read();
            switch (field)
            {
                case "dtype": types++; type = ReadType(ref json, name); break;
                case "shape": shapes++; shape = ReadShape(ref json, name); break;
                case "data_offsets": ranges++; offsets = ReadOffsets(ref json, name, dataLength); break;
                default: json.Skip(); break;   // the reference implementation ignores other fields too
            }
        }
        ExpectOnce(name, "dtype", types);
        ExpectOnce(name, "shape", shapes);
        ExpectOnce(name, "data_offsets", ranges);
        if (type == null || shape == null) return null;
        var known = Types[type];
        if (SafetensorsEntry.ByteCount(known, shape) is not { } bytes)
        {
            Report(name, $"{type} of shape {ProblemList.Show(shape)} exceeds 2⁶³ − 1 bytes");
            return null;
        }
        if (offsets == null) return null;
        if (known != SafetensorsType.Other && offsets[1] - offsets[0] != bytes)
        {
            Report(name, $"data_offsets {ProblemList.Show(offsets)} hold {offsets[1] - offsets[0]:N0} bytes; expected {bytes:N0} " +
                $"for {type} of shape {ProblemList.Show(shape)}");
        }
        return new SafetensorsEntry(name, known, type, shape, offsets[0], offsets[1]);
    }

    void ExpectOnce(string name, string field, int count)
    {
        if (count == 0) Report(name, $"has no {field}");
        else if (count > 1) Report(name, $"has {field} {count} times");
    }

    string? ReadType(ref Utf8JsonReader json, string name)
    {
        if (json.TokenType == JsonTokenType.String && json.GetString()! is var text && Types.ContainsKey(text)) return text;
        Report(name, $"dtype is {Found(ref json)}; expected {string.Join(", ", Types.Keys.Take(TypesNamed))} or another of the format");
        return null;
    }

    int[]? ReadShape(ref Utf8JsonReader json, string name)
    {
        if (!ReadNumbers(ref json, name, "shape", int.MaxValue)) return null;
        var shape = new int[_numbers.Count];
        for (var i = 0; i < shape.Length; i++) shape[i] = (int)_numbers[i];
        return shape;
    }

    long[]? ReadOffsets(ref Utf8JsonReader json, string name, long dataLength)
    {
        if (!ReadNumbers(ref json, name, "data_offsets", long.MaxValue)) return null;
        var problem = _numbers switch
        {
            [var begin, var end] when begin > end => "end before they begin",
            [_, var end] when end > dataLength => $"reach past the {dataLength:N0} bytes of data; the file may be cut short",
            [_, _] => null,
            _ => "are not two: begin and end",
        };
        if (problem == null) return [_numbers[0], _numbers[1]];
        Report(name, $"data_offsets {ProblemList.Show(_numbers)} {problem}");
        return null;
    }

    /// <summary>Reads a list of whole numbers from 0 to <paramref name="most"/> into <see cref="_numbers"/>; false if it is none.</summary>
    bool ReadNumbers(ref Utf8JsonReader json, string name, string field, long most)
    {
        _numbers.Clear();
        if (json.TokenType != JsonTokenType.StartArray)
        {
            Report(name, $"{field} is {Found(ref json)}; expected a list of numbers");
            return false;
        }
        var good = true;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (!good)
                json.Skip();
            else if (json.TokenType != JsonTokenType.Number || !json.TryGetInt64(out var number) || number < 0 || number > most)
                good = Fail($"{field} holds {Found(ref json)}; expected whole numbers from 0 to {most}");
            else if (_numbers.Count == MostDimensions)
                good = Fail($"{field} holds more than {MostDimensions} numbers");
            else
                _numbers.Add(number);
        }
        return good;

        bool Fail(string problem)
        {
            Report(name, problem);
            return false;
        }
    }

    /// <summary>Puts the tensors in the order of their data, which they fill without overlap or, as far as all are known, hole.</summary>
    void CheckLayout(long dataLength)
    {
        Entries.Sort(static (a, b) => a.Begin != b.Begin ? a.Begin.CompareTo(b.Begin) : a.End.CompareTo(b.End));
        var reached = 0L;
        foreach (var entry in Entries)
        {
            if (entry.Begin < reached)
                Misplaced(entry, reached, "it overlaps another tensor");
            else if (entry.Begin > reached && _allPlaced)
                Misplaced(entry, reached, "the bytes between belong to no tensor");
            reached = Math.Max(reached, entry.End);
        }
        if (reached < dataLength && _allPlaced) _problems.Add($"the last {dataLength - reached:N0} bytes belong to no tensor");
    }

    void Misplaced(SafetensorsEntry entry, long expected, string why) =>
        Report(entry.Name, $"begins at byte {entry.Begin:N0} of the data; expected {expected:N0}: {why}");

    void Report(string name, string problem) => _problems.Add($"tensor {ProblemList.Quote(name)}: {problem}");

    /// <summary>Describes the value under the reader for a message, and passes over it.</summary>
    static string Found(ref Utf8JsonReader json)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.StartObject: json.Skip(); return "an object";
            case JsonTokenType.StartArray: json.Skip(); return "a list";
            case JsonTokenType.String: return ProblemList.Quote(json.GetString()!);
            default: return ProblemList.Quote(Encoding.UTF8.GetString(json.ValueSpan))[1..^1];   // a number, true, false, null
        }
    }
}
