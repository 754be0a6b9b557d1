using System.Text;

namespace Unroll.Data;

/// <summary>
/// Reads characters as they come in. A byte order mark of UTF-16 says what the encoding is; what is not of the encoding, or is no text, is refused with its
/// place, after all that stands before it has been read.
/// </summary>
/// <param name="stream">The bytes.</param>
/// <param name="encoding">An encoding of <see cref="TextEncoding.Find"/>; UTF-8 if null.</param>
/// <param name="name">What a message calls the stream.</param>
sealed class StrictReader(Stream stream, Encoding? encoding, string name) : TextReader
{
    const int Utf8 = 65001, Utf16 = 1200;                   // numbers of code pages
    const char Bad = '\uFFFF';                              // no character: what stands for bytes that are none

    readonly byte[] _bytes = new byte[1 << 12];
    readonly BadBytes _bad = new();
    Decoder? _decoder;
    Encoding _encoding = encoding ?? Encoding.UTF8;
    char[] _characters = [];
    int _start, _end, _line = 1;
    long _offset;

    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    public override int Read(Span<char> buffer)
    {
        while (_start == _end)
            if (!Fill()) return 0;
        var count = Math.Min(buffer.Length, _end - _start);
        var some = _characters.AsSpan(_start, count);
        if (some.IndexOfAny(Bad, '\0') is >= 0 and var stop)
        {
            if (stop == 0) Refuse(some[0]);
            some = some[..(count = stop)];
        }
        some.CopyTo(buffer);
        _line += some.Count('\n');
        _start += count;
        return count;
    }

    public override int Read()
    {
        var one = '\0';
        return Read(new Span<char>(ref one)) == 0 ? -1 : one;
    }

    bool Fill()
    {
        var count = stream.Read(_bytes);
        if (_decoder is null)
        {
            if (count == 1) count += stream.Read(_bytes.AsSpan(1));         // a mark has two bytes at least
            RefuseOthers(_bytes.AsSpan(0, count));
            if (_encoding.CodePage is Utf8 or Utf16 && _bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
                _encoding = _bytes[0] == 0xFF ? Encoding.Unicode : Encoding.BigEndianUnicode;
            var own = (Encoding)_encoding.Clone();
            own.DecoderFallback = _bad;
            _decoder = own.GetDecoder();
            _characters = new char[own.GetMaxCharCount(_bytes.Length)];
        }
        if (_bad.Offset < 0) _bad.Before = _offset;
        (_start, _end) = (0, _decoder.GetChars(_bytes.AsSpan(0, count), _characters, flush: count == 0));
        _offset += count;
        return count > 0 || _end > 0;
    }

    /// <summary>Refuses a stream that begins as something else than text of the encoding does.</summary>
    void RefuseOthers(ReadOnlySpan<byte> head)
    {
        if (TextEncoding.IsUtf32(head)) Throw.TextIsUtf32(name);
        if (_encoding.CodePage != Utf8 && head is [0xEF, 0xBB, 0xBF, ..]) Throw.TextIsUtf8(name, _encoding.WebName);
        if (FileKind.Of(head) is not { } kind) return;
        if (kind.IsRead) Throw.FileIsOfOtherKind(name, kind.Name, "text");
        Throw.FileIsForeign(name, kind.Name, kind.Advice.Replace(" -d FILE", " -dc FILE | unroll …", StringComparison.Ordinal));
    }

    void Refuse(char found)
    {
        if (found == '\0') Throw.StreamIsBinary(name, _line);
        Throw.StreamNotInEncoding(name, _encoding.WebName, _bad.Offset, _line, _bad.Value);
    }

    /// <summary>Puts <see cref="Bad"/> in the place of bytes that are no character, and remembers the first of them.</summary>
    sealed class BadBytes : DecoderFallback
    {
        public long Offset { get; private set; } = -1;

        public long Before { get; set; }

        public byte Value { get; private set; }

        public override int MaxCharCount => 1;

        public override DecoderFallbackBuffer CreateFallbackBuffer() => new Buffer(this);

        sealed class Buffer(BadBytes owner) : DecoderFallbackBuffer
        {
            bool _left;

            public override int Remaining => _left ? 1 : 0;

            public override bool Fallback(byte[] bytesUnknown, int index)
            {
                if (owner.Offset < 0) (owner.Offset, owner.Value) = (owner.Before + index, bytesUnknown[0]);
                return _left = true;
            }

            public override char GetNextChar()
            {
                if (!_left) return '\0';
                _left = false;
                return Bad;
            }

            public override bool MovePrevious() => false;

            public override void Reset() => _left = false;
        }
    }
}
