using System.Buffers.Binary;
using System.IO.Compression;

namespace Unroll.Data;

/// <summary>Unpacks gzip (RFC 1952) as it is read, and checks the CRC-32 and the length of every member.</summary>
/// <remarks>
/// A file is one or more members, one after the other; zeros after the last one are padding. <see cref="GZipStream"/> takes the end of a file
/// that was cut short for the end of the data, and does not say what is wrong with a damaged one, so each member's head and trailer are read here.
/// </remarks>
sealed class GzipReader : ReadingStream
{
    const int TrailerBytes = 8;
    const byte HasCheckSum = 2, HasExtra = 4, HasName = 8, HasComment = 16;

    readonly Stream _file;
    readonly string _path;
    readonly Feed _feed;
    DeflateStream? _member;
    uint _crc;
    long _memberLength, _length;
    int _members;

    /// <summary>Reads a file from its start, and closes it in the end.</summary>
    /// <param name="file">Can seek.</param>
    public GzipReader(Stream file, string path)
    {
        (_file, _path, _feed) = (file, path, new(file));
        file.Position = 0;
    }

    /// <exception cref="UnrollException">The file is damaged, cut short, followed by something else, or unpacks to too much.</exception>
    public override int Read(Span<byte> buffer)
    {
        while (!buffer.IsEmpty && (_member is not null || BeginMember()))
        {
            var count = ReadMember(buffer);
            if (count > 0)
            {
                _crc = Crc32.Append(_crc, buffer[..count]);
                _memberLength += count;
                _length += count;
                DataFile.CheckRatio(_path, _length, _file.Length);
                return count;
            }
            EndMember();
        }
        return 0;
    }

    int ReadMember(Span<byte> buffer)
    {
        try
        {
            var count = _member!.Read(buffer);
            if (count == 0 && _feed.Ended) Throw.GzipCutShort(_path, _file.Length, ZerosAtEnd());
            return count;
        }
        catch (InvalidDataException e)
        {
            Throw.GzipDamaged(_path, _file.Position, ZerosAtEnd(), e);
            return 0;
        }
    }

    /// <summary>Reads the head of a member; false at the end of the file.</summary>
    bool BeginMember()
    {
        var begin = _file.Position;
        Span<byte> head = stackalloc byte[10];
        var count = _file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        if (count == 0 || _members > 0 && OnlyZerosFrom(begin)) return false;
        if (_members > 0 && (head[0], head[1]) is not (0x1F, 0x8B)) Throw.GzipFollowed(_path, begin, _file.Length - begin);
        if (count < head.Length) Throw.GzipCutShort(_path, _file.Length, ZerosAtEnd());
        if (head[2] != 8) Throw.GzipMethod(_path, begin + 2, head[2]);
        if ((head[3] & HasExtra) != 0)
        {
            var low = NextByte();
            Skip(low | NextByte() << 8);
        }
        if ((head[3] & HasName) != 0) while (NextByte() != 0) { }
        if ((head[3] & HasComment) != 0) while (NextByte() != 0) { }
        if ((head[3] & HasCheckSum) != 0) Skip(2);
        (_member, _crc, _memberLength) = (new(_feed, CompressionMode.Decompress), 0, 0);
        _members++;
        return true;
    }

    /// <summary>Finds the member's trailer, which stands in what was fed last, and goes to the byte after it.</summary>
    void EndMember()
    {
        _member!.Dispose();
        _member = null;
        Span<byte> trailer = stackalloc byte[TrailerBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, _crc);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], (uint)_memberLength);
        _file.Position = _feed.Last;
        Span<byte> last = stackalloc byte[Feed.Most + TrailerBytes];
        last = last[.._file.ReadAtLeast(last, last.Length, throwOnEndOfStream: false)];
        var place = last.IndexOf(trailer);
        if (place < 0)
        {
            var lengthAgrees = last.EndsWith(trailer[4..]);
            if (!lengthAgrees && EndsWithPart(last, trailer)) Throw.GzipCutShort(_path, _file.Length, ZerosAtEnd());
            Throw.GzipSumDiffers(_path, _members, lengthAgrees, ZerosAtEnd());
        }
        _file.Position = _feed.Last + place + TrailerBytes;
    }

    /// <summary>Whether the file ends within the trailer.</summary>
    static bool EndsWithPart(ReadOnlySpan<byte> last, ReadOnlySpan<byte> trailer)
    {
        for (var part = TrailerBytes - 1; part > 0; part--)
            if (last.EndsWith(trailer[..part])) return true;
        return false;
    }

    bool OnlyZerosFrom(long begin)
    {
        var zeros = ZerosAtEnd();
        _file.Position = Math.Min(_file.Length, begin + 10);
        return zeros >= _file.Length - begin;
    }

    /// <summary>With how many zeros the file ends, counted in its last 64 KiB.</summary>
    long ZerosAtEnd()
    {
        var end = new byte[(int)Math.Min(_file.Length, 1 << 16)];
        _file.Position = _file.Length - end.Length;
        _file.ReadExactly(end);
        return end.Length - 1 - end.AsSpan().LastIndexOfAnyExcept((byte)0);
    }

    int NextByte()
    {
        var value = _file.ReadByte();
        if (value < 0) Throw.GzipCutShort(_path, _file.Length, ZerosAtEnd());
        return value;
    }

    void Skip(int bytes)
    {
        for (; bytes > 0; bytes--) NextByte();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _member?.Dispose();
            _file.Dispose();
        }
        base.Dispose(disposing);
    }

    /// <summary>Hands the packed data on in small parts, and remembers where the last one began: the end of a member lies in it.</summary>
    sealed class Feed(Stream file) : ReadingStream
    {
        public const int Most = 4096;

        /// <summary>Where the last part begins.</summary>
        public long Last { get; private set; }

        /// <summary>More was asked for at the end of the file.</summary>
        public bool Ended { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            var begin = file.Position;
            var count = file.Read(buffer[..Math.Min(buffer.Length, Most)]);
            if (count == 0) Ended = true;
            else Last = begin;
            return count;
        }
    }
}

/// <summary>A stream that is read from its beginning to its end, once.</summary>
abstract class ReadingStream : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public abstract override int Read(Span<byte> buffer);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
