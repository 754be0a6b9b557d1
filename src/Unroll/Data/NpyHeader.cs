using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Unroll.Data;

/// <summary>What a <c>.npy</c> file says of its data: <c>{'descr': '&lt;f4', 'fortran_order': False, 'shape': (3, 4), }</c>.</summary>
internal sealed class NpyHeader
{
    const int MostDimensions = 64;                   // NumPy's own limit
    const string Names = "'descr', 'fortran_order' and 'shape'";

    public ElementType Type { get; private set; }

    public int ElementSize { get; private set; }

    public bool BigEndian { get; private set; }

    public bool ColumnMajor { get; private set; }

    public int[] Shape { get; private set; } = [];

    public int DataOffset { get; private init; }

    /// <summary>The type of the elements as NumPy writes it.</summary>
    public string Descr { get; private set; } = "";

    /// <exception cref="UnrollException">It is no such header, or says something that cannot be.</exception>
    public static NpyHeader Read(ReadOnlySpan<byte> bytes, string path)
    {
        if (bytes is not [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', _, _, _, _, ..])
            Throw.BadBytes(path, 0, "not an array of NumPy, which begins with 93 'NUMPY' and a version; save it with numpy.save");
        if (bytes[6] is < 1 or > 3) Throw.BadBytes(path, 6, $"version {bytes[6]}.{bytes[7]} of the format; expected 1, 2 or 3");
        var start = bytes[6] == 1 ? 10 : 12;
        if (bytes.Length < start) Throw.BadBytes(path, bytes.Length, "the file ends within the length of its header; it is cut short");
        var length = bytes[6] == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (length > bytes.Length - start)
            Throw.BadBytes(path, 8, $"a header of {length:N0} bytes, of which the file has {bytes.Length - start:N0}; it is cut short or damaged");
        var header = new NpyHeader { DataOffset = start + (int)length };
        new Parser(bytes[..header.DataOffset], start, path).ReadInto(header);
        return header;
    }

    /// <summary>Reads the dictionary: only the notation that NumPy writes, of which it is a small part.</summary>
    ref struct Parser(ReadOnlySpan<byte> bytes, int at, string path)
    {
        readonly ReadOnlySpan<byte> _bytes = bytes;
        int _at = at;

        public void ReadInto(NpyHeader header)
        {
            var (begin, descr, order, shape) = (_at, false, false, false);
            Expect('{');
            while (!Accept('}'))
            {
                SkipBlanks();
                var keyAt = _at;
                var key = ReadString();
                Expect(':');
                switch (key)
                {
                    case "descr": ReadType(header); descr = true; break;
                    case "fortran_order": header.ColumnMajor = ReadTruth(); order = true; break;
                    case "shape": header.Shape = ReadShape(); shape = true; break;
                    default: Fail(keyAt, $"{ProblemList.Quote(key)} in the header; expected {Names}"); break;
                }
                if (Accept(',')) continue;
                Expect('}');
                break;
            }
            SkipBlanks();
            if (_at < _bytes.Length) Fail(_at, "something follows the header's '}'; expected blanks");
            if (!(descr && order && shape)) Fail(begin, $"the header is not complete; expected {Names}");
        }

        void ReadType(NpyHeader header)
        {
            SkipBlanks();
            var at = _at;
            if (_at < _bytes.Length && _bytes[_at] == '[')
                Fail(at, "the elements are records of several fields; save each field as an array of its own");
            var descr = ReadString();
            var size = descr.Length > 2 && int.TryParse(descr.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0;
            if (descr.Length > 1 && descr[1] == 'O')
                Fail(at, "the elements are Python objects; save numbers or texts: array.astype('f4') or array.astype(str)");
            ElementType? type = descr.Length < 3 ? null : (descr[1], size) switch
            {
                ('b', 1) => ElementType.Boolean,
                ('u', 1) => ElementType.UInt8,
                ('u', 2) => ElementType.UInt16,
                ('u', 4) => ElementType.UInt32,
                ('u', 8) => ElementType.UInt64,
                ('i', 1) => ElementType.Int8,
                ('i', 2) => ElementType.Int16,
                ('i', 4) => ElementType.Int32,
                ('i', 8) => ElementType.Int64,
                ('f', 2) => ElementType.Float16,
                ('f', 4) => ElementType.Float32,
                ('f', 8) => ElementType.Float64,
                ('S', >= 1) => ElementType.Utf8,
                ('U', >= 1 and <= int.MaxValue / 4) => ElementType.Utf32,
                _ => null,
            };
            if (type is null || descr[0] is not ('<' or '>' or '|'))
                Fail(at, $"elements of type {ProblemList.Quote(descr)}; expected b1, u1 to u8, i1 to i8, f2, f4, f8, S or U, with '<', '>' or '|' before");
            (header.Type, header.Descr, header.BigEndian) = (type.GetValueOrDefault(), descr, descr[0] == '>');
            header.ElementSize = type == ElementType.Utf32 ? 4 * size : size;
        }

        bool ReadTruth()
        {
            SkipBlanks();
            foreach (var value in (ReadOnlySpan<bool>)[false, true])
            {
                var word = value ? "True"u8 : "False"u8;
                if (!_bytes[_at..].StartsWith(word)) continue;
                _at += word.Length;
                return value;
            }
            Fail(_at, "fortran_order is neither True nor False");
            return false;
        }

        int[] ReadShape()
        {
            var sizes = new List<int>();
            Expect('(');
            while (!Accept(')'))
            {
                SkipBlanks();
                var at = _at;
                while (_at < _bytes.Length && char.IsAsciiDigit((char)_bytes[_at])) _at++;
                if (!int.TryParse(_bytes[at.._at], CultureInfo.InvariantCulture, out var size)) Fail(at, $"a size of the shape is not a whole number from 0 to {int.MaxValue:N0}");
                if (sizes.Count == MostDimensions) Fail(at, $"the shape has more than {MostDimensions} dimensions");
                sizes.Add(size);
                if (_at < _bytes.Length && _bytes[_at] == 'L') _at++;            // Python 2 wrote 3L
                if (Accept(',')) continue;
                Expect(')');
                break;
            }
            return [.. sizes];
        }

        string ReadString()
        {
            SkipBlanks();
            var quote = _at < _bytes.Length ? _bytes[_at] : default;
            var length = quote is (byte)'\'' or (byte)'"' ? _bytes[(_at + 1)..].IndexOf(quote) : -1;
            if (length < 0) Fail(_at, "expected a text in quotes in the header");
            var text = Encoding.Latin1.GetString(_bytes.Slice(_at + 1, length));
            _at += length + 2;
            return text;
        }

        void Expect(char c)
        {
            if (!Accept(c)) Fail(_at, $"expected '{c}' in the header");
        }

        bool Accept(char c)
        {
            SkipBlanks();
            if (_at == _bytes.Length || _bytes[_at] != c) return false;
            _at++;
            return true;
        }

        void SkipBlanks()
        {
            while (_at < _bytes.Length && _bytes[_at] is (byte)' ' or (byte)'\n') _at++;
        }

        readonly void Fail(int at, string problem) => Throw.BadBytes(path, at, problem);
    }
}
